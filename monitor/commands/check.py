"""`monitor check`: config, rules and the rules' own tests; everything wrong in one run."""

import json
from collections.abc import Sequence

import click

from monitor.clock import utc_now
from monitor.config import Channels, list_sources
from monitor.errors import ConfigError
from monitor.messages import say
from monitor.model import Finding, Severity
from monitor.rules.lint import lint
from monitor.rules.load import load_rules
from monitor.rules.trials import run_tests
from monitor.session import read_all
from monitor.terminal import FAILED, FINE, errors, hint, output, sentence, show_findings, spoken_language


@click.command(
    "check", help="Check config, rules and the rules' own tests. Exit code 1 on errors, 0 with warnings only."
)
@click.option("--json", "as_json", is_flag=True, help="Findings as JSON.")
@click.pass_context
def command(ctx: click.Context, *, as_json: bool) -> int:
    """Check; the exit code."""
    findings, rules, tests = _check(ctx)
    failed = any(finding.severity is Severity.ERROR for finding in findings)
    if as_json:
        click.echo(json.dumps(_as_json(findings, rules, tests), ensure_ascii=False, indent=2))
    else:
        show_findings(findings, spoken_language(), output())
        _tell_tally(findings, rules, tests[0])
    return FAILED if failed else FINE


def _check(ctx: click.Context) -> tuple[list[Finding], int, tuple[int, int]]:
    """Findings, number of rules, (tests run, tests failed)."""
    try:
        config, _ = read_all(ctx)
    except ConfigError as error:
        return [finding for finding in error.findings if isinstance(finding, Finding)], 0, (0, 0)
    sources = list_sources(config)
    book = load_rules(config.rules, channels=Channels(config).names, sources=sources)
    report = run_tests(book, sources=sources, now=utc_now())
    findings = [*book.findings, *lint(book), *report.findings]
    findings.sort(key=lambda finding: (finding.file or "", finding.line or 0, finding.column or 0))
    return findings, len(book.rules), (report.run, report.failed)


def _tell_tally(findings: Sequence[Finding], rules: int, tests: int) -> None:
    bad = sum(finding.severity is Severity.ERROR for finding in findings)
    facts = {"rules": rules, "tests": tests, "errors": bad, "warnings": len(findings) - bad}
    code, style = ("terminal.tally", "bold") if findings else ("terminal.all-well", "green")
    errors().print(say(code, spoken_language(), **facts), style=style)


def _as_json(findings: Sequence[Finding], rules: int, tests: tuple[int, int]) -> dict[str, object]:
    language = spoken_language()
    return {
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
            for finding in findings
        ],
        "rules": rules,
        "tests": {"run": tests[0], "failed": tests[1]},
    }
