"""Which polls are worth a line."""

from datetime import timedelta

import pytest
from builders import NOW
from structlog.testing import capture_logs

from monitor.errors import FetchError
from monitor.jobs.poll import PollReport
from monitor.journal import log_poll
from monitor.model import SourceState
from monitor.schedule import Reason

STATE = SourceState(source_id="nhk", next_poll_at=NOW + timedelta(minutes=10))


@pytest.mark.parametrize(
    ("facts", "level"),
    [
        ({"unchanged": True}, "debug"),
        # Many feeds name the moment they were asked, and so are never the same twice.
        ({"listed": 20}, "debug"),
        ({"listed": 20, "new": 1}, "info"),
        ({"listed": 20, "matched": 1}, "info"),
    ],
)
def test_a_poll_that_found_nothing_is_for_whoever_wants_every_line(facts, level):
    with capture_logs() as lines:
        log_poll(STATE, PollReport(state=STATE, reason=Reason.INTERVAL, **facts), now=NOW)
    assert [line["log_level"] for line in lines] == [level]


def test_that_a_source_is_well_again_is_told_though_it_brought_nothing():
    before = SourceState(source_id="nhk", next_poll_at=NOW, last_error=FetchError("fetch.gone", url="a").memo())
    with capture_logs() as lines:
        log_poll(before, PollReport(state=STATE, reason=Reason.INTERVAL), now=NOW)
    assert [line["log_level"] for line in lines] == ["info"]
