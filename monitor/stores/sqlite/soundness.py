"""Path of a database -> StoreError where it is damaged; the file stays as it is, byte by byte.

SQLite keeps no checksums: a check finds damage in the structure, in indexes that disagree with their tables, in the search
index and in text that is no UTF-8. Other bytes that changed inside a text are not to be found by anybody.
"""

import sqlite3
from contextlib import closing
from pathlib import Path
from time import monotonic

from monitor.errors import StoreError
from monitor.stores.sqlite.connection import our_error

#: Bytes a second that `quick_check` reads of a warm file; it cannot be interrupted everywhere.
_SPEED = 400_000_000
_BATCH = 500
_OPCODES = 20_000
_TABLES = "select name from sqlite_master where type = 'table' and sql not like 'create virtual%' order by rootpage"
_SEARCH = "select 1 from sqlite_master where name = 'article_words'"
_CHECK_SEARCH = "insert into article_words (article_words) values ('integrity-check')"


class _TimeIsUpError(Exception):
    """Nothing wrong was found so far."""


def check(path: Path, *, patience: float) -> bool:
    """Look for damage for about so many seconds; whether all was looked at. Raises StoreError("stores.damaged")."""
    if path.stat().st_size / _SPEED > patience:
        return False
    try:
        # While this connection is open, closing another one does not fold the write-ahead log into the file.
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, timeout=1)) as raw:
            _look(raw, path, deadline=monotonic() + patience)
    except _TimeIsUpError:
        return False
    except sqlite3.Error as error:
        if "UTF-8" in str(error):
            raise StoreError("stores.damaged", path=path, detail=error) from error
        ours = our_error(error, path)
        if ours.code in {"stores.damaged", "stores.not-a-database"}:
            raise ours from error
        # It could not be looked at (another program has locked it): what stands in the way is met again.
        return False
    return True


def _look(raw: sqlite3.Connection, path: Path, *, deadline: float) -> None:
    raw.set_progress_handler(lambda: monotonic() > deadline, _OPCODES)
    try:
        for pragma in ("quick_check", "integrity_check"):
            [(first, *_), *_] = raw.execute(f"pragma {pragma}(1)").fetchall()
            if first != "ok":
                raise StoreError("stores.damaged", path=path, detail=first)
        if raw.execute(_SEARCH).fetchall():
            _look_at_search(path, deadline)
        for (name,) in raw.execute(_TABLES).fetchall():
            _read(raw, name, deadline)
    except sqlite3.OperationalError as error:
        if getattr(error, "sqlite_errorname", "") == "SQLITE_INTERRUPT":
            raise _TimeIsUpError from error
        raise


def _look_at_search(path: Path, deadline: float) -> None:
    """FTS5 checks its own index by a statement that counts as a write, and writes nothing."""
    with closing(sqlite3.connect(path, isolation_level=None, timeout=1)) as raw:
        raw.set_progress_handler(lambda: monotonic() > deadline, _OPCODES)
        raw.execute("begin immediate")
        try:
            raw.execute(_CHECK_SEARCH)
        finally:
            if raw.in_transaction:
                raw.execute("rollback")


def _read(raw: sqlite3.Connection, table: str, deadline: float) -> None:
    """Every row once: what cannot be decoded is damage."""
    quoted = table.replace('"', '""')
    rows = raw.execute(f'select * from "{quoted}"')  # noqa: S608 - the name of a table, as the database lists it
    while rows.fetchmany(_BATCH):
        if monotonic() > deadline:
            raise _TimeIsUpError
