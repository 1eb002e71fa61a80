"""The real clocks. Everywhere else `now` is an argument."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

#: Less than this is the slow correction that NTP makes all the time.
NOTABLE = timedelta(seconds=5)
#: Runs on while the machine sleeps; the other one, of systems without it, stands still then.
_SINCE_BOOT = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


def utc_now() -> datetime:
    """The present instant, aware."""
    return datetime.now(UTC)


def since_boot() -> timedelta:
    """By the clock that nobody moves."""
    return timedelta(seconds=time.clock_gettime(_SINCE_BOOT))


class Leaps:
    """How far the wall clock was set ahead lately: ages by it have grown by a time in which nothing was done.

    So they do while the machine sleeps, as the steady clock stands still then.
    """

    #: As long as a leap is remembered.
    LONGEST = timedelta(days=1)

    def __init__(self, wall: Callable[[], datetime] = utc_now, steady: Callable[[], float] = time.monotonic) -> None:
        self._wall, self._steady = wall, steady
        self._last = wall(), steady()
        self._seen: list[tuple[float, timedelta]] = []

    def within(self, span: timedelta) -> timedelta:
        """All leaps of the last `span` together, those back subtracted; not less than none."""
        before, self._last = self._last, (self._wall(), self._steady())
        at, moved = self._last[1], self._last[0] - before[0] - timedelta(seconds=self._last[1] - before[1])
        seen = [*self._seen, (at, moved)] if abs(moved) >= NOTABLE else self._seen
        self._seen = [leap for leap in seen if at - leap[0] < self.LONGEST.total_seconds()]
        recent = (by for since, by in self._seen if at - since < span.total_seconds())
        return max(sum(recent, timedelta(0)), timedelta(0))
