"""What a backup that was put back does not know: what was told after it was made. Implements `ports.ReconcileStore`.

A copy is marked with the moment it was made. Where a database with that mark is begun to be worked with, it was put back,
by `monitor restore` or by hand, and everything that it would tell is compared first with what was told since.
"""

from collections.abc import Collection, Iterable
from datetime import datetime
from sqlite3 import Row

from monitor.stores.sqlite.connection import Connection
from monitor.stores.sqlite.values import clean, instant, keys_json, seconds
from monitor.urls import canonical_url

#: In a copy: when it was made. In a database that was put back: when its copy was made.
BACKED_UP, UNAWARE_SINCE = "backed_up_at", "unaware_since"
MARKS = "create table if not exists marks (name text primary key, value double precision not null)"
TABLES = (
    # A copy of an older database is marked, too.
    MARKS,
    "create table told_links (destination text not null, url text not null, primary key (destination, url))",
    "create table reconciled (destination text primary key, at double precision not null)",
)

# A database that is put back twice does not know what was told since the older of its copies was made.
_TAKE_UP = (
    """
    insert into marks (name, value) select 'unaware_since', value from marks where name = 'backed_up_at'
    on conflict (name) do update set value = min(value, excluded.value)
    """,
    "delete from marks where name = 'backed_up_at'",
    "delete from reconciled",
    # What the copy knows as pending may have been sent since: it is looked for from the moment it was written down.
    """
    insert into delivery_log (delivery_id, at, before, after, note)
    select id, :now, state, 'unknown', 'restored from a backup' from deliveries where state in ('pending', 'sending')
    """,
    """
    update deliveries set state = 'unknown', due_at = :now, absent_reads = 0,
        send_started_at = coalesce(send_started_at, created_at)
    where state in ('pending', 'sending')
    """,
)
_MARK = "select value from marks where name = :name"
_UNRECONCILED = """
select distinct destination from tellings
where telling = 'waiting' and destination not in (select destination from reconciled) order by destination
"""
_ADD = "insert into told_links (destination, url) values (:destination, :url) on conflict do nothing"
_DONE = """
insert into reconciled (destination, at) values (:destination, :now)
on conflict (destination) do update set at = excluded.at
"""
_LINKS = "select destination, url from told_links where destination in (select value from json_each(:destinations))"


def take_up(db: Connection, *, now: datetime) -> None:
    """In the caller's transaction, before anything is sent: find out whether this is a copy that was put back."""
    if _marked(db, BACKED_UP) is not None:
        for statement in _TAKE_UP:
            db.run(statement, now=seconds(now))


def told_by_links(db: Connection, rows: Iterable[Row]) -> set[str]:
    """Stories of rows (destination, url, story) of which an article was told to the destination after the backup."""
    waiting = [(row["destination"], row["url"], row["story"]) for row in rows]
    destinations = keys_json({destination for destination, _, _ in waiting})
    links = {(row["destination"], row["url"]) for row in db.rows(_LINKS, destinations=destinations)}
    if not links:
        return set()
    return {story for destination, url, story in waiting if (destination, canonical_url(url)) in links}


class Reconciling:
    """`ports.ReconcileStore` on SQLite."""

    def __init__(self, connection: Connection) -> None:
        self._db = connection

    def unaware_since(self) -> datetime | None:
        with self._db.translating():
            return _marked(self._db, UNAWARE_SINCE)

    def unreconciled(self) -> list[str]:
        with self._db.reading():
            if _marked(self._db, UNAWARE_SINCE) is None:
                return []
            return [row["destination"] for row in self._db.rows(_UNRECONCILED)]

    def reconcile(self, destination: str, links: Collection[str], *, now: datetime) -> None:
        urls = {canonical_url(clean(url)) for url in links}
        with self._db.writing():
            self._db.run_many(_ADD, [{"destination": destination, "url": url} for url in sorted(urls)])
            self._db.run(_DONE, destination=destination, now=seconds(now))


def _marked(db: Connection, name: str) -> datetime | None:
    rows = db.rows(_MARK, name=name)
    return instant(rows[0]["value"]) if rows else None
