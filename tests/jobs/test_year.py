"""Telling through a year in zones whose clocks change, minute by minute, with downtimes drawn by lot.

What the timetable, the store and the composing make of it is held against a second reckoning of the same days, which knows
nothing of theirs: it writes down what the clock on the wall shows in each minute.
"""

import random
import sys
from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from builders import make_article, make_source
from fakes import Clock, RecordingSink, in_store

from monitor.config.channels import Channels
from monitor.config.settings import Config
from monitor.jobs.deliver import DeliverDesk, promise_digests
from monitor.model import Digest, Match, Snippet, Telling
from monitor.ports import Taken
from monitor.schedule import LATENESS, Timetable
from monitor.stores import open_store

MINUTE = timedelta(minutes=1)
WAIT = timedelta(seconds=90)
ZONES = ("Asia/Tokyo", "America/New_York", "Australia/Lord_Howe")
CHANNELS = {
    # Times within quiet hours and outside, skipped and doubled ones, midnight.
    "desk": {
        "slack": "#desk",
        "at": ["00:00", "01:30", "01:45", "02:15", "02:30", "08:30", "12:00", "18:00", "23:59"],
        "quiet": "22:00-07:00",
        "wait": "90s",
    },
    "office": {"slack": "#office", "at": ["08:30", "17:00"], "days": "mon-fri -holidays", "wait": "90s"},
    "crisis": {"slack": "#crisis", "when": "now", "at": ["06:30"], "quiet": "12:00-13:15", "wait": "90s"},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A match as the world found it."""

    article: str
    channel: str
    when: str
    breaking: bool
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A digest as it was promised."""

    at: datetime
    digest: Digest

    @property
    def articles(self):
        return [entry.article_id for section in self.digest.sections for entry in section.entries]


class KeepingSink(RecordingSink):
    def __init__(self, clock):
        super().__init__(clock)
        self.told = []

    def render(self, digest):
        self.told.append(Told(at=self.clock(), digest=digest))
        return ("x",)


class World:
    """A newsroom's days: articles that come in at random, a daemon that is up at `turns`."""

    def __init__(self, folder, zone, seed):
        self.chance = random.Random(seed)
        self.zone = ZoneInfo(zone)
        self.holidays = {date(2026, 11, 23), date(2027, 3, 12)}
        config = {"timezone": zone, "digest": {"at": []}, "slack": {"channel": "#desk"}, "channels": CHANNELS}
        self.channels = Channels(Config.model_validate(config))
        self.clock = Clock()
        self.sink = KeepingSink(self.clock)
        self.store = open_store(str(folder / "year.db"))
        # Nothing here is about power cuts.
        self.store._connection.raw.execute("pragma synchronous = off")
        self.found = []
        self.turns = []

    async def live(
        self, start, days, *, step=MINUTE, busy=0.02, falls=0.0004, downtimes=(3, 20, 90, 400, 3000), rest=5
    ):
        """In each turn something is found with the chance `busy`, and the daemon ends for so many minutes with `falls`.

        It then rests for so many days, so that whatever is left has its time.
        """
        self.clock.now = start
        self.store.polls.sync_sources([make_source()], now=start)
        desk = DeliverDesk(
            in_store=in_store,
            deliveries=self.store.deliveries,
            channels=self.channels,
            timetable=Timetable(self.zone, self.holidays.__contains__),
            sink_of=lambda _: self.sink,
            clock=self.clock,
        )
        up_at = start
        while self.clock.now < start + timedelta(days=days):
            if self.clock.now >= up_at:
                if self.turns and self.chance.random() < busy:
                    self._find(step)
                await promise_digests(desk)
                self.turns.append(self.clock.now)
                if self.chance.random() < falls:
                    up_at = self.clock.now + MINUTE * self.chance.choice(downtimes)
            self.clock.now += step
        self.clock.now = max(self.clock.now, up_at)
        for _ in range(rest * 24 * 4):
            self.clock.now += 15 * MINUTE
            await promise_digests(desk)
            self.turns.append(self.clock.now)

    def _find(self, step):
        taken = []
        for _ in range(self.chance.choice((1, 1, 1, 3))):
            one = Found(
                article=f"{len(self.found):016x}",
                channel=self.chance.choice(list(CHANNELS)),
                when=self.chance.choice(("now", "digest")),
                breaking=self.chance.random() < 0.2,
                at=self.clock.now - self.chance.random() * step,
            )
            self.found.append(one)
            taken.append(self._taken(one))
        self.store.polls.save_articles(taken)

    def _taken(self, one):
        match = Match(
            article_id=one.article,
            rule_id="一",
            rule_name="一",
            rule_order=0,
            terms=("一",),
            title=Snippet(text=one.article),
            snippet=None,
            severity="breaking" if one.breaking else "normal",
            matched_at=one.at,
            notices=self.channels.route((one.channel,), one.when, None),
        )
        facts = {"id": one.article, "story": one.article, "title": one.article, "fetched_at": one.at}
        return Taken(article=make_article(**facts), matches=(match,), telling=Telling.WAITING, key=one.article)


class Wall:
    """What the clock on the wall shows in each minute, and what follows from that alone."""

    def __init__(self, world, start, days):
        self.world, self.start = world, start
        minutes = range(int((days + 12) * 24 * 60))
        shown = [(start + minute * MINUTE).astimezone(world.zone).replace(tzinfo=None) for minute in minutes]
        self._latest = []
        for now in shown:
            self._latest.append(max(now, self._latest[-1]) if self._latest else now)

    def quiet(self, channel, at):
        if "quiet" not in CHANNELS[channel]:
            return False
        start, end = (time.fromisoformat(clock) for clock in CHANNELS[channel]["quiet"].split("-"))
        now = at.astimezone(self.world.zone).time().replace(second=0, microsecond=0)
        return start <= now < end if start < end else now >= start or now < end

    def slots(self, channel):
        """Per slot the first and last instant at which it may be reckoned; they differ where the clock skips it."""
        day, last = self._latest[0].date(), self._latest[-1].date()
        while day < last:
            is_workday = day.weekday() < 5 and day not in self.world.holidays
            for clock in CHANNELS[channel]["at"] if is_workday or "days" not in CHANNELS[channel] else ():
                wanted = datetime.combine(day, time.fromisoformat(clock))
                minute = bisect_left(self._latest, wanted)
                at = self.start + minute * MINUTE
                if minute:
                    yield at, at if self._latest[minute] == wanted else at + 60 * MINUTE
            day += timedelta(days=1)


class Reckoning:
    """When each match of one channel may be told, and when at the latest."""

    def __init__(self, world, wall, channel):
        self.turns, self.wall, self.channel = world.turns, wall, channel
        self.slots = sorted(wall.slots(channel))
        self.loud = [turn for turn in self.turns if not wall.quiet(channel, turn)]

    def turn_after(self, at, *, breaking):
        turns = self.turns if breaking else self.loud
        return turns[bisect_left(turns, at)]

    def latest(self, found):
        at = found.at + WAIT
        if found.when == "digest":
            at = min(last for _, last in self.slots if last >= found.at)
        return self.turn_after(at, breaking=found.breaking)

    def digest_turns(self, *, breaking):
        """The turns at which a digest may be told."""
        spans = [
            (self.turn_after(first, breaking=breaking), self.turn_after(last, breaking=breaking))
            for first, last in self.slots
            if last < self.turns[-1]
        ]
        return {turn for first, last in spans for turn in self.turns[bisect_left(self.turns, first) :] if turn <= last}


def check(world, wall):
    """Hold what was told against the reckoning; the figures."""
    told = {article: one for one in world.sink.told for article in one.articles}
    counts = Counter(article for one in world.sink.told for article in one.articles)
    assert counts == Counter(found.article for found in world.found)
    assert world.store.deliveries.backlog() == []
    periods = Counter((one.digest.destination, one.digest.period) for one in world.sink.told)
    assert set(periods.values()) == {1}
    assert all(one.articles for one in world.sink.told)
    # Both ways of telling that are due together are one digest.
    assert len({(one.digest.destination, one.at) for one in world.sink.told}) == len(world.sink.told)
    slots = 0
    for channel in CHANNELS:
        reckoning = Reckoning(world, wall, channel)
        turns = {breaking: reckoning.digest_turns(breaking=breaking) for breaking in (False, True)}
        slots += len([first for first, _ in reckoning.slots if first < world.turns[-1]])
        for found in (one for one in world.found if one.channel == channel):
            at = told[found.article].at
            assert found.breaking or not wall.quiet(channel, at), found
            assert found.at <= at <= reckoning.latest(found), (found, at, reckoning.latest(found))
            assert found.when == "now" or at in turns[found.breaking] | turns[False], (found, at)
    for one in world.sink.told:
        if one.digest.late_for_at is not None:
            # Nobody was there to tell it in time.
            assert one.at - one.digest.late_for_at > LATENESS
            missed = world.turns[bisect_left(world.turns, one.digest.late_for_at) : bisect_left(world.turns, one.at)]
            assert all(wall.quiet(one.digest.channel, turn) for turn in missed)
    return {"slots": slots, "digests": len(world.sink.told), "matches": len(world.found)}


async def live_through(folder, zone, seed, start, days, **pace):
    world = World(folder, zone, seed)
    await world.live(start, days, **pace)
    figures = check(world, Wall(world, start, days))
    world.store.close()
    return figures


@pytest.mark.parametrize(
    ("zone", "start", "seed"),
    [
        ("Asia/Tokyo", datetime(2026, 11, 21, 12, tzinfo=UTC), 1),
        ("America/New_York", datetime(2026, 10, 31, 16, tzinfo=UTC), 2),
        ("America/New_York", datetime(2027, 3, 13, 17, tzinfo=UTC), 3),
        ("Australia/Lord_Howe", datetime(2026, 10, 3, 2, tzinfo=UTC), 4),
        ("Australia/Lord_Howe", datetime(2027, 4, 3, 2, tzinfo=UTC), 5),
    ],
)
async def test_two_days_about_a_night_on_which_the_clocks_change(tmp_path, zone, start, seed):
    pace = {"step": 5 * MINUTE, "busy": 0.2, "falls": 0.01, "downtimes": (20, 90, 400)}
    figures = await live_through(tmp_path, zone, seed, start, 2, **pace)
    assert figures["matches"] > 50


@pytest.mark.parametrize("seed", range(3))
async def test_whatever_the_clock_does_each_match_is_told_once(tmp_path, seed):
    world = World(tmp_path, "America/New_York", seed)
    skews = [
        timedelta(),
        timedelta(minutes=10),
        timedelta(minutes=50),
        timedelta(hours=2),
        timedelta(days=90),
        timedelta(days=-3),
    ]
    start = datetime(2026, 10, 30, tzinfo=UTC)
    await world.live(start, 0)
    for step in range(12):
        here = start + timedelta(hours=5 * step)
        await world.live(here + world.chance.choice(skews), 5 / 24, step=20 * MINUTE, busy=0.5, falls=0.05, rest=0)
    # Put right for good: whatever waits has its time within the next days.
    await world.live(start + timedelta(hours=60), 0)
    counts = Counter(article for one in world.sink.told for article in one.articles)
    assert counts == Counter(found.article for found in world.found)
    assert len(world.found) > 50
    assert all(one.at <= start + timedelta(hours=60) + timedelta(days=5) for one in world.sink.told[-10:])
    world.store.close()


@pytest.mark.long
@pytest.mark.parametrize("zone", ZONES)
async def test_a_year_minute_by_minute(tmp_path, zone, capsys):
    figures = await live_through(tmp_path, zone, len(zone), datetime(2026, 9, 1, tzinfo=UTC), 365)
    with capsys.disabled():
        sys.stdout.write(f"\n{zone}: {', '.join(f'{count} {name}' for name, count in figures.items())}\n")
    assert figures["slots"] > 4000
