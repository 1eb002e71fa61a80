"""Turns of destinations, by a clock that stands still until somebody sleeps."""

import asyncio
import itertools
from datetime import timedelta
from types import SimpleNamespace

import pytest

from monitor.sinks import pace
from monitor.sinks.pace import Pace


@pytest.fixture
def times(monkeypatch):
    """(moment, destination) of each message; a message takes no time. Sleepers wake in order."""
    now = 0.0
    sleepers = []

    async def sleep(seconds):
        woken = asyncio.Event()
        sleepers.append((now + seconds, woken))
        await woken.wait()

    async def turn_clock():
        nonlocal now
        while True:
            for _ in range(20):
                await real_sleep(0)
            if not sleepers:
                return
            sleepers.sort(key=lambda one: one[0])
            now, woken = sleepers.pop(0)
            woken.set()

    real_sleep = asyncio.sleep
    monkeypatch.setattr(pace, "time", SimpleNamespace(monotonic=lambda: now))
    monkeypatch.setattr(pace, "asyncio", SimpleNamespace(sleep=sleep))

    async def send(paced, **counts):
        sent = []

        async def lane(destination, count):
            for _ in range(count):
                async with paced(destination):
                    sent.append((round(now, 3), destination))

        async with asyncio.TaskGroup() as group:
            for destination, count in counts.items():
                group.create_task(lane(destination, count))
            group.create_task(turn_clock())
        return sent

    return send


def gaps(sent, destination=None):
    moments = [at for at, name in sent if destination in (None, name)]
    return [round(after - before, 3) for before, after in itertools.pairwise(moments)]


async def test_a_channel_that_is_told_much_keeps_its_gap_and_delays_no_other(times):
    sent = await times(Pace(timedelta(seconds=1)), much=30, little=5)
    assert set(gaps(sent, "much")) == set(gaps(sent, "little")) == {1.0}
    assert [at for at, name in sent if name == "little"] == [0, 1, 2, 3, 4]


async def test_many_channels_together_keep_within_what_the_workspace_takes(times):
    sent = await times(Pace(timedelta(seconds=1), timedelta(seconds=0.25)), **{f"c{n}": 20 for n in range(10)})
    assert len(sent) == 200
    assert min(gaps(sent)) >= 0.25
    assert min(min(gaps(sent, f"c{n}")) for n in range(10)) >= 1
    assert sum(at < 60 for at, _ in sent) <= 240
    assert sent[-1][0] == pytest.approx(199 * 0.25)


async def test_a_message_that_takes_long_is_followed_by_the_whole_gap(monkeypatch):
    now, slept = 0.0, []

    async def sleep(seconds):
        slept.append(seconds)

    monkeypatch.setattr(pace, "time", SimpleNamespace(monotonic=lambda: now))
    monkeypatch.setattr(pace, "asyncio", SimpleNamespace(sleep=sleep))
    paced = Pace(timedelta(seconds=1))
    async with paced("#a"):
        now = 7.0
    now = 7.4
    async with paced("#a"):
        pass
    assert slept == [pytest.approx(0.6)]
