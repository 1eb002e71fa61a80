"""Telling, on the real store: nothing lost between two digests, nothing twice, whatever the other side answers."""

from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from builders import make_article, make_source
from fakes import Clock, RecordingSink, in_store

from monitor.config.channels import Channels
from monitor.config.settings import Config
from monitor.jobs.deliver import DeliverDesk, Urge, promise_digests
from monitor.jobs.foresee import foresee
from monitor.jobs.send import SendDesk, send_due
from monitor.model import Digest, Match, Snippet, Telling, Throttle
from monitor.ports import Taken
from monitor.schedule import SETTLE, Timetable
from monitor.stores import open_store

TOKYO = ZoneInfo("Asia/Tokyo")


def tokyo(hour: int, minute: int = 0, day: int = 23) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=TOKYO).astimezone(UTC)


class Room:
    """Matches that wait, a clock, and a sink that answers as it is told."""

    def __init__(self, database, hello=None) -> None:
        self.clock = Clock(tokyo(8))
        self.sink = RecordingSink(self.clock)
        self.store = open_store(str(database))
        self.store.polls.sync_sources([make_source()], now=self.clock())
        self.channels = Channels(
            Config.model_validate(
                {
                    "timezone": "Asia/Tokyo",
                    "slack": {"channel": "#news"},
                    "channels": {"crisis": {"slack": "#crisis", "when": "now"}},
                }
            )
        )
        self.numbers = iter(range(1, 10_000))
        self.hello = hello
        self.turns: list[str] = []
        self.repeat_unknowable = True
        self.settle = SETTLE
        #: Destinations that left the configuration.
        self.lost: set[str] = set()

    @asynccontextmanager
    async def turn_of(self, destination: str):
        self.turns.append(destination)
        yield

    def desk(self) -> DeliverDesk:
        return DeliverDesk(
            in_store=in_store,
            deliveries=self.store.deliveries,
            channels=self.channels,
            timetable=Timetable(TOKYO, lambda _: False),
            sink_of=lambda _: self.sink,
            clock=self.clock,
            hello=self.hello,
        )

    def send_desk(self) -> SendDesk:
        return SendDesk(
            in_store=in_store,
            deliveries=self.store.deliveries,
            halts=self.store.halts,
            sink_of=lambda _: self.sink,
            clock=self.clock,
            turn=self.turn_of,
            is_lost=lambda delivery: delivery.destination in self.lost,
            settle=self.settle,
            repeat_unknowable=self.repeat_unknowable,
        )

    def add(
        self,
        *channels: str,
        title: str | None = None,
        rule: str = "二次関税",
        article: str | None = None,
        throttle: Throttle | None = None,
        **more: Any,
    ) -> str:
        """`more` is said of the match; `when` and `mention` are the rule's."""
        number = next(self.numbers)
        id_ = article or f"{number:016x}"
        title = title or f"記事{number}"
        match = Match(
            article_id=id_,
            rule_id=rule,
            rule_name=rule,
            rule_order=0,
            terms=(rule,),
            title=Snippet(text=title),
            snippet=None,
            matched_at=self.clock(),
            notices=self.channels.route(channels, more.pop("when", None), more.pop("mention", None)),
            throttle=throttle,
            **more,
        )
        taken = Taken(
            article=make_article(
                id=id_, story=id_, title=title, url=f"http://127.0.0.1/{id_}", fetched_at=self.clock()
            ),
            matches=(match,),
            telling=Telling.WAITING,
            key=id_,
        )
        self.store.polls.save_articles([taken])
        return title

    async def turn(self, urge: Urge = Urge.DUE):
        await promise_digests(self.desk(), urge)
        return await send_due(self.send_desk())

    def told(self) -> list[str]:
        return [delivery.payload for delivery in self.sink.sent]

    def states(self) -> list[str]:
        return [row["state"] for row in self.store.archive.rows("deliveries", since=None)]


@pytest.fixture
def room(tmp_path):
    room = Room(tmp_path / "monitor.db")
    yield room
    room.store.close()


async def open_for_business(room: Room) -> None:
    """The first look at the channels, before anything waits."""
    await room.turn()


