"""Destination -> its turn to be written to: Slack shows about one message per second and channel."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta


class Pace:
    """Keeps a gap between the end of one message to a destination and the beginning of the next.

    Slack counts when a message reaches it, and a call may take long to get there: a gap between beginnings would not do.
    """

    def __init__(self, gap: timedelta) -> None:
        self._gap = gap.total_seconds()
        self._free_at: dict[str, float] = {}

    @asynccontextmanager
    async def __call__(self, destination: str) -> AsyncIterator[None]:
        """The block may write to the destination."""
        wait = self._free_at.get(destination, 0.0) - time.monotonic()
        if wait > 0:
            await asyncio.sleep(wait)
        try:
            yield
        finally:
            self._free_at[destination] = time.monotonic() + self._gap
