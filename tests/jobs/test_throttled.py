"""Telling what is throttled, on the real store: never more than allowed, nothing lost, nothing twice."""

import random
from datetime import timedelta

import pytest
from fakes import RecordingSink
from jobs.test_deliver import Room, open_for_business, tokyo

from monitor.jobs.deliver import Urge
from monitor.jobs.foresee import foresee
from monitor.model import Digest, Throttle

HOUR = timedelta(hours=1)
TWO = Throttle(max=2, per=HOUR)


class ListingSink(RecordingSink):
    """One message per digest: its stories by rule, and behind a bar those that are listed."""

    def render(self, digest: Digest) -> tuple[str, ...]:
        lines = []
        for section in digest.sections:
            entries, more = (" ".join(one.title.text for one in part) for part in (section.entries, section.more))
            lines.append(f"{section.rule_id}: {entries}" + (f" | {more}" if more else ""))
        return ("\n".join(lines),)


@pytest.fixture
def room(tmp_path):
    room = Room(tmp_path / "monitor.db")
    room.sink = ListingSink(room.clock)
    yield room
    room.store.close()


async def pass_by(room, **time):
    room.clock.move(**time)
    await room.turn()


def flood(room, *titles, rule="制裁", channel="crisis", throttle=TWO):
    for title in titles:
        room.add(channel, title=title, rule=rule, throttle=throttle)


async def test_what_comes_while_there_is_no_room_waits_and_comes_as_one_message(room):
    flood(room, "a", "b", "c")
    await pass_by(room, seconds=30)
    assert room.told() == ["制裁: a b | c"]
    room.clock.move(minutes=10)
    flood(room, "d", "e", "f")
    for _ in range(4):
        await pass_by(room, minutes=12)
    assert len(room.told()) == 1
    await pass_by(room, minutes=2)
    assert room.told()[1:] == ["制裁: d e | f"]
    assert room.store.deliveries.backlog() == []


async def test_what_waits_for_room_holds_up_no_other_rule_and_hurries_none(room):
    flood(room, "a", "b")
    await pass_by(room, seconds=30)
    flood(room, "c")
    await pass_by(room, minutes=5)
    flood(room, "x", rule="停戦", throttle=None)
    await pass_by(room, seconds=10)
    assert room.told()[1:] == []
    await pass_by(room, seconds=20)
    assert room.told()[1:] == ["停戦: x"]
    flood(room, "y", rule="停戦", throttle=None)
    await pass_by(room, seconds=30)
    assert room.told()[2:] == ["停戦: y"]
    await pass_by(room, minutes=55)
    assert room.told()[3:] == ["制裁: c"]


async def test_each_destination_has_its_own_room(room):
    flood(room, "a", "b", "c")
    flood(room, "d", "e", channel="#other")
    await pass_by(room, seconds=30)
    await room.turn(Urge.ALL)
    assert sorted(room.told()) == ["制裁: a b | c", "制裁: d e"]


async def test_a_digest_tells_everything_at_its_time_and_lists_what_has_no_room(room):
    await open_for_business(room)
    flood(room, "a", "b", "c", channel="#news", throttle=Throttle(max=2, per=24 * HOUR))
    room.clock.now = tokyo(8, 30)
    await room.turn()
    flood(room, "d", channel="#news", throttle=Throttle(max=2, per=24 * HOUR))
    room.clock.now = tokyo(12)
    await room.turn()
    assert room.told() == ["制裁: a b | c", "制裁:  | d"]
    # The day after there is room again.
    room.clock.now = tokyo(8, 29, day=24)
    flood(room, "e", channel="#news", throttle=Throttle(max=2, per=24 * HOUR))
    room.clock.now = tokyo(8, 30, day=24)
    await room.turn()
    assert room.told()[2:] == ["制裁: e"]


async def test_whoever_asks_is_told_everything(room):
    flood(room, "a", "b")
    await pass_by(room, seconds=30)
    flood(room, "c")
    assert [one.digest.stories for one in await foresee(room.desk())] == [1]
    await room.turn(Urge.ALL)
    assert room.told()[1:] == ["制裁:  | c"]


async def test_a_story_that_was_told_waits_for_no_room(room):
    flood(room, "a", "b")
    await pass_by(room, seconds=30)
    flood(room, "a")
    await pass_by(room, seconds=30)
    assert (len(room.told()), room.store.deliveries.backlog()) == (1, [])
    assert room.store.archive.counts()["matches"] == {"promised": 2, "covered": 1}


def entered(room, rule):
    """When each story of a rule was told as an entry."""
    return [
        (delivery.created_at, title)
        for delivery in room.sink.sent
        for line in delivery.payload.splitlines()
        if line.startswith(f"{rule}: ")
        for title in line.removeprefix(f"{rule}: ").partition("|")[0].split()
    ]


@pytest.mark.parametrize("seed", range(8))
async def test_in_any_flood_nothing_is_lost_or_told_twice_or_too_often(room, seed):
    chance = random.Random(seed)
    throttles = {"甲": Throttle(max=2, per=HOUR), "乙": Throttle(max=1, per=HOUR / 4), "丙": None}
    added = []
    for number in range(60):
        for _ in range(chance.choice((0, 0, 1, 1, 4))):
            rule = chance.choice(list(throttles))
            title = f"t{number}-{len(added)}"
            flood(room, title, rule=rule, throttle=throttles[rule])
            added.append(title)
        await pass_by(room, seconds=chance.choice((5, 30, 300, 900)))
    await pass_by(room, hours=1)
    await pass_by(room, hours=1)
    words = " ".join(room.told()).replace("|", " ").split()
    assert sorted(word for word in words if word.startswith("t")) == sorted(added)
    for rule, throttle in throttles.items():
        times = [at for at, _ in entered(room, rule)]
        if throttle:
            assert all(sum(at <= other < at + throttle.per for other in times) <= throttle.max for at in times)
        assert times
