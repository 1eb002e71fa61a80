"""`database` of the configuration -> an open Store, its backups, and the lock of the one process that may poll and deliver.

One folder per kind of database; it is loaded when it is opened.
"""

from pathlib import Path

from monitor.errors import StoreError
from monitor.ports import Store
from monitor.stores.address import file_of, is_database
from monitor.stores.copies import Folder, newest_copy, restore_copy, write_copy
from monitor.stores.lock import hold_lock, is_held_by

__all__ = [
    "CHECK_SECONDS",
    "Folder",
    "file_of",
    "hold_lock",
    "is_database",
    "is_held_by",
    "newest_copy",
    "open_store",
    "restore_copy",
    "write_copy",
]

#: Seconds for looking for damage at a start, of about half a gigabyte each.
CHECK_SECONDS = 20.0
_DAMAGED = ("stores.damaged", "stores.not-a-database")


def open_store(
    database: str,
    *,
    create: bool = True,
    check: bool = False,
    patience: float = CHECK_SECONDS,
    copies: Path | None = None,
) -> Store:
    """Open the store and bring its schema up to date.

    `create=False` is for commands that only read: where there is no database yet, they say so instead of making one.
    `check=True` looks for damage first, for about `patience` seconds and no longer; whatever is damaged is left as it is.
    A database that cannot be written is refused then, too.
    `copies` is the folder of backups, of which the newest is named where the database is damaged. Raises StoreError.
    """
    path = file_of(database)
    from monitor.stores.sqlite import open_sqlite  # noqa: PLC0415 - a lazy opener: sqlite-utils takes 0.2 s to import

    try:
        return open_sqlite(path, create=create, patience=patience if check else 0)
    except StoreError as error:
        copy = newest_copy(copies, path) if error.code in _DAMAGED else None
        if copy is None:
            raise
        facts = {"path": path, "detail": error.facts.get("detail", error.code), "copy": copy}
        raise StoreError("stores.damaged-but-copied", **facts) from error
