"""A folder and a database -> its backups, by name and date. Implements `ports.Copies`; nothing else in the folder is touched."""

import re
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from monitor.errors import StoreError
from monitor.ports import Copy
from monitor.stores.address import copy_before_migration, file_of

_STAMP = "%Y-%m-%dT%H%M%z"
_NAME = re.compile(r"monitor-(\d{4}-\d\d-\d\dT\d{4}[+-]\d{4})\.db")


def taken_at(path: Path) -> datetime | None:
    """When a backup was made, by its name; `None` for every other file."""
    name = _NAME.fullmatch(path.name)
    try:
        return datetime.fromisoformat(name[1]) if name else None
    except ValueError:
        return None


def list_copies(folder: Path) -> list[Copy]:
    """The backups in a folder, the newest first."""
    copies = []
    try:
        for path in folder.iterdir():
            at = taken_at(path)
            if at is not None:
                copies.append(Copy(path=path, taken_at=at, size=path.stat().st_size))
    except FileNotFoundError:
        return []
    except OSError as error:
        raise StoreError("stores.no-copy-folder", path=folder, detail=error.strerror) from error
    return sorted(copies, key=lambda copy: copy.taken_at, reverse=True)


def newest_copy(folder: Path | None, database: Path) -> Path | None:
    """What a damaged database can be restored from."""
    copies = list_copies(folder) if folder else []
    before = copy_before_migration(database)
    if copies:
        return copies[0].path
    return before if before.exists() else None


class Folder:
    """The scheduled backups of a database."""

    def __init__(self, database: str, folder: Path, zone: ZoneInfo) -> None:
        self._database, self._folder, self._zone = file_of(database), folder, zone

    def kept(self) -> list[Copy]:
        """See `Copies`."""
        return list_copies(self._folder)

    def write(self, taken_at: datetime, progress: Callable[[int, int], None]) -> Copy:
        """See `Copies`; the folder is made where it is missing."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError("stores.no-copy-folder", path=self._folder, detail=error.strerror) from error
        name = f"monitor-{taken_at.astimezone(self._zone).strftime(_STAMP)}.db"
        return write_copy(self._database, self._folder / name, now=taken_at, progress=progress)

    def forget(self, copy: Copy) -> None:
        """See `Copies`."""
        try:
            copy.path.unlink(missing_ok=True)
        except OSError as error:
            raise StoreError("stores.no-copy", path=copy.path, detail=error.strerror) from error


def write_copy(
    database: Path, file: Path, *, now: datetime, progress: Callable[[int, int], None] | None = None
) -> Copy:
    """Back a database up beside whatever works on it. Raises StoreError."""
    from monitor.stores.sqlite.copying import copy_database  # noqa: PLC0415 - a lazy opener, as in `open_store`

    if not database.exists():
        raise StoreError("stores.missing", path=database)
    return copy_database(database, file, now=now, progress=progress)


def restore_copy(
    database: Path, file: Path, *, now: datetime, progress: Callable[[int, int], None] | None = None
) -> tuple[datetime, Path | None]:
    """Put a backup in the place of a database that nobody works on.

    When the backup was made, and where the database that stood there is now. Raises StoreError.
    """
    from monitor.stores.sqlite.restoring import restore_database  # noqa: PLC0415 - a lazy opener, as in `open_store`

    if not database.parent.is_dir():
        raise StoreError("stores.no-folder", path=database)
    return restore_database(database, file, now=now, progress=progress)
