"""`monitor check`: config, rules and the rules' own tests, everything wrong in one run; and what the archive says of them."""

import json
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import islice

import click
from rich.table import Table
from rich.text import Text

from monitor.clock import utc_now
from monitor.config import Channels, Config, list_sources, review_config
from monitor.errors import ConfigError, StoreError
from monitor.messages import say
from monitor.model import Article, Finding, Severity, Source
from monitor.ports import PastRule
from monitor.rules.book import RuleBook
from monitor.rules.lint import lint
from monitor.rules.lint.history import floods, renames
from monitor.rules.load import load_rules
from monitor.rules.matcher import Matcher, compile_rules
from monitor.rules.trials import TestReport, run_tests
from monitor.session import config_path, is_verbose, open_memory, read_all
from monitor.stages.checked import names_json, per_day, show_names, show_skipped, survey_json
from monitor.stages.survey import Survey, survey
from monitor.terminal import (
    FAILED,
    FINE,
    Sheet,
    errors,
    hint,
    output,
    printable,
    progress,
    sentence,
    show_findings,
    spoken_language,
)

#: What is read of the archive: the newest articles of a month, as many as can be judged in so many seconds.
MONTH = timedelta(days=30)
MOST_ARTICLES = 5_000
SECONDS = 2.0
#: Rules whose estimates are shown.
_ROWS = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class _Checked:
    """All that is known of one folder of rules."""

    findings: Sequence[Finding]
    book: RuleBook = field(default_factory=lambda: RuleBook(lists={}, lines={}))
    tests: TestReport = field(default_factory=lambda: TestReport(run=0, failed=0))
    survey: Survey | None = None


@click.command(
    "check", help="Check config, rules and the rules' own tests. Exit code 1 on errors, 0 with warnings only."
)
@click.option("--json", "as_json", is_flag=True, help="Findings as JSON.")
@click.option("--no-archive", is_flag=True, help="Do not look into the archive: no estimates, no skipped words.")
@click.pass_context
def command(ctx: click.Context, *, as_json: bool, no_archive: bool) -> int:
    """Check; the exit code."""
    checked = _check(ctx, no_archive=no_archive)
    failed = any(finding.severity is Severity.ERROR for finding in checked.findings)
    if as_json:
        click.echo(json.dumps(_as_json(checked), ensure_ascii=False, indent=2))
    else:
        _show(checked, verbose=is_verbose(ctx))
    return FAILED if failed else FINE


def _check(ctx: click.Context, *, no_archive: bool) -> _Checked:
    try:
        config, _ = read_all(ctx)
    except ConfigError as error:
        return _Checked(findings=[finding for finding in error.findings if isinstance(finding, Finding)])
    sources, now = list_sources(config), utc_now()
    book = load_rules(config.rules, channels=Channels(config).names, sources=sources)
    matcher = compile_rules(book.rules)
    tests = run_tests(book, sources=sources, now=now, matcher=matcher)
    _, warnings = review_config(config_path(ctx))
    findings = [*warnings, *book.findings, *lint(book, matcher), *tests.findings]
    checked = _Checked(findings=findings, book=book, tests=tests)
    if not no_archive and book.rules:
        checked = _with_archive(checked, matcher, sources, config, now)
    return replace(checked, findings=sorted(checked.findings, key=_place))


def _place(finding: Finding) -> tuple[str, int, int]:
    return finding.file or "", finding.line or 0, finding.column or 0


# --- the archive ------------------------------------------------------------------------------------------------------


