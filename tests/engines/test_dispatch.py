"""The dispatcher: bounded, polite, never the same source twice at once, nothing forgotten."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from builders import NOW
from structlog.testing import capture_logs

from monitor.engines.dispatch import AGAIN, Dispatcher, PassingErrors
from monitor.errors import StoreError
from monitor.model import SourceState


class Queue:
    """A due-queue in memory that hands out each source once, and notes how the dispatcher behaves."""

    def __init__(self, hosts: dict[str, str], *, concurrency: int = 4, per_host: int = 1) -> None:
        self.hosts = hosts
        self.due = [SourceState(source_id=id_, next_poll_at=NOW) for id_ in hosts]
        self.saved: list[list[str]] = []
        self.running: list[str] = []
        self.most = 0
        self.most_per_host = 0
        self.gate = asyncio.Event()
        self.gate.set()
        self.failure: Exception | None = None
        self.refusals: list[Exception] = []
        self.refused = asyncio.Event()
        self.dispatcher = Dispatcher(
            claim=self.claim,
            poll=self.poll,
            save=self.save,
            put_off=lambda state: replace(state, next_poll_at=NOW + AGAIN),
            host_of=lambda state: hosts[state.source_id],
            concurrency=concurrency,
            per_host=per_host,
        )

    async def claim(self, limit: int) -> list[SourceState]:
        claimed, self.due = self.due[:limit], self.due[limit:]
        return claimed

    async def poll(self, state: SourceState) -> SourceState:
        self.running.append(state.source_id)
        self.most = max(self.most, len(self.running))
        hosts = [self.hosts[id_] for id_ in self.running]
        self.most_per_host = max(self.most_per_host, *map(hosts.count, hosts))
        await asyncio.sleep(0)
        await self.gate.wait()
        self.running.remove(state.source_id)
        if self.failure:
            raise self.failure
        return replace(state, next_poll_at=NOW + timedelta(minutes=10))

    async def save(self, states: list[SourceState]) -> None:
        if self.refusals:
            self.refused.set()
            raise self.refusals.pop()
        self.states = states
        self.saved.append([state.source_id for state in states])

    def saved_ids(self) -> list[str]:
        return sorted(id_ for batch in self.saved for id_ in batch)


@pytest.mark.fault(58)
async def test_polls_everything_once_within_its_bounds():
    hosts = {f"s{n}": f"h{n % 7}" for n in range(60)}
    queue = Queue(hosts, concurrency=4, per_host=1)
    await queue.dispatcher.run_until_idle()
    assert queue.saved_ids() == sorted(hosts)
    assert queue.most == 4
    assert queue.most_per_host == 1


async def test_a_host_may_be_given_more():
    queue = Queue({f"s{n}": "one" for n in range(12)}, concurrency=8, per_host=3)
    await queue.dispatcher.run_until_idle()
    assert queue.most_per_host == 3


async def test_states_are_remembered_in_batches():
    queue = Queue({f"s{n}": f"h{n}" for n in range(50)}, concurrency=50)
    await queue.dispatcher.run_until_idle()
    assert len(queue.saved) < 5


async def test_a_poll_that_outlasts_a_write_is_remembered_too():
    queue = Queue({"quick": "h1", "slow": "h2"})
    quick, slow = asyncio.Event(), asyncio.Event()

    async def poll(state: SourceState) -> SourceState:
        await (quick if state.source_id == "quick" else slow).wait()
        return state

    async def save(states: list[SourceState]) -> None:
        queue.saved.append([state.source_id for state in states])
        slow.set()

    dispatcher = Dispatcher(
        claim=queue.claim,
        poll=poll,
        save=save,
        put_off=lambda state: state,
        host_of=lambda state: state.source_id,
        concurrency=2,
        per_host=1,
    )
    quick.set()
    await dispatcher.run_until_idle()
    assert queue.saved == [["quick"], ["slow"]]


async def test_a_slow_host_hides_nobody():
    """However many sources wait for it, and although all of them have been due for longer."""
    hosts = {f"slow{n}": "slow" for n in range(300)} | {f"s{n}": f"h{n}" for n in range(100)}
    queue = Queue(hosts, concurrency=10)
    slow, others = asyncio.Event(), asyncio.Event()
    done: list[str] = []

    async def poll(state: SourceState) -> SourceState:
        if state.source_id.startswith("slow"):
            await slow.wait()
        done.append(state.source_id)
        if len(done) == 100:
            others.set()
        return state

    dispatcher = Dispatcher(
        claim=queue.claim,
        poll=poll,
        save=queue.save,
        put_off=lambda state: state,
        host_of=lambda state: hosts[state.source_id],
        concurrency=10,
        per_host=1,
    )
    polling = asyncio.create_task(dispatcher.run_until_idle())
    async with asyncio.timeout(10):
        await others.wait()
    assert not any(id_.startswith("slow") for id_ in done)
    slow.set()
    await polling
    assert queue.saved_ids() == sorted(hosts)


async def test_draining_starts_nothing_that_waits_for_its_host():
    queue = Queue({"a": "one", "b": "one"})
    queue.gate.clear()
    await queue.dispatcher.fill()
    draining = asyncio.create_task(queue.dispatcher.drain(seconds=60))
    await asyncio.sleep(0)
    queue.gate.set()
    await draining
    assert queue.saved_ids() == ["a"]


async def test_a_source_in_flight_is_not_started_again():
    queue = Queue({"a": "h"})
    queue.gate.clear()
    await queue.dispatcher.fill()
    queue.due = [SourceState(source_id="a", next_poll_at=NOW)]
    await queue.dispatcher.fill()
    assert queue.dispatcher.in_flight == 1
    queue.gate.set()
    await queue.dispatcher.run_until_idle()
    assert queue.saved_ids() == ["a"]


async def test_draining_waits_for_polls_and_claims_nothing_more():
    queue = Queue({"a": "h"})
    queue.gate.clear()
    await queue.dispatcher.fill()
    queue.due = [SourceState(source_id="b", next_poll_at=NOW)]
    draining = asyncio.create_task(queue.dispatcher.drain(seconds=60))
    await asyncio.sleep(0)
    queue.gate.set()
    await draining
    assert queue.saved_ids() == ["a"]
    assert len(queue.due) == 1


async def test_draining_cuts_off_what_does_not_end():
    queue = Queue({"a": "h"})
    queue.gate.clear()
    await queue.dispatcher.fill()
    await queue.dispatcher.drain(seconds=0)
    assert queue.dispatcher.in_flight == 0
    assert queue.saved == []


async def test_an_error_that_nobody_may_swallow_comes_out():
    queue = Queue({"a": "h"})
    queue.failure = RuntimeError("the disk is full")
    with pytest.raises(RuntimeError, match="disk"):
        await queue.dispatcher.run_until_idle()


async def test_what_is_cut_off_ends_at_once_and_what_was_done_is_remembered():
    queue = Queue({"quick": "h1", "slow": "h2"}, concurrency=2)
    never, done, ended = asyncio.Event(), asyncio.Event(), []

    async def poll(state: SourceState) -> SourceState:
        try:
            await (asyncio.sleep(0) if state.source_id == "quick" else never.wait())
        finally:
            ended.append(state.source_id)
            done.set()
        return state

    dispatcher = Dispatcher(
        claim=queue.claim,
        poll=poll,
        save=queue.save,
        put_off=lambda state: state,
        host_of=lambda state: state.source_id,
        concurrency=2,
        per_host=1,
    )
    polling = asyncio.create_task(dispatcher.run_until_idle())
    await done.wait()
    polling.cancel()
    with pytest.raises(asyncio.CancelledError):
        await polling
    assert ended == ["quick", "slow"]
    assert queue.saved == [["quick"]]
    assert dispatcher.in_flight == 0


@pytest.mark.fault(33)
async def test_a_store_that_is_busy_for_a_moment_ends_nothing():
    queue = Queue({"a": "h"})
    busy = StoreError("stores.locked", path="monitor.db", detail="locked", seconds=5)
    busy.temporary = True
    queue.failure = busy
    await queue.dispatcher.run_until_idle()
    assert not queue.dispatcher.fatal.done()
    # Its lease is not waited for.
    assert [(state.source_id, state.next_poll_at) for state in queue.states] == [("a", NOW + AGAIN)]


@pytest.mark.fault(33)
async def test_what_cannot_be_written_now_is_written_later():
    queue = Queue({"a": "h", "b": "i"}, concurrency=1)
    busy = StoreError("stores.locked", path="monitor.db", detail="locked", seconds=5)
    busy.temporary = True
    queue.refusals = [busy]
    await queue.dispatcher.fill()
    await queue.refused.wait()
    await asyncio.sleep(0)
    assert queue.saved == []
    await queue.dispatcher.fill()
    await queue.dispatcher.drain(1)
    assert queue.saved_ids() == ["a", "b"]


async def test_what_passes_is_said_once_and_what_does_not_is_left_to_others():
    busy = StoreError("stores.locked", path="monitor.db", detail="locked", seconds=5)
    passing = PassingErrors()
    assert not passing.take(busy)
    busy.temporary = True
    with capture_logs() as lines:
        assert [passing.take(busy) for _ in range(3)] == [True] * 3
    assert [line["event"] for line in lines] == ["store_unavailable"]
    assert not passing.take(RuntimeError("x"))


async def test_other_bounds_count_at_once():
    queue = Queue({f"s{n}": f"h{n}" for n in range(6)}, concurrency=2)
    queue.gate.clear()
    await queue.dispatcher.fill()
    assert queue.dispatcher.in_flight == 2
    queue.dispatcher.resize(concurrency=5, per_host=1)
    assert queue.dispatcher.in_flight == 4
    await queue.dispatcher.fill()
    assert queue.dispatcher.in_flight == 5
    queue.dispatcher.resize(concurrency=1, per_host=1)
    queue.gate.set()
    await queue.dispatcher.run_until_idle()
    assert queue.saved_ids() == sorted(queue.hosts)
