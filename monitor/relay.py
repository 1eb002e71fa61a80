"""A door that is in use -> another one in its place: whoever uses the old one goes on with it, and it is closed behind the last."""

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Generic, Protocol, TypeVar


class Closable(Protocol):
    """What is open until it is closed."""

    async def close(self) -> None: ...


T = TypeVar("T", bound=Closable)


class Relay(Generic[T]):
    """The one that is in force, and earlier ones that are still used."""

    def __init__(self, first: T) -> None:
        self.now = first
        self._users: Counter[T] = Counter()

    @asynccontextmanager
    async def use(self) -> AsyncIterator[T]:
        """The one that is in force now, until the block ends."""
        door = self.now
        self._users[door] += 1
        try:
            yield door
        finally:
            self._users[door] -= 1
            if not self._users[door]:
                del self._users[door]
                if door is not self.now:
                    await door.close()

    async def replace(self, new: T) -> None:
        """Put another one in force."""
        old, self.now = self.now, new
        if old not in self._users:
            await old.close()

    async def close(self) -> None:
        """Close them all."""
        for door in {self.now, *self._users}:
            await door.close()
