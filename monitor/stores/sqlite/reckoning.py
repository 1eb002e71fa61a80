"""How far time has gone on for certain -> one row, and back. In the caller's transaction."""

from datetime import timedelta

from monitor.ports import Reading, Reckoning
from monitor.stores.sqlite.connection import Connection
from monitor.stores.sqlite.values import instant, seconds

#: Added by a migration. One row, or none.
TABLES = (
    """
    create table reckoning (
        certain_at double precision not null,
        wall_at double precision not null,
        steady double precision not null,
        boot text,
        agreed double precision not null
    )
    """,
)
#: No kernel was ever started under this name: nothing is known of its steady clock.
_NO_BOOT = ""

_LAST = "select certain_at, wall_at, steady, boot, agreed from reckoning"
_LAST_POLL = "select max(last_poll_at) from sources"
_CLEAR = "delete from reckoning"
_ADD = """
insert into reckoning (certain_at, wall_at, steady, boot, agreed)
values (:certain_at, :wall_at, :steady, :boot, :agreed)
"""


def last_reckoning(db: Connection) -> Reckoning | None:
    """The last one; in a database that has none yet, by its last poll."""
    for row in db.rows(_LAST):
        reading = Reading(wall_at=instant(row["wall_at"]), steady=timedelta(seconds=row["steady"]), boot=row["boot"])
        agreed = timedelta(seconds=row["agreed"])
        return Reckoning(certain_at=instant(row["certain_at"]), reading=reading, agreed=agreed)
    [(polled,)] = db.rows(_LAST_POLL)
    if polled is None:
        return None
    reading = Reading(wall_at=instant(polled), steady=timedelta(0), boot=_NO_BOOT)
    return Reckoning(certain_at=instant(polled), reading=reading)


def note_reckoning(db: Connection, reckoning: Reckoning) -> None:
    """Instead of the last one."""
    db.run(_CLEAR)
    db.run(
        _ADD,
        certain_at=seconds(reckoning.certain_at),
        wall_at=seconds(reckoning.reading.wall_at),
        steady=reckoning.reading.steady.total_seconds(),
        boot=reckoning.reading.boot,
        agreed=reckoning.agreed.total_seconds(),
    )
