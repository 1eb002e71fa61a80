"""A clock that stood ahead and was put right: in no table does anything wait for an instant of that clock."""

from dataclasses import replace
from datetime import timedelta

import pytest
from builders import NOW, make_source
from stores.making import HOUR, MINUTE, make_promise, make_taken

from monitor.model import DeliveryState, Incident, KnownIncident, Telling, Trouble
from monitor.ports import Mute
from monitor.stores import open_store

DAY = timedelta(days=1)
LEASE = 5 * MINUTE
MISSING = {"rules": ("一",), "missing": "fetch.timeout"}
#: Every column that holds an instant for which something waits, and every one that says what has been.
INSTANTS = {
    "sources": ("due_at", "next_poll_at", "last_poll_at", "last_ok_at"),
    "revisits": ("due_at",),
    "deliveries": ("due_at",),
    "pauses": ("until", "probe_at"),
    "mutes": ("muted_at", "until"),
    "incidents": ("over_at",),
}


def fill(store, now):
    """One row in each table that knows instants."""
    store.polls.sync_sources([make_source(id="s0"), make_source(id="s1", url="http://127.0.0.1/1")], now=now)
    [state, _] = store.polls.claim_due(now=now, lease=LEASE, limit=2)
    ended = replace(state, last_poll_at=now, last_ok_at=now, first_ok_at=now, next_poll_at=now + 10 * MINUTE)
    store.polls.save_states([ended])
    store.polls.save_articles([make_taken("a1", fetched_at=now, **MISSING)])
    [delivery] = store.deliveries.promise(make_promise(period=f"now/{now}"), now=now, slot=None)
    store.deliveries.claim(delivery.id, now=now, send_started_at=NOW)
    unsure = replace(delivery, state=DeliveryState.UNKNOWN, due_at=now + MINUTE)
    store.deliveries.close(unsure, now=now, note="unsure")
    store.deliveries.pause("slack", until=now + MINUTE, reason="x")
    store.deliveries.pause("#gone", until=None, reason="x", probe_at=now + HOUR)
    store.mutes.mute(Mute(rule_id="一", rule_name="一", until=now + 3 * DAY), now=now)
    incident = Incident(trouble=Trouble.SOURCE, subject="s0", since_at=now, lines=("x",), gist="x")
    known = KnownIncident(incident=incident, told="x", over_at=now)
    store.notices.note([], known=[known], ended=[], now=now)


def instants(store):
    return {
        (table, column): [row[0] for row in store._connection.rows(f"select {column} from {table} order by rowid")]
        for table, columns in INSTANTS.items()
        for column in columns
    }


@pytest.mark.parametrize("by", [10 * MINUTE, 90 * DAY])
def test_everything_waits_as_long_as_it_would_have(store, tmp_path, by):
    fill(store, NOW + by)
    store.upkeep.clock_set_back(now=NOW, by=by)
    true = open_store(str(tmp_path / "true.db"))
    fill(true, NOW)
    assert instants(store) == instants(true)
    true.close()


def test_what_is_due_stays_due(store):
    fill(store, NOW)
    before = instants(store)
    store.upkeep.clock_set_back(now=NOW + 9 * DAY, by=MINUTE)
    assert instants(store) == before


def test_without_knowing_how_far_nothing_is_parked(store, opened):
    fill(store, NOW + 90 * DAY)
    # A start: the last process ended before the clock was put right.
    again = opened()
    again.polls.sync_sources([make_source(id="s0"), make_source(id="s1", url="http://127.0.0.1/1")], now=NOW)
    assert len(again.polls.claim_due(now=NOW, lease=LEASE, limit=9)) == 2
    assert [one.article.id for one in again.revisits.due_revisits(now=NOW, limit=9)] == ["a1"]
    assert [one.state for one in again.deliveries.due(now=NOW)] == ["unknown"]
    assert again.mutes.muted(now=NOW)[0].until == NOW + 3 * DAY
    assert again.notices.incidents()[0].over_at == NOW


