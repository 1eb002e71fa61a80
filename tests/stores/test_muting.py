"""MuteStore: what is not told while a rule is muted."""

from builders import NOW
from stores.making import CRISIS, DESK, MINUTE, find, make_promise, make_taken, states, waiting_ids

from monitor.ports import Mute

DAY = 24 * 60 * MINUTE


def mute(rule="二次関税", until=NOW + DAY):
    return Mute(rule_id=rule, rule_name=rule, until=until)


def test_what_waits_and_what_comes_is_not_told(store):
    store.polls.save_articles([make_taken("a1", rules=("二次関税", "NATO"), notices=(CRISIS, DESK))])
    assert store.mutes.mute(mute(), now=NOW) == 2
    store.polls.save_articles([make_taken("a2", rules=("二次関税", "NATO"))])
    waiting, _ = store.deliveries.waiting("crisis", "now")
    assert [one.match.rule_id for one in waiting] == ["NATO", "NATO"]
    assert store.archive.counts()["matches"] == {"muted": 3, "waiting": 3}


def test_what_gathers_or_is_held_is_not_told_either(store):
    store.polls.save_articles([find("a1"), find("a2", needs_body=True, when_body_missing="hold")])
    assert store.mutes.mute(mute("制裁"), now=NOW) == 2
    assert states(store) == {"a1": "muted", "a2": "muted"}


def test_what_was_told_stays_told(store):
    store.polls.save_articles([make_taken("a1", rules=("二次関税",))])
    store.deliveries.promise(make_promise(told=waiting_ids(store)), now=NOW, slot=None)
    assert store.mutes.mute(mute(), now=NOW) == 0
    assert states(store) == {"a1": "promised"}


def test_it_ends_by_itself(store):
    store.mutes.mute(mute(), now=NOW)
    store.polls.save_articles([make_taken("a1", rules=("二次関税",), fetched_at=NOW + DAY - MINUTE)])
    store.polls.save_articles([make_taken("a2", rules=("二次関税",), fetched_at=NOW + DAY)])
    assert states(store) == {"a1": "muted", "a2": "waiting"}
    assert store.mutes.muted(now=NOW + DAY) == []


def test_unmuting_ends_it_and_tells_nothing_of_what_was_muted(store):
    store.mutes.mute(mute(until=None), now=NOW)
    store.polls.save_articles([make_taken("a1", rules=("二次関税",))])
    assert store.mutes.unmute("二次関税")
    assert not store.mutes.unmute("二次関税")
    store.polls.save_articles([make_taken("a2", rules=("二次関税",))])
    assert states(store) == {"a1": "muted", "a2": "waiting"}


def test_a_second_mute_moves_the_end_and_the_next_to_end_comes_first(store, opened):
    store.mutes.mute(mute("ever", None), now=NOW)
    store.mutes.mute(mute("late", NOW + 2 * DAY), now=NOW)
    store.mutes.mute(mute("soon", NOW + 3 * DAY), now=NOW)
    store.mutes.mute(mute("soon", NOW + DAY), now=NOW)
    muted = opened().mutes.muted(now=NOW)
    assert [one.rule_id for one in muted] == ["soon", "late", "ever"]
    assert [one.until for one in muted] == [NOW + DAY, NOW + 2 * DAY, None]


def test_what_was_muted_after_its_digest_was_composed_stands_in_it(store):
    store.polls.save_articles([make_taken("a1", rules=("二次関税",), notices=(CRISIS, DESK))])
    told = waiting_ids(store)
    store.mutes.mute(mute(), now=NOW)
    store.deliveries.promise(make_promise(told=told), now=NOW, slot=None)
    # The other destination was not told.
    assert store.archive.counts()["matches"] == {"muted": 1, "promised": 1}
