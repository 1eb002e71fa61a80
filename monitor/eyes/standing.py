"""Store x files -> Standing: how the memory and its disk stand at one moment. The same for the daemon and for `monitor status`."""

import shutil
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from monitor.config import Config
from monitor.errors import StoreError
from monitor.ports import Life, Store, Vitals
from monitor.stores import Folder, is_held_by
from monitor.stores.process import this_process


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What can be seen without the daemon's help. Bytes and instants; `None` is what cannot be known."""

    at: datetime
    vitals: Vitals
    database: int | None
    write_ahead_log: int
    disk_free: int | None
    disk_size: int | None
    #: The newest backup in the configured folder.
    backed_up_at: datetime | None
    #: Whether there is such a folder.
    backs_up: bool
    #: The process that polls and tells, or ended without saying so.
    life: Life | None
    #: Whether that one certainly works no more, whatever it showed last.
    has_ended: bool = False


def look(store: Store, config: Config, *, now: datetime) -> Standing:
    """Look once, on the store's thread; some ten milliseconds. Raises StoreError."""
    vitals = store.archive.vitals(now=now)
    path = store.path
    disk = shutil.disk_usage(path.parent) if path else None
    life = store.lives.last()
    return Standing(
        at=now,
        vitals=vitals,
        database=path.stat().st_size if path else None,
        write_ahead_log=store.upkeep.log_size(),
        disk_free=disk.free if disk else None,
        disk_size=disk.total if disk else None,
        backed_up_at=_backed_up_at(config),
        backs_up=config.backup.folder is not None,
        life=life,
        has_ended=life is not None and path is not None and _has_ended(life, path, now),
    )


def _has_ended(life: Life, path: Path, now: datetime) -> bool:
    """Killed: the kernel has given its lock back, which is seen on its own host alone."""
    return not life.is_elsewhere(this_process(now)) and not is_held_by(path, life.pid)


def _backed_up_at(config: Config) -> datetime | None:
    if config.backup.folder is None:
        return None
    try:
        kept = Folder(config.database, config.backup.folder, config.timezone).kept()
    except StoreError:
        return None
    return kept[0].taken_at if kept else None
