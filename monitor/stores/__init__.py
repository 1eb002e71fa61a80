"""`database` of the configuration -> an open Store, and the lock of the one process that may poll and deliver.

One folder per kind of database; it is loaded when it is opened.
"""

from monitor.ports import Store
from monitor.stores.address import file_of
from monitor.stores.lock import hold_lock

__all__ = ["hold_lock", "open_store"]


def open_store(database: str, *, create: bool = True, check: bool = False) -> Store:
    """Open the store and bring its schema up to date.

    `create=False` is for commands that only read: where there is no database yet, they say so instead of making one.
    `check=True` reads the whole file for damage first (about a second per gigabyte).
    Raises StoreError.
    """
    path = file_of(database)
    from monitor.stores.sqlite import open_sqlite  # noqa: PLC0415 - a lazy opener: sqlite-utils takes 0.2 s to import

    return open_sqlite(path, create=create, check=check)
