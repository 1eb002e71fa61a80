"""What waits in a destination, and what it was told, become another's: nothing is lost, nothing told twice."""

from dataclasses import replace

from builders import NOW
from stores.making import CRISIS, DESK, exported, make_promise, make_taken, waiting_ids

ID = "C0CRISIS01"
SAME = replace(DESK, destination=ID)


def test_what_waits_goes_to_the_other(store):
    store.polls.save_articles([make_taken("a1", rules=("一",)), make_taken("a2", rules=("一",), notices=(SAME,))])
    store.deliveries.join("#pr-crisis", ID)
    assert {(one.channel, one.destination) for one in store.deliveries.backlog()} == {("crisis", ID), ("desk", ID)}


def test_a_match_that_waits_in_both_is_told_once_and_at_once(store):
    slow = replace(CRISIS, when="digest")
    store.polls.save_articles(
        [
            make_taken("a1", rules=("一",), notices=(CRISIS, SAME)),
            make_taken("a2", rules=("一",), notices=(slow, replace(SAME, when="now"))),
        ]
    )
    store.deliveries.join("#pr-crisis", ID)
    found = {(one.channel, one.destination, one.when, one.matches) for one in store.deliveries.backlog()}
    assert found == {("crisis", ID, "now", 1), ("desk", ID, "now", 1)}


def test_what_was_told_by_one_name_is_not_told_by_the_other(store):
    store.polls.save_articles([make_taken("a1", rules=("一",), notices=(CRISIS, SAME))])
    store.deliveries.promise(make_promise(told=waiting_ids(store)), now=NOW, slot=None)
    # Another article of the same story, found since.
    store.polls.save_articles([make_taken("a2", rules=("一",), notices=(SAME,), story="a1")])
    assert store.deliveries.waiting("desk", "digest")[1] == set()
    for _ in range(2):
        store.deliveries.join("#pr-crisis", ID)
        waiting, told = store.deliveries.waiting("desk", "digest")
        assert {one.match.article_id for one in waiting} == {"a1", "a2"}
        assert told == {"a1"}


def test_what_the_other_was_told_already_does_not_wait_any_longer(store):
    store.polls.save_articles([make_taken("a1", rules=("一",), notices=(CRISIS, SAME))])
    told = make_promise(told=waiting_ids(store, "desk", "digest"), channel="desk", destination=ID)
    store.deliveries.promise(told, now=NOW, slot=None)
    store.deliveries.join("#pr-crisis", ID)
    assert store.deliveries.backlog() == []


def test_other_destinations_stay_as_they_are(store):
    store.polls.save_articles([make_taken("a1", rules=("一",), notices=(CRISIS, DESK))])
    before = exported(store, "matches")
    store.deliveries.join("#news", "C0NEWS0001")
    assert exported(store, "matches") == before
