"""Folder of YAML files -> RuleBook. Never raises for an editor's mistake: whatever is wrong is in its findings."""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from monitor.model import Finding, Source
from monitor.rules.blocks import BLOCK_KEYS, colon_in_term, read_block
from monitor.rules.book import Rule, RuleBook
from monitor.rules.building import collector_paused
from monitor.rules.conditions import AnyOf, Condition, Word
from monitor.rules.doubts import typing_problem
from monitor.rules.files import RuleFile, read_file, rule_files
from monitor.rules.findings import Report
from monitor.rules.keys import DEFAULT_KEYS, TELLING_KEYS, read_telling
from monitor.rules.language import Place, Settings, Term
from monitor.rules.names import read_name
from monitor.rules.reading import read_nodes
from monitor.rules.synonyms import meant_key
from monitor.rules.terms import Sheet, read_term, reference, resolve_lists
from monitor.rules.tree import Node, Scalar, Series, Table
from monitor.rules.unused import warn_of_unused
from monitor.rules.values import Desk, Entries, entries_of, word
from monitor.urls import slug

#: Characters of a name or an id; both stand in headings.
MAX_NAME = 200
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_SHEET_KEYS = ("lists", "names")
FILE_KEYS = ("rules", *_SHEET_KEYS, *DEFAULT_KEYS)
RULE_KEYS = ("name", "id", *BLOCK_KEYS, *TELLING_KEYS)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Parsed:
    """One file, taken apart: its rules as nodes, its lists, its defaults as nodes."""

    report: Report
    rules: tuple[Node, ...] = ()
    sheets: tuple[Sheet, ...] = ()
    defaults: dict[str, tuple[Scalar, Node]]


def load_rules(folder: Path, *, channels: Collection[str], sources: Sequence[Source] | None = None) -> RuleBook:
    """Everything that the folder holds.

    `channels` are the names in config.toml; with `sources` the names in a rule's scope are checked, too. Rules with an
    error are left out.
    """
    try:
        paths = rule_files(folder)
    except OSError as error:
        report = Report(str(folder))
        report.error("no-folder", reason=error.strerror or type(error).__name__)
        return RuleBook(lists={}, findings=tuple(report.findings), lines={})
    return read_rules([read_file(path) for path in paths], folder=str(folder), channels=channels, sources=sources)


@collector_paused()
def read_rules(
    files: Iterable[RuleFile], *, folder: str, channels: Collection[str], sources: Sequence[Source] | None = None
) -> RuleBook:
    """The book of files that were read; see `load_rules`."""
    parsed = [_parse(file) for file in files]
    whole = Report(folder)
    sheets = _one_of_each((sheet for file in parsed for sheet in file.sheets), folder)
    names = {name: read_name(sheet) for name, sheet in sheets.items() if sheet.kind == "names"}
    lists = resolve_lists({name: sheet for name, sheet in sheets.items() if sheet.kind == "lists"}, names)
    desk = Desk(
        report=whole,
        lists=lists | names,
        channels=frozenset(channels),
        sources=None if sources is None else {name for source in sources for name in (source.id, source.name)},
        groups=None if sources is None else {source.group for source in sources if source.group},
    )
    reports = [file.report for file in parsed]
    read = (rule for file in _let_go(parsed) for rule in _rules(file, replace(desk, report=file.report)))
    rules = _numbered(read, folder)
    if not any(report.errors for report in reports):
        warn_of_unused(sheets, desk.used)
    if not rules and not any(report.errors for report in reports):
        whole.error("no-rules")
    return RuleBook(
        rules=rules,
        lists=lists,
        names=names,
        findings=tuple(_sorted(reports)) + tuple(whole.findings),
        lines={report.file: report.lines for report in reports},
    )


def _let_go(parsed: list[_Parsed]) -> Iterator[_Parsed]:
    """One after the other, none kept: nodes of YAML take as much room as the rules that are made of them."""
    parsed.reverse()
    while parsed:
        yield parsed.pop()


def _sorted(reports: list[Report]) -> Iterator[Finding]:
    for report in reports:
        yield from sorted(report.findings, key=lambda finding: (finding.line or 0, finding.column or 0))


def _parse(file: RuleFile) -> _Parsed:
    tree = None if file.text is None else read_nodes(file.text, file.report)
    if isinstance(tree, Series):
        return _Parsed(report=file.report, rules=tree.items, defaults={})
    if isinstance(tree, Table):
        return _parse_table(tree, file.report)
    if isinstance(tree, Scalar):
        code, facts = typing_problem(tree) or ("not-a-rule-file", {})
        file.report.error(code, tree, **facts)
    return _Parsed(report=file.report, defaults={})


def _parse_table(tree: Table, report: Report) -> _Parsed:
    keys = {key.text: key for key, _ in tree.entries if isinstance(key, Scalar)}
    own = [key for key in keys if key in RULE_KEYS and key not in FILE_KEYS]
    if own and "rules" not in keys:
        report.error("bare-rule", keys[own[0]], key=own[0])
        return _Parsed(report=report, defaults={})
    for key in own:
        report.error("left-margin", keys[key], key=key)
    indented = tuple(entry for entry in tree.entries if not (isinstance(entry[0], Scalar) and entry[0].text in own))
    entries = entries_of(replace(tree, entries=indented), FILE_KEYS, report)
    rules = entries.get("rules")
    items: tuple[Node, ...] = ()
    if rules is not None and isinstance(rules[1], Series):
        items = rules[1].items
    elif rules is not None:
        report.error("want-rules", rules[1])
    return _Parsed(
        report=report,
        rules=items,
        sheets=tuple(
            sheet for kind in _SHEET_KEYS if kind in entries for sheet in _sheets(kind, entries[kind][1], report)
        ),
        defaults={key: entry for key, entry in entries.items() if key in DEFAULT_KEYS},
    )