class TestWhen:
    async def test_a_digest_waits_for_its_slot(self, room):
        await open_for_business(room)
        title = room.add()
        await room.turn()
        assert room.told() == []
        room.clock.now = tokyo(8, 30)
        await room.turn()
        assert room.told() == [title]

    async def test_nothing_is_told_twice_and_nothing_between_two_digests_is_lost(self, room):
        await open_for_business(room)
        told = [room.add()]
        room.clock.now = tokyo(8, 30)
        await room.turn()
        told.append(room.add())
        room.clock.now = tokyo(8, 31)
        await room.turn()
        assert room.told() == told[:1]
        room.clock.now = tokyo(12)
        await room.turn()
        await room.turn()
        assert room.told() == told

    async def test_what_is_found_after_an_empty_slot_waits_for_the_next(self, room):
        await open_for_business(room)
        room.clock.now = tokyo(8, 31)
        await room.turn()
        room.add()
        room.clock.now = tokyo(9)
        await room.turn()
        assert room.told() == []

    async def test_a_slot_missed_while_down_is_made_up_once(self, room):
        await open_for_business(room)
        room.add()
        room.clock.now = tokyo(11)
        await room.turn()
        await room.turn()
        assert len(room.told()) == 1

    async def test_now_collects_for_half_a_minute(self, room):
        room.add("crisis")
        await room.turn()
        assert room.told() == []
        room.clock.move(seconds=20)
        room.add("crisis")
        room.clock.move(seconds=10)
        await room.turn()
        assert len(room.told()) == 2
        assert {delivery.period for delivery in room.sink.sent} == {"now/crisis/1"}

    async def test_a_finished_round_collects_no_longer(self, room):
        room.add("crisis")
        await room.turn(Urge.COLLECTED)
        assert len(room.told()) == 1

    async def test_asked_for_everything_is_told(self, room):
        room.add()
        room.add("crisis")
        await room.turn(Urge.ALL)
        assert len(room.told()) == 2

    async def test_empty_digests_post_nothing(self, room):
        room.clock.now = tokyo(8, 30)
        await room.turn(Urge.ALL)
        assert room.sink.sent == []

    async def test_a_preview_marks_nothing_as_told(self, room):
        room.add()
        (one,) = await foresee(room.desk())
        assert one.digest.stories == 1
        await room.turn(Urge.ALL)
        assert len(room.told()) == 1

    async def test_only_the_first_message_says_hello(self, tmp_path):
        room = Room(tmp_path / "m.db", hello=(3, 5))
        digests = []
        render = room.sink.render
        room.sink.render = lambda digest: digests.append(digest) or render(digest)
        room.add()
        room.add("crisis")
        assert [bool(one.digest.hello) for one in await foresee(room.desk(), Urge.ALL)] == [True, False]
        await room.turn(Urge.ALL)
        assert [bool(digest.hello) for digest in digests] == [True, False]
        assert digests[0].hello[:2] == (3, 5)
        room.store.close()

    async def test_an_alert_begins_with_its_news(self, tmp_path):
        room = Room(tmp_path / "m.db", hello=(3, 5))
        room.add("crisis")
        (one,) = await foresee(room.desk())
        assert (one.digest.stories, one.digest.hello) == (1, None)
        room.store.close()


NIGHT = {"slack": "#night", "at": ["06:00", "23:00", "12:00"], "quiet": "22:00-07:00"}


