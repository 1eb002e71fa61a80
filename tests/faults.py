"""Reports of a test run -> a table: every fault that monitor has to stand, how many tests of it ran, how many held.

A test says by `@pytest.mark.fault(31)` which fault it produces. `make faults-table` runs all of them and ends with the
table; `--faults` prints it after any other run.
"""

import ast
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
MARK = "pytest.mark.fault"
GROUPS = {1: "delivery", 31: "storage", 40: "time", 47: "daemon", 56: "fetching"}
FAULTS = {
    1: "killed within the writing of articles and matches",
    2: "killed after a digest was written down",
    3: "killed just before the claim is on disk",
    4: "killed after the claim, before the call",
    5: "killed while Slack has not stored it",
    6: "killed when Slack has stored it",
    7: "killed after the answer, or while it is written",
    8: "killed while looking up",
    9: "every point of death x every fault of Slack",
    10: "deaths and faults drawn by lot",
    11: "stored, then reset or closed",
    12: "stored, then silence",
    13: "stored, then 5xx, no JSON, half an answer, fatal_error",
    14: "an error that is in no list",
    15: "Slack cannot be reached",
    16: "429, also over a death",
    17: "Retry-After in fractions, as a date, missing",
    18: "200 and ratelimited",
    19: "thirty messages for one channel, five for another",
    20: "behind a thousand messages of others",
    21: "the history cannot be read for a while",
    22: "a message shows after 20 s",
    23: "a message shows later than it is waited for",
    24: "a webhook's line breaks",
    25: "channel gone, archived, or not joined",
    26: "the token is refused",
    27: "the rich form is refused, the plain one, too",
    28: "a digest of several parts is torn",
    29: "two rules match one article",
    30: "hostile headlines",
    31: "the disk is full before the claim",
    32: "the disk fills up between the call and its answer",
    33: "another program holds the database for 20 s",
    34: "a reader stays open for 10 min of writes",
    35: "bytes flipped in the middle of the database",
    36: "killed within a migration",
    37: "a database of a newer version",
    38: "yesterday's backup put back",
    39: "a backup beside 200 writes/s, killed",
    40: "the clock is set back by 10 min",
    41: "the clock is set forward by 2 h, a message in doubt",
    42: "the clock stood 90 d ahead at the start",
    43: "a digest in the hour that comes twice",
    44: "a digest in the hour that never comes",
    45: "stopped and continued",
    46: "days of the week as people write them",
    47: "a second daemon is started",
    48: "SIGTERM with a message on the wire",
    49: "SIGTERM twice while Slack hangs",
    50: "a broken edit, SIGHUP, a valid one, SIGHUP",
    51: "files cut off 1,000 times while they are read",
    52: "the dispatcher raises or stands still",
    53: "a job raises CancelledError or SystemExit",
    54: "Socket Mode: refused, refreshed, doubled, silent",
    55: "feeds that blow up a parser",
    56: "sources that lead to private addresses",
    57: "bombs, dripping and endless bodies",
    58: "thousands of sources due at once",
    59: "expressions that run for ever, accents",
    60: "robots.txt, 304, 410, 429 of a site",
    61: "secrets in logs, database and metrics",
    62: "packets lost between the call and its answer",
}
#: What cannot go wrong yet.
NOT_BUILT = {54: "there is no Socket Mode"}
_WORST = {"passed": 0, "skipped": 1, "failed": 2}


@dataclass(kw_only=True, slots=True)
class Case:
    """One test as it has run."""

    faults: tuple[int, ...]
    outcome: str
    #: Why it was skipped.
    reason: str = ""


class Table:
    """The plugin that counts."""

    def __init__(self) -> None:
        self.cases: dict[str, Case] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        faults = tuple(value for name, value in report.user_properties if name == "fault")
        known = self.cases.get(report.nodeid)
        if faults and (known is None or _WORST[report.outcome] > _WORST[known.outcome]):
            reason = report.longrepr[2].removeprefix("Skipped: ") if isinstance(report.longrepr, tuple) else ""
            self.cases[report.nodeid] = Case(faults=faults, outcome=report.outcome, reason=reason)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        terminalreporter.section("faults")
        for line in lines(self.cases.values(), marked()):
            terminalreporter.write_line(line)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.getgroup("terminal reporting").addoption(
        "--faults", action="store_true", help="print a table of the faults whose tests ran and held"
    )


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("faults"):
        config.pluginmanager.register(Table())


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    # Reports of another process carry these and no marks.
    for item in items:
        item.user_properties += [("fault", number) for mark in item.iter_markers("fault") for number in mark.args]


@cache
def marked() -> Counter[int]:
    """How many test functions there are for each fault, whether they run or not."""
    written = (path.read_text(encoding="utf-8") for path in TESTS.rglob("test_*.py"))
    return Counter(
        argument.value
        for text in written
        if MARK in text
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Call) and ast.unparse(node.func) == MARK
        for argument in node.args
        if isinstance(argument, ast.Constant)
    )


def lines(cases: Iterable[Case], there: Mapping[int, int]) -> Iterator[str]:
    """The table: number, fault, tests that ran, that held, that were skipped, and what there is to say."""
    cases = list(cases)
    yield f"{'':>3} {'fault':<55} {'run':>4} {'held':>4} {'skipped':>7}"
    for number, fault in FAULTS.items():
        if number in GROUPS:
            yield GROUPS[number]
        found = [case for case in cases if number in case.faults]
        yield f"{number:>3} {fault:<55} {_counts(found)}  {_note(number, found, there.get(number, 0))}".rstrip()
    yield f"{'':>3} {'all, each test once':<55} {_counts(cases)}"


def _counts(cases: Iterable[Case]) -> str:
    outcomes = Counter(case.outcome for case in cases)
    return f"{outcomes['passed'] + outcomes['failed']:>4} {outcomes['passed']:>4} {outcomes['skipped']:>7}"


def _note(number: int, cases: list[Case], there: int) -> str:
    reasons = sorted({case.reason for case in cases if case.outcome == "skipped"})
    broken = sum(case.outcome == "failed" for case in cases)
    if broken:
        return f"{broken} DID NOT HOLD"
    if reasons:
        return "skipped: " + "; ".join(reasons)
    if cases:
        return ""
    if there:
        return "not run this time"
    return f"no test: {NOT_BUILT[number]}" if number in NOT_BUILT else "NO TEST"
