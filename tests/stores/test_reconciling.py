"""A backup that was put back: what it knows as pending is looked up, and what was told since is not told again."""

from dataclasses import replace
from datetime import timedelta

import pytest
from builders import NOW
from stores.making import CRISIS, DESK, exported, make_promise, make_taken, waiting_ids

from monitor.model import DeliveryState
from monitor.stores import open_store, restore_copy, write_copy

LATER = NOW + timedelta(hours=5)
SENT = DeliveryState.SENT


@pytest.fixture
def database(tmp_path):
    """Of the time of the backup: one delivery sent, one on the wire, one pending, and a match that waits."""
    database = tmp_path / "monitor.db"
    store = open_store(str(database))
    store.polls.save_articles([make_taken(f"a{n}", rules=("一",)) for n in range(4)])
    ids = waiting_ids(store)
    for number, match in enumerate(ids[:3]):
        store.deliveries.promise(make_promise(told=(match,), period=f"now/{number}"), now=NOW, slot=None)
    first, second, _ = store.deliveries.due(now=NOW)
    for delivery in (first, second):
        store.deliveries.claim(delivery.id, now=NOW, send_started_at=NOW)
    store.deliveries.close(replace(first, state=SENT, receipt="1.0", sent_at=NOW), now=NOW, note="sent")
    store.close()
    return database


@pytest.fixture
def restored(database, tmp_path):
    copy = write_copy(database, tmp_path / "copy.db", now=NOW)
    restore_copy(database, copy.path, now=LATER)
    store = open_store(str(database))
    yield store
    store.close()


def test_a_database_that_was_never_restored_asks_nothing(database):
    store = open_store(str(database))
    store.deliveries.recover(now=LATER)
    assert (store.reconciling.unaware_since(), store.reconciling.unreconciled()) == (None, [])
    assert [row["state"] for row in exported(store, "deliveries")] == ["sent", "unknown", "pending"]
    store.close()


def test_what_the_backup_knows_as_pending_is_looked_up_first(restored):
    restored.deliveries.recover(now=LATER)
    assert [row["state"] for row in exported(restored, "deliveries")] == ["sent", "unknown", "unknown"]
    due = restored.deliveries.due(now=LATER)
    assert {(one.state, one.send_started_at, one.absent_reads) for one in due} == {(DeliveryState.UNKNOWN, NOW, 0)}
    assert restored.reconciling.unaware_since() == NOW
    # Once: what is written down from now on is as sure as ever.
    restored.deliveries.promise(make_promise(period="now/9"), now=LATER, slot=None)
    restored.deliveries.recover(now=LATER)
    assert [row["state"] for row in exported(restored, "deliveries")][-1] == "pending"


def test_each_destination_is_asked_before_it_is_promised_anything(restored):
    restored.deliveries.recover(now=LATER)
    restored.polls.save_articles([make_taken("b1", rules=("一",), notices=(CRISIS, DESK))])
    assert restored.reconciling.unreconciled() == ["#desk", "#pr-crisis"]
    restored.reconciling.reconcile("#desk", [], now=LATER)
    assert restored.reconciling.unreconciled() == ["#pr-crisis"]
    restored.reconciling.reconcile("#pr-crisis", [], now=LATER)
    restored.reconciling.reconcile("#pr-crisis", [], now=LATER)
    assert restored.reconciling.unreconciled() == []


def test_what_was_told_since_counts_as_told(restored):
    restored.deliveries.recover(now=LATER)
    # After the backup b1 came and was told; it is found anew.
    links = ["http://127.0.0.1/b1?utm_source=rss", "http://127.0.0.1/other\ud800"]
    restored.reconciling.reconcile("#pr-crisis", links, now=LATER)
    restored.polls.save_articles([make_taken(name, rules=("一",), notices=(CRISIS, DESK)) for name in ("b1", "b2")])
    waiting, told = restored.deliveries.waiting("crisis", "now")
    assert [one.match.article_id for one in waiting] == ["a3", "b1", "b2"]
    assert told == {"b1"}
    # Elsewhere it was not.
    assert restored.deliveries.waiting("desk", "digest")[1] == set()


def test_a_copy_that_was_put_back_by_hand_is_noticed_too(database, tmp_path):
    copy = write_copy(database, tmp_path / "copy.db", now=NOW)
    store = open_store(str(copy.path))
    store.deliveries.recover(now=LATER)
    assert store.reconciling.unaware_since() == NOW
    store.close()


def test_put_back_twice_it_knows_of_the_older_time(restored, database, tmp_path):
    restored.deliveries.recover(now=LATER)
    restored.reconciling.reconcile("#pr-crisis", [], now=LATER)
    restored.close()
    copy = write_copy(database, tmp_path / "second.db", now=LATER)
    restore_copy(database, copy.path, now=LATER)
    store = open_store(str(database))
    store.deliveries.recover(now=LATER)
    assert store.reconciling.unaware_since() == NOW
    assert store.reconciling.unreconciled() == ["#pr-crisis"]
    store.close()
