"""Database -> a file beside it that only takes up room: on a full disk it makes way for what must not be lost.

What was told is the one thing that cannot be found out again by working on: the note of it gets the room.
"""

import os
import shutil
from contextlib import suppress
from pathlib import Path

SIZE = 16 * 1024 * 1024
#: On a small disk no more than this part of what is free.
_SHARE = 8
_LEAST = 64 * 1024


def ballast_of(database: Path) -> Path:
    return database.with_name(f"{database.name}.ballast")


def lay(database: Path) -> bool:
    """Make the file, or a larger one where there is more room now; whether there is one."""
    path = ballast_of(database)
    try:
        held = path.stat().st_size if path.exists() else 0
        size = min(SIZE, (shutil.disk_usage(database.parent).free + held) // _SHARE)
        if held >= min(size, SIZE) or size < _LEAST:
            return held > 0
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
        try:
            os.posix_fallocate(descriptor, 0, size)
        finally:
            os.close(descriptor)
    except OSError:
        return path.exists()
    return True


def release(database: Path) -> bool:
    """Give the room back to the disk; False where there is none to give."""
    with suppress(OSError):
        ballast_of(database).unlink()
        return True
    return False