def test_a_mute_that_was_moved_since_lasts_as_long_as_it_was_meant_to(store):
    ahead = NOW + 90 * DAY
    store.mutes.mute(Mute(rule_id="制裁", rule_name="制裁", until=None), now=NOW)
    store.mutes.mute(Mute(rule_id="制裁", rule_name="制裁", until=ahead + DAY), now=ahead)
    store.upkeep.clock_set_back(now=NOW, by=90 * DAY)
    assert [one.until for one in store.mutes.muted(now=NOW)] == [NOW + DAY]


def test_a_revisit_that_is_far_ahead_is_due_and_one_of_tomorrow_is_not(store):
    store.polls.save_articles([make_taken("a1", **MISSING)])
    store.revisits.schedule("a1", due_at=NOW + DAY)
    assert store.revisits.due_revisits(now=NOW, limit=9) == []
    store.revisits.schedule("a1", due_at=NOW + 90 * DAY)
    assert len(store.revisits.due_revisits(now=NOW, limit=9)) == 1


class TestFirstPolls:
    """What a clock ahead took for older than `initial` allows."""

    SOURCES = (make_source(id="s0", initial=timedelta(hours=24)), make_source(id="s1", url="http://127.0.0.1/1"))

    def take(self, store, name, *, age, ahead=90 * DAY, **more):
        changes = {"rules": ("一",), "source_id": "s0", "fetched_at": NOW + ahead, "published_at": NOW - age} | more
        taken = make_taken(name, **changes)
        store.polls.save_articles([replace(taken, telling=Telling.INITIAL)])

    def waiting(self, store):
        return [one.match.article_id for one in store.deliveries.waiting("crisis", "now")[0]]

    @pytest.mark.parametrize("restarted", [False, True])
    def test_what_is_young_enough_is_told_after_all(self, store, restarted):
        store.polls.sync_sources(self.SOURCES, now=NOW)
        self.take(store, "young", age=23 * HOUR)
        self.take(store, "old", age=25 * HOUR)
        self.take(store, "undated", age=HOUR, published_at=None, updated_at=None)
        self.take(store, "then", age=HOUR, ahead=-MINUTE)
        self.take(store, "stranger", age=HOUR, source_id="gone")
        if restarted:
            store.polls.sync_sources(self.SOURCES, now=NOW)
        else:
            store.upkeep.clock_set_back(now=NOW, by=90 * DAY, sources=self.SOURCES)
        assert self.waiting(store) == ["young"]

    def test_age_is_counted_from_when_it_was_taken(self, store):
        store.polls.sync_sources(self.SOURCES, now=NOW)
        self.take(store, "a1", age=30 * HOUR, ahead=90 * DAY - 7 * HOUR)
        store.upkeep.clock_set_back(now=NOW, by=90 * DAY, sources=self.SOURCES)
        assert self.waiting(store) == ["a1"]

    def test_mutes_and_thresholds_hold(self, store):
        store.polls.sync_sources(self.SOURCES, now=NOW)
        store.mutes.mute(Mute(rule_id="一", rule_name="一", until=None), now=NOW)
        self.take(store, "a1", age=HOUR)
        store.upkeep.clock_set_back(now=NOW, by=90 * DAY, sources=self.SOURCES)
        assert self.waiting(store) == []
        assert [row["telling"] for row in store._connection.rows("select telling from tellings")] == ["muted"]

    def test_an_edit_of_the_sources_reconsiders_nothing(self, store):
        store.polls.sync_sources(self.SOURCES, now=NOW)
        self.take(store, "a1", age=HOUR)
        store.polls.sync_sources(self.SOURCES, now=NOW, release=False)
        assert self.waiting(store) == []


@pytest.mark.parametrize("age", [MINUTE, 3 * HOUR])
def test_articles_and_matches_are_dated_by_the_right_clock(store, age):
    ahead = 90 * DAY
    store.polls.save_articles([make_taken("a1", rules=("一",), fetched_at=NOW + ahead - age)])
    store.polls.save_articles([make_taken("a2", rules=("一",), fetched_at=NOW - age)])
    store.upkeep.clock_set_back(now=NOW, by=ahead)
    expected = [((NOW - age).timestamp(),)] * 2
    for table, column in (("articles", "fetched_at"), ("matches", "matched_at")):
        assert [tuple(row) for row in store._connection.rows(f"select {column} from {table}")] == expected
