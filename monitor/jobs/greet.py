"""Sink x mentions -> whether it may tell, and whom mentions mean: asked at the start, when mentions change, once a day.

The first answer also sets the other side's clock, by which attempts are dated.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.errors import BlockedError, SendError
from monitor.ports import Sink

AGAIN = timedelta(days=1)
AFTER_FAILURE = timedelta(minutes=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Greeting:
    """What came of asking."""

    #: Mentions that nobody there has.
    strangers: tuple[str, ...] = ()
    error: SendError | None = None


class Greeter:
    """Knows when to ask again."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._mentions: frozenset[str] | None = None
        self._again_at = clock()

    async def greet(self, sink: Sink, mentions: frozenset[str]) -> Greeting | None:
        """Ask if it is time to; `None` if it is not."""
        now = self._clock()
        # A clock that was set back by months does not keep it from asking.
        is_early = now < self._again_at <= now + AGAIN
        if mentions == self._mentions and is_early:
            return None
        self._mentions = mentions
        try:
            greeting = Greeting(strangers=await sink.check(mentions))
        except SendError as error:
            greeting = Greeting(error=error)
        passes = greeting.error is not None and not isinstance(greeting.error, BlockedError)
        self._again_at = now + (AFTER_FAILURE if passes else AGAIN)
        return greeting
