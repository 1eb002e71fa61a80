"""Config x Store -> what memory for years asks for, turn by turn: forgetting, tidying, backups, the search index."""

from collections.abc import Callable, Collection, Sequence
from datetime import datetime

import structlog

from monitor.config import Config
from monitor.jobs.backup import BackupKeeper
from monitor.jobs.prune import LogWatch, certain_now, prune_archive, reindex, tidy
from monitor.jobs.reconcile import Reconciler
from monitor.jobs.twins import Twins
from monitor.messages import say
from monitor.model import Incident, KnownIncident
from monitor.ports import InStore, Reading, Sink, Store
from monitor.schedule import Timetable
from monitor.stores import Folder
from monitor.stores.process import read_clocks

#: Articles that come into the search index in one turn: about a minute's worth.
REINDEX = 100_000
#: Between two lines about how far that has come.
_REINDEX_LINES = 20_000
_MEGABYTE = 1_000_000

log = structlog.get_logger()


class Housekeeping:
    """The chores of one store."""

    def __init__(
        self,
        config: Config,
        store: Store,
        in_store: InStore,
        timetable: Timetable,
        clock: Callable[[], datetime],
        *,
        clocks: Callable[[datetime], Reading] = read_clocks,
    ) -> None:
        self._config, self._store, self._in_store, self._clock, self._clocks = config, store, in_store, clock, clocks
        self._backups = _keeper(config, timetable, clock)
        self._reconciler = Reconciler(clock)
        self._twins = Twins(clock)
        self._log_watch = LogWatch()

    def take_up(self, config: Config, timetable: Timetable) -> None:
        """Go on by an edited configuration."""
        if config.backup != self._config.backup or config.timezone != self._config.timezone:
            self._backups = _keeper(config, timetable, self._clock)
        self._config = config

    async def certain_now(self) -> datetime:
        """What ages are counted from. To be asked before anything is polled, as polls say how late it was last."""
        return await certain_now(self._in_store, self._store.upkeep, self._clocks(self._clock()))

    async def prune(self) -> None:
        """Forget what is old."""
        now = await self.certain_now()
        forgotten = await prune_archive(self._in_store, self._store.upkeep, self._config.keep, now=now)
        log.info("pruned", rows=forgotten, by=now.astimezone(self._config.timezone).isoformat(timespec="minutes"))

    async def turn(self) -> None:
        """Everything else that is due."""
        await self.tidy()
        await self.back_up()
        await self.reindex()

    async def tidy(self) -> None:
        """See to the ballast and to the length of the write-ahead log."""
        size = await tidy(self._in_store, self._store.upkeep)
        if self._log_watch.changed(size):
            event, tell = ("log_grows", log.warning) if self._log_watch.is_long else ("log_folded", log.info)
            note = say("app.log-grows", self._config.language, size=size // _MEGABYTE)
            tell(event, bytes=size, note=note if self._log_watch.is_long else None)

    async def back_up(self) -> None:
        """Write a backup if one is due."""
        report = await self._backups.turn() if self._backups else None
        if report is None:
            return
        if report.error is not None:
            log.error("backup_failed", error=str(report.error))
        elif report.copy is not None:
            log.info(
                "backed_up",
                path=str(report.copy.path),
                bytes=report.copy.size,
                seconds=round(report.copy.seconds, 1),
                forgotten=len(report.forgotten),
            )

    async def reindex(self) -> None:
        """Make the search index anew where the folding of text has changed."""
        told: int | None = None

        def progress(left: int) -> None:
            nonlocal told
            if told is None or told - left >= _REINDEX_LINES or not left:
                log.info("search_index_made_anew", articles_left=left)
                told = left

        await reindex(self._in_store, self._store.upkeep, progress, most=REINDEX)

    async def closed(self, sink_of: Callable[[str], Sink], destinations: Collection[str] = ()) -> frozenset[str]:
        """Of those that may be told, destinations to which nothing may be promised yet.

        After a backup was put back each is asked what it was told; and a name whose id is told as well is told by that.
        """
        report = await self._reconciler.ask(self._in_store, self._store.reconciling, sink_of)
        if report is not None:
            at = report.since.astimezone(self._config.timezone).strftime("%Y-%m-%d %H:%M")
            for destination, links in report.learnt.items():
                log.info("reconciled", destination=destination, since=at, told_since=links)
            for destination in report.blind:
                note = say("backup.repeats-possible", self._config.language, destination=destination, at=at)
                log.warning("repeats_possible", destination=destination, since=at, note=note)
            for destination, error in report.failed.items():
                log.warning("not_reconciled", destination=destination, since=at, error=str(error))
        return self._reconciler.closed | await self._joined(sink_of, destinations)

    async def _joined(self, sink_of: Callable[[str], Sink], destinations: Collection[str]) -> frozenset[str]:
        if await self._twins.ask(destinations, sink_of):
            for name, place in self._twins.pairs.items():
                note = say("slack.same-channel", self._config.language, channel=name, other=place)
                log.warning("same_channel", destination=name, place=place, note=note)
        await self._twins.join(self._in_store, self._store.deliveries)
        return self._twins.closed

    def incidents(self, known: Sequence[KnownIncident]) -> list[Incident]:
        """What goes wrong here that the operator should know."""
        return self._backups.incidents(known, self._config.language) if self._backups else []


def _keeper(config: Config, timetable: Timetable, clock: Callable[[], datetime]) -> BackupKeeper | None:
    if config.backup.folder is None:
        return None
    folder = Folder(config.database, config.backup.folder, config.timezone)
    return BackupKeeper(folder, config.backup, timetable, clock)
