"""Database -> the right to be its only daemon, held by the kernel for as long as the process lives."""

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from monitor.errors import RunningError, StoreError
from monitor.stores.address import file_of

#: Whoever asks for the holder has the lock for an instant: times that it is tried, and seconds between two.
_TRIES, _PAUSE = 4, 0.02


@contextmanager
def hold_lock(database: str) -> Iterator[Callable[[], None]]:
    """Hold `<database>.lock` inside the block; raises RunningError with the pid of the process that holds it already.

    What it gives raises StoreError when somebody has removed the lock or the database: from then on this process would
    write into files that nobody sees, beside another one that thinks itself alone.

    The lock falls with its process, `kill -9` included, so the file may stay. Children that are forked without an exec
    would go on holding it: parser children must come from a fork server or be spawned.
    """
    path = _lock_of(file_of(database))
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise StoreError("stores.no-lock", path=path, detail=error.strerror) from error
    try:
        _take(descriptor, path)
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        yield _Watch(Path(database), path, descriptor)
    finally:
        os.close(descriptor)


def is_held_by(database: Path, pid: int) -> bool:
    """Whether the process of this number, on this host, holds the lock. True as well where nobody can know."""
    try:
        descriptor = os.open(_lock_of(database), os.O_RDONLY)
    except FileNotFoundError:
        return False
    except OSError:
        return True
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        # Between taking the lock and signing it, its holder has no name.
        return _holder(descriptor) in {str(pid), ""}
    except OSError:
        return True
    else:
        return False
    finally:
        os.close(descriptor)


def _lock_of(database: Path) -> Path:
    return Path(f"{database}.lock")


def _holder(descriptor: int) -> str:
    return os.pread(descriptor, 32, 0).decode(errors="replace").strip()


def _take(descriptor: int, path: Path) -> None:
    try:
        _try_to_take(descriptor)
    except BlockingIOError as error:
        raise RunningError("stores.running", pid=_holder(descriptor) or "?", path=path) from error
    except OSError as error:
        raise StoreError("stores.no-lock", path=path, detail=error.strerror) from error


def _try_to_take(descriptor: int) -> None:
    for _ in range(_TRIES - 1):
        with suppress(BlockingIOError):
            return fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        time.sleep(_PAUSE)
    return fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


class _Watch:
    """Compares the files that stand at the paths with those that were opened."""

    def __init__(self, database: Path, lock: Path, descriptor: int) -> None:
        self._database, self._lock, self._held = database, lock, os.fstat(descriptor).st_ino
        self._opened: int | None = None

    def __call__(self) -> None:
        if _inode(self._lock) != self._held:
            raise StoreError("stores.removed", path=self._lock)
        found = _inode(self._database)
        self._opened = found if self._opened is None else self._opened
        if found != self._opened:
            raise StoreError("stores.removed", path=self._database)


def _inode(path: Path) -> int | None:
    try:
        return path.stat().st_ino
    except OSError:
        return None
