"""The rules folder, config.toml and the files of secrets -> whether it is time to read them again, and what came of it.

A look costs one `stat` per file. What is read is what two looks in a row agree on: a file that is just being saved is
empty, half or missing for a moment.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from monitor.errors import ConfigError
from monitor.model import Finding
from monitor.rules.files import rule_files

P = TypeVar("P")

#: Seconds between two looks when somebody asks for a reload, and looks after which the files are left for the next turn.
SETTLE, LOOKS = 0.2, 50
#: Of every file its path and what changes when it does. The modification time alone may stand still: `cp -p`, `mv`
#: and a second save within one tick of the clock keep it.
Fingerprint = frozenset[tuple[str, tuple[int, ...]]]


def fingerprint(folder: Path) -> Fingerprint:
    """What the folder looks like now; a file that vanishes while it is looked at counts as gone, so does the folder."""
    try:
        paths = rule_files(folder)
    except OSError as error:
        return frozenset({(str(folder), (error.errno or 0,))})
    return frozenset((str(path), look) for path in paths if (look := _look(path)))


def _look(path: Path) -> tuple[int, ...] | None:
    try:
        stat = path.stat()
    except OSError:
        return None
    return stat.st_dev, stat.st_ino, stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns


class FileWatch:
    """Remembers what was read last, and what the last look saw.

    To be made before the files are read for the first time: what changes while they are read is then not missed.
    """

    def __init__(self, *files: Path) -> None:
        self._folder: Path | None = None
        self._files = frozenset(files)
        self._read = self._seen = self._look()

    def follow(self, folder: Path, files: Collection[Path]) -> None:
        """Watch these, too, before they are read; those that are watched already are remembered as they were read."""
        new = frozenset(files) - self._files
        if not new and folder == self._folder:
            return
        self._read |= frozenset((str(path), look) for path in new if (look := _look(path)))
        if folder != self._folder:
            self._read |= fingerprint(folder)
        self._folder, self._files = folder, self._files | new
        self._seen = self._read

    def turn_to(self, folder: Path, files: Collection[Path]) -> None:
        """Watch these alone, though they have been read already: where they are others than before, they are read once more."""
        if (folder, frozenset(files)) != (self._folder, self._files):
            self._folder, self._files = folder, frozenset(files)
            self._seen = self._look()
            self.read_again()

    def read_again(self) -> None:
        """What was read could not be taken up: the next look that agrees with the last one has it read once more."""
        self._read = frozenset()

    def has_settled_anew(self, *, asked: bool = False) -> bool:
        """Whether all stood still since the last look, and differ from what was read, or else are `asked` for. Looks at the disk."""
        before, self._seen = self._seen, self._look()
        return self._seen == before and (asked or self._seen != self._read)

    def confirm(self) -> bool:
        """Note as read what the last look saw; False when something has changed since, so that a mixture may have been read."""
        now = self._look()
        if now != self._seen:
            self._seen = now
            return False
        self._read = now
        return True

    def _look(self) -> Fingerprint:
        looks = frozenset((str(path), look) for path in self._files if (look := _look(path)))
        return looks if self._folder is None else looks | fingerprint(self._folder)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reload(Generic[P]):
    """What came of an edit: what is in force from now on, or what is wrong with it."""

    plan: P | None = None
    findings: tuple[Finding, ...] = ()


async def reload_files(watch: FileWatch, load: Callable[[], P]) -> Reload[P] | None:
    """Read the files again if they have changed; `None` while there is nothing to take up.

    Looking, reading and compiling happen beside the event loop. `load` raises ConfigError with findings.
    """
    if not await asyncio.to_thread(watch.has_settled_anew):
        return None
    return await _read(watch, load)


async def reload_now(
    watch: FileWatch, load: Callable[[], P], pause: Callable[[float], Awaitable[None]] = asyncio.sleep
) -> Reload[P] | None:
    """Read the files again, changed or not, as soon as they stand still; `None` when they never do."""
    # The last look may be of a moment ago, and a file system's clock ticks slowly: two writes may look like none.
    await asyncio.to_thread(watch.has_settled_anew)
    for _ in range(LOOKS):
        await pause(SETTLE)
        if await asyncio.to_thread(watch.has_settled_anew, asked=True):
            reload = await _read(watch, load)
            if reload is not None:
                return reload
    return None


async def _read(watch: FileWatch, load: Callable[[], P]) -> Reload[P] | None:
    try:
        reload = Reload(plan=await asyncio.to_thread(load))
    except ConfigError as error:
        reload = Reload(findings=tuple(one for one in error.findings if isinstance(one, Finding)))
    except BaseException:
        # Reading it again would break again.
        watch.confirm()
        raise
    return reload if await asyncio.to_thread(watch.confirm) else None
