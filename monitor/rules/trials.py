"""RuleBook -> TestReport: runs the tests that stand in the rules. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from monitor.model import Article, Finding, Severity, Source, TextFrom
from monitor.rules.book import Rule, RuleBook, RuleTest
from monitor.rules.conditions import Occurrence
from monitor.rules.language import Field, Verdict
from monitor.rules.matcher import Matcher, compile_rules, told
from monitor.rules.trace import Explanation, NearMiss, Trace, explain_rule, flat

_SHOWN = 80
#: Kinds of near misses, the one that tells most first.
_TELLING = ("skipped", "apart", "beside", "none", "scope", "age", "few", "more", "lacking", "elsewhere", "regex")
#: Parts of an article that no test can state.
_UNSTATED = (Field.AUTHOR, Field.URL)
#: Of several things that are wrong with `near` those that tell most.
_APART = {
    "apart-sentence-characters": "apart-sentence",
    "apart-sentence-words": "apart-sentence",
    "apart-order-sentence-characters": "apart-order-sentence",
    "apart-order-sentence-words": "apart-order-sentence",
}
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class TestReport:
    """How the tests in the rules came out; each failed one is a finding."""

    __test__ = False  # not one of pytest's own

    run: int
    failed: int
    findings: tuple[Finding, ...] = ()


def run_tests(
    book: RuleBook, *, sources: Sequence[Source] = (), now: datetime = _LONG_AGO, matcher: Matcher | None = None
) -> TestReport:
    """Run every test of every rule, disabled rules included, as if their articles were fetched now.

    `sources` are those that a test may name by id or name; any other name stands for a source without a group. `now`
    matters where a test of a rule with `age` states a date; without it no date is too old. `matcher` holds the compiled
    rules of this book, where someone has them already.
    """
    matcher = matcher or compile_rules(book.rules)
    named = {name: source for source in sources for name in (source.name, source.id)}
    run = 0
    findings = []
    for rule in matcher.rules:
        for test in rule.tests:
            run += 1
            article, source = _article(test, now), _source(test, named)
            found = matcher.look(article, rule)
            if told(rule, found, source, article) is not test.must_match:
                found = matcher.look(article, rule, everywhere=True)
                findings.append(_failed(book, rule, test, explain_rule(rule, found, article, source)))
    return TestReport(run=run, failed=len(findings), findings=tuple(findings))


def _article(test: RuleTest, now: datetime) -> Article:
    published = test.published
    return Article(
        id="test",
        url="",
        source_id=test.source or "",
        title=test.title,
        fetched_at=now,
        published_at=now - published if isinstance(published, timedelta) else published,
        language=test.language,
        text=test.body,
        text_from=TextFrom.PAGE,
        story="test",
    )


def _source(test: RuleTest, named: dict[str, Source]) -> Source | None:
    if test.source is None:
        return None
    return named.get(test.source) or Source(
        id=test.source, name=test.source, kind="feed", url="", every=timedelta(hours=1)
    )


def _failed(book: RuleBook, rule: Rule, test: RuleTest, why: Explanation) -> Finding:
    code, facts = _found(why) if not test.must_match else _missed(why)
    text = test.title or test.body
    shown = text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
    return Finding(
        severity=Severity.ERROR,
        code=f"rules.{code}",
        facts=(("text", shown), *facts.items()),
        file=test.place.file,
        line=test.place.line,
        column=test.place.column,
        source_line=book.line(test.place),
        rule=rule.id,
    )


def _found(why: Explanation) -> tuple[str, dict[str, object]]:
    hits = dict.fromkeys(hit.text for trace in flat(why.trace) for hit in trace.hits)
    return "test-found", {"terms": ", ".join(hits)}


def _missed(why: Explanation) -> tuple[str, dict[str, object]]:
    nearest = min(why.near_misses, key=lambda miss: _TELLING.index(miss.kind.partition("-")[0]), default=None)
    if nearest is None and Verdict.FALSE in (why.scope, why.age):
        nearest = NearMiss(kind="scope" if why.scope is Verdict.FALSE else "age")
    if nearest is None or nearest.kind == "elsewhere":
        astray = _astray(why.trace)
        if astray is not None:
            return astray
        wanted = dict.fromkeys(trace.term for trace in flat(why.trace) if trace.term)
        return "test-missed", {"terms": few(tuple(wanted))}
    if nearest.skipped is not None:
        skipped = nearest.skipped
        code = {"case": "test-missed-case", "part-of": "test-missed-part", "fold": "test-missed-fold"}.get(
            skipped.reason, "test-missed-border"
        )
        return code, {"term": nearest.terms[0], "inside": skipped.inside or skipped.text}
    counts = {"count": nearest.count, "wanted": nearest.wanted}
    kind = _APART.get(nearest.kind, nearest.kind)
    return f"test-missed-{kind}", {"terms": few(nearest.terms), **counts}


def _astray(root: Trace) -> tuple[str, dict[str, object]] | None:
    """A word that stands in another part of the example than the rule looks at, or looks at one that no test has."""
    lacking = [one for one in _wanted(root) if one.term and one.value is Verdict.FALSE]
    for one in lacking:
        alike = few(tuple(dict.fromkeys(other.term or "" for other in lacking if other.fields == one.fields)))
        if one.fields[0] in _UNSTATED:
            return "test-missed-unstated", {"key": str(one.fields[0]), "terms": alike}
        place = next((place for place in one.elsewhere if isinstance(place, Occurrence)), None)
        if place is not None:
            return f"test-missed-in-{place.field}", {"terms": one.term}
    return None


def _wanted(trace: Trace) -> Iterator[Trace]:
    """A trace and all below it that a match may rest on."""
    yield trace
    for part in trace.parts if trace.kind != "none" else ():
        yield from _wanted(part)


def few(terms: tuple[str, ...]) -> str:
    """The first terms of a long list."""
    most = 5
    return ", ".join(terms[:most]) + (f" … (+{len(terms) - most})" if len(terms) > most else "")
