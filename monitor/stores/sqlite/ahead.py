"""What was noted while the wall clock stood ahead -> what it is by the clock that was put right. In the caller's transaction.

Rows that say themselves when they are too far ahead to be true (revisits, deliveries, pauses) are besides seen through
by whoever reads them, as what is on its way while the clock is moved may be written after it.
"""

from datetime import datetime, timedelta

from monitor.stores.sqlite.connection import Connection
from monitor.stores.sqlite.values import seconds

#: Instants that something waits for.
_AWAITED = (
    ("sources", "due_at"),
    ("sources", "next_poll_at"),
    ("revisits", "due_at"),
    ("deliveries", "due_at"),
    ("pauses", "until"),
    ("pauses", "probe_at"),
)
#: Instants that are past once they are written.
_PAST = (
    ("sources", "last_poll_at"),
    ("sources", "last_ok_at"),
    ("incidents", "over_at"),
)
#: Instants that ages are counted from.
_DATED = (("articles", "fetched_at"), ("matches", "matched_at"))

_SHIFTS = tuple(
    f"update {table} set {column} = case when {column} - :by > :now then {column} - :by else :now end"  # noqa: S608 - names from above
    f" where {column} > :now"
    for table, column in _AWAITED
)
_BACK_TO_NOW = tuple(
    f"update {table} set {column} = :now where {column} > :now"  # noqa: S608 - names from above
    for table, column in _PAST
)
_BACK_AS_FAR = tuple(
    f"update {table} set {column} = case when {column} - :by < :now then {column} - :by else :now end"  # noqa: S608 - names from above
    f" where {column} > :now"
    for table, column in _DATED
)
# When a source that was polled later than now, or joined the queue then, is due by that clock says nothing.
_FREE_SOURCES = """
update sources set due_at = :now, next_poll_at = :now
where active = 1 and gone = 0 and coalesce(last_poll_at, next_poll_at) > :now
"""
# A mute lasts as long as it was meant to.
_KEEP_MUTES = "update mutes set until = until - (muted_at - :now), muted_at = :now where muted_at > :now"


def set_back(db: Connection, *, now: datetime, by: timedelta) -> None:
    """The clock was set back by so much: what waits for an instant waits no longer than it would have."""
    for statement in (*_SHIFTS, *_BACK_AS_FAR):
        db.run(statement, now=seconds(now), by=by.total_seconds())
    for statement in (_KEEP_MUTES, *_BACK_TO_NOW):
        db.run(statement, now=seconds(now))


def free(db: Connection, *, now: datetime) -> None:
    """The clock stood ahead, nobody knows how far: sources that were polled then are due."""
    for statement in (_FREE_SOURCES, _KEEP_MUTES, *_BACK_TO_NOW):
        db.run(statement, now=seconds(now))
    for statement in _BACK_AS_FAR:
        db.run(statement, now=seconds(now), by=0)
