"""YAML nodes -> what stands at the ends of a rule: words, `$lists`, `near` with its two sides, regular expressions."""

from typing import get_args

from monitor.rules.commas import warn_of_commas
from monitor.rules.conditions import AnyOf, AnyPattern, Condition, Pattern, Word
from monitor.rules.doubts import Problem, typing_problem
from monitor.rules.language import Place, Settings, Term
from monitor.rules.near import MAX_WITHIN, Near, Order, Unit
from monitor.rules.pattern import RegexError, doubt, read_regex
from monitor.rules.synonyms import meant_key
from monitor.rules.terms import empty_problem, read_term, reference
from monitor.rules.tree import Node, Scalar, Series, Table
from monitor.rules.values import Desk, Entries, choice, count, entries_of
from monitor.text.letters import Layer

EXAMPLES = {
    "near": "{left: [トヨタ], right: [リコール], within: 30}",
    "at_least": "{n: 2, of: [ロシア, 制裁, 石油]}",
    "fold": "{variants: false}",
}
_NEAR_KEYS = ("left", "right", "within", "order", "unit")


def read_words(node: Node, desk: Desk, settings: Settings, key: str) -> list[Word] | None:
    """A term, or the words of a `$list`, below a key; `None` for what is neither."""
    name = reference(node)
    if name is not None:
        return list(desk.words_of(name, node, settings))
    if not isinstance(node, Scalar):
        return None
    term = read_term(node, desk.report, key)
    return [Word(term=term, settings=settings)] if term else []


def small_table(
    value: Node, key: str, allowed: tuple[str, ...], desk: Desk, needed: tuple[str, ...] = ()
) -> Entries | None:
    """The entries of a value such as `{n: 2, of: [...]}`, even where one that it needs is missing; `None` where it is none."""
    if not isinstance(value, Table):
        desk.report.error("want-table", value, key=key, example=EXAMPLES[key])
        return None
    entries = entries_of(value, allowed, desk.report)
    written = [name.text for name, _ in value.entries if isinstance(name, Scalar)]
    mistyped = {meant_key(name, allowed) for name in written if name not in allowed}
    for name in needed:
        if name not in entries and name not in mistyped:
            desk.report.error("lacks-key", value, key=key, lacking=name, example=EXAMPLES[key])
    return entries


def read_near(at: Scalar, value: Node, desk: Desk, settings: Settings) -> Condition | None:
    """`{left, right, within, order, unit}`."""
    entries = small_table(value, at.text, _NEAR_KEYS, desk, ("left", "right"))
    if entries is None:
        return None
    left, right = (
        _side(entries[name][1], name, desk, settings) if name in entries else None for name in ("left", "right")
    )
    within = _within(entries["within"][1], desk) if "within" in entries else None
    order: Order | None = None
    if "order" in entries:
        order = choice(entries["order"][1], "order", get_args(Order), desk.report)
    unit: Unit | None = None
    if "unit" in entries:
        unit = choice(entries["unit"][1], "unit", get_args(Unit), desk.report)
    if left is None or right is None:
        return None
    return Near(left=left, right=right, within=within, order=order or "any", unit=unit)


def _within(value: Node, desk: Desk) -> int | None:
    within = count(value, "within", desk.report)
    if within is not None and within > MAX_WITHIN:
        desk.report.error("near-too-far", value, within=within, most=MAX_WITHIN)
    return within


def _side(value: Node, key: str, desk: Desk, settings: Settings) -> AnyOf | None:
    if isinstance(value, Series):
        warn_of_commas(value, desk.report)
        if not value.items:
            desk.report.error("empty-list", value, key=key)
    found: list[Word] = []
    for node in value.items if isinstance(value, Series) else (value,):
        words = read_words(node, desk, settings, key)
        if words is None:
            desk.report.error("near-block", node, key=key)
        found += words or []
    return AnyOf(parts=tuple(found)) if found else None


def read_patterns(at: Scalar, value: Node, desk: Desk, settings: Settings) -> Condition | None:
    """One regular expression, or several of which one must find something."""
    if isinstance(value, Series) and not value.items:
        desk.report.error("empty-list", value, key=at.text)
    nodes = value.items if isinstance(value, Series) else (value,)
    found = tuple(one for node in nodes if (one := _pattern(node, at.text, desk, settings)) is not None)
    if not isinstance(value, Series):
        return found[0] if found else None
    return AnyPattern(parts=found) if found else None


def _pattern(node: Node, key: str, desk: Desk, settings: Settings) -> Pattern | None:
    if not isinstance(node, Scalar):
        desk.report.error("want-word", node, key=key)
        return None
    problem: Problem | None = typing_problem(node) if node.plain else None
    if not node.text.strip():
        empty, facts = empty_problem(node, desk.report)
        problem = ("empty-value" if empty == "empty-term" else empty, facts | {"key": key})
    elif (name := reference(node)) is not None:
        problem = ("regex-list", {"name": name})
    if problem is not None:
        desk.report.error(problem[0], node, **problem[1])
        return None
    try:
        regex = read_regex(node.text, exact=settings.case == "exact", width=Layer.WIDTH not in settings.unfolded)
    except RegexError as error:
        desk.report.error(error.code, node, **error.facts)
        return None
    if (code := doubt(node.text)) is not None:
        desk.report.warning(code, node, term=node.text, words=node.text.strip("/").replace("|", ", "))
    place = Place(file=desk.report.file, line=node.line, column=node.column)
    term = Term(written=node.text, literal=node.text, open_end=False, place=place)
    return Pattern(term=term, settings=settings, regex=regex)
