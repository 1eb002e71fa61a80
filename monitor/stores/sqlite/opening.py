"""Path -> Connection: an existing database is recognised before anything is written, its schema brought up to date.

What cannot be used is refused with a sentence and left as it is; an empty database never takes the place of a damaged one.
"""

import sqlite3
from pathlib import Path

from sqlite_utils import Database

from monitor.clock import utc_now
from monitor.errors import StoreError
from monitor.stores.address import copy_before_migration
from monitor.stores.sqlite.connection import BUSY_SECONDS, Connection
from monitor.stores.sqlite.copying import copy_database, recognise
from monitor.stores.sqlite.schema import MIGRATIONS
from monitor.stores.sqlite.soundness import check

#: `->>` came with it, and `returning` three versions before.
OLDEST_SQLITE = (3, 38, 0)
_WAL_LIMIT = 64 * 1024 * 1024
_WRITE_NOTHING = "delete from life where false"
_ANY_ARTICLE = "select 1 from articles limit 1"


def connect(path: Path, *, create: bool, patience: float) -> Connection:
    """Open, recognise, look for damage for about so many seconds (0: not at all), and migrate. Raises StoreError.

    Who has damage looked for is going to write: a file that cannot be written is refused.
    """
    _refuse_old_sqlite()
    _refuse_what_stat_tells(path, create=create)
    if patience and _size(path):
        check(path, patience=patience)
    try:
        raw = sqlite3.connect(
            f"{path.as_uri()}?mode={'rwc' if create else 'rw'}",
            uri=True,
            timeout=BUSY_SECONDS,
            isolation_level=None,
            check_same_thread=False,
        )
    except sqlite3.Error as error:
        raise StoreError("stores.unreadable", path=path, detail=error) from error
    connection = Connection(raw, path)
    try:
        with connection.translating():
            _prepare(connection)
            if patience:
                # SQLite opens a file that it may only read without a word, and begins to write in it likewise.
                with connection.writing():
                    connection.run(_WRITE_NOTHING)
    except BaseException:
        raw.close()
        raise
    return connection


def _refuse_old_sqlite() -> None:
    if sqlite3.sqlite_version_info < OLDEST_SQLITE:
        needed = ".".join(map(str, OLDEST_SQLITE))
        raise StoreError("stores.old-sqlite", needed=needed, found=sqlite3.sqlite_version)


def _refuse_what_stat_tells(path: Path, *, create: bool) -> None:
    # Only stat: reading the file by ourselves and closing it would drop the locks that another connection of this
    # process holds on it (https://www.sqlite.org/howtocorrupt.html, section 2.2).
    if not path.parent.is_dir():
        raise StoreError("stores.no-folder", path=path)
    log = Path(f"{path}-wal")
    if _size(path) == 0 and _size(log) > 0:
        # SQLite would take the database for a new one and throw the log away.
        raise StoreError("stores.damaged", path=path, detail=f"empty, but {log.name} is not")
    if not create and _size(path) == 0:
        raise StoreError("stores.missing", path=path)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0
    except OSError as error:
        raise StoreError("stores.unreadable", path=path, detail=error.strerror) from error


def _prepare(connection: Connection) -> None:
    raw = connection.raw
    raw.row_factory = sqlite3.Row
    recognise(raw, connection.path)
    db = Database(raw, execute_plugins=False)
    if not db.table_names():
        # Only a database without tables takes it, and any other would be written to.
        raw.execute("pragma auto_vacuum = incremental")
    raw.execute("pragma journal_mode = wal").fetchall()
    raw.execute("pragma synchronous = full")
    raw.execute("pragma foreign_keys = on")
    raw.execute(f"pragma journal_size_limit = {_WAL_LIMIT}").fetchall()
    if MIGRATIONS.pending(db):
        with connection.writing():
            _migrate(db, connection)


def _migrate(db: Database, connection: Connection) -> None:
    """All steps or none. What holds articles is copied first; nobody else writes meanwhile."""
    if MIGRATIONS.pending(db) and "articles" in db.table_names() and connection.rows(_ANY_ARTICLE):
        copy_database(connection.path, copy_before_migration(connection.path), now=utc_now())
    # sqlite-utils makes its transactions savepoints of this one, and asks again what is pending.
    MIGRATIONS.apply(db)
