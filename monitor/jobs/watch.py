"""The rules folder -> whether it has changed since the last look."""

from pathlib import Path

#: Path, modification time in nanoseconds and size of every rule file.
Fingerprint = frozenset[tuple[str, int, int]]


def fingerprint(folder: Path) -> Fingerprint:
    """What the folder looks like now; a file that vanishes while it is looked at counts as gone."""
    return frozenset(entry for path in sorted(folder.rglob("*.y*ml")) if (entry := _look(path)))


def _look(path: Path) -> tuple[str, int, int] | None:
    try:
        stat = path.stat()
    except OSError:
        return None
    return str(path), stat.st_mtime_ns, stat.st_size