def _sheets(kind: str, node: Node, report: Report) -> Iterator[Sheet]:
    if not isinstance(node, Table):
        report.error(f"want-{kind}", node)
        return
    for key, value in node.entries:
        if isinstance(key, Scalar):
            yield Sheet(kind=kind, name=key.text.strip().removeprefix("$"), node=value, report=report)
        else:
            report.error("key-not-word", key)


def _one_of_each(sheets: Iterable[Sheet], folder: str) -> dict[str, Sheet]:
    first: dict[str, Sheet] = {}
    for sheet in sheets:
        if sheet.name in first:
            other = first[sheet.name]
            place = _within(folder, other.report.file, other.node.line)
            sheet.report.error("double-list", sheet.node, name=sheet.name, first=place)
        else:
            first[sheet.name] = sheet
    return first


def _within(folder: str, file: str, line: int) -> str:
    """As in "first.yaml:3": a place counted from the folder of the rules."""
    return f"{Path(file).relative_to(folder) if Path(file).is_relative_to(folder) else file}:{line}"


def _rules(file: _Parsed, desk: Desk) -> Iterator[tuple[Rule, Report]]:
    defaults = read_telling(file.defaults, desk)
    for node in file.rules:
        errors, known = desk.report.errors, len(desk.report.findings)
        rule = _rule(node, desk, defaults)
        if rule is not None:
            _name_findings(desk.report, known, rule.id)
        if rule is not None and desk.report.errors == errors:
            yield rule, desk.report


def _name_findings(report: Report, first: int, rule: str) -> None:
    report.findings[first:] = [replace(finding, rule=rule) for finding in report.findings[first:]]


def _rule(node: Node, desk: Desk, defaults: dict[str, object]) -> Rule | None:
    if isinstance(node, Scalar):
        return _bare_rule(node, desk, defaults)
    if isinstance(node, Table):
        return None if colon_in_term(node, RULE_KEYS, desk) else _full_rule(node, desk, defaults)
    desk.report.error("want-rule", node)
    return None


def _bare_rule(node: Scalar, desk: Desk, defaults: dict[str, object]) -> Rule | None:
    """A word alone: name and term at once."""
    name = reference(node)
    if name is not None:
        found = desk.words_of(name, node, Settings())
        return _made(node, name, AnyOf(parts=found), desk, defaults) if found else None
    term: Term | None = read_term(node, desk.report)
    if term is None:
        return None
    return _made(node, term.written, AnyOf(parts=(Word(term=term, settings=Settings()),)), desk, defaults)


def _full_rule(table: Table, desk: Desk, defaults: dict[str, object]) -> Rule | None:
    errors = desk.report.errors
    entries = entries_of(table, RULE_KEYS, desk.report)
    # A key that is not known was perhaps meant for the condition that seems to be missing.
    known = desk.report.errors == errors
    name = _short_word("name", entries, desk)
    keys = [key.text for key, _ in table.entries if isinstance(key, Scalar)]
    if "name" not in entries and not any(meant_key(key, RULE_KEYS) == "name" for key in keys):
        desk.report.error("no-name", table)
    given = _short_word("id", entries, desk)
    errors, hollow = desk.report.errors, len(desk.hollow)
    condition = read_block(entries, desk, Settings())
    if condition is None and known and desk.report.errors == errors and len(desk.hollow) == hollow:
        desk.report.error("no-condition", table, rule=name)
    elif condition is not None and known and not condition.positive:
        desk.report.error("no-positive", table, rule=name)
    said = defaults | read_telling(entries, desk)
    if name is None:
        return None
    return _made(table, name, condition or AnyOf(parts=()), desk, said, given=given)


def _short_word(key: str, entries: Entries, desk: Desk) -> str | None:
    """A name or id, on one line."""
    text = word(entries[key][1], key, desk.report) if key in entries else None
    if text is not None and len(text) > MAX_NAME:
        desk.report.error("name-too-long", entries[key][1], key=key, length=len(text), limit=MAX_NAME)
        text = text[:MAX_NAME]
    return None if text is None else _CONTROLS.sub("", " ".join(text.split()))


def _made(
    node: Node, name: str, condition: Condition, desk: Desk, said: dict[str, object], *, given: str | None = None
) -> Rule:
    place = Place(file=desk.report.file, line=node.line, column=node.column)
    values: dict[str, object] = dict(said)
    return Rule(
        id=given or slug(name),
        name=name,
        order=0,
        condition=condition,
        place=place,
        **values,  # type: ignore[arg-type]  # `read_telling` gives each key the type of its field
    )


def _numbered(read: Iterable[tuple[Rule, Report]], folder: str) -> tuple[Rule, ...]:
    """The rules in order, each id and each name once."""
    ids: dict[str, Rule] = {}
    names: dict[str, Rule] = {}
    for rule, report in read:
        other = ids.get(rule.id) or names.get(rule.name)
        if other is None:
            ids[rule.id] = names[rule.name] = replace(rule, order=len(ids))
            continue
        code = "double-name" if other.name == rule.name else "double-id"
        place = _within(folder, other.place.file, other.place.line)
        report.error(code, rule.place, rule=rule.id, id=rule.id, name=rule.name, first=place, other=other.name)
    return tuple(ids.values())
