"""A folder on a disk of a few megabytes, which a test fills."""

import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def mounted(folder: Path, size: str) -> Iterator[bool]:
    """Mount a small disk there; whether that was allowed."""
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)]
    allowed = not subprocess.run(mount, capture_output=True, check=False).returncode
    try:
        yield allowed
    finally:
        if allowed:
            subprocess.run(["umount", "-l", str(folder)], check=True)


def fill(path: Path) -> None:
    """Let a file grow over all the room that is left, down to the last page."""
    with path.open("ab", buffering=0) as filler:
        for size in (65536, 4096):
            try:
                while True:
                    filler.write(bytes(size))
            except OSError:
                continue


@contextmanager
def kept_full(path: Path) -> Iterator[None]:
    """From the beginning to the end of the block there is no room; then there is again."""
    ended = threading.Event()

    def flood() -> None:
        while not ended.wait(0.005):
            fill(path)

    fill(path)
    flooding = threading.Thread(target=flood)
    flooding.start()
    try:
        yield
    finally:
        ended.set()
        flooding.join()
        path.unlink()
