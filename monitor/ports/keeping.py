"""Copies of everything that is remembered, and what a copy that was put back does not know: Copies and ReconcileStore."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """A backup."""

    path: Path
    taken_at: datetime
    #: Bytes.
    size: int
    #: How long it took; 0 of one that is only listed.
    seconds: float = 0.0


class Copies(Protocol):
    """Backups in one folder. Writing one may take minutes and is done on a thread of its own, beside the store at work."""

    def kept(self) -> Sequence[Copy]:
        """Those that are there, the newest first."""
        ...

    def write(self, taken_at: datetime, progress: Callable[[int, int], None]) -> Copy:
        """Write one: whole, checked and on disk, or not at all. An exception of `progress` ends it. Raises StoreError."""
        ...

    def forget(self, copy: Copy) -> None:
        """Remove one. Raises StoreError."""
        ...


class ReconcileStore(Protocol):
    """A backup that was put back does not know what was told after it was made. Every method is one transaction."""

    def unaware_since(self) -> datetime | None:
        """When the backup was made that was put back; `None` where none was."""
        ...

    def unreconciled(self) -> list[str]:
        """Destinations for which something waits, and of which it is not known what they were told since."""
        ...

    def reconcile(self, destination: str, links: Collection[str], *, now: datetime) -> None:
        """What a destination was told since, by the addresses of the articles: their stories are not told there again."""
        ...
