"""One entry of `names:` (family, given, Latin) -> the terms that `$name` then stands for."""

from collections.abc import Iterator
from dataclasses import replace

from monitor.rules.doubts import typing_problem
from monitor.rules.findings import Report
from monitor.rules.language import Term
from monitor.rules.terms import Sheet, read_term, reference
from monitor.rules.tree import Scalar, Series, Table
from monitor.rules.values import Entries, entries_of, flag
from monitor.text.fold import fold_term
from monitor.text.names import name_spellings

NAME_KEYS = ("family", "given", "latin", "titles", "alone")
#: Writings of one key: a person has a few.
MAX_WRITINGS = 20
_EXAMPLE = "{family: ゼレンスキー, given: ウォロディミル, latin: [Volodymyr Zelensky]}"


def read_name(sheet: Sheet) -> tuple[Term, ...]:
    """The spellings of one person, each once. What is wrong with the sheet is reported."""
    if not isinstance(sheet.node, Table):
        mistyped = typing_problem(sheet.node) if isinstance(sheet.node, Scalar) else None
        code, facts = mistyped or ("want-name", {"name": sheet.name, "example": _EXAMPLE})
        sheet.report.error(code, sheet.node, **facts)
        return ()
    errors = sheet.report.errors
    entries = entries_of(sheet.node, NAME_KEYS, sheet.report)
    if sheet.report.errors == errors:
        _check_enough(sheet, entries)
    terms = (*_japanese(entries, sheet.report), *_writings("latin", entries, sheet.report))
    return tuple({fold_term(term.written): term for term in reversed(terms)}.values())[::-1]


def _check_enough(sheet: Sheet, entries: Entries) -> None:
    if "family" not in entries and "given" in entries:
        sheet.report.error("lacks-key", sheet.node, key=sheet.name, lacking="family", example=_EXAMPLE)
    elif "family" not in entries and "latin" not in entries:
        sheet.report.error("want-name", sheet.node, name=sheet.name, example=_EXAMPLE)


def _japanese(entries: Entries, report: Report) -> Iterator[Term]:
    """What family and given name make together, placed where the family name stands."""
    givens = [term.literal for term in _writings("given", entries, report)]
    titles = [term.literal for term in _writings("titles", entries, report)]
    alone = flag(entries["alone"][1], "alone", report) if "alone" in entries else None
    for family in _writings("family", entries, report):
        for spelling in name_spellings(family.literal, givens, alone=alone, titles=titles):
            yield replace(family, written=spelling, literal=spelling)


def _writings(key: str, entries: Entries, report: Report) -> tuple[Term, ...]:
    """The words under one key of the sheet."""
    if key not in entries:
        return ()
    value = entries[key][1]
    nodes = value.items if isinstance(value, Series) else (value,)
    if not nodes:
        report.error("empty-list", value, key=key)
    if len(nodes) > MAX_WRITINGS:
        report.error("too-many-writings", value, key=key, count=len(nodes), limit=MAX_WRITINGS)
        return ()
    terms = []
    for node in nodes:
        if not isinstance(node, Scalar) or reference(node) is not None:
            report.error("name-of-words", node, key=key)
        elif (term := read_term(node, report, key)) is not None:
            if term.open_end and key != "latin":
                report.error("name-star", node, key=key, term=term.written)
            else:
                terms.append(term)
    return tuple(terms)
