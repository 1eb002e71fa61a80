"""Upkeep: what is forgotten, what never is."""

from dataclasses import replace
from datetime import timedelta

import pytest
from builders import NOW, make_source
from stores.making import MINUTE, exported, make_promise, make_taken, waiting_ids

from monitor.model import DeliveryState, SourceState
from monitor.ports import Reading, Reckoning
from monitor.stores.process import read_clocks
from monitor.text.query_line import parse_query

DAY = timedelta(days=1)
NEVER = NOW - 1000 * DAY


def prune(store, *, articles=NEVER, bodies=NEVER, batch=100):
    return store.upkeep.prune(articles_before=articles, bodies_before=bodies, batch=batch)


def ids(store):
    return [row["id"] for row in exported(store, "articles")]


def found(store, words):
    return [one.article.id for one in store.archive.search(parse_query(words), limit=10)]


def test_an_old_body_goes_and_its_headline_stays_findable(store):
    store.polls.save_articles([
        make_taken("a1", title="停戦協議", fetched_at=NOW - 2 * DAY), make_taken("a2", fetched_at=NOW),
    ])  # fmt: skip
    assert prune(store, bodies=NOW - DAY) == 1
    assert [row["text"] == "" for row in exported(store, "articles")] == [True, False]
    assert (found(store, "二次関税"), found(store, "停戦")) == (["a2"], ["a1"])
    assert prune(store, bodies=NOW - DAY) == 0


def test_an_old_article_goes_with_its_matches_and_its_words(store):
    store.polls.save_articles([make_taken("a1", rules=("一",), fetched_at=NOW - 2 * DAY), make_taken("a2")])
    store.deliveries.promise(make_promise(told=waiting_ids(store)), now=NOW - 2 * DAY, slot=None)
    assert prune(store, articles=NOW - DAY) == 1
    assert (ids(store), exported(store, "matches")) == (["a2"], [])
    assert found(store, "二次関税") == ["a2"]
    # Its delivery is not sent yet: the message is frozen and stays.
    assert len(store.deliveries.due(now=NOW)) == 1


def test_words_of_what_was_forgotten_never_come_back(store):
    for number in range(5):
        store.polls.save_articles([make_taken(f"old{number}", text="砂糖の値段", fetched_at=NOW - 2 * DAY)])
    prune(store, bodies=NOW - DAY)
    prune(store, articles=NOW - DAY)
    store.polls.save_articles([make_taken("new", text="塩の値段")])
    assert (found(store, "砂糖"), found(store, "値段"), found(store, "見出")) == ([], ["new"], ["new"])


def test_what_waits_to_be_told_is_not_forgotten(store):
    store.polls.save_articles([make_taken("a1", rules=("一",), fetched_at=NOW - 2 * DAY)])
    assert prune(store, articles=NOW, bodies=NOW) == 1
    [waiting], _ = store.deliveries.waiting("crisis", "now")
    assert waiting.match.snippet is not None
    assert ids(store) == ["a1"]


def test_old_things_go_in_batches(store):
    store.polls.save_articles([make_taken(f"a{number}", fetched_at=NOW - 2 * DAY) for number in range(5)])
    assert [prune(store, articles=NOW, batch=2) for _ in range(4)] == [2, 2, 1, 0]
    store.polls.save_articles([make_taken(f"b{number}", fetched_at=NOW - 2 * DAY) for number in range(3)])
    assert [prune(store, bodies=NOW, batch=2) for _ in range(3)] == [2, 1, 0]


def poll(store, now, keys):
    """One poll: what it found new is saved."""
    unseen = store.polls.unseen("s0", keys, now=now)
    store.polls.save_articles([make_taken(key, source_id="s0", fetched_at=now) for key in keys if key in unseen])
    store.polls.save_states([SourceState(source_id="s0", next_poll_at=now + MINUTE, last_poll_at=now)])
    return unseen


def test_an_entry_that_is_still_listed_stays_seen_for_ever(store):
    store.polls.sync_sources([make_source(id="s0")], now=NOW)
    assert poll(store, NOW, ["k1"]) == {"k1"}
    for day in (200, 400, 600):
        poll(store, NOW + day * DAY, ["k1"])
        prune(store, articles=NOW + DAY)
    assert ids(store) == []
    assert poll(store, NOW + 601 * DAY, ["k1"]) == set()


def test_an_entry_that_left_is_seen_for_thirty_days_more(store):
    store.polls.sync_sources([make_source(id="s0")], now=NOW)
    poll(store, NOW, ["k1", "k2"])
    poll(store, NOW + 100 * DAY, ["k2"])
    poll(store, NOW + 129 * DAY, ["k2"])
    assert prune(store, articles=NOW + DAY) == 2
    assert store.polls.unseen("s1", ["k1", "k2"], now=NOW + 129 * DAY) == set()


