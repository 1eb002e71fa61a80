"""Database -> the right to be its only daemon, held by the kernel for as long as the process lives."""

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from monitor.errors import RunningError, StoreError
from monitor.stores.address import file_of


@contextmanager
def hold_lock(database: str) -> Iterator[Callable[[], None]]:
    """Hold `<database>.lock` inside the block; raises RunningError with the pid of the process that holds it already.

    What it gives raises StoreError when somebody has removed the lock or the database: from then on this process would
    write into files that nobody sees, beside another one that thinks itself alone.

    The lock falls with its process, `kill -9` included, so the file may stay. Children that are forked without an exec
    would go on holding it: parser children must come from a fork server or be spawned.
    """
    path = Path(f"{file_of(database)}.lock")
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


def _take(descriptor: int, path: Path) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        pid = os.pread(descriptor, 32, 0).decode(errors="replace").strip() or "?"
        raise RunningError("stores.running", pid=pid, path=path) from error
    except OSError as error:
        raise StoreError("stores.no-lock", path=path, detail=error.strerror) from error


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
