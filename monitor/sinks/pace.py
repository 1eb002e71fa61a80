"""Destination -> its turn to be written to: Slack shows about one message per second and channel."""

import asyncio
import time
from datetime import timedelta


class Pace:
    """Waits until a destination may be written to again."""

    def __init__(self, gap: timedelta) -> None:
        self._gap = gap.total_seconds()
        self._free_at: dict[str, float] = {}

    async def __call__(self, destination: str) -> None:
        """Come back when it is this destination's turn."""
        now = time.monotonic()
        free_at = max(self._free_at.get(destination, now), now)
        self._free_at[destination] = free_at + self._gap
        if free_at > now:
            await asyncio.sleep(free_at - now)
