"""A block of conditions in YAML -> one Condition.

A kind of condition is a key here and a class in `conditions` (or a file of its own); what stands at the ends of a rule is
read in `leaves`.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import get_args

from monitor.rules.commas import warn_of_commas
from monitor.rules.conditions import AllOf, AnyOf, Condition, NoneOf, Pattern, Word, walk
from monitor.rules.counting import AtLeast, MinHits
from monitor.rules.findings import suggestion
from monitor.rules.language import Boundary, Case, Field, Settings
from monitor.rules.leaves import read_near, read_patterns, read_words, small_table
from monitor.rules.terms import reference
from monitor.rules.tree import Node, Scalar, Series, Table
from monitor.rules.values import Desk, Entries, choice, count, entries_of, flag
from monitor.text.letters import Layer

FIELDS = tuple(Field)
SETTINGS = ("unless_part_of", "boundary", "case", "fold")
BLOCK_KEYS = ("any", "all", "none", "at_least", "near", "regex", "min_hits", *FIELDS, *SETTINGS)
_LAYERS = tuple(layer for layer in Layer if layer is not Layer.CASE)


def read_block(entries: Entries, desk: Desk, settings: Settings) -> Condition | None:
    """The conditions of one block, ANDed; `None` where there are none. Other keys are passed over."""
    inner = _settings(entries, desk, settings)
    parts = [
        part
        for key, (at, value) in entries.items()
        if key in _READERS and (part := _READERS[key](at, value, desk, inner)) is not None
    ]
    if "min_hits" in entries:
        parts += _min_hits(entries["min_hits"], parts, desk)
    return _joined(parts)


def _joined(parts: list[Condition]) -> Condition | None:
    if not parts:
        return None
    return parts[0] if len(parts) == 1 else AllOf(parts=tuple(parts))


def _settings(entries: Entries, desk: Desk, outer: Settings) -> Settings:
    settings = outer
    if "unless_part_of" in entries:
        strings = _unless(entries["unless_part_of"][1], desk)
        settings = replace(settings, unless_part_of=tuple(dict.fromkeys((*outer.unless_part_of, *strings))))
    if "boundary" in entries:
        found = choice(entries["boundary"][1], "boundary", get_args(Boundary), desk.report)
        settings = replace(settings, boundary=found or outer.boundary)
    if "case" in entries:
        found = choice(entries["case"][1], "case", get_args(Case), desk.report)
        settings = replace(settings, case=found or outer.case)
    if "fold" in entries:
        settings = replace(settings, unfolded=_unfolded(entries["fold"][1], outer.unfolded, desk))
    return settings


def _unfolded(value: Node, outer: frozenset[Layer], desk: Desk) -> frozenset[Layer]:
    if isinstance(value, Table):
        value = _without_case(value, desk)
    entries = small_table(value, "fold", _LAYERS, desk) or {}
    said = {Layer(key): flag(node, key, desk.report) for key, (_, node) in entries.items()}
    off = {layer for layer, folds in said.items() if folds is False}
    on = {layer for layer, folds in said.items() if folds}
    return (outer | off) - on


def _without_case(table: Table, desk: Desk) -> Table:
    """Capitals have a key of their own."""
    entries = tuple(entry for entry in table.entries if not (isinstance(entry[0], Scalar) and entry[0].text == "case"))
    for key, value in table.entries:
        if (key, value) not in entries:
            meant = "exact" if isinstance(value, Scalar) and value.text == "false" else "fold"
            desk.report.error("fold-case", key, meant=meant)
    return replace(table, entries=entries)


def _unless(value: Node, desk: Desk) -> list[str]:
    strings: list[str] = []
    for part in _items(value, desk, Settings(), "unless_part_of"):
        if not isinstance(part, Word):
            desk.report.error("unless-not-word", value)
        elif part.term.open_end:
            desk.report.error("unless-star", value, term=part.term.written)
        else:
            strings.append(part.term.literal)
    return strings


def _any(at: Scalar, value: Node, desk: Desk, settings: Settings) -> Condition | None:
    parts = _items(value, desk, settings, at.text)
    return AnyOf(parts=tuple(parts)) if parts else None


def _none(at: Scalar, value: Node, desk: Desk, settings: Settings) -> Condition | None:
    parts = _items(value, desk, settings, at.text)
    return NoneOf(inner=AnyOf(parts=tuple(parts))) if parts else None


def _all(_at: Scalar, value: Node, desk: Desk, settings: Settings) -> Condition | None:
    if reference(value) is not None:
        desk.report.warning("all-of-list", value, name=reference(value))
    if isinstance(value, Series):
        _check_series(value, desk, "all")
    parts = _each(value.items if isinstance(value, Series) else (value,), desk, settings, "all")
    return AllOf(parts=tuple(parts)) if parts else None


def _each(nodes: Iterable[Node], desk: Desk, settings: Settings, key: str) -> list[Condition]:
    """One condition for each; a list stands for one thing in several spellings, any of its words answers for it."""
    parts: list[Condition] = []
    for node in nodes:
        found = _item(node, desk, settings, key)
        parts += [AnyOf(parts=tuple(found))] if reference(node) is not None and found else found
    return parts


def _at_least(at: Scalar, value: Node, desk: Desk, settings: Settings) -> Condition | None:
    errors = desk.report.errors
    entries = small_table(value, at.text, ("n", "of"), desk, ("n", "of"))
    if entries is None:
        return None
    wanted = count(entries["n"][1], "n", desk.report) if "n" in entries else None
    if "of" not in entries:
        return None
    of = entries["of"][1]
    if isinstance(of, Series):
        _check_series(of, desk, "of")
    parts = _each(of.items, desk, settings, "of") if isinstance(of, Series) else _item(of, desk, settings, "of")
    if wanted is None or not parts:
        return None
    if wanted > len(parts) and desk.report.errors == errors:
        desk.report.error("at-least-of", entries["n"][1], n=wanted, count=len(parts))
    return AtLeast(wanted=wanted, parts=tuple(parts))


def _min_hits(entry: tuple[Scalar, Node], parts: list[Condition], desk: Desk) -> list[Condition]:
    at, value = entry
    wanted = count(value, at.text, desk.report)
    nodes = [node for part in parts for node, positive in walk(part) if positive]
    words = frozenset(node for node in nodes if isinstance(node, Word))
    patterns = tuple(dict.fromkeys(node for node in nodes if isinstance(node, Pattern)))
    if parts and not (words or patterns):
        desk.report.error("min-hits-nothing", at)
    return [MinHits(wanted=wanted, words=words, patterns=patterns)] if wanted and (words or patterns) else []


def _field(at: Scalar, value: Node, desk: Desk, settings: Settings) -> Condition | None:
    if settings.fields != Settings().fields:
        desk.report.error("field-in-field", at, key=at.text, outer=settings.fields[0])
        return None
    inner = replace(settings, fields=(Field(at.text),))
    if not isinstance(value, Table):
        return _any(at, value, desk, inner)
    return _nested(value, desk, inner)


_READERS: dict[str, Callable[[Scalar, Node, Desk, Settings], Condition | None]] = {
    "any": _any,
    "all": _all,
    "none": _none,
    "at_least": _at_least,
    "near": read_near,
    "regex": read_patterns,
    **dict.fromkeys(FIELDS, _field),
}


def _items(value: Node, desk: Desk, settings: Settings, key: str) -> list[Condition]:
    if not isinstance(value, Series):
        return _item(value, desk, settings, key)
    _check_series(value, desk, key)
    return [part for node in value.items for part in _item(node, desk, settings, key)]


def _check_series(value: Series, desk: Desk, key: str) -> None:
    warn_of_commas(value, desk.report)
    if not value.items:
        desk.report.error("empty-list", value, key=key)
    for node in value.items:
        if isinstance(node, Table) and key in {"any", "all"} and _keys(node) == [key]:
            desk.report.warning("repeated-key", node, key=key)


def _keys(table: Table) -> list[str]:
    return [name.text for name, _ in table.entries if isinstance(name, Scalar)]


def _item(node: Node, desk: Desk, settings: Settings, key: str) -> list[Condition]:
    """A term, the words of a `$list`, or a nested block."""
    words = read_words(node, desk, settings, key)
    if words is not None:
        return list(words)
    if isinstance(node, Table):
        block = None if colon_in_term(node, BLOCK_KEYS, desk) else _nested(node, desk, settings)
        return [block] if block else []
    desk.report.error("list-in-list", node)
    return []


def _nested(table: Table, desk: Desk, settings: Settings) -> Condition | None:
    errors = desk.report.errors
    block = read_block(entries_of(table, BLOCK_KEYS, desk.report), desk, settings)
    if block is None and desk.report.errors == errors:
        desk.report.error("empty-block", table)
    return block


def colon_in_term(table: Table, allowed: tuple[str, ...], desk: Desk) -> bool:
    """Report `- 中国: 電力`, which YAML reads as a key with a value."""
    if len(table.entries) != 1:
        return False
    key, value = table.entries[0]
    if not isinstance(key, Scalar) or not isinstance(value, Scalar):
        return False
    line = desk.report.lines[table.line - 1] if table.line <= len(desk.report.lines) else ""
    if line[table.column - 1 : table.column] == "?":
        desk.report.error("quote-sign", table, sign="?", text=f"? {key.text}")
        return True
    if key.text in allowed or suggestion(key.text, allowed) is not None:
        return False
    text = f"{key.text}: {value.text}".strip()
    desk.report.error("colon-in-term", key, text=text)
    return True
