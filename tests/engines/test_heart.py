"""Signs of life: given when the dispatcher has turned, and by nobody else."""

import asyncio
import time
from datetime import timedelta

import pytest
from builders import NOW
from fakes import Clock, in_store
from structlog.testing import capture_logs

from monitor.engines.dispatch import PassingErrors
from monitor.engines.heart import Day, Heart
from monitor.errors import RunningError, StoreError
from monitor.jobs.poll import PollReport
from monitor.jobs.send import DeliverReport
from monitor.journal import Polled, unwatched
from monitor.model import DeliveryState, SourceState
from monitor.ports import Load
from monitor.schedule import Reason


class Dispatcher:
    def __init__(self):
        self.passing = PassingErrors()
        self.error = None
        self.bounds = None
        self.turns = 0

    def resize(self, *, concurrency, per_host):
        self.bounds = concurrency, per_host

    async def fill(self):
        self.turns += 1
        if self.error:
            raise self.error


class Ear:
    def __init__(self):
        self.alive_at, self.lines = [], []

    def alive(self):
        self.alive_at.append(True)

    def status(self, text):
        self.lines.append(text)


class Lives:
    def __init__(self):
        self.beats = []
        self.error = None

    def beat(self, life, *, now):
        if self.error:
            raise self.error
        self.beats.append(now)
        return Load(due=3, waiting=1)


class Named:
    """Whatever has these attributes."""

    def __init__(self, **attributes):
        self.__dict__.update(attributes)


@pytest.fixture
def house():
    """An app as far as a heart looks into it, and the clock that only runs on."""
    lives, clock = Lives(), Clock()
    states = {
        "a": SourceState(source_id="a", next_poll_at=NOW),
        "b": SourceState(source_id="b", next_poll_at=NOW, last_error="x"),
    }
    app = Named(
        config=Named(fetch=Named(concurrency=7, per_host=2), language="en"),
        sources={"a": 1, "b": 2},
        judge=Named(book=Named(rules=[1])),
        store=Named(lives=lives, archive=Named(source_states=lambda: states)),
        in_store=in_store,
        clock=clock,
        life=object(),
        reload_ok=True,
        ticked_at=None,
        faults=0,
        witness=unwatched,
    )  # fmt: skip
    return app, lives


@pytest.fixture
def heart(house):
    app, lives = house
    ear, dispatcher, steady, rearmed = Ear(), Dispatcher(), [100.0], []
    heart = Heart(app, dispatcher, ear, lambda: rearmed.append(steady[0]), steady=lambda: steady[0])
    return Named(tick=heart.tick, heart=heart, app=app, lives=lives, ear=ear, dispatcher=dispatcher, steady=steady, rearmed=rearmed)  # fmt: skip


async def test_a_turn_gives_every_sign_of_life(heart):
    await heart.tick()
    assert (heart.dispatcher.turns, heart.dispatcher.bounds) == (1, (7, 2))
    assert heart.ear.alive_at == [True]
    assert heart.rearmed == [100.0]
    assert heart.app.ticked_at == 100.0
    assert heart.ear.lines == ["2 sources, 3 due; 1 message waiting; 1 rule"]


async def test_the_database_hears_of_it_every_ten_seconds(heart):
    for _ in range(31):
        await heart.tick()
        heart.steady[0] += 1
    assert len(heart.lives.beats) == 4
    assert len(heart.ear.alive_at) == 31


async def test_a_refused_edit_stands_in_the_status(heart):
    heart.app.reload_ok = False
    await heart.tick()
    assert "refused" in heart.ear.lines[0]


@pytest.mark.parametrize(
    "error", [RuntimeError("x"), StoreError("stores.damaged", path="x", detail="x"), SystemExit(0)]
)
async def test_a_turn_that_raises_gives_none(heart, error):
    heart.dispatcher.error = error
    heart.steady[0] += 40
    with pytest.raises(type(error)):
        await heart.tick()
    assert (heart.ear.alive_at, heart.rearmed, heart.app.ticked_at) == ([], [], 100.0)
    assert heart.heart.for_how_long_silent() == timedelta(seconds=40)


async def test_a_full_disk_is_no_reason_to_be_started_again(heart):
    full = StoreError("stores.full", path="x")
    full.temporary = True
    heart.dispatcher.error = full
    await heart.tick()
    assert heart.ear.alive_at == [True]


async def test_beside_another_host_there_is_no_going_on(heart):
    heart.lives.error = RunningError("stores.running-elsewhere", pid=1, host="h", path="x")
    with pytest.raises(RunningError):
        await heart.tick()
    assert heart.ear.alive_at == []


async def test_while_a_turn_hangs_nothing_is_said(heart):
    never = asyncio.Event()
    heart.dispatcher.fill = never.wait
    turn = asyncio.create_task(heart.tick())
    await asyncio.sleep(0)
    assert heart.ear.alive_at == []
    turn.cancel()


async def test_a_day_is_summed_up_and_begun_anew(house):
    app, _ = house
    told = []
    app.witness = told.append
    day = Day(app)
    state = SourceState(source_id="a", next_poll_at=NOW)
    happened = [
        Polled(report=PollReport(state=state, reason=Reason.INTERVAL, new=3, matched=2), lasted=timedelta(0), late=timedelta(0)),
        Polled(report=PollReport(state=state, reason=Reason.INTERVAL, error=StoreError("x")), lasted=timedelta(0), late=timedelta(0)),
        DeliverReport(delivery=Named(state=DeliveryState.SENT)),
        DeliverReport(delivery=Named(state=DeliveryState.UNKNOWN)),
    ]  # fmt: skip
    for happening in happened:
        app.witness(happening)
    assert told == happened
    with capture_logs() as lines:
        await day.sum_up()
        await day.sum_up()
    first, second = lines
    assert first["event"] == "alive"
    assert [first[name] for name in ("polls", "failed_polls", "articles", "matches", "messages")] == [2, 1, 3, 2, 1]
    assert (first["sources"], first["failing_sources"], first["faults"]) == (2, 1, 0)
    assert second["polls"] == 0


def test_the_steady_clock_is_the_one_that_nobody_moves(house):
    app, _ = house
    before = time.monotonic()
    Heart(app, Dispatcher(), Ear(), lambda: None)
    assert before <= app.ticked_at <= time.monotonic()
