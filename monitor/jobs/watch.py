"""The rules folder -> whether it is time to read it again, and what came of reading it.

A look costs one `stat` per file. What is read is what two looks in a row agree on: a file that is just being saved is
empty, half or missing for a moment.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from monitor.errors import ConfigError
from monitor.model import Finding
from monitor.rules.files import rule_files

J = TypeVar("J")

#: Of every rule file its path and what changes when it does. The modification time alone may stand still: `cp -p`, `mv`
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


class RuleWatch:
    """Remembers what was read last, and what the last look saw."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        #: To be made before the rules are read for the first time: what changes while they are read is then not missed.
        self._read = self._seen = fingerprint(folder)

    def has_settled_anew(self) -> bool:
        """Whether the folder differs from what was read, and stood still since the last look. Looks at the disk."""
        before, self._seen = self._seen, fingerprint(self._folder)
        return self._seen == before and self._seen != self._read

    def confirm(self) -> bool:
        """Note as read what the last look saw; False when the folder has changed since, so that a mixture may have been read."""
        now = fingerprint(self._folder)
        if now != self._seen:
            self._seen = now
            return False
        self._read = now
        return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Reload(Generic[J]):
    """What came of an edit: what judges from now on, or what is wrong with it."""

    judge: J | None = None
    findings: tuple[Finding, ...] = ()


async def reload_rules(watch: RuleWatch, load: Callable[[], J]) -> Reload[J] | None:
    """Read the rules again if they have changed; `None` while there is nothing to take up.

    Looking, reading and compiling happen beside the event loop. `load` raises ConfigError with findings.
    """
    if not await asyncio.to_thread(watch.has_settled_anew):
        return None
    try:
        reload = Reload(judge=await asyncio.to_thread(load))
    except ConfigError as error:
        reload = Reload(findings=tuple(one for one in error.findings if isinstance(one, Finding)))
    return reload if await asyncio.to_thread(watch.confirm) else None
