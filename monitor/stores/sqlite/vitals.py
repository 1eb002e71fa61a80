"""Numbers for health and metrics. Asked every few seconds, so nothing here reads more than indexes and short tables."""

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
_DELIVERIES = """
select state, period like 'ops/%' as is_note, count(*) as number, min(created_at) as since
from deliveries group by state, is_note
"""
_WAITING = "select way, count(*) as number from tellings where telling = 'waiting' group by way"
_REVISITS = "select count(*) from revisits"
_INCIDENTS = "select trouble, count(*) as number from incidents where over_at is null group by trouble"


def vitals(db: Connection, now: datetime) -> Vitals:
    """One consistent view."""
    with db.reading():
        [sources] = db.rows(_SOURCES, now=seconds(now))
        deliveries = db.rows(_DELIVERIES)
        [(revisits,)] = db.rows(_REVISITS)
        waiting = {row["way"]: row["number"] for row in db.rows(_WAITING)}
        incidents = {row["trouble"]: row["number"] for row in db.rows(_INCIDENTS)}
        paused = pausing.paused(db)
    oldest: dict[str, datetime] = {}
    for row in deliveries:
        since = instant(row["since"])
        oldest[row["state"]] = min(since, oldest.get(row["state"], since))
    return Vitals(
        sources={name: sources[name] or 0 for name in _HEALTH},
        due=sources["due"] or 0,
        due_since=instant(sources["first_due_at"]) if sources["due"] else None,
        last_poll_at=maybe_instant(sources["last_poll_at"]),
        deliveries={row["state"]: row["number"] for row in deliveries if not row["is_note"]},
        notes={row["state"]: row["number"] for row in deliveries if row["is_note"]},
        oldest=oldest,
        waiting=waiting,
        revisits=revisits,
        paused=paused,
        incidents=incidents,
    )
