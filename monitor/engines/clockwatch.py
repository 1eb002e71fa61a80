"""Two clocks -> how far the one on the wall was moved. The scheduler goes by the wall and would stand still for as long."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import structlog

from monitor.clock import NOTABLE, utc_now

#: Seconds between two looks, by the clock that nobody moves.
EVERY = 1.0

log = structlog.get_logger()


class ClockWatch:
    """Compares the wall clock with the one that only ever runs on."""

    def __init__(self, wall: Callable[[], datetime] = utc_now, steady: Callable[[], float] = time.monotonic) -> None:
        self._wall, self._steady = wall, steady
        self._last = wall(), steady()

    def moved(self) -> timedelta:
        """How far the wall clock was moved since the last look; zero for what is not notable."""
        before, self._last = self._last, (self._wall(), self._steady())
        moved = self._last[0] - before[0] - timedelta(seconds=self._last[1] - before[1])
        return moved if abs(moved) >= NOTABLE else timedelta(0)


async def watch_clock(
    watch: ClockWatch, on_move: Callable[[timedelta], Awaitable[None]], *, every: float = EVERY
) -> None:
    """Look again and again, until cancelled."""
    while True:
        await asyncio.sleep(every)
        if moved := watch.moved():
            log.warning("clock_moved", seconds=round(moved.total_seconds()))
            await on_move(moved)
