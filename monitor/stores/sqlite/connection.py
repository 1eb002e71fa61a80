"""Units of work on one SQLite connection: each begins and ends here, and sqlite3's errors come out as ours.

A write begins with BEGIN IMMEDIATE, since a read that turns into a write fails at once with SQLITE_BUSY_SNAPSHOT, whatever
the busy time-out. Answers are always fetched whole: an open cursor would keep the write-ahead log from shrinking.
"""

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from monitor.errors import StoreError
from monitor.stores.sqlite import ballast

T = TypeVar("T")

BUSY_SECONDS = 5

# By SQLite's own names (https://www.sqlite.org/rescode.html), whole or the first two words of them.
_CODES = {
    # No room for the index of the write-ahead log.
    "SQLITE_IOERR_SHMSIZE": "stores.full",
    "SQLITE_BUSY": "stores.locked",
    "SQLITE_LOCKED": "stores.locked",
    "SQLITE_FULL": "stores.full",
    "SQLITE_READONLY": "stores.read-only",
    "SQLITE_CORRUPT": "stores.damaged",
    "SQLITE_NOTADB": "stores.not-a-database",
    "SQLITE_CANTOPEN": "stores.unreadable",
    "SQLITE_PERM": "stores.unreadable",
    "SQLITE_IOERR": "stores.unreadable",
}
_TEMPORARY = ("stores.locked", "stores.full")


def our_error(error: sqlite3.Error, path: Path) -> StoreError:
    """sqlite3's error as ours; a lock and a full disk are temporary."""
    name = getattr(error, "sqlite_errorname", "")
    code = _CODES.get(name) or _CODES.get("_".join(name.split("_")[:2]), "stores.failed")
    ours = StoreError(code, path=path, detail=error, seconds=BUSY_SECONDS)
    ours.temporary = code in _TEMPORARY
    return ours


class Connection:
    """One connection, used by one thread at a time, which need not be the one that opened it."""

    def __init__(self, raw: sqlite3.Connection, path: Path) -> None:
        self.raw = raw
        self.path = path

    @contextmanager
    def writing(self) -> Iterator[None]:
        """One transaction that changes something: all or nothing, on disk when it ends."""
        with self._unit("begin immediate"):
            yield

    @contextmanager
    def reading(self) -> Iterator[None]:
        """One consistent view for several questions."""
        with self._unit("begin"):
            yield

    def by_all_means(self, unit: Callable[[], T]) -> T:
        """A unit of work that must not be lost: on a full disk the ballast makes way for it."""
        try:
            return unit()
        except StoreError as error:
            if error.code != "stores.full" or not ballast.release(self.path):
                raise
        return unit()

    @contextmanager
    def _unit(self, begin: str) -> Iterator[None]:
        with self.translating():
            self.raw.execute(begin)
            try:
                yield
                self.raw.execute("commit")
            finally:
                # A full disk or a lost file may have ended the transaction already.
                if self.raw.in_transaction:
                    self.raw.execute("rollback")

    @contextmanager
    def translating(self) -> Iterator[None]:
        """sqlite3's errors leave this block as StoreError."""
        try:
            yield
        except sqlite3.Error as error:
            raise our_error(error, self.path) from error

    def rows(self, sql: str, **facts: object) -> list[sqlite3.Row]:
        return self.raw.execute(sql, facts).fetchall()

    def run(self, sql: str, **facts: object) -> int:
        """How many rows were changed."""
        return self.raw.execute(sql, facts).rowcount

    def run_many(self, sql: str, rows: Iterable[Mapping[str, object]]) -> int:
        return self.raw.executemany(sql, rows).rowcount

    def numbers(self, name: str, count: int) -> range:
        """`count` numbers that were never given before."""
        sql = "update counters set value = value + :count where name = :name returning value"
        [(last,)] = self.rows(sql, name=name, count=count)
        return range(last - count + 1, last + 1)
