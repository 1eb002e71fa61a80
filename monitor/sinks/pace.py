"""Destination -> its turn to be written to: Slack shows about one message per second and channel, some hundreds a minute in all."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta


class Pace:
    """Keeps a gap between the end of one message to a destination and the beginning of the next, and between any two beginnings.

    Slack counts when a message reaches it, and a call may take long to get there: for one channel a gap between beginnings
    would not do. `crowd_gap` keeps a workspace with many channels within what Slack takes from all of them.
    """

    def __init__(self, gap: timedelta, crowd_gap: timedelta = timedelta(0)) -> None:
        self._gap = gap.total_seconds()
        self._crowd_gap = crowd_gap.total_seconds()
        self._free_at: dict[str, float] = {}
        self._crowd_free_at = 0.0

    @asynccontextmanager
    async def __call__(self, destination: str) -> AsyncIterator[None]:
        """The block may write to the destination."""
        await _sleep_until(self._free_at.get(destination, 0.0))
        mine = max(self._crowd_free_at, time.monotonic())
        self._crowd_free_at = mine + self._crowd_gap
        await _sleep_until(mine)
        try:
            yield
        finally:
            self._free_at[destination] = time.monotonic() + self._gap


async def _sleep_until(moment: float) -> None:
    wait = moment - time.monotonic()
    if wait > 0:
        await asyncio.sleep(wait)
