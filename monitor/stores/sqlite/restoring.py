"""A backup -> the database, in the place of what is there, which is kept aside.

Nothing is changed before the backup was read from end to end. The change itself is one rename: whoever opens the database
finds the old one or the new one, each without the other's write-ahead log.
"""

import os
import re
import shutil
import sqlite3
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

from monitor.errors import StoreError
from monitor.stores.sqlite.connection import our_error
from monitor.stores.sqlite.copying import Progress, copy_database, force_to_disk, marked_at, recognise
from monitor.stores.sqlite.reconciling import BACKED_UP
from monitor.stores.sqlite.values import instant

#: Of a copy that somebody made otherwise: nothing in it is younger than it.
_YOUNGEST = """
select max(at) from (
    select max(fetched_at) as at from articles union all select max(created_at) from deliveries
    union all select max(sent_at) from deliveries union all select max(last_poll_at) from sources
)
"""
#: Databases that are kept aside, the one of this time among them.
_KEPT = 3
_STAMP = re.compile(r"\d{8}T\d{6}Z")
_CODES = {
    "stores.unreadable": "stores.unreadable-copy",
    "stores.damaged": "stores.damaged-copy",
    "stores.not-a-database": "stores.foreign-copy",
    "stores.foreign": "stores.foreign-copy",
    "stores.newer": "stores.newer-copy",
}


def restore_database(
    database: Path, file: Path, *, now: datetime, progress: Progress | None = None
) -> tuple[datetime, Path | None]:
    """Put a backup in place; when it was made, and where the database that stood there is now. Raises StoreError."""
    taken_at = _look_at(file, database)
    incoming = database.with_name(f"{database.name}.incoming")
    try:
        copy_database(file, incoming, now=taken_at, progress=progress)
        aside = _set_aside(database, now) if database.exists() else None
        _belong(incoming, database)
        _remove_logs(database)
        incoming.replace(database)
        force_to_disk(database.parent)
    except OSError as error:
        raise StoreError("stores.unreadable", path=database, detail=error.strerror) from error
    finally:
        incoming.unlink(missing_ok=True)
    if aside is not None:
        # What cannot be removed stays.
        with suppress(OSError):
            _forget_older(database, aside)
    return taken_at, aside


def _belong(incoming: Path, database: Path) -> None:
    """To whom the database belongs that it replaces, and as open as that: else what root restored is lost to the service."""
    there = database.exists()
    before = database.stat() if there else database.parent.stat()
    incoming.chmod(before.st_mode & 0o777 if there else 0o600)
    if os.geteuid() == 0:
        os.chown(incoming, before.st_uid, before.st_gid)


def _look_at(file: Path, database: Path) -> datetime:
    """When it was made."""
    try:
        there = file.is_file()
    except OSError as error:
        raise StoreError("stores.unreadable-copy", path=file, detail=error.strerror) from error
    if not there:
        raise StoreError("stores.missing-copy", path=file)
    if database.exists() and file.samefile(database):
        raise StoreError("stores.copy-is-the-database", path=file)
    try:
        with closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True)) as raw:
            youngest = _inspect(raw, file)
    except sqlite3.Error as error:
        raise _of_copy(our_error(error, file), file) from error
    except StoreError as error:
        raise _of_copy(error, file) from error
    marked = marked_at(file, BACKED_UP)
    return marked or instant(youngest or file.stat().st_mtime)


def _inspect(raw: sqlite3.Connection, file: Path) -> float | None:
    """Refuse what is no sound database of ours; when it was last worked with."""
    recognise(raw, file)
    if not raw.execute("select 1 from sqlite_master where name = 'articles'").fetchall():
        raise StoreError("stores.foreign", path=file)
    [(first, *_), *_] = raw.execute("pragma integrity_check(1)").fetchall()
    if first != "ok":
        raise StoreError("stores.damaged", path=file, detail=first)
    [(youngest,)] = raw.execute(_YOUNGEST).fetchall()
    return None if youngest is None else float(youngest)


def _of_copy(error: StoreError, file: Path) -> StoreError:
    code = _CODES.get(error.code, error.code)
    return StoreError(code, path=file, detail=error.facts.get("detail", ""), seconds=error.facts.get("seconds", 0))


def _set_aside(database: Path, now: datetime) -> Path:
    """Under a second name beside it, so that at no moment there is no database."""
    _settle(database)
    moments = (now.astimezone(UTC) + timedelta(seconds=later) for later in count())
    names = (database.with_name(f"{_aside(database)}{moment:%Y%m%dT%H%M%SZ}") for moment in moments)
    # Of two restores within a second, the later one must not take the place of what the first one kept.
    aside = next(name for name in names if not name.exists())
    for suffix in ("", "-wal"):
        standing = database.with_name(database.name + suffix)
        if standing.exists():
            _link(standing, aside.with_name(aside.name + suffix))
    force_to_disk(database.parent)
    return aside


def _aside(database: Path) -> str:
    """How the names of databases that were kept aside begin."""
    return f"{database.name}.before-restore-"


def _forget_older(database: Path, aside: Path) -> None:
    """Of those that were kept aside before."""
    begin = _aside(database)
    names = (path.name for path in database.parent.iterdir() if path.name.startswith(begin))
    older = sorted(name for name in names if _STAMP.fullmatch(name.removeprefix(begin)) and name != aside.name)
    for name in older[: -(_KEPT - 1)]:
        for suffix in ("-wal", ""):
            database.with_name(name + suffix).unlink(missing_ok=True)


def _settle(database: Path) -> None:
    """Fold the write-ahead log, which nobody else may be using; a damaged database goes aside with it, as it is."""
    try:
        with closing(sqlite3.connect(database, isolation_level=None, timeout=1)) as raw:
            raw.execute("pragma locking_mode = exclusive").fetchall()
            raw.execute("pragma journal_mode = delete").fetchall()
    except sqlite3.Error as error:
        ours = our_error(error, database)
        if ours.code == "stores.locked":
            raise ours from error


def _link(standing: Path, second: Path) -> None:
    try:
        os.link(standing, second)
    except OSError:
        # Not every file system has hard links.
        shutil.copy2(standing, second)
        force_to_disk(second)


def _remove_logs(database: Path) -> None:
    for suffix in ("-wal", "-shm", "-journal"):
        with suppress(FileNotFoundError):
            database.with_name(database.name + suffix).unlink()
