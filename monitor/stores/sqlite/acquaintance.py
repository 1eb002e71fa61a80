"""What is known of Slack: whom names mean there, and how it behaves. Implements `ports.ContactStore`."""

from collections.abc import Sequence
from datetime import datetime

from monitor.ports import Contact
from monitor.stores.sqlite.connection import Connection
from monitor.stores.sqlite.values import clean, instant, seconds

#: A name may have several values: a channel that was replaced by another of the same name.
TABLES: Sequence[str] = (
    """
    create table contacts (
        name text not null,
        value text not null,
        known_at double precision not null,
        primary key (name, value)
    )
    """,
)
_ALL = "select name, value, known_at from contacts order by known_at desc, name, value"
_LEARN = """
insert into contacts (name, value, known_at) values (:name, :value, :known_at)
on conflict (name, value) do update set known_at = excluded.known_at
"""


class Acquaintance:
    """`ports.ContactStore` on SQLite."""

    def __init__(self, connection: Connection) -> None:
        self._db = connection

    def contacts(self) -> list[Contact]:
        with self._db.translating():
            rows = self._db.rows(_ALL)
        return [Contact(name=row["name"], value=row["value"], known_at=instant(row["known_at"])) for row in rows]

    def learn(self, name: str, value: str, *, now: datetime) -> None:
        with self._db.writing():
            self._db.run(_LEARN, name=clean(name), value=clean(value), known_at=seconds(now))

    def replace(self, name: str, value: str, *, now: datetime) -> None:
        with self._db.writing():
            self._db.run("delete from contacts where name = :name", name=clean(name))
            self._db.run(_LEARN, name=clean(name), value=clean(value), known_at=seconds(now))

    def forget(self, name: str | None = None) -> None:
        with self._db.writing():
            self._db.run("delete from contacts where :name is null or name = :name", name=name)
