"""Destinations that are held: until when and why, and whether one delivery may try what a block holds."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from sqlite3 import Row

from monitor.stores.sqlite.connection import Connection
from monitor.stores.sqlite.values import clean, instant, maybe_instant, maybe_seconds

#: A pause that ends later than this was set while the clock stood too far ahead.
LONGEST_PAUSE = timedelta(days=1)
#: The name that pauses the whole workspace.
SLACK = "slack"
#: Added by a migration.
PROBES = ("alter table pauses add column probe_at double precision",)

_PAUSES = "select destination, until, reason, probe_at from pauses"
_PAUSE = """
insert into pauses (destination, until, reason, probe_at) values (:destination, :until, :reason, :probe_at)
on conflict (destination) do update
set until = excluded.until, reason = excluded.reason, probe_at = excluded.probe_at
"""
# What was on the wire was taken: whatever had blocked its destination is mended.
_UNBLOCK = """
delete from pauses where until is null and destination in (:destination, :workspace)
    and exists (select 1 from deliveries where id = :id and state = 'sending')
"""


def paused(db: Connection) -> Mapping[str, tuple[datetime | None, str]]:
    """Until when, and why; `None`: until a person acts, or a probe gets through."""
    return {row["destination"]: (maybe_instant(row["until"]), row["reason"]) for row in db.rows(_PAUSES)}


def held(db: Connection, now: datetime) -> frozenset[str]:
    """The destinations to which nothing may be sent now."""
    return frozenset(row["destination"] for row in db.rows(_PAUSES) if _holds(row, now))


def is_held(destination: str, held: frozenset[str]) -> bool:
    """Whether a destination is held, by itself or with its workspace."""
    return destination in held or (SLACK in held and is_in_slack(destination))


def pause(
    db: Connection,
    destination: str,
    *,
    until: datetime | None,
    reason: str,
    probe_at: datetime | None,
    now: datetime | None,
) -> None:
    """A limit neither lifts a block nor shortens a longer limit: two messages on the wire may be answered differently."""
    before = next((row for row in db.rows(_PAUSES) if row["destination"] == destination), None)
    if now is not None and until is not None and before is not None and _outlasts(before, until, now):
        return
    facts = {"until": maybe_seconds(until), "reason": clean(reason), "probe_at": maybe_seconds(probe_at)}
    db.run(_PAUSE, destination=destination, **facts)


def lift(db: Connection, destination: str) -> bool:
    """Whether there was anything to lift."""
    return db.run("delete from pauses where destination = :destination", destination=destination) > 0


def unblock_reached(db: Connection, delivery_id: str, destination: str) -> None:
    """A message that was taken, before its row says so, proves that its destination takes messages."""
    workspace = SLACK if is_in_slack(destination) else destination
    db.run(_UNBLOCK, id=delivery_id, destination=destination, workspace=workspace)


def is_in_slack(destination: str) -> bool:
    """Whether the bot tells it, so that what holds the workspace holds it, too."""
    return destination.partition(":")[0] not in {"webhook", "console"}


def _holds(row: Row, now: datetime) -> bool:
    until = maybe_instant(row["until"])
    if until is not None:
        return now < until <= now + LONGEST_PAUSE
    if row["probe_at"] is None:
        return True
    probe_at = instant(row["probe_at"])
    return now < probe_at <= now + LONGEST_PAUSE


def _outlasts(row: Row, until: datetime, now: datetime) -> bool:
    before = maybe_instant(row["until"])
    return before is None or until < before <= now + LONGEST_PAUSE
