"""`database` of the configuration -> the path of the file, where it is one."""

import re
from pathlib import Path

from monitor.errors import StoreError

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+)://")


def file_of(database: str) -> Path:
    """Raises StoreError for the address of a server, which is never repeated: it may hold a password."""
    scheme = _SCHEME.match(database)
    if scheme:
        raise StoreError("stores.unknown-scheme", scheme=scheme[1])
    return Path(database).absolute()


def copy_before_migration(database: Path) -> Path:
    """Where a database stands as it was before its tables were last changed."""
    return database.with_name(f"{database.name}.before-migration")
