"""Host -> a turn to talk to it: at most so many at once per host, and so many in all. Nothing is kept of idle hosts."""

from asyncio import Semaphore
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class _Lane:
    __slots__ = ("free", "users")

    def __init__(self, width: int) -> None:
        self.free = Semaphore(width)
        self.users = 0


class Turns:
    """Politeness: first come, first served within a host; who waits for a host holds no place among all."""

    def __init__(self, *, per_host: int, overall: int) -> None:
        self._per_host = per_host
        self._overall = Semaphore(overall)
        self._lanes: dict[str, _Lane] = {}

    def __len__(self) -> int:
        """How many hosts are being talked to or waited for."""
        return len(self._lanes)

    @asynccontextmanager
    async def turn(self, host: str) -> AsyncIterator[None]:
        """Wait for a turn and keep it until the block ends. Turns must not be nested: two hosts could wait in a ring."""
        lane = self._lanes.get(host)
        if lane is None:
            lane = self._lanes[host] = _Lane(self._per_host)
        lane.users += 1
        try:
            async with lane.free, self._overall:
                yield
        finally:
            lane.users -= 1
            if not lane.users:
                del self._lanes[host]
