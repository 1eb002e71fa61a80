"""After a backup was put back each destination is asked once; until it has answered it is promised nothing."""

from datetime import timedelta

import pytest
from builders import NOW
from fakes import Clock, in_store

from monitor.errors import UncertainError, UnknowableError
from monitor.jobs.reconcile import RETRY, Reconciler


class Memory:
    """A store after a backup was put back, in which destinations wait."""

    def __init__(self, *waiting, since=NOW - timedelta(days=1)):
        self.waiting, self.since, self.learnt = list(waiting), since, {}

    def unaware_since(self):
        return self.since

    def unreconciled(self):
        return [one for one in self.waiting if one not in self.learnt]

    def reconcile(self, destination, links, *, now):
        self.learnt[destination] = set(links)


class Side:
    """The other side's answers, by destination."""

    def __init__(self, **answers):
        self.answers, self.asked = answers, []

    def __call__(self, destination):
        self.destination = destination
        return self

    async def told_since(self, destination, at):
        self.asked.append((destination, at))
        answer = self.answers[destination]
        if isinstance(answer, Exception):
            raise answer
        return answer


@pytest.fixture
def clock():
    return Clock()


async def test_without_a_restored_backup_nobody_is_asked(clock):
    reconciler, side = Reconciler(clock), Side()
    assert await reconciler.ask(in_store, Memory("news", since=None), side) is None
    assert (reconciler.closed, side.asked) == (frozenset(), [])


async def test_each_is_asked_once(clock):
    reconciler, memory = Reconciler(clock), Memory("news", "hook")
    side = Side(news=frozenset({"http://127.0.0.1/1"}), hook=UnknowableError("sinks.webhook-blind", destination="hook"))
    report = await reconciler.ask(in_store, memory, side)
    assert (report.learnt, report.blind, report.failed) == ({"news": 1}, ("hook",), {})
    assert report.since == NOW - timedelta(days=1)
    assert memory.learnt == {"news": {"http://127.0.0.1/1"}, "hook": set()}
    assert reconciler.closed == frozenset()
    assert await reconciler.ask(in_store, memory, side) is None
    assert len(side.asked) == 2


async def test_one_that_gives_no_answer_stays_closed_and_is_asked_again_later(clock):
    reconciler, memory = Reconciler(clock), Memory("news", "crisis")
    lost = UncertainError("sinks.lookup-failed", destination="news", reason="HTTP 500")
    side = Side(news=lost, crisis=frozenset())
    report = await reconciler.ask(in_store, memory, side)
    assert report.failed == {"news": lost}
    assert reconciler.closed == {"news"}
    side.answers["news"] = frozenset()
    assert await reconciler.ask(in_store, memory, side) is None
    assert reconciler.closed == {"news"}
    clock.now += RETRY
    assert (await reconciler.ask(in_store, memory, side)).learnt == {"news": 0}
    assert reconciler.closed == frozenset()
