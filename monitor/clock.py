"""The real clocks. Everywhere else `now` is an argument."""

import time
from datetime import UTC, datetime, timedelta

#: Runs on while the machine sleeps; the other one, of systems without it, stands still then.
_SINCE_BOOT = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


def utc_now() -> datetime:
    """The present instant, aware."""
    return datetime.now(UTC)


def since_boot() -> timedelta:
    """By the clock that nobody moves."""
    return timedelta(seconds=time.clock_gettime(_SINCE_BOOT))
