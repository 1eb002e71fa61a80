"""Destinations in two spellings, "#news" and the channel's id -> told as one: what waits under the name goes to the id.

Until Slack has said which channel a name means, nothing is promised under it. Asked where names stand beside ids, when
they change, and once a day, since a name may be given to another channel.
"""

from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta

from monitor.config.settings import is_slack_channel
from monitor.errors import SendError
from monitor.ports import DeliverStore, InStore, Sink

AGAIN = timedelta(days=1)
#: After a question that was not answered.
RETRY = timedelta(minutes=1)


class Twins:
    """Knows which names are ids that are told as well."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._asked: frozenset[str] = frozenset()
        #: Names that were answered for.
        self._known: frozenset[str] = frozenset()
        self._again_at = clock()
        #: Name -> id.
        self.pairs: Mapping[str, str] = {}
        #: Destinations to which nothing may be promised: it is not known who they are, or they are told by their id.
        self.closed: frozenset[str] = frozenset()

    async def ask(self, destinations: Collection[str], sink_of: Callable[[str], Sink]) -> bool:
        """Find the twins among all that may be told; whether it is known anew who they are."""
        now, told = self._clock(), frozenset(destinations)
        # A clock that was set back by months does not keep it from asking.
        if told == self._asked and now < self._again_at <= now + AGAIN:
            return False
        ids = {one for one in told if is_slack_channel(one) and not one.startswith("#")}
        names = sorted(one for one in told if one.startswith("#")) if ids else []
        self._asked, self._again_at = told, now + AGAIN
        try:
            found = await sink_of(names[0]).places(names) if names else {}
        except SendError:
            # What was known of a name holds until it is known better.
            self.closed, self._again_at = frozenset(self.pairs) | (frozenset(names) - self._known), now + RETRY
            return False
        self._known = frozenset(found)
        self.pairs = {name: place for name, place in found.items() if place in ids}
        self.closed = frozenset(self.pairs)
        return True

    async def join(self, in_store: InStore, deliveries: DeliverStore) -> None:
        """Move what waits under a name to its id. What is found meanwhile waits for the next turn, since names are closed."""
        for name, place in self.pairs.items():
            await in_store(deliveries.join, name, place)
