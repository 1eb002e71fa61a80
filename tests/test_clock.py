"""The real clocks, and how far the one on the wall leapt against the one that nobody moves."""

from datetime import UTC, timedelta

import pytest
from builders import NOW

from monitor.clock import Leaps, since_boot, utc_now

HOUR = timedelta(hours=1)


class Clocks:
    def __init__(self):
        self.wall, self.steady = NOW, 100.0
        self.leaps = Leaps(lambda: self.wall, lambda: self.steady)

    def pass_by(self, span, *, leap=timedelta(0)):
        self.wall += span + leap
        self.steady += span.total_seconds()

    def within(self, span=HOUR):
        return self.leaps.within(span)


@pytest.fixture
def clocks():
    return Clocks()


def test_time_that_passes_is_no_leap(clocks):
    for _ in range(100):
        clocks.pass_by(HOUR, leap=timedelta(seconds=4))
        assert clocks.within() == timedelta(0)


def test_a_leap_counts_for_as_long_as_is_asked(clocks):
    clocks.pass_by(timedelta(seconds=1), leap=2 * HOUR)
    assert clocks.within() == 2 * HOUR
    clocks.pass_by(timedelta(minutes=59))
    assert clocks.within() == 2 * HOUR
    clocks.pass_by(timedelta(minutes=2))
    assert (clocks.within(), clocks.within(6 * HOUR)) == (timedelta(0), 2 * HOUR)
    clocks.pass_by(25 * HOUR)
    assert clocks.within(timedelta(days=9)) == timedelta(0)


@pytest.mark.parametrize(("moves", "left"), [((2, -2), 0), ((2, 3), 5), ((-2,), 0), ((-2, 3), 1)])
def test_leaps_back_are_subtracted_and_never_leave_less_than_none(clocks, moves, left):
    for hours in moves:
        clocks.pass_by(timedelta(minutes=1), leap=hours * HOUR)
        clocks.within()
    assert clocks.within() == left * HOUR


def test_the_real_ones_run():
    assert utc_now().tzinfo is UTC
    assert since_boot() > timedelta(0)
