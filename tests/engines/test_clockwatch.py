"""A wall clock that is moved is noticed; one that is corrected slowly is not."""

import asyncio
from datetime import timedelta

import pytest
from builders import NOW

from monitor.engines.clockwatch import ClockWatch, watch_clock


class Clocks:
    """A wall clock and a steady one, both moved by hand."""

    def __init__(self):
        self.wall, self.steady = NOW, 100.0

    def pass_by(self, seconds, *, moved=0):
        self.steady += seconds
        self.wall += timedelta(seconds=seconds + moved)

    def watch(self):
        return ClockWatch(wall=lambda: self.wall, steady=lambda: self.steady)


@pytest.mark.parametrize(
    ("moved", "noticed"), [(0, 0), (-0.4, 0), (4, 0), (-600, -600), (7200, 7200), (90 * 86400, 90 * 86400)]
)
def test_what_is_more_than_a_correction_is_noticed_once(moved, noticed):
    clocks = Clocks()
    watch = clocks.watch()
    clocks.pass_by(1, moved=moved)
    assert watch.moved() == timedelta(seconds=noticed)
    clocks.pass_by(1)
    assert watch.moved() == timedelta(0)


def test_slow_corrections_never_add_up():
    clocks = Clocks()
    watch = clocks.watch()
    for _ in range(100):
        clocks.pass_by(1, moved=-0.5)
        assert not watch.moved()


async def test_whoever_waits_is_told_of_each_move():
    clocks = Clocks()
    moves = []
    done = asyncio.Event()

    async def note(moved):
        moves.append(moved.total_seconds())
        if len(moves) == 2:
            done.set()
        else:
            clocks.pass_by(1, moved=3600)

    watching = asyncio.create_task(watch_clock(clocks.watch(), note, every=0))
    clocks.pass_by(1, moved=-600)
    async with asyncio.timeout(5):
        await done.wait()
    watching.cancel()
    assert moves == [-600, 3600]
