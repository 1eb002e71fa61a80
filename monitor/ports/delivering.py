"""What is remembered of telling: DeliverStore and MuteStore."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from monitor.model import (
    Delivery,
    Digest,
    Waiting,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Backlog:
    """What waits for one channel in one way of telling ("now" or "digest")."""

    channel: str
    destination: str
    when: str
    matches: int
    first_matched_at: datetime
    #: Likewise of those of severity "breaking".
    first_breaking_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """A digest to be written down as deliveries before anything is sent."""

    digest: Digest
    #: One payload per message, the first one the parent.
    payloads: tuple[str, ...]
    #: Match ids that stand in the digest.
    told: tuple[int, ...]
    #: Match ids whose article or story this destination was told already.
    covered: tuple[int, ...]
    #: Those of `told` under whose rule a story stands as an entry of its own.
    entered: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Mute:
    """A rule whose matches are stored and not told."""

    rule_id: str
    rule_name: str
    #: `None`: until somebody unmutes it.
    until: datetime | None


class MuteStore(Protocol):
    """Which rules are muted. Every method is one short transaction, so that it may be called beside the daemon."""

    def mute(self, mute: Mute, *, now: datetime) -> int:
        """Mute a rule, or move its end; how many matches that waited are not told now."""
        ...

    def unmute(self, rule_id: str) -> bool:
        """Tell what the rule finds from now on; False where it was not muted. What was muted stays so."""
        ...

    def muted(self, *, now: datetime) -> list[Mute]:
        """The muted rules, the next to end first."""
        ...


class DeliverStore(Protocol):
    """What telling remembers. Every method is one transaction; a claim is on disk (fsync) before it returns."""

    def backlog(self) -> list[Backlog]:
        """What waits, per channel and way of telling."""
        ...

    def last_slots(self) -> Mapping[str, datetime]:
        """Per channel, the last digest slot that was done."""
        ...

    def set_slots(self, slots: Mapping[str, datetime]) -> None:
        """Note slots as done: empty ones, and the moment a channel is first seen."""
        ...

    def waiting(self, channel: str, when: str) -> tuple[list[Waiting], set[str]]:
        """What waits, oldest first, and the stories among them that the destination was told already."""
        ...

    def entered(self, destination: str, *, since: datetime) -> Mapping[str, Sequence[datetime]]:
        """Per rule, when stories were told in a destination as entries of their own, later than `since`."""
        ...

    def join(self, destination: str, place: str) -> None:
        """What waits in a destination waits in another one from now on, which was told what the first was told.

        A match that waits, or was told, in both is told in the other alone, at once where either says so.
        """
        ...

    def promise(self, promise: Promise, *, now: datetime, slot: datetime | None) -> list[Delivery]:
        """Write a digest down as pending deliveries, mark its matches promised and covered, and note the slot as done.

        The same promise once more is a no-op that returns the first one's deliveries. Where another digest has the name
        of the period, since the clock stood wrong then, this one gets a name of its own.
        """
        ...

    def due(self, *, now: datetime) -> list[Delivery]:
        """Pending and unknown deliveries that are due, oldest digest first; a later part only after the one before it was sent."""
        ...

    def claim(self, delivery_id: str, *, now: datetime, send_started_at: datetime) -> bool:
        """pending -> sending, attempts + 1, on disk; False when it was not pending, or its destination is held meanwhile."""
        ...

    def close(self, delivery: Delivery, *, now: datetime, note: str) -> None:
        """Write the outcome of an attempt or look-up, with one line in the delivery log.

        An attempt that was sent lifts what blocked its destination.
        """
        ...

    def recover(self, *, now: datetime) -> int:
        """At start-up: sending -> unknown, since the process that sent is dead. Returns how many."""
        ...

    def pause(
        self,
        destination: str,
        *,
        until: datetime | None,
        reason: str | None,
        now: datetime | None = None,
        probe_at: datetime | None = None,
    ) -> None:
        """Hold a destination (or "slack", the whole workspace): until an instant, or with `until=None` until a person acts.

        From `probe_at` on, what is blocked is due all the same, to see whether it has been mended. Reason `None` lifts it.
        A limit that is heard while another holds (`now`) shortens none.
        """
        ...

    def paused(self) -> Mapping[str, tuple[datetime | None, str]]:
        """Held destinations: until when, and why."""
        ...
