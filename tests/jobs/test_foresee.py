"""What is foreseen is what is then told, at that time, message by message."""

from datetime import timedelta

import pytest
from jobs.test_deliver import DigestSink, Room, open_for_business, tokyo

from monitor.config.channels import Channels
from monitor.config.settings import Config
from monitor.jobs.deliver import Urge
from monitor.jobs.foresee import foresee

CHANNELS = {
    "night": {"slack": "#night", "at": ["06:00", "23:00", "12:00"], "quiet": "22:00-07:00"},
    "duty": {"slack": "#duty", "when": "now", "quiet": "22:00-07:00"},
    "never": {"slack": "#never", "at": []},
}


@pytest.fixture
async def room(tmp_path):
    room = Room(tmp_path / "m.db")
    given = {"timezone": "Asia/Tokyo", "slack": {"channel": "#news"}, "digest": {"at": ["08:30", "18:00"]}}
    room.channels = Channels(Config.model_validate(given | {"channels": CHANNELS}))
    await open_for_business(room)
    yield room
    room.store.close()


def seen(upcoming):
    """(channel, when, titles, whether it is held, whether it goes alone)."""
    return [
        (
            one.digest.channel,
            one.at,
            [entry.title.text for section in one.digest.sections for entry in section.entries],
            one.held,
            one.breaking_only,
        )
        for one in upcoming
    ]


async def test_each_message_has_its_time(room):
    room.clock.now = tokyo(9)
    await room.turn()
    room.add("#news", title="a")
    room.add("duty", title="b")
    room.add("never", title="c")
    assert seen(await foresee(room.desk())) == [
        ("duty", tokyo(9) + timedelta(seconds=30), ["b"], False, False),
        ("#news", tokyo(18), ["a"], False, False),
        ("never", None, ["c"], False, False),
    ]


async def test_what_is_breaking_goes_alone_through_quiet_hours(room):
    room.clock.now = tokyo(22, 30)
    room.add("duty", title="held")
    room.add("duty", title="breaking", severity="breaking", rule="速報")
    soon = tokyo(22, 30) + timedelta(seconds=30)
    held = ("duty", tokyo(7, day=24), ["held"], True, False)
    assert seen(await foresee(room.desk())) == [("duty", soon, ["breaking"], False, True), held]
    room.clock.now = soon
    assert seen(await foresee(room.desk())) == [("duty", soon, ["breaking"], False, True), held]
    await room.turn()
    assert seen(await foresee(room.desk())) == [held]


async def test_a_slot_in_quiet_hours_waits_for_their_end_and_takes_the_alerts_along(room):
    room.clock.now = tokyo(22, 30)
    room.add("night", title="digest")
    room.add("night", title="alert", when="now")
    room.add("night", title="breaking", severity="breaking", rule="速報")
    assert seen(await foresee(room.desk())) == [
        ("night", tokyo(23), ["breaking"], False, True),
        ("night", tokyo(7, day=24), ["digest", "alert"], True, False),
    ]


async def test_a_slot_at_which_quiet_hours_end_is_not_held(room):
    room.clock.now = tokyo(12, 1)
    room.channels = Channels(
        Config.model_validate(
            {
                "timezone": "Asia/Tokyo",
                "slack": {"channel": "#news"},
                "digest": {"at": ["07:00"], "quiet": "22:00-07:00"},
            }
        )
    )
    room.add("#news", title="a")
    assert seen(await foresee(room.desk())) == [("#news", tokyo(7, day=24), ["a"], False, False)]


async def test_an_alert_that_is_collected_into_quiet_hours_is_held(room):
    room.clock.now = tokyo(21, 59)
    room.add("duty", title="a")
    room.clock.now += timedelta(seconds=20)
    room.channels = Channels(
        Config.model_validate(
            {
                "timezone": "Asia/Tokyo",
                "slack": {"channel": "#news"},
                "channels": {"duty": {**CHANNELS["duty"], "wait": "5m"}},
            }
        )
    )
    assert seen(await foresee(room.desk())) == [("duty", tokyo(7, day=24), ["a"], True, False)]


async def test_a_missed_slot_is_made_up_for_now(room):
    room.clock.now = tokyo(9)
    room.add("#news", title="a")
    room.clock.now = tokyo(18, 40)
    (one,) = await foresee(room.desk())
    assert (one.at, one.digest.late_for_at, one.held) == (tokyo(18, 40), tokyo(18), False)


async def test_one_story_is_foreseen_once(room):
    room.clock.now = tokyo(9)
    await room.turn()
    room.add("#news", when="now", article="a" * 16, title="a")
    room.add("#news", article="a" * 16, title="a", rule="停戦")
    foreseen = [(at, titles) for _, at, titles, _, _ in seen(await foresee(room.desk()))]
    assert foreseen == [(tokyo(9) + timedelta(seconds=30), ["a"])]


async def test_asked_for_all_it_is_one_message_a_place(room):
    room.clock.now = tokyo(22, 30)
    room.add("duty", title="held")
    room.add("duty", title="breaking", severity="breaking")
    (one,) = await foresee(room.desk(), Urge.ALL)
    assert (one.at, one.digest.stories) == (tokyo(22, 30), 2)


@pytest.mark.parametrize("hour", [9, 17, 21, 22, 23, 5])
async def test_the_daemon_does_what_was_foreseen(room, hour):
    room.sink = DigestSink(room.clock)
    room.clock.now = tokyo(hour, 10, day=24)
    await room.turn()
    for channel in ("#news", "night", "duty"):
        room.add(channel, title=f"{channel} a")
        room.add(channel, title=f"{channel} b", severity="breaking", rule="速報")
        room.add(channel, title=f"{channel} c", when="now", rule="停戦")
    foreseen = [(one.at, one.digest.channel, one.digest.period.partition("/")[0]) for one in await foresee(room.desk())]
    for at in sorted({at for at, *_ in foreseen}):
        room.clock.now = at
        await room.turn()
    told = [(one.created_at, one.channel, one.period.partition("/")[0]) for one in room.sink.sent]
    assert sorted(told) == sorted(foreseen)
    assert room.store.deliveries.backlog() == []
