"""Numbers for health and metrics. Asked every few seconds, so nothing here reads more than indexes and the due-queue."""

from collections import Counter
from datetime import datetime

from monitor.ports import Vitals
from monitor.stores.sqlite import pausing
from monitor.stores.sqlite.connection import Connection
from monitor.stores.sqlite.values import instant, maybe_instant, seconds

_SOURCES = """
select
    sum(last_error is null and last_ok_at is not null and gone = 0) as ok,
    sum(last_error is not null and gone = 0) as failing,
    sum(gone) as gone,
    sum(last_poll_at is null) as never_polled,
    sum(due_at <= :now and gone = 0) as due,
    min(case when gone = 0 then due_at end) as first_due_at,
    max(last_poll_at) as last_poll_at
from sources where active = 1
"""
_HEALTH = ("ok", "failing", "gone", "never_polled")
_DELIVERIES = "select state, count(*) as number, min(created_at) as since from deliveries group by state"
_NOTES = "select state, count(*) as number from deliveries where period >= 'ops/' and period < 'ops0' group by state"
_WAITING = "select way, count(*) as number from tellings where telling = 'waiting' group by way"
_REVISITS = "select count(*) from revisits"
_INCIDENTS = "select trouble, count(*) as number from incidents where over_at is null group by trouble"


def vitals(db: Connection, now: datetime) -> Vitals:
    """One consistent view."""
    with db.reading():
        [sources] = db.rows(_SOURCES, now=seconds(now))
        deliveries = db.rows(_DELIVERIES)
        notes = Counter({row["state"]: row["number"] for row in db.rows(_NOTES)})
        [(revisits,)] = db.rows(_REVISITS)
        waiting = {row["way"]: row["number"] for row in db.rows(_WAITING)}
        incidents = {row["trouble"]: row["number"] for row in db.rows(_INCIDENTS)}
        paused = pausing.paused(db)
    return Vitals(
        sources={name: sources[name] or 0 for name in _HEALTH},
        due=sources["due"] or 0,
        due_since=instant(sources["first_due_at"]) if sources["due"] else None,
        last_poll_at=maybe_instant(sources["last_poll_at"]),
        deliveries=dict(Counter({row["state"]: row["number"] for row in deliveries}) - notes),
        notes=dict(notes),
        oldest={row["state"]: instant(row["since"]) for row in deliveries},
        waiting=waiting,
        revisits=revisits,
        paused=paused,
        incidents=incidents,
    )
