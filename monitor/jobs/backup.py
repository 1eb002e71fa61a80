"""Settings x the backups that are there -> one more a day, and the oldest forgotten.

Whether one is due stands in the folder itself: a day that was missed is made up for once, whoever was down. What cannot be
written leaves the older backups as they are.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from threading import Event

from monitor.config.settings import Backup
from monitor.errors import StoreError
from monitor.messages import say
from monitor.model import Incident, KnownIncident, Trouble
from monitor.ports import Copies, Copy
from monitor.schedule import Timetable

#: After one that failed.
RETRY = timedelta(hours=1)
#: A backup that is younger than now by more than this was made while the clock stood ahead.
_AHEAD = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupReport:
    """What a backup that was due came to."""

    copy: Copy | None = None
    #: The older ones that were removed for it.
    forgotten: Sequence[Copy] = ()
    error: StoreError | None = None


class _CutOffError(Exception):
    """Nobody waits for the backup any more."""


class BackupKeeper:
    """One backup a day at `at`, `keep` of them."""

    def __init__(self, copies: Copies, settings: Backup, timetable: Timetable, clock: Callable[[], datetime]) -> None:
        self._copies, self._settings, self._timetable, self._clock = copies, settings, timetable, clock
        self._retry_at: datetime | None = None
        self._failed: StoreError | None = None
        #: Whether it is known by now that backups are written, or that they are not.
        self._is_proven = False

    async def turn(self) -> BackupReport | None:
        """Write one if it is due; `None`: it is not."""
        now = self._clock()
        if self._retry_at is not None and now < self._retry_at <= now + RETRY:
            return None
        try:
            report = await self._turn(now)
        except StoreError as error:
            self._failed, self._retry_at = error, now + RETRY
            report = BackupReport(error=error)
        else:
            self._failed, self._retry_at = None, None
        self._is_proven = True
        return report

    async def _turn(self, now: datetime) -> BackupReport | None:
        kept = await asyncio.to_thread(self._copies.kept)
        if not is_due(kept, self._settings.at, self._timetable, now):
            return None
        copy = await self._write(now)
        surplus = in_order([copy, *(one for one in kept if one.path != copy.path)], now)[self._settings.keep :]
        for one in surplus:
            await asyncio.to_thread(self._copies.forget, one)
        return BackupReport(copy=copy, forgotten=tuple(surplus))

    async def _write(self, now: datetime) -> Copy:
        cut_off = Event()

        def go_on(_left: int, _pages: int) -> None:
            if cut_off.is_set():
                raise _CutOffError

        try:
            return await asyncio.to_thread(self._copies.write, now, go_on)
        finally:
            # A thread cannot be cancelled: it is told.
            cut_off.set()

    def incidents(self, known: Sequence[KnownIncident], language: str) -> list[Incident]:
        """What goes wrong; until the first turn since the start, what was known to."""
        if not self._is_proven:
            return [one.incident for one in known if one.incident.trouble is Trouble.BACKUP]
        if self._failed is None:
            return []
        line = say("backup.failing", language, why=self._failed.message(language))
        now = self._clock()
        return [Incident(trouble=Trouble.BACKUP, subject="", since_at=now, lines=(line,), gist=self._failed.code)]


def in_order(copies: Sequence[Copy], now: datetime) -> list[Copy]:
    """The newest first; what a clock that stood ahead has dated comes last."""
    return sorted(copies, key=lambda copy: (copy.taken_at <= now + _AHEAD, copy.taken_at), reverse=True)


def is_due(kept: Sequence[Copy], at: time, timetable: Timetable, now: datetime) -> bool:
    """Whether there is none since the last time of day `at`."""
    today = now.astimezone(timetable.zone).date()
    slots = [timetable.to_utc(today - timedelta(days=back), at) for back in range(2)]
    last = max(slot for slot in slots if slot <= now)
    return all(not last <= copy.taken_at <= now + _AHEAD for copy in kept)