def test_after_that_it_is_forgotten(store):
    store.polls.sync_sources([make_source(id="s0")], now=NOW)
    poll(store, NOW, ["k1", "k2"])
    poll(store, NOW + 100 * DAY, ["k2"])
    poll(store, NOW + 131 * DAY, ["k2"])
    assert prune(store, articles=NOW + DAY) == 3
    assert store.polls.unseen("s0", ["k1", "k2"], now=NOW + 131 * DAY) == {"k1"}


def test_an_entry_that_came_back_is_listed_again(store):
    store.polls.sync_sources([make_source(id="s0")], now=NOW)
    poll(store, NOW, ["k1"])
    poll(store, NOW + DAY, [])
    poll(store, NOW + 2 * DAY, ["k1"])
    poll(store, NOW + 90 * DAY, ["k1"])
    prune(store, articles=NOW + DAY)
    assert poll(store, NOW + 91 * DAY, ["k1"]) == set()


def test_an_entry_that_another_source_lists_stays_seen(store):
    store.polls.sync_sources([make_source(id="s0"), make_source(id="s1", url="http://127.0.0.1/1")], now=NOW)
    poll(store, NOW, ["k1"])
    store.polls.unseen("s1", ["k1"], now=NOW)
    poll(store, NOW + DAY, [])
    poll(store, NOW + 90 * DAY, [])
    prune(store, articles=NOW + DAY)
    assert poll(store, NOW + 91 * DAY, ["k1"]) == set()


def test_a_told_story_and_its_delivery_are_forgotten_with_the_articles(store):
    store.polls.save_articles([make_taken("a1", rules=("一",), fetched_at=NOW - 3 * DAY)])
    [delivery] = store.deliveries.promise(make_promise(told=waiting_ids(store)), now=NOW - 2 * DAY, slot=None)
    store.deliveries.close(replace(delivery, state=DeliveryState.SENT), now=NOW, note="ok")
    assert prune(store, articles=NOW - DAY) == 2
    assert exported(store, "deliveries") == []
    assert prune(store, articles=NOW - DAY) == 0


def test_a_checkpoint_empties_the_log(store):
    store.polls.save_articles([make_taken(f"a{number}") for number in range(50)])
    log = store.path.with_name(f"{store.path.name}-wal")
    assert log.stat().st_size > 0
    store.upkeep.checkpoint()
    assert log.stat().st_size == 0


def test_polls_that_were_noted_while_the_clock_stood_ahead_forget_nothing_that_was_seen(store):
    store.polls.sync_sources([make_source(id="s0")], now=NOW)
    poll(store, NOW, ["k1", "k2"])
    poll(store, NOW + DAY, ["k2"])
    poll(store, NOW + 5000 * DAY, ["k2"])
    before = NOW - DAY
    assert store.upkeep.prune(articles_before=before, bodies_before=before, batch=100, now=NOW + DAY) == 0
    assert store.polls.unseen("s0", ["k1"], now=NOW + DAY) == set()


class TestReckoning:
    """How far time has gone on for certain, over restarts."""

    def test_of_a_new_store_nothing_is_known(self, store):
        assert store.upkeep.reckoning() is None

    def test_before_there_was_one_it_is_the_last_poll_under_no_known_kernel(self, store):
        store.polls.sync_sources([make_source(id="s0"), make_source(id="s1", url="http://127.0.0.1/1")], now=NOW)
        poll(store, NOW, ["k1"])
        known = store.upkeep.reckoning()
        assert (known.certain_at, known.reading.wall_at, known.agreed) == (NOW, NOW, timedelta(0))
        assert known.reading.boot not in {None, read_clocks(NOW).boot}

    @pytest.mark.parametrize("boot", ["30b3c91f", None])
    def test_the_last_one_is_the_one(self, opened, boot):
        store = opened()
        reading = Reading(wall_at=NOW, steady=timedelta(seconds=1.5), boot=boot)
        store.upkeep.note_reckoning(Reckoning(certain_at=NOW, reading=reading))
        last = Reckoning(certain_at=NOW - DAY, reading=reading, agreed=timedelta(hours=3))
        store.upkeep.note_reckoning(last)
        assert opened().upkeep.reckoning() == last


def test_the_steady_clock_runs_on_and_knows_its_kernel():
    first, second = read_clocks(NOW), read_clocks(NOW)
    assert timedelta(0) <= second.steady - first.steady < timedelta(minutes=1)
    assert (first.boot, first.wall_at) == (second.boot, NOW)
