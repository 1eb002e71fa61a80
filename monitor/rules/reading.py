"""The text of a rule file -> its nodes, mended where it is plain what was meant. Every mistake on the way is reported."""

from collections.abc import Iterator

from monitor.rules.blunders import TreeError
from monitor.rules.findings import Report, Spot, suggestion
from monitor.rules.mends import mended
from monitor.rules.slips import KEYS, Slip, find_slips, in_words, without
from monitor.rules.synonyms import SYNONYMS
from monitor.rules.tree import Node, read_tree

#: Mistakes of one file that are mended so as to read on.
MOST_MENDS = 20
#: So many lines away from where YAML stumbled a word that is no key was perhaps meant for one.
_NEAR = 3


def read_nodes(text: str, report: Report) -> Node | None:
    """The tree of a file; `None` where nothing stands in it, or nothing that could be read."""
    told: set[tuple[str, int]] = set()
    at = Spot(1, 1)
    for _ in range(MOST_MENDS):
        tree, error = _tried(text)
        slips = [slip for slip in _sure(text, tree, error) if (slip.code, slip.line) not in told]
        if slips:
            meant = without(text, slips)
            _tell(slips, meant, report)
            told.update((slip.code, slip.line) for slip in slips)
        elif error is not None:
            at = Spot(error.line, error.column)
            report.error(error.code, at, **error.facts)
            meant = mended(text, error) or text
        else:
            if tree is None:
                report.warning("empty-file", at)
            return tree
        if meant == text:
            return None
        text = meant
    report.warning("not-read-on", at, limit=MOST_MENDS)
    return None


def _tried(text: str) -> tuple[Node | None, TreeError | None]:
    try:
        return read_tree(text), None
    except TreeError as error:
        return None, error


def _sure(text: str, tree: Node | None, error: TreeError | None) -> Iterator[Slip]:
    """The slips that make YAML stumble, or a word of what was to be more."""
    # What the parser itself does not mind has nothing to do with slips.
    if error is not None and error.__cause__ is None:
        return
    slips = find_slips(text)
    if error is None:
        yield from in_words(slips, tree) if slips else ()
        return
    for slip in slips:
        key = slip.facts.get("key")
        if (
            key is None
            or key in KEYS
            or (abs(slip.line - error.line) <= _NEAR and _is_meant(str(key), text[slip.start]))
        ):
            yield slip


def _is_meant(key: str, first: str) -> bool:
    """Whether this is one of ours mistyped; no key has a capital."""
    return key in SYNONYMS or (first.islower() and suggestion(key, KEYS) is not None)


def _tell(slips: list[Slip], meant: str, report: Report) -> None:
    lines = meant.splitlines()
    for slip in slips:
        report.error(slip.code, slip, **slip.facts, fixed=lines[slip.line - 1].strip())
