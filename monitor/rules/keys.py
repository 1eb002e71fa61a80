"""The keys of a rule that are not conditions: telling, scope, tests. YAML nodes -> values."""

import re
from collections.abc import Callable, Collection
from datetime import datetime

from monitor.rules.book import RuleTest
from monitor.rules.findings import suggestion
from monitor.rules.language import Place
from monitor.rules.scope import Scope
from monitor.rules.terms import typing_problem
from monitor.rules.tree import Node, Scalar, Series, Table
from monitor.rules.values import Desk, Entries, choice, entries_of, flag, number, word, words

#: May stand at the head of a file, too, for all its rules.
DEFAULT_KEYS = ("notify", "when", "mention", "sources")
TELLING_KEYS = (*DEFAULT_KEYS, "severity", "weight", "enabled", "note", "tests")

_SLACK_ID = re.compile(r"[CGD][A-Z0-9]{8,}")
_SCOPE_KEYS = ("only", "except", "groups", "languages")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[a-z0-9]{2,8})*")
_TEST_KEYS = ("title", "body", "source", "language", "published")


def read_telling(entries: Entries, desk: Desk) -> dict[str, object]:
    """What these keys say, as arguments of `Rule`; a key that is absent or wrong is absent."""
    return {
        name: value
        for key, name, read in _READERS
        if key in entries and (value := read(entries[key][1], key, desk)) is not None
    }


def _notify(value: Node, key: str, desk: Desk) -> tuple[str, ...] | None:
    named = [name for node, name in words(value, key, desk.report) if _channel_known(node, name, desk)]
    return tuple(dict.fromkeys(named)) or None


def _channel_known(node: Scalar, name: str, desk: Desk) -> bool:
    if (name.startswith("#") and len(name) > 1) or _SLACK_ID.fullmatch(name) or name in desk.channels:
        return True
    meant = suggestion(name, desk.channels)
    if meant is not None:
        desk.report.error("unknown-channel-meant", node, name=name, meant=meant)
    elif desk.channels:
        desk.report.error("unknown-channel", node, name=name, known=", ".join(sorted(desk.channels)))
    else:
        desk.report.error("no-channels", node, name=name)
    return False


def _scope(value: Node, key: str, desk: Desk) -> Scope | None:
    if not isinstance(value, Table):
        desk.report.error("want-scope", value, key=key)
        return None
    entries = entries_of(value, _SCOPE_KEYS, desk.report)
    said = {name: tuple(words(entries[name][1], name, desk.report)) for name in entries}
    for name, known in (("only", desk.sources), ("except", desk.sources), ("groups", desk.groups)):
        _check_known(said.get(name, ()), known, desk)
    for node, language in said.get("languages", ()):
        if not _LANGUAGE.fullmatch(language.lower()):
            desk.report.error("not-a-language", node, value=language)
    plain = {name: tuple(text for _, text in pairs) for name, pairs in said.items()}
    return Scope(
        only=plain.get("only", ()),
        excepted=plain.get("except", ()),
        groups=plain.get("groups", ()),
        languages=tuple(language.lower() for language in plain.get("languages", ())),
    )


def _check_known(pairs: tuple[tuple[Scalar, str], ...], known: Collection[str] | None, desk: Desk) -> None:
    for node, name in pairs:
        if known is None or name in known:
            continue
        meant = suggestion(name, known)
        if meant is not None:
            desk.report.error("unknown-source-meant", node, name=name, meant=meant)
        else:
            desk.report.error("unknown-source", node, name=name, known=", ".join(sorted(known)[:10]) or "–")


def _tests(value: Node, key: str, desk: Desk) -> tuple[RuleTest, ...] | None:
    if not isinstance(value, Table):
        desk.report.error("want-tests", value, key=key)
        return None
    entries = entries_of(value, ("match", "ignore"), desk.report)
    return tuple(
        test
        for name, (_, examples) in entries.items()
        for node in _examples(examples, name, desk)
        if (test := _test(node, name == "match", desk)) is not None
    )


def _examples(value: Node, key: str, desk: Desk) -> tuple[Node, ...]:
    if not isinstance(value, Series):
        return (value,)
    if not value.items:
        desk.report.error("empty-list", value, key=key)
    if value.flow and sum(isinstance(item, Scalar) and item.plain for item in value.items) > 1:
        desk.report.warning("flow-tests", value, key=key)
    return value.items


def _test(node: Node, must_match: bool, desk: Desk) -> RuleTest | None:
    place = Place(file=desk.report.file, line=node.line, column=node.column)
    if isinstance(node, Scalar):
        problem = typing_problem(node) if node.plain else None
        if problem is not None and problem[0] == "many-lines":
            desk.report.error(problem[0], node, **problem[1])
            return None
        text = word(node, "tests", desk.report)
        return None if text is None else RuleTest(must_match=must_match, title=text, body=text, place=place)
    if not isinstance(node, Table):
        desk.report.error("want-example", node)
        return None
    if (colon := _colon(node)) is not None:
        desk.report.error("colon-in-term", node, text=colon)
        return None
    return _stated_test(node, must_match, place, desk)


def _colon(table: Table) -> str | None:
    """`- Breaking: ceasefire` is one key with a value; an example was meant."""
    key, value = table.entries[0] if len(table.entries) == 1 else (None, None)
    if isinstance(key, Scalar) and isinstance(value, Scalar) and suggestion(key.text, _TEST_KEYS) is None:
        return f"{key.text}: {value.text}"
    return None


def _stated_test(table: Table, must_match: bool, place: Place, desk: Desk) -> RuleTest | None:
    entries = entries_of(table, _TEST_KEYS, desk.report)
    said = {key: word(value, key, desk.report) for key, (_, value) in entries.items()}
    if said.get("title") is None and said.get("body") is None:
        desk.report.error("want-example", table)
        return None
    published = said.get("published")
    if published is not None and not _is_instant(published):
        desk.report.error("not-an-instant", entries["published"][1], value=published)
    return RuleTest(
        must_match=must_match,
        title=said.get("title") or "",
        body=said.get("body") or "",
        source=said.get("source"),
        language=said.get("language"),
        published=published,
        place=place,
    )


def _is_instant(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def _text(value: Node, key: str, desk: Desk) -> str | None:
    return word(value, key, desk.report)


def _flag(value: Node, key: str, desk: Desk) -> bool | None:
    return flag(value, key, desk.report)


def _number(value: Node, key: str, desk: Desk) -> int | None:
    return number(value, key, desk.report)


def _when(value: Node, key: str, desk: Desk) -> str | None:
    return choice(value, key, ("now", "digest"), desk.report)


def _severity(value: Node, key: str, desk: Desk) -> str | None:
    return choice(value, key, ("normal", "breaking"), desk.report)


_READERS: tuple[tuple[str, str, Callable[[Node, str, Desk], object]], ...] = (
    ("notify", "notify", _notify),
    ("when", "when", _when),
    ("mention", "mention", _text),
    ("sources", "scope", _scope),
    ("severity", "severity", _severity),
    ("weight", "weight", _number),
    ("enabled", "enabled", _flag),
    ("note", "note", _text),
    ("tests", "tests", _tests),
)
