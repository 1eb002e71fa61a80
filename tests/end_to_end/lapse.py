"""Time that a program spends waiting -> skipped. A clock that several processes share, in a file beside the program.

Nothing is sped up: a program whose loop has work is as fast as ever, and one that would only sleep sleeps no longer. Both
of its clocks go on by what was skipped, so that to the program it was an hour like any other. What stands on the wall may
besides be moved, as by a hand. (libfaketime turns the wait for Python's own lock into a race for a file.)
"""

import mmap
import selectors
import struct
import time
from collections.abc import Callable
from datetime import datetime, tzinfo
from pathlib import Path

#: Seconds skipped so far; seconds that the clock on the wall is wrong; the true time up to which may be skipped; seconds
#: skipped when it was made.
_LAPSE, _JUMP, _HORIZON, _ORIGIN = range(4)
_real_time, _real_monotonic, _real_gettime = time.time, time.monotonic, time.clock_gettime
_STEADY = (time.CLOCK_MONOTONIC, time.CLOCK_BOOTTIME)


class Clock:
    """The true time of a world that runs on when nothing happens in it."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "clock"
        with self._path.open("r+b") as file:
            # Each number is written at once: `struct` would put a zero there for a moment, which others may read.
            self._numbers = memoryview(mmap.mmap(file.fileno(), 32)).cast("d")

    @classmethod
    def make(cls, folder: Path, begins_at: float) -> "Clock":
        lapse = begins_at - _real_time()
        (folder / "clock").write_bytes(struct.pack("4d", lapse, 0, begins_at, lapse))
        return cls(folder)

    def now(self) -> float:
        """Seconds since 1970, by the sun."""
        return _real_time() + self._numbers[_LAPSE]

    def monotonic(self) -> float:
        return _real_monotonic() + self.skipped()

    def skipped(self) -> float:
        """Since it was made."""
        return self._numbers[_LAPSE] - self._numbers[_ORIGIN]

    def gettime(self, which: int) -> float:
        """As `time.clock_gettime`, of the clocks that only run on."""
        return _real_gettime(which) + (self.skipped() if which in _STEADY else 0.0)

    def left(self) -> float:
        """Seconds that may be skipped."""
        return self._numbers[_HORIZON] - self.now()

    def may_go_on_to(self, at: float) -> None:
        self._numbers[_HORIZON] = at

    def skip(self, seconds: float) -> None:
        self._numbers[_LAPSE] += seconds

    @property
    def jump(self) -> float:
        return self._numbers[_JUMP]

    @jump.setter
    def jump(self, seconds: float) -> None:
        self._numbers[_JUMP] = seconds

    def wall(self) -> float:
        """Seconds since 1970, as the clock on the wall has it."""
        return self.now() + self.jump

    def environment(self) -> dict[str, str]:
        """For a program that lives by this clock."""
        return {"LAPSE": str(self._path.parent), "TZ": "UTC"}


class Work:
    """What is being done: where somebody else's hands are at it, nothing is skipped; where an answer is awaited, little."""

    def __init__(self) -> None:
        self.own = self.others = 0


def live_by(clock: Clock) -> Work:
    """Have this process skip what it would wait for. Before anything else is imported that takes the time."""
    work = Work()
    time.time, time.monotonic, time.clock_gettime = clock.wall, clock.monotonic, clock.gettime
    selectors.DefaultSelector = _skipping(clock, work)
    return work


def dates_of(clock: Clock) -> type[datetime]:
    """What a module is to take for `datetime`, which looks at the wall; all that it makes are true ones."""

    class Likeness(type):
        def __instancecheck__(cls, one: object) -> bool:
            return isinstance(one, datetime)

    class Dates(datetime, metaclass=Likeness):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:
            return datetime.fromtimestamp(clock.wall(), tz)

    return Dates


#: An answer from loopback comes within the first; while one is awaited, each adds so much to the clock: twenty times as fast.
_PATIENCE, _STRIDE = 0.01, 0.2
#: Seconds between two looks whether the world has gone on.
_LOOK = 0.001


def _skipping(clock: Clock, work: Work) -> Callable[[], selectors.BaseSelector]:
    class Skipping(selectors.EpollSelector):
        def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
            if ready := super().select(0):
                return ready
            if timeout is None or timeout <= 0:
                return super().select(timeout)
            if work.own:
                return super().select(timeout)
            left = clock.left()
            if left <= 0:
                return super().select(min(timeout, _LOOK))
            if work.others:
                if ready := super().select(min(timeout, _PATIENCE)):
                    return ready
                left = min(left, _STRIDE)
            clock.skip(min(timeout, left))
            return []

    return Skipping
