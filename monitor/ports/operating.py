"""What is remembered for the operator and of the other side: NoticeStore, ContactStore, Upkeep."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from monitor.model import (
    Delivery,
    KnownIncident,
    Source,
)

#: The workspace that the other contacts belong to.
TEAM = "team"
#: The ids that Slack knows us by there; all that were ever ours.
OURSELVES = "ourselves"
#: Seconds that a message took to show in a channel's history, as `monitor slack test` measured it.
LAG = "lag"


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """What is told to the operator, to be written down as a delivery before it is sent."""

    channel: str
    destination: str
    #: One payload per message, the first one the parent.
    payloads: tuple[str, ...]


class NoticeStore(Protocol):
    """What the operator was told of. Every method is one transaction."""

    def incidents(self) -> list[KnownIncident]:
        """What goes on as far as is remembered, in the order it began."""
        ...

    def note(
        self,
        notes: Sequence[Note],
        *,
        known: Sequence[KnownIncident],
        ended: Sequence[KnownIncident],
        now: datetime,
    ) -> list[Delivery]:
        """Write notes down as pending deliveries, remember incidents as `known`, and forget those that `ended`.

        All or nothing, so that an incident is told once, however often the process dies.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """What a name means on the other side, and since when that is known."""

    #: "#news", "@pr-duty", or one of the names below.
    name: str
    value: str
    known_at: datetime


class ContactStore(Protocol):
    """What is known of Slack. Every method is one transaction."""

    def contacts(self) -> list[Contact]:
        """Everything that is known, the latest first: the first of several values of one name is the one in force."""
        ...

    def learn(self, name: str, value: str, *, now: datetime) -> None:
        """Put a value in force; an earlier one of that name stays known, since messages may stand there."""
        ...

    def replace(self, name: str, value: str, *, now: datetime) -> None:
        """Put a value in force and forget the earlier ones."""
        ...

    def forget(self, name: str | None = None) -> None:
        """Forget what one name meant, or everything."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What two clocks show at one moment."""

    wall_at: datetime
    #: Since the kernel was started, and which start that was, where it can be known.
    steady: timedelta
    boot: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reckoning:
    """How far time has gone on for certain, whatever the clock on the wall says."""

    certain_at: datetime
    #: When that was reckoned.
    reading: Reading
    #: How long both clocks have run alike since the one on the wall leapt ahead.
    agreed: timedelta = timedelta(0)


class Upkeep(Protocol):
    """Forgetting and tidying."""

    def prune(
        self, *, articles_before: datetime, bodies_before: datetime, batch: int, now: datetime | None = None
    ) -> int:
        """Forget up to `batch` old articles and bodies; how many. An entry still listed by its source stays "seen".

        `now` is what ages are counted from where polls, noted while the clock stood ahead, say that it is later.
        """
        ...

    def reckoning(self) -> Reckoning | None:
        """The last one; before there was any, by the last poll. `None`: there was none of these."""
        ...

    def note_reckoning(self, reckoning: Reckoning) -> None:
        """It takes the place of the last one."""
        ...

    def checkpoint(self) -> int:
        """Fold the write-ahead log into the database; bytes that it still takes up, more than few where a reader holds it."""
        ...

    def log_size(self) -> int:
        """Bytes that the write-ahead log takes up now; cheap."""
        ...

    def reindex(self, *, batch: int) -> int:
        """A step towards a search index that fits the folding of text; how many articles are still to come, mostly 0."""
        ...

    def lay_ballast(self) -> bool:
        """See that a file takes up room that can be given back when the disk is full; whether there is one."""
        ...

    def clock_set_back(self, *, now: datetime, by: timedelta, sources: Iterable[Source] = ()) -> None:
        """The wall clock was set back by so much, to `now`: what waits for an instant waits no longer than it would have.

        What the first polls of `sources` found, and took for old by that clock, is told if it was not.
        """
        ...
