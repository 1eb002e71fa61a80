"""docs/monitoring.md and what is shown are the same: reasons, metrics with types and labels, events of the log."""

import re
from pathlib import Path

import pytest
import yaml
from eyes.conftest import clock_of_slack_is_known

from monitor.eyes.readiness import CODES
from monitor.log import Form

ROOT = Path(__file__).parents[2]
HOUSE = ROOT / "monitor"
PAGES = [(ROOT / "docs" / name).read_text(encoding="utf-8") for name in ("monitoring.md", "monitoring.ja.md")]
#: Events whose name is chosen before they are told.
CHOSEN = {"log_grows", "log_folded"}


@pytest.fixture(params=PAGES, ids=["en", "ja"])
def page(request):
    return request.param


def cells(page, heading):
    """The rows of the table whose heading begins so."""
    table = re.search(rf"^\| {heading} .*\n\|[-|]+\n((?:\|.*\n)+)", page, re.MULTILINE)
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in table[1].splitlines()]


def codes(text):
    return re.findall(r"`([^`]+)`", text)


def test_every_reason_is_explained(page):
    told = [code for row in cells(page, "(?:code|コード)") for code in codes(row[0])]
    assert told == list(CODES)


async def test_every_metric_is_explained_with_its_type_and_labels(page, app, eyes):
    clock_of_slack_is_known(eyes)
    shown = {}
    text = (await eyes.metrics()).decode()
    for name, kind in re.findall(r"^# TYPE (monitor_\w+) (\w+)$", text, re.MULTILINE):
        series = re.findall(rf"^{name}(?:_bucket)?{{(.*)}} ", text, re.MULTILINE)
        labels = {label for one in series for label in re.findall(r'(\w+)="', one)} - {"le"}
        shown[name] = kind, labels
    # Nothing was polled yet.
    shown["monitor_fetch_errors_total"][1].add("error")
    shown["monitor_matches_total"][1].add("rule")
    shown["monitor_slack_requests_total"][1].update({"method", "outcome"})
    rows = cells(page, "(?:metric|名前)")
    assert {codes(name)[0]: (kind, set(codes(labels))) for name, kind, labels, _ in rows} == shown
    assert len(rows) == len(shown)


def test_every_event_of_the_log_is_explained(page):
    told = {event for row in cells(page, "(?:event|イベント)") for event in codes(row[0])}
    logged = set(CHOSEN)
    for path in HOUSE.rglob("*.py"):
        source = path.read_text(encoding="utf-8")
        logged |= set(re.findall(r'\b(?:log\.\w+|tell|_ends_here)\(\s*"([a-z_]+)"', source))
    assert told == logged


def test_the_forms_of_the_log_are_explained(page):
    assert {codes(row[0])[0] for row in cells(page, "`monitor run --log")} == {form.value for form in Form}


def test_the_configuration_of_prometheus_is_one(page):
    [block] = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)
    settings = yaml.safe_load(block)
    assert settings["scrape_configs"][0]["job_name"] == "monitor"
