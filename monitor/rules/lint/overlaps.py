"""Words that stand side by side -> those that another one makes needless. Pure.

Judged by the engine itself: a word is needless where, in each of its own spellings, a shorter one of the same list counts.
"""

from collections.abc import Iterator

from monitor.model import Finding
from monitor.rules.book import Rule
from monitor.rules.conditions import AnyOf, Condition, NoneOf, Word
from monitor.rules.found import Found
from monitor.rules.lint.remarks import Study, spot


def overlaps(study: Study) -> Iterator[Finding]:
    """Terms of one `any` or `none` that are already found by another of its terms."""
    done: set[frozenset[Word]] = set()
    pairs = _Pairs(study)
    for rule in study.book.rules:
        for node in study.nodes(rule):
            either = _either(node)
            if either is not None and either.words not in done:
                done.add(either.words)
                yield from _swallowed(pairs, rule, either)


def _either(node: Condition) -> AnyOf | None:
    if isinstance(node, NoneOf):
        return node.inner
    return node if isinstance(node, AnyOf) else None


#: Words that are held against each other in one run, as many as a person waits for.
MOST_PAIRS = 50_000


class _Pairs:
    """Two words at a time, until there were too many."""

    def __init__(self, study: Study) -> None:
        self.study = study
        self._left = MOST_PAIRS

    def needless(self, short: Word, long: Word) -> bool:
        """Whether the longer word adds nothing; of those beyond the limit nothing is said."""
        self._left -= 1
        return self._left >= 0 and _always_found(self.study, short, long)


def _swallowed(pairs: _Pairs, rule: Rule, either: AnyOf) -> Iterator[Finding]:
    study = pairs.study
    words = [part for part in either.parts if isinstance(part, Word)]
    told: set[Word] = set()
    for short, long in _within(study, words):
        if long not in told and pairs.needless(short, long):
            told.add(long)
            facts = {"term": long.term.written, "by": short.term.written, "place": spot(short.term.place)}
            yield study.warning(rule, "swallowed", long.term.place, **facts)


def _within(study: Study, words: list[Word]) -> Iterator[tuple[Word, Word]]:
    """(the shorter, the longer) of words of which one is spelled within the other."""
    if len(words) < 2:  # noqa: PLR2004 - nothing to compare
        return
    known: dict[str, list[Word]] = {}
    for word in words:
        for form in study.forms[word]:
            known.setdefault(form, []).append(word)
    for form, longs in known.items():
        for start, end in study.spans(form):
            for short in known.get(form[start:end], ()):
                yield from ((short, long) for long in longs if _may_be_needless(study, short, long, (form, start, end)))


def _may_be_needless(study: Study, short: Word, long: Word, place: tuple[str, int, int]) -> bool:
    form, start, end = place
    # A number within a longer one counts for nothing, and long lists of numbers are full of them.
    if short.settings.boundary != "part" and (
        _parts_number(form, start) or (_parts_number(form, end) and not short.term.open_end)
    ):
        return False
    # What a name sheet spells out stands at one place, and is no doubt of an editor's.
    return short.term.place != long.term.place and not _same_word(study, short, long)


def _parts_number(text: str, at: int) -> bool:
    return text[at - 1 : at].isdecimal() and text[at : at + 1].isdecimal()


def _same_word(study: Study, one: Word, other: Word) -> bool:
    return one.term.open_end == other.term.open_end and study.forms[one][0] == study.forms[other][0]


def _always_found(study: Study, short: Word, long: Word) -> bool:
    """Whether the shorter word counts wherever the longer one does, as far as the longer one alone can show it."""
    texts = (long.term.literal, *study.forms[long])
    counted = [(text, found) for text in texts if (found := study.look(text)).occurrences(long)]
    return bool(counted) and all(_counts(found, short, long, len(text)) for text, found in counted)


def _counts(found: Found, short: Word, long: Word, size: int) -> bool:
    """An open end goes on behind the text, where a closed one at its end would not count any more."""
    goes_on = long.term.open_end and not short.term.open_end
    return any(one.end < size or not goes_on for one in found.occurrences(short))
