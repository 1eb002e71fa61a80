"""A backup that was put back x what destinations were told since -> nothing is told there twice.

Until a destination was asked, nothing is promised to it. One that cannot be asked (a webhook, the terminal) may repeat
what it was told after the backup was made; that is said once.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from monitor.errors import SendError, UnknowableError
from monitor.ports import InStore, ReconcileStore, Sink

#: After a question that was not answered.
RETRY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReconcileReport:
    """What was asked, and how it ended."""

    #: When the backup was made.
    since: datetime
    #: Per destination, how many addresses it was told since.
    learnt: Mapping[str, int] = field(default_factory=dict)
    #: Destinations that cannot be asked, and those that gave no answer now.
    blind: tuple[str, ...] = ()
    failed: Mapping[str, SendError] = field(default_factory=dict)


class Reconciler:
    """Asks each destination once, before it is promised anything."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._ask_at: dict[str, datetime] = {}
        #: Destinations to which nothing may be promised yet.
        self.closed: frozenset[str] = frozenset()

    async def ask(
        self, in_store: InStore, reconciling: ReconcileStore, sink_of: Callable[[str], Sink]
    ) -> ReconcileReport | None:
        """Ask those that were not asked; `None` where nothing was to be asked."""
        since = await in_store(reconciling.unaware_since)
        if since is None:
            return None
        now = self._clock()
        waiting = await in_store(reconciling.unreconciled)
        self.closed = frozenset(waiting)
        due = [one for one in waiting if not now < self._ask_at.get(one, now) <= now + RETRY]
        learnt: dict[str, int] = {}
        blind: list[str] = []
        failed: dict[str, SendError] = {}
        for destination in due:
            links: Collection[str] = ()
            try:
                links = await sink_of(destination).told_since(destination, since)
                learnt[destination] = len(links)
            except UnknowableError:
                blind.append(destination)
            except SendError as error:
                failed[destination] = error
                self._ask_at[destination] = now + RETRY
                continue
            await in_store(reconciling.reconcile, destination, links, now=now)
            self.closed -= {destination}
        return ReconcileReport(since=since, learnt=learnt, blind=tuple(blind), failed=failed) if due else None
