"""The `tests` of a rule: YAML nodes -> RuleTests. What an editor mistypes in them is reported."""

from datetime import UTC, datetime, timedelta

from monitor.rules.book import RuleTest
from monitor.rules.doubts import typing_problem
from monitor.rules.findings import Report, suggestion
from monitor.rules.language import Place
from monitor.rules.tree import Node, Scalar, Series, Table
from monitor.rules.values import Desk, entries_of, few, word
from monitor.text.durations import read_duration, write_duration

TEST_KEYS = ("title", "body", "source", "language", "published")


def read_tests(value: Node, key: str, desk: Desk) -> tuple[RuleTest, ...] | None:
    """The examples under `match` and `ignore`."""
    if not isinstance(value, Table):
        desk.report.error("want-tests", value, key=key)
        return None
    entries = entries_of(value, ("match", "ignore"), desk.report)
    return tuple(
        test
        for name, (_, examples) in entries.items()
        for node in _examples(examples, name, desk)
        if (test := _test(node, name, desk)) is not None
    )


def _examples(value: Node, key: str, desk: Desk) -> tuple[Node, ...]:
    if not isinstance(value, Series):
        return (value,)
    if not value.items:
        desk.report.error("empty-list", value, key=key)
    if value.flow and sum(isinstance(item, Scalar) and item.plain for item in value.items) > 1:
        desk.report.warning("flow-tests", value, key=key)
    return value.items


def _test(node: Node, key: str, desk: Desk) -> RuleTest | None:
    must_match = key == "match"
    place = Place(file=desk.report.file, line=node.line, column=node.column)
    if isinstance(node, Scalar):
        problem = typing_problem(node) if node.plain else None
        if problem is not None and problem[0] == "many-lines":
            desk.report.error(problem[0], node, **problem[1])
            return None
        text = word(node, key, desk.report)
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
    if isinstance(key, Scalar) and isinstance(value, Scalar) and suggestion(key.text, TEST_KEYS) is None:
        return f"{key.text}: {value.text}"
    return None


def _stated_test(table: Table, must_match: bool, place: Place, desk: Desk) -> RuleTest | None:
    entries = entries_of(table, TEST_KEYS, desk.report)
    said = {key: word(value, key, desk.report) for key, (_, value) in entries.items()}
    if said.get("title") is None and said.get("body") is None:
        desk.report.error("want-example", table)
        return None
    source = said.get("source")
    if source is not None and desk.sources is not None and source not in desk.sources:
        meant = suggestion(source, desk.sources)
        known = {"known": few(desk.sources)} if meant is None else {"meant": meant}
        code = "unknown-test-source" if meant is None else "unknown-test-source-meant"
        desk.report.warning(code, entries["source"][1], name=source, **known)
    published = said.get("published")
    published_at = None if published is None else _published(published)
    if published is not None and published_at is None:
        desk.report.error("not-an-instant", entries["published"][1], value=published)
    return RuleTest(
        must_match=must_match,
        title=said.get("title") or "",
        body=said.get("body") or "",
        source=source,
        language=said.get("language"),
        published=published_at,
        place=place,
    )


def _published(text: str) -> datetime | timedelta | None:
    """A date or time, UTC where it names no zone, or how long ago."""
    ago = read_duration(text)
    if ago is not None:
        return ago
    try:
        stated = datetime.fromisoformat(text)
    except ValueError:
        return None
    return stated if stated.tzinfo else stated.replace(tzinfo=UTC)


def warn_of_dates(tests: tuple[RuleTest, ...], age: timedelta, report: Report) -> None:
    """A rule with `age` must match this example today, but will not for ever."""
    for test in tests:
        if test.must_match and isinstance(test.published, datetime):
            report.warning("dated-test", test.place, age=write_duration(age), example=write_duration(age / 2))