class DigestSink(RecordingSink):
    """One message per digest; keeps the digests."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self.digests: list[Digest] = []

    def render(self, digest: Digest) -> tuple[str, ...]:
        self.digests.append(digest)
        titles = [one.title.text for section in digest.sections for one in (*section.entries, *section.more)]
        return (" ".join(titles),)


@pytest.fixture
def night(room):
    """A channel with quiet hours and slots within them, at 21:59."""
    room.channels = Channels(
        Config.model_validate({"timezone": "Asia/Tokyo", "slack": {"channel": "#news"}, "channels": {"night": NIGHT}})
    )
    room.sink = DigestSink(room.clock)
    room.clock.now = tokyo(21, 59)
    return room


async def at(room, *when, **urge):
    room.clock.now = tokyo(*when)
    return await room.turn(**urge)


class TestQuiet:
    async def test_both_ways_of_telling_are_held_and_released_as_one_digest(self, night):
        await night.turn()
        night.add("night", title="日", rule="低", weight=1, mention="@desk")
        night.clock.now = tokyo(22, 30)
        night.add("night", title="今", rule="高", when="now", weight=2, mention="@duty")
        for when in ((22, 31), (23, 0), (23, 1), (6, 0, 24), (6, 59, 24)):
            await at(night, *when)
        assert night.told() == []
        for when in ((7, 0, 24), (7, 1, 24), (7, 30, 24)):
            await at(night, *when)
        assert night.told() == ["今 日"]
        (digest,) = night.sink.digests
        assert (digest.period, digest.late_for_at) == ("digest/night/2026-11-24/06:00", None)
        assert digest.mentions == ("@desk", "@duty")

    async def test_what_is_breaking_comes_alone_and_the_rest_at_the_end(self, night):
        await night.turn()
        night.clock.now = tokyo(22, 30)
        night.add("night", title="待つ", when="now")
        night.add("night", title="待つ日", article="a" * 16)
        night.add("night", title="速報", when="now", rule="速", severity="breaking")
        # The same article by a rule that is held: covered by what is told, not told again.
        night.add("night", title="速報", when="now", article=f"{3:016x}", rule="普")
        await at(night, 22, 30)
        assert night.told() == []
        night.clock.move(seconds=30)
        await night.turn()
        assert (night.told(), night.sink.digests[0].period) == (["速報"], "breaking/night/3")
        await at(night, 23, 5)
        assert night.store.deliveries.last_slots()["night"] == tokyo(21, 59)
        await at(night, 7, 0, 24)
        assert night.told()[1:] == ["待つ 待つ日"]
        assert night.store.deliveries.backlog() == []

    async def test_a_breaking_match_of_a_digest_comes_at_its_slot_within_quiet_hours(self, night):
        await night.turn()
        night.clock.now = tokyo(22, 30)
        night.add("night", title="速報", severity="breaking")
        night.add("night", title="待つ")
        await at(night, 22, 59)
        assert night.told() == []
        await at(night, 23, 0)
        await at(night, 23, 1)
        night.add("night", title="速報二", severity="breaking")
        await at(night, 23, 30)
        assert night.told() == ["速報"]
        await at(night, 6, 0, 24)
        assert night.told() == ["速報", "速報二"]
        await at(night, 7, 0, 24)
        assert night.told() == ["速報", "速報二", "待つ"]
        assert [digest.period for digest in night.sink.digests] == [
            "breaking/night/1",
            "breaking/night/3",
            "digest/night/2026-11-24/06:00",
        ]

    async def test_what_is_breaking_and_throttled_keeps_its_throttle_in_the_night(self, night):
        once = Throttle(max=1, per=timedelta(hours=24))
        await night.turn()
        night.clock.now = tokyo(22, 30)
        night.add("night", title="一", when="now", severity="breaking", throttle=once)
        await at(night, 22, 31)
        night.add("night", title="二", when="now", severity="breaking", throttle=once)
        await at(night, 22, 40)
        assert night.told() == ["一"]
        # Released: a digest tells everything, what has no room as a line.
        await at(night, 7, 0, 24)
        assert night.told() == ["一", "二"]
        assert [len(section.more) for digest in night.sink.digests for section in digest.sections] == [0, 1]

    async def test_now_alone_is_released_as_a_digest(self, night):
        await night.turn()
        night.clock.now = tokyo(6, 59, 24)
        night.add("night", title="今", when="now")
        await at(night, 7, 0, 24)
        (digest,) = night.sink.digests
        assert digest.period == "digest/night/1"

    async def test_a_digest_after_a_downtime_over_the_end_of_quiet_hours_says_so(self, night):
        await night.turn()
        night.add("night", title="日")
        await at(night, 10, 0, 24)
        (digest,) = night.sink.digests
        assert (digest.period, digest.late_for_at) == ("digest/night/2026-11-24/06:00", tokyo(7, 0, 24))

    async def test_many_slots_missed_are_made_up_once(self, night):
        await night.turn()
        night.add("night", title="日")
        await at(night, 15, 0, 27)
        night.add("night", title="次")
        await at(night, 16, 0, 27)
        assert night.told() == ["日"]
        assert night.sink.digests[0].late_for_at == tokyo(12, 0, 27)
        await at(night, 7, 0, 28)
        assert night.told() == ["日", "次"]

    @pytest.mark.parametrize("died_before", ["promise", "send"])
    async def test_a_digest_of_both_ways_is_told_once_whenever_the_process_dies(self, night, died_before):
        await night.turn()
        night.add("night", title="日")
        night.clock.now = tokyo(22, 30)
        night.add("night", title="今", when="now")
        night.clock.now = tokyo(7, 0, 24)
        with pytest.MonkeyPatch.context() as patch:
            if died_before == "promise":
                patch.setattr(night.store.deliveries, "promise", die)
                with pytest.raises(KeyboardInterrupt):
                    await promise_digests(night.desk())
            else:
                await promise_digests(night.desk())
        for _ in range(3):
            await night.turn()
        assert len(night.told()) == 1
        assert sorted(night.told()[0].split()) == ["今", "日"]

    async def test_at_a_common_moment_both_ways_are_one_digest_and_what_still_collects_is_not_in_it(self, night):
        await at(night, 11, 50)
        night.add("night", title="日")
        night.add("night", title="今", when="now")
        night.clock.now = tokyo(12, 0) - timedelta(seconds=10)
        await at(night, 12, 0)
        night.add("night", title="後", when="now")
        await night.turn()
        assert [sorted(told.split()) for told in night.told()] == [["今", "日"]]
        night.clock.move(seconds=30)
        await night.turn()
        assert night.told()[1:] == ["後"]


def die(*_, **__):
    raise KeyboardInterrupt


class TestAnotherClock:
    AHEAD = timedelta(days=90)

    async def test_a_channel_first_seen_while_the_clock_stood_ahead_is_told_at_its_next_true_slot(self, room):
        room.clock.now = tokyo(8) + self.AHEAD
        await room.turn()
        room.clock.now = tokyo(8, 10)
        title = room.add()
        await room.turn()
        assert room.store.deliveries.last_slots()["#news"] == tokyo(18, 0, 22)
        assert room.told() == []
        room.clock.now = tokyo(8, 30)
        await room.turn()
        assert room.told() == [title]

    async def test_a_slot_told_ahead_of_time_comes_once_more_in_its_own_time(self, room):
        await room.turn()
        titles = [room.add()]
        room.clock.now = tokyo(12) + timedelta(minutes=1)
        await room.turn()
        # Put right by more than an hour: noon is still to come.
        room.clock.now = tokyo(9)
        titles.append(room.add())
        await room.turn()
        assert room.told() == titles[:1]
        room.clock.now = tokyo(12)
        await room.turn()
        await room.turn()
        assert room.told() == titles
        assert [one.period for one in room.sink.sent] == [
            "digest/#news/2026-11-23/12:00",
            "digest/#news/2026-11-23/12:00/2",
        ]

    async def test_a_channel_without_slots_is_not_held_by_a_clock_ahead(self, room):
        room.channels = Channels(
            Config.model_validate({"timezone": "Asia/Tokyo", "digest": {"at": []}, "slack": {"channel": "#news"}})
        )
        room.clock.now = tokyo(8) + self.AHEAD
        await room.turn()
        room.clock.now = tokyo(8)
        await room.turn()
        assert room.store.deliveries.last_slots() == {"#news": tokyo(8)}


class TestOnce:
    @pytest.mark.fault(29)
    async def test_two_rules_on_one_article_are_one_entry(self, room):
        id_ = "a" * 16
        room.add(article=id_, title="同じ記事", rule="一")
        room.add(article=id_, title="同じ記事", rule="二")
        await room.turn(Urge.ALL)
        assert room.told() == ["同じ記事"]

    async def test_two_channels_are_both_told(self, room):
        room.add("#a", "#b")
        await room.turn(Urge.ALL)
        assert sorted(delivery.destination for delivery in room.sink.sent) == ["#a", "#b"]

    async def test_a_name_and_a_bare_channel_are_one_destination(self, room):
        room.add("crisis", "#crisis")
        await room.turn(Urge.ALL)
        assert len(room.told()) == 1

    async def test_a_story_told_already_is_covered(self, room):
        room.add(title="米、ロシア産石油の購入国に二次関税")
        await room.turn(Urge.ALL)
        room.clock.move(hours=3)
        room.add(title="米、ロシア産石油の購入国に二次関税")
        await room.turn(Urge.ALL)
        assert len(room.told()) == 1
        assert room.store.deliveries.backlog() == []
        assert room.store.archive.counts()["matches"]["covered"] == 1
