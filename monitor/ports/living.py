"""Which process works on the database, and since when it has shown a sign of life: LifeStore."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

#: A process that shows no sign of life for so long has ended, or hangs.
FRESH = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """A process that polls and tells."""

    pid: int
    host: str
    #: Which start of the host's kernel it runs under, where that can be known.
    boot: str | None
    started_at: datetime
    #: The last sign of life.
    beat_at: datetime

    def is_elsewhere(self, other: "Life") -> bool:
        """Whether they run under two kernels, so that no lock of one is seen by the other.

        Containers of one host have names of their own and share its kernel; a host that was started again keeps its name.
        """
        return self.host != other.host and (self.boot is None or self.boot != other.boot)

    def is_fresh(self, now: datetime) -> bool:
        """Whether it has shown a sign of life lately; the clocks of two hosts may differ by some seconds."""
        return abs(now - self.beat_at) < FRESH


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What there is to do."""

    #: Sources that are due, and deliveries that are not yet certainly with the other side.
    due: int
    waiting: int


class LifeStore(Protocol):
    """One process at a time works on the database. Every method is one transaction."""

    def begin(self, life: Life) -> None:
        """From now on it is this one. Raises RunningError where one on another host shows signs of life."""
        ...

    def beat(self, life: Life, *, now: datetime) -> Load:
        """Note that it lives. Raises RunningError where one on another host has begun since."""
        ...

    def end(self, life: Life) -> None:
        """It ends in order."""
        ...

    def last(self) -> Life | None:
        """The one that works on it, or has ended without saying so."""
        ...
