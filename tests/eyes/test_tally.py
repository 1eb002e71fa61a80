"""Each thing that happens is counted once, under a name of a bounded set."""

from dataclasses import replace
from datetime import timedelta

import pytest
from builders import NOW, make_article
from prometheus_client import CollectorRegistry

from monitor.errors import BlockedError, FetchError, NotStoredError, PayloadError, UncertainError
from monitor.eyes.tally import MOST_RULES, OTHER, Tally
from monitor.jobs.greet import Greeting
from monitor.jobs.poll import PollReport
from monitor.jobs.revisit import Outcome, RevisitReport
from monitor.jobs.send import DeliverReport
from monitor.journal import Polled, Reloaded
from monitor.model import Delivery, DeliveryState, SourceState
from monitor.ports import Call
from monitor.schedule import Reason

STATE = SourceState(source_id="a", next_poll_at=NOW)
REFUSED = BlockedError("sinks.token-refused", whole_workspace=True, error="invalid_auth")


def delivery(state, destination="#news", **changes):
    return Delivery(
        id="d1",
        channel="news",
        destination=destination,
        period="p",
        part=0,
        payload="{}",
        state=state,
        created_at=NOW,
        due_at=NOW,
        **changes,
    )


def polled(*, lasted=timedelta(seconds=2), late=timedelta(seconds=3), **report):
    return Polled(report=PollReport(**{"state": STATE, "reason": Reason.INTERVAL} | report), lasted=lasted, late=late)


@pytest.fixture
def registry():
    return CollectorRegistry()


@pytest.fixture
def tally(registry):
    return Tally(registry)


@pytest.fixture
def value(registry):
    return lambda name, **labels: registry.get_sample_value(f"monitor_{name}", labels)


def test_polls_by_outcome_and_reason(tally, value):
    tally.note(polled(new=3, matched=2, matched_by={"nato": 1, "二次関税": 1}))
    tally.note(polled(unchanged=True, reason=Reason.SITE_WISH))
    tally.note(polled(error=FetchError("fetch.timeout", url="http://x/"), reason=Reason.BACK_OFF))
    assert value("fetches_total", outcome="changed", reason="interval") == 1
    assert value("fetches_total", outcome="unchanged", reason="site_wish") == 1
    assert value("fetches_total", outcome="failed", reason="back_off") == 1
    assert value("fetch_errors_total", error="fetch.timeout") == 1
    assert value("articles_total") == 3
    assert value("matches_total", rule="二次関税") == 1
    assert value("fetch_duration_seconds_sum") == 6
    assert value("fetch_lateness_seconds_bucket", le="2.0") == 0
    assert value("fetch_lateness_seconds_bucket", le="5.0") == 3


def test_a_clock_that_is_set_back_makes_no_negative_spans(tally, value):
    tally.note(polled(lasted=-timedelta(hours=1), late=-timedelta(hours=1)))
    assert value("fetch_duration_seconds_sum") == value("fetch_lateness_seconds_sum") == 0


def test_rules_by_the_hundred_make_no_endless_series(tally, value, registry):
    many = {f"r{number}": 1 for number in range(MOST_RULES + 50)}
    tally.note(polled(matched_by=many))
    tally.note(polled(matched_by=many))
    assert value("matches_total", rule="r0") == 2
    assert value("matches_total", rule=OTHER) == 100
    [family] = [one for one in registry.collect() if one.name == "monitor_matches"]
    assert len([sample for sample in family.samples if sample.name.endswith("_total")]) == MOST_RULES + 1


def test_pages_that_are_asked_for_again(tally, value):
    tally.note(RevisitReport(article=make_article(), outcome=Outcome.READ))
    assert value("revisits_total", outcome="read") == 1
    assert value("revisits_total", outcome="given_up") == 0


def test_attempts_by_what_they_left(tally, value):
    sent = delivery(DeliveryState.SENT, sent_at=NOW + timedelta(seconds=4))
    tally.note(DeliverReport(delivery=sent))
    tally.note(DeliverReport(delivery=delivery(DeliveryState.UNKNOWN), error=UncertainError("sinks.uncertain")))
    tally.note(DeliverReport(delivery=delivery(DeliveryState.DEAD), error=PayloadError("sinks.payload-refused")))
    limit = NotStoredError("sinks.rate-limited", retry_after=timedelta(seconds=3), seconds=3)
    tally.note(DeliverReport(delivery=delivery(DeliveryState.PENDING), error=limit))
    for outcome in ("sent", "unknown", "dead", "pending"):
        assert value("delivery_attempts_total", outcome=outcome) == 1
    assert value("delivery_attempts_total", outcome="held") == 0
    assert value("delivery_latency_seconds_sum") == 4
    assert (value("slack_rate_limited_total"), value("slack_rate_limited_seconds_total")) == (1, 3)


def test_what_was_not_tried_is_no_attempt(tally, value):
    tally.note(DeliverReport(delivery=delivery(DeliveryState.PENDING)))
    assert value("delivery_attempts_total", outcome="pending") == 0


@pytest.mark.parametrize(
    ("state", "error", "result"),
    [
        (DeliveryState.SENT, None, "found"),
        (DeliveryState.PENDING, None, "absent"),
        (DeliveryState.UNKNOWN, None, "not_yet"),
        (DeliveryState.UNKNOWN, UncertainError("sinks.uncertain"), "error"),
    ],
)
def test_look_ups_by_what_they_found(tally, value, state, error, result):
    tally.note(DeliverReport(delivery=delivery(state), error=error, looked_up=True))
    assert value("delivery_reconciled_total", result=result) == 1
    assert sum(value("delivery_attempts_total", outcome=one) for one in ("sent", "pending", "unknown")) == 0


def test_requests_to_slack(tally, value):
    tally.note(Call(method="chat.postMessage", outcome="ok"))
    assert value("slack_requests_total", method="chat.postMessage", outcome="ok") == 1


def test_edits_by_outcome(tally, value):
    tally.note(Reloaded(taken_up=False))
    tally.note(Reloaded(taken_up=True))
    assert value("config_reloads_total", outcome="refused") == value("config_reloads_total", outcome="taken_up") == 1


def test_a_refused_token_is_known_until_slack_takes_it(tally):
    tally.note(Greeting(error=REFUSED))
    assert tally.refused == REFUSED.memo()
    # What goes wrong on the way, or at another door, says nothing of it.
    tally.note(Greeting(error=UncertainError("sinks.uncertain")))
    tally.note(DeliverReport(delivery=delivery(DeliveryState.SENT, "webhook:partners", sent_at=NOW)))
    tally.note(DeliverReport(delivery=delivery(DeliveryState.PENDING), error=BlockedError("sinks.archived")))
    assert tally.refused == REFUSED.memo()
    tally.note(DeliverReport(delivery=delivery(DeliveryState.SENT, sent_at=NOW)))
    assert tally.refused is None
    gone = replace(delivery(DeliveryState.PENDING), destination="webhook:partners")
    tally.note(DeliverReport(delivery=gone, error=REFUSED))
    assert tally.refused is None
