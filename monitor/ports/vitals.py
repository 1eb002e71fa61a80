"""How the memory stands at one moment, in numbers: Vitals."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Vitals:
    """What can be counted without reading much, so that it may be asked for every few seconds."""

    #: Configured sources: "ok", "failing", "gone", "never_polled".
    sources: Mapping[str, int]
    #: Those whose turn it is, and since when the first of them waits.
    due: int
    due_since: datetime | None
    last_poll_at: datetime | None
    #: Deliveries by state, notes to the operator apart; and since when the oldest in each state is there.
    deliveries: Mapping[str, int]
    notes: Mapping[str, int]
    oldest: Mapping[str, datetime]
    #: Matches that wait to be told, by "now" and "digest".
    waiting: Mapping[str, int]
    revisits: int
    #: Held destinations: until when, and why.
    paused: Mapping[str, tuple[datetime | None, str]]
    #: What goes wrong, as far as the operator was told or is to be: trouble -> how many.
    incidents: Mapping[str, int]
