"""Database -> a copy of it as it stood at one moment, beside whatever works on it.

A copy is made under another name, checked, forced to the disk, and only then renamed: whatever carries the name is whole.
A long copy keeps the write-ahead log from shrinking, and nothing else.
"""

import os
import re
import sqlite3
from collections.abc import Callable
from contextlib import closing, suppress
from datetime import datetime
from pathlib import Path
from time import monotonic

from sqlite_utils import Database

from monitor.errors import StoreError
from monitor.ports import Copy
from monitor.stores.address import is_database
from monitor.stores.sqlite.connection import BUSY_SECONDS, our_error
from monitor.stores.sqlite.reconciling import BACKED_UP, MARKS
from monitor.stores.sqlite.schema import MIGRATIONS, STEPS
from monitor.stores.sqlite.values import instant, seconds

#: 16 MB: how much is copied between two looks at whether to go on.
_PAGES = 4_000
_OPCODES = 100_000
_SET_MARK = "insert or replace into marks (name, value) values (?, ?)"
_MARK = "select value from marks where name = ?"
_PART = ".part"
#: The kernel counts up to 4194304.
_PID = re.compile(r"[0-9]{1,7}")

#: Called with the pages that are left and with all of them; an exception from it ends the copying.
Progress = Callable[[int, int], None]


def copy_database(database: Path, file: Path, *, now: datetime, progress: Progress | None = None) -> Copy:
    """Write a copy; one that stands there already is replaced, and nothing else ever. Raises StoreError."""
    began = monotonic()
    part = file.with_name(f".{file.name}.{os.getpid()}{_PART}")
    try:
        _refuse_what_is_no_copy(file, database)
        _remove_leftovers(file.parent)
        _write(database, part, now, progress or (lambda _left, _all: None))
        size = part.stat().st_size
        _rename(part, file)
    except sqlite3.Error as error:
        raise _meant(error, database, file) from error
    except OSError as error:
        raise StoreError("stores.no-copy", path=file, detail=error.strerror) from error
    finally:
        _remove(part)
    return Copy(path=file, taken_at=now, size=size, seconds=monotonic() - began)


def _meant(error: sqlite3.Error, database: Path, file: Path) -> StoreError:
    ours = our_error(error, database)
    if ours.code in {"stores.full", "stores.read-only", "stores.unreadable", "stores.failed"}:
        return StoreError("stores.no-copy", path=file, detail=error)
    return ours


def _write(database: Path, part: Path, now: datetime, progress: Progress) -> None:
    _remove(part)
    with closing(_open(database)) as source:
        _begin(source, database)
        with closing(sqlite3.connect(part, isolation_level=None)) as copy:
            _close_to_others(part, database.stat())
            copy.execute("pragma synchronous = off")
            source.backup(copy, pages=_PAGES, progress=lambda _status, left, pages: progress(left, pages))
            copy.execute("pragma journal_mode = delete").fetchall()
            copy.execute(MARKS)
            copy.execute(_SET_MARK, (BACKED_UP, seconds(now)))
            _check(copy, part, progress)
    force_to_disk(part)


def _open(database: Path) -> sqlite3.Connection:
    try:
        return sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True, timeout=BUSY_SECONDS)
    except sqlite3.Error as error:
        raise our_error(error, database) from error


def _begin(source: sqlite3.Connection, database: Path) -> None:
    """Hold it as it stands now, and refuse what is no database of ours: a copy of that could not be restored."""
    try:
        # Without a transaction of ours around it, the copy would begin anew with every write of somebody else.
        source.execute("begin")
        [(tables,)] = source.execute("select count(*) from sqlite_master").fetchall()
    except sqlite3.Error as error:
        raise our_error(error, database) from error
    if not tables:
        raise StoreError("stores.missing", path=database)
    recognise(source, database)


def _close_to_others(part: Path, owned: os.stat_result) -> None:
    """For its owner alone, who is that of the database: what root copies is to be of use to the service."""
    part.chmod(owned.st_mode & 0o700)
    if os.geteuid() == 0:
        # Not every file system has owners.
        with suppress(OSError):
            os.chown(part, owned.st_uid, owned.st_gid)


def _check(copy: sqlite3.Connection, part: Path, progress: Progress) -> None:
    def on_opcodes() -> int:
        progress(0, 1)
        return 0

    copy.set_progress_handler(on_opcodes, _OPCODES)
    [(first, *_), *_] = copy.execute("pragma integrity_check(1)").fetchall()
    if first != "ok":
        raise StoreError("stores.damaged", path=part, detail=first)


def _refuse_what_is_no_copy(file: Path, database: Path) -> None:
    if not file.parent.is_dir():
        raise StoreError("stores.no-copy-folder", path=file)
    if not file.exists():
        return
    if file.samefile(database):
        raise StoreError("stores.copy-of-itself", path=file)
    if not file.is_file() or (file.stat().st_size and marked_at(file, BACKED_UP) is None):
        raise StoreError("stores.not-a-copy", path=file)


def marked_at(file: Path, mark: str) -> datetime | None:
    """When a copy was made, or whatever else is marked in it; `None` for every other file."""
    try:
        with closing(sqlite3.connect(f"{file.as_uri()}?mode=ro&immutable=1", uri=True)) as raw:
            rows = raw.execute(_MARK, (mark,)).fetchall()
    except sqlite3.Error:
        return None
    return instant(rows[0][0]) if rows else None


def recognise(raw: sqlite3.Connection, path: Path) -> None:
    """Refuse a database of another program, and one of a newer version. Raises StoreError."""
    db = Database(raw, execute_plugins=False)
    tables = db.table_names()
    applied = {migration.name for migration in MIGRATIONS.applied(db)}
    if tables and not applied:
        raise StoreError("stores.foreign", path=path)
    if not applied <= STEPS.keys():
        raise StoreError("stores.newer", path=path)


def _remove_leftovers(folder: Path) -> None:
    """Of copies that were cut off with their process."""
    for part in folder.glob(f".*{_PART}"):
        pid = part.name.removesuffix(_PART).rpartition(".")[2]
        if _PID.fullmatch(pid) and not _is_alive(int(pid)) and _is_begun(part):
            _remove(part)


def _is_begun(part: Path) -> bool:
    """Whether it is a database or will be one; programs that fetch files give theirs such names, too."""
    with suppress(OSError):
        return is_database(part) or not part.stat().st_size
    return False


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def _remove(part: Path) -> None:
    for suffix in ("", "-journal", "-wal", "-shm"):
        with suppress(OSError):
            part.with_name(part.name + suffix).unlink()


def force_to_disk(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _rename(part: Path, file: Path) -> None:
    part.replace(file)
    force_to_disk(file.parent)
