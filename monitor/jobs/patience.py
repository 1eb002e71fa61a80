"""Hosts of article pages -> whether one poll still waits for them."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from monitor.errors import FetchError

#: Pages of one host that one poll asks for side by side, and time-outs after which it asks for no more.
ABREAST = 2
TIMEOUTS = 3


class Patience:
    """Keeps a host that hangs from holding up a whole feed: at 30 s for each of 25 pages, news would be 12 minutes late."""

    def __init__(self) -> None:
        self._turns: dict[str, asyncio.Semaphore] = defaultdict(lambda: asyncio.Semaphore(ABREAST))
        self._timeouts: Counter[str] = Counter()

    @asynccontextmanager
    async def waiting_for(self, host: str) -> AsyncIterator[None]:
        """Raises FetchError at once when the host has let too many pages time out."""
        async with self._turns[host]:
            if self._timeouts[host] >= TIMEOUTS:
                raise FetchError("fetch.hanging", host=host)
            try:
                yield
            except FetchError as error:
                self._timeouts[host] += error.code == "fetch.timeout"
                raise
