"""Which process works on the database. Implements `ports.LifeStore`."""

from datetime import datetime
from sqlite3 import Row

from monitor.errors import RunningError
from monitor.ports import Life, Load
from monitor.stores.sqlite.connection import Connection
from monitor.stores.sqlite.values import clean, instant, seconds

#: Added by a migration. One row, or none.
TABLES = (
    """
    create table life (
        pid integer not null,
        host text not null,
        boot text,
        started_at double precision not null,
        beat_at double precision not null
    )
    """,
)

_LAST = "select pid, host, boot, started_at, beat_at from life"
_CLEAR = "delete from life"
_ADD = """
insert into life (pid, host, boot, started_at, beat_at) values (:pid, :host, :boot, :started_at, :beat_at)
"""
_BEAT = "update life set beat_at = :now where pid = :pid and host = :host and started_at = :started_at"
_END = "delete from life where pid = :pid and host = :host and started_at = :started_at"
_DUE = "select count(*) from sources where active = 1 and gone = 0 and due_at <= :now"
_WAITING = "select count(*) from deliveries where state in ('pending', 'sending', 'unknown')"


class Living:
    """`ports.LifeStore` on SQLite."""

    def __init__(self, connection: Connection) -> None:
        self._db = connection

    def begin(self, life: Life) -> None:
        with self._db.writing():
            self._replace(life, now=life.beat_at)

    def beat(self, life: Life, *, now: datetime) -> Load:
        with self._db.writing():
            if not self._db.run(_BEAT, now=seconds(now), **_name(life)):
                self._replace(life, now=now)
            [(due,)] = self._db.rows(_DUE, now=seconds(now))
            [(waiting,)] = self._db.rows(_WAITING)
        return Load(due=due, waiting=waiting)

    def end(self, life: Life) -> None:
        with self._db.writing():
            self._db.run(_END, **_name(life))

    def last(self) -> Life | None:
        with self._db.translating():
            return next((_life(row) for row in self._db.rows(_LAST)), None)

    def _replace(self, life: Life, *, now: datetime) -> None:
        last = next((_life(row) for row in self._db.rows(_LAST)), None)
        if last is not None and last.is_elsewhere(life) and last.is_fresh(now):
            raise RunningError("stores.running-elsewhere", pid=last.pid, host=last.host, path=self._db.path)
        self._db.run(_CLEAR)
        self._db.run(_ADD, boot=life.boot, beat_at=seconds(now), **_name(life))


def _name(life: Life) -> dict[str, object]:
    """What tells it from all others."""
    return {"pid": life.pid, "host": clean(life.host), "started_at": seconds(life.started_at)}


def _life(row: Row) -> Life:
    return Life(
        pid=row["pid"],
        host=row["host"],
        boot=row["boot"],
        started_at=instant(row["started_at"]),
        beat_at=instant(row["beat_at"]),
    )