def _with_archive(
    checked: _Checked, matcher: Matcher, sources: Sequence[Source], config: Config, now: datetime
) -> _Checked:
    try:
        with open_memory(config) as store:
            past = store.archive.past_rules(since=now - MONTH)
            articles = store.archive.articles(since=now - MONTH, newest_first=True)
            total = min(MOST_ARTICLES, store.archive.extent(since=now - MONTH).articles)
            with progress(say("check.reading", config.language), total) as advance:
                seen = survey(_some(articles, advance), matcher, sources=sources, now=now, zone=config.timezone)
    except StoreError as error:
        # Before the first run there is no archive, which is no news to anybody.
        if error.code != "stores.missing":
            why = error.message(config.language)
            errors().print(say("check.archive-failed", config.language, why=why), style="yellow")
        return checked
    return replace(checked, survey=seen, findings=[*checked.findings, *_learned(checked.book, past, seen)])


def _some(articles: Iterable[Article], advance: Callable[[int], None]) -> Iterator[Article]:
    """The first of them, until the time is up."""
    end = time.monotonic() + SECONDS
    for article in islice(articles, MOST_ARTICLES):
        yield article
        advance(1)
        if time.monotonic() > end:
            return


def _learned(book: RuleBook, past: Sequence[PastRule], seen: Survey) -> Iterator[Finding]:
    yield from renames(book, past)
    yield from floods(book, {one.rule: one.per_day for one in seen.estimates})


# --- what is shown ----------------------------------------------------------------------------------------------------


def _show(checked: _Checked, *, verbose: bool) -> None:
    language, console = spoken_language(), output()
    show_findings(checked.findings, language, console)
    screen = Sheet(console)
    show_names(checked.book.names, language, screen, every=verbose)
    if checked.survey is not None and checked.survey.articles:
        show_skipped(checked.survey, language, screen)
        facts = {"articles": checked.survey.articles, "days": f"{checked.survey.days:.1f}"}
        screen.line("")
        screen.line(say("check.estimates", language, **facts), "bold")
        table, left = _estimates(checked, checked.survey, language)
        console.print(table)
        if left:
            screen.line("  " + say("check.more-rules", language, count=left), "dim")
    _tell_tally(checked)


def _estimates(checked: _Checked, seen: Survey, language: str) -> tuple[Table, int]:
    """One row per rule in their order, the busiest where there are many; and how many are left out."""
    rates = {one.rule: one.per_day for one in seen.estimates}
    busiest = sorted(checked.book.rules, key=lambda rule: -rates[rule.id])[:_ROWS]
    table = Table(box=None, pad_edge=True)
    table.add_column(say("check.rule", language), overflow="fold")
    for column in ("check.tests", "check.per-day"):
        table.add_column(say(column, language), justify="right", no_wrap=True)
    for rule in sorted(busiest, key=lambda rule: rule.order):
        rate = per_day(rates[rule.id]) if rule.enabled else say("check.off", language)
        style = None if rule.enabled and rates[rule.id] else "dim"
        table.add_row(Text(printable(rule.name)), str(len(rule.tests)), rate, style=style)
    return table, len(checked.book.rules) - len(busiest)


def _tell_tally(checked: _Checked) -> None:
    findings = checked.findings
    bad = sum(finding.severity is Severity.ERROR for finding in findings)
    counts = {"rules": len(checked.book.rules), "tests": checked.tests.run}
    code, style = ("terminal.tally", "bold") if findings else ("terminal.all-well", "green")
    facts = counts | {"errors": bad, "warnings": len(findings) - bad}
    errors().print(say(code, spoken_language(), **facts), style=style)


def _as_json(checked: _Checked) -> dict[str, object]:
    language = spoken_language()
    told: dict[str, object] = {
        "findings": [
            {
                "file": finding.file,
                "line": finding.line,
                "column": finding.column,
                "severity": finding.severity.value,
                "code": finding.code,
                "rule": finding.rule,
                "message": sentence(finding, language),
                "hint": hint(finding, language),
            }
            for finding in checked.findings
        ],
        "rules": len(checked.book.rules),
        "tests": {"run": checked.tests.run, "failed": checked.tests.failed},
    }
    if checked.survey is not None:
        told |= survey_json(checked.survey)
    if checked.book.names:
        told["names"] = names_json(checked.book.names)
    return told
