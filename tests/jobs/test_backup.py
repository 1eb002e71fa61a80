"""One backup a day, made up for when it was missed, rotated; a failure is told and leaves the others."""

import asyncio
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from fakes import Clock

from monitor.config.settings import Backup
from monitor.errors import StoreError
from monitor.jobs.backup import RETRY, BackupKeeper, in_order
from monitor.model import Incident, KnownIncident, Trouble
from monitor.ports import Copy
from monitor.schedule import Timetable

TOKYO = ZoneInfo("Asia/Tokyo")
DAY = timedelta(days=1)


def tokyo(hour, minute=0, day=23):
    return datetime(2026, 11, day, hour, minute, tzinfo=TOKYO).astimezone(UTC)


class Shelf:
    """A folder of backups in memory."""

    def __init__(self):
        self.copies, self.errors, self.forgotten = [], [], []

    def kept(self):
        return sorted(self.copies, key=lambda copy: copy.taken_at, reverse=True)

    def write(self, taken_at, progress):
        if self.errors:
            raise self.errors.pop(0)
        copy = Copy(path=Path(f"{taken_at:%Y%m%d%H%M}"), taken_at=taken_at, size=1, seconds=0.1)
        self.copies.append(copy)
        return copy

    def forget(self, copy):
        self.copies.remove(copy)
        self.forgotten.append(copy)


class Night:
    def __init__(self, zone=TOKYO, **settings):
        self.clock, self.shelf = Clock(tokyo(12)), Shelf()
        self.settings = Backup.model_validate({"at": "03:30", "keep": 3} | settings)
        self.zone = zone
        self.restart()

    def restart(self):
        self.keeper = BackupKeeper(self.shelf, self.settings, Timetable(self.zone, lambda _: False), self.clock)

    async def until(self, end, step=timedelta(minutes=10)):
        """A turn every ten minutes; when backups were written."""
        made = []
        while self.clock() < end:
            report = await self.keeper.turn()
            made += [self.clock()] if report and report.copy else []
            self.clock.now += step
        return made


@pytest.fixture
def night():
    return Night()


async def test_one_a_day_at_its_time(night):
    assert await night.until(tokyo(12, day=26)) == [tokyo(12), *(tokyo(3, 30, day) for day in (24, 25, 26))]


async def test_a_day_that_was_missed_is_made_up_for_once(night):
    await night.until(tokyo(13))
    night.clock.now = tokyo(10, day=27)
    night.restart()
    assert await night.until(tokyo(12, day=28)) == [tokyo(10, day=27), tokyo(3, 30, day=28)]


async def test_a_restart_makes_no_second_one(night):
    for _ in range(3):
        await night.until(night.clock() + timedelta(hours=1))
        night.restart()
    assert len(night.shelf.copies) == 1


async def test_the_oldest_go(night):
    await night.until(tokyo(12, day=29))
    assert [copy.taken_at for copy in night.shelf.kept()] == [tokyo(3, 30, day) for day in (29, 28, 27)]


async def test_a_failure_leaves_the_others_and_is_tried_again_every_hour(night):
    await night.until(tokyo(12, day=26))
    kept = night.shelf.kept()
    night.shelf.errors = [StoreError("stores.no-copy", path="x", detail="full")] * 3
    night.clock.now = tokyo(3, 30, day=27)
    report = await night.keeper.turn()
    assert report.error.code == "stores.no-copy"
    assert night.shelf.kept() == kept
    assert await night.keeper.turn() is None
    assert await night.until(tokyo(12, day=27)) == [tokyo(6, 30, day=27)]
    assert len(night.shelf.kept()) == 3


async def test_a_failure_is_an_incident_until_one_is_written(night):
    assert night.keeper.incidents([], "ja") == []
    night.shelf.errors = [StoreError("stores.no-copy", path="x", detail="full")]
    await night.keeper.turn()
    [incident] = night.keeper.incidents([], "ja")
    assert (incident.trouble, incident.gist) == (Trouble.BACKUP, "stores.no-copy")
    assert "バックアップ" in incident.lines[0]
    # After a restart it goes on until the contrary is proven.
    known = [KnownIncident(incident=incident), KnownIncident(incident=other())]
    night.restart()
    assert night.keeper.incidents(known, "ja") == [incident]
    night.clock.now += RETRY
    await night.keeper.turn()
    assert night.keeper.incidents(known, "ja") == []


def other():
    return Incident(trouble=Trouble.SOURCE, subject="s0", since_at=tokyo(1), lines=("x",))


async def test_what_a_clock_ahead_has_dated_counts_for_nothing_and_goes_first(night):
    night.clock.now = tokyo(12) + 90 * DAY
    await night.keeper.turn()
    night.clock.now = tokyo(12)
    night.restart()
    assert await night.until(tokyo(12, day=25)) == [tokyo(12), tokyo(3, 30, 24), tokyo(3, 30, 25)]
    assert [copy.taken_at for copy in night.shelf.forgotten] == [tokyo(12) + 90 * DAY]
    assert in_order(night.shelf.copies, night.clock())[0].taken_at == tokyo(3, 30, 25)


async def test_a_clock_that_was_set_back_does_not_keep_a_failure_waiting(night):
    night.shelf.errors = [StoreError("stores.no-copy", path="x", detail="full")]
    await night.keeper.turn()
    night.clock.now -= DAY
    assert (await night.keeper.turn()).copy is not None


async def test_days_on_which_the_clocks_change():
    night = Night(zone=ZoneInfo("America/New_York"), at="02:30")
    night.clock.now = datetime(2027, 3, 13, 12, tzinfo=UTC)
    assert await night.until(datetime(2027, 3, 16, tzinfo=UTC)) == [
        datetime(2027, 3, 13, 12, tzinfo=UTC), datetime(2027, 3, 14, 7, 30, tzinfo=UTC), datetime(2027, 3, 15, 6, 30, tzinfo=UTC)
    ]  # fmt: skip
    night.clock.now = datetime(2026, 10, 31, 12, tzinfo=UTC)
    night.shelf.copies.clear()
    assert len(await night.until(datetime(2026, 11, 2, 12, tzinfo=UTC))) == 3


async def test_one_that_is_cut_off_ends():
    """A thread cannot be cancelled; it is told to end."""
    begun, ended = threading.Event(), threading.Event()
    night = Night()

    def write(_taken_at, progress):
        begun.set()
        try:
            while True:
                progress(1, 2)
        finally:
            ended.set()

    night.shelf.write = write
    turn = asyncio.create_task(night.keeper.turn())
    await asyncio.to_thread(begun.wait)
    turn.cancel()
    with pytest.raises(asyncio.CancelledError):
        await turn
    assert await asyncio.to_thread(ended.wait, 10)
