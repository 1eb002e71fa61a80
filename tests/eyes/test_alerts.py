"""Alert rules: well-formed, complete, and about metrics that there are."""

import re
from pathlib import Path

import pytest
import yaml
from eyes.conftest import clock_of_slack_is_known

ROOT = Path(__file__).parents[2]
RULES = ROOT / "deploy" / "prometheus-rules.yaml"
ALERTS = [rule for group in yaml.safe_load(RULES.read_text(encoding="utf-8"))["groups"] for rule in group["rules"]]
#: Written by Prometheus itself.
ITS_OWN = {"up"}


def metrics_in(expression):
    """Names before a brace or a bracket; functions and words stand before a parenthesis, or before nothing."""
    return set(re.findall(r"([a-z_][a-z0-9_]*)(?=[{\[])", expression))


@pytest.fixture
async def scraped(eyes):
    """Name -> label -> values, as the product shows them."""
    clock_of_slack_is_known(eyes)
    series = {}
    for line in (await eyes.metrics()).decode().splitlines():
        name, labels = re.match(r"(\w+)(?:{(.*)})? ", line).groups() if not line.startswith("#") else ("", "")
        found = series.setdefault(name, {})
        for label, value in re.findall(r'(\w+)="([^"]*)"', labels or ""):
            found.setdefault(label, set()).add(value)
    return series


@pytest.mark.parametrize("alert", ALERTS, ids=lambda alert: alert["alert"])
async def test_every_metric_and_label_of_an_alert_is_one_that_there_is(alert, scraped):
    names = metrics_in(alert["expr"])
    assert names
    assert names - ITS_OWN <= set(scraped)
    for name, matchers in re.findall(r"(\w+){([^}]*)}", alert["expr"]):
        for label, way, value in re.findall(r'(\w+)(=~|!~|!=|=)"([^"]*)"', matchers):
            if label != "job":
                assert set(value.split("|")) <= scraped[name][label], (name, label, way)


@pytest.mark.parametrize("alert", ALERTS, ids=lambda alert: alert["alert"])
def test_every_alert_says_what_it_is_and_what_to_do(alert):
    assert set(alert) <= {"alert", "expr", "for", "labels", "annotations"}
    assert alert["labels"]["severity"] in {"critical", "warning"}
    assert set(alert["annotations"]) == {"summary", "description"}
    assert re.fullmatch(r"\d+[smhd]", alert.get("for", "1m"))
    text = " ".join(alert["annotations"].values())
    assert text.count("{{") == text.count("}}")
    for side in ("()", "{}", "[]"):
        assert alert["expr"].count(side[0]) == alert["expr"].count(side[1])


def test_what_is_compared_with_nothing_having_happened_is_summed_first():
    """Otherwise one series of many that stands still is enough: of ten ways to poll, nine are idle at any time."""
    compared = [
        alert["expr"] for alert in ALERTS if re.search(r"== 0\b", alert["expr"]) and "increase(" in alert["expr"]
    ]
    assert compared
    assert all(re.search(r"sum by \(instance\) \(increase\(", expression) for expression in compared)


def test_every_alert_has_a_name_of_its_own_and_is_explained():
    names = [alert["alert"] for alert in ALERTS]
    assert len(set(names)) == len(names)
    for page in ("monitoring.md", "monitoring.ja.md"):
        text = (ROOT / "docs" / page).read_text(encoding="utf-8")
        assert set(names) == set(re.findall(r"^\| `(Monitor\w+)`", text, re.MULTILINE)), page
