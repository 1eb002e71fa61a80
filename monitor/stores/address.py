"""`database` of the configuration -> the path of the file, where it is one."""

import re
from io import BytesIO
from pathlib import Path

from monitor.errors import StoreError

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+)://")
#: How the file begins (https://www.sqlite.org/fileformat.html, 1.3).
_SQLITE = b"SQLite format 3\0"


def file_of(database: str) -> Path:
    """Raises StoreError for the address of a server, which is never repeated: it may hold a password."""
    scheme = _SCHEME.match(database)
    if scheme:
        raise StoreError("stores.unknown-scheme", scheme=scheme[1])
    return Path(database).absolute()


def is_database(path: Path) -> bool:
    """Whether the content of a file says so, whoever wrote it."""
    try:
        with path.open("rb") if path.is_file() else BytesIO() as file:
            return file.read(len(_SQLITE)) == _SQLITE
    except OSError:
        return False


def copy_before_migration(database: Path) -> Path:
    """Where a database stands as it was before its tables were last changed."""
    return database.with_name(f"{database.name}.before-migration")
