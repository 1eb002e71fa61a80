"""DeliverStore: what waits, the outbox, pauses and slots."""

from dataclasses import replace
from datetime import timedelta

import pytest
from builders import NOW
from stores.making import CRISIS, DESK, MINUTE, exported, make_promise, make_taken, waiting_ids

from monitor.model import DeliveryState, Notice

HOUR = timedelta(hours=1)
SENT = DeliveryState.SENT
OTHER = Notice(channel="other", destination="#other", when="now")


def promised(store, **changes):
    return store.deliveries.promise(make_promise(**changes), now=NOW, slot=None)


def send(store, delivery, receipt="1.5", now=NOW):
    assert store.deliveries.claim(delivery.id, now=now, send_started_at=now)
    done = replace(delivery, state=SENT, receipt=receipt, sent_at=now)
    store.deliveries.close(done, now=now, note="ok")


def due_ids(store, now=NOW):
    return [delivery.id for delivery in store.deliveries.due(now=now)]


def test_the_backlog_tells_what_waits_where(store):
    assert store.deliveries.backlog() == []
    store.polls.save_articles([
        make_taken("a1", rules=("一", "二"), notices=(CRISIS, DESK), fetched_at=NOW),
        make_taken("a2", rules=("一",), notices=(DESK,), fetched_at=NOW - MINUTE),
    ])  # fmt: skip
    crisis, desk = store.deliveries.backlog()
    assert (crisis.channel, crisis.destination, crisis.when, crisis.matches) == ("crisis", "#pr-crisis", "now", 2)
    assert (desk.channel, desk.destination, desk.when, desk.matches) == ("desk", "#desk", "digest", 3)
    assert (crisis.first_matched_at, desk.first_matched_at) == (NOW, NOW - MINUTE)
    assert crisis.first_breaking_at is None


def test_one_breaking_match_makes_the_backlog_breaking(store):
    taken = make_taken(rules=("一", "二"))
    urgent = replace(taken.matches[1], severity="breaking")
    store.polls.save_articles([replace(taken, matches=(taken.matches[0], urgent))])
    assert store.deliveries.backlog()[0].first_breaking_at == urgent.matched_at


def test_what_waits_comes_oldest_first(store):
    store.polls.save_articles([make_taken("a1", rules=("一",), fetched_at=NOW)])
    store.polls.save_articles([make_taken("a2", rules=("一",), fetched_at=NOW - MINUTE)])
    waiting, _ = store.deliveries.waiting("crisis", "now")
    assert [one.match.article_id for one in waiting] == ["a2", "a1"]


def test_a_promise_writes_deliveries_matches_and_slot(store, opened):
    store.polls.save_articles([make_taken("a1", rules=("一", "二")), make_taken("a2", rules=("一",))])
    first, second, third = waiting_ids(store)
    parts = store.deliveries.promise(
        make_promise(told=(first, second), covered=(third,), payloads=("一\x00🚀", "二")), now=NOW, slot=NOW - HOUR
    )
    assert [(part.part, part.payload, part.state, part.attempts) for part in parts] == [
        (0, "一\x00🚀", "pending", 0),
        (1, "二", "pending", 0),
    ]
    assert {(part.channel, part.destination, part.period) for part in parts} == {("crisis", "#pr-crisis", "now/1")}
    assert parts[0].due_at == parts[0].created_at == NOW
    again = opened()
    assert again.deliveries.backlog() == []
    assert again.deliveries.last_slots() == {"crisis": NOW - HOUR}
    assert again.archive.counts()["matches"] == {"promised": 2, "covered": 1}
    assert [row["delivery"] for row in exported(store, "matches")] == [parts[0].id, parts[0].id, None]


def test_a_promise_of_one_channel_leaves_the_others_waiting(store):
    store.polls.save_articles([make_taken("a1", rules=("一",), notices=(CRISIS, DESK))])
    promised(store, told=waiting_ids(store))
    assert [one.channel for one in store.deliveries.backlog()] == ["desk"]
    assert store.deliveries.waiting("desk", "digest")[1] == set()


def test_a_second_promise_of_a_period_is_the_first_one(store, opened):
    store.polls.save_articles([make_taken("a1", rules=("一",))])
    told = waiting_ids(store)
    parts = promised(store, told=told, payloads=("一", "二"))
    assert opened().deliveries.promise(make_promise(told=told, payloads=("三",)), now=NOW + HOUR, slot=NOW) == parts
    assert len(store.deliveries.due(now=NOW)) == 1
    # The slot is done all the same: otherwise its digest would be composed for ever.
    assert store.deliveries.last_slots() == {"crisis": NOW}


def test_a_digest_whose_name_was_used_while_the_clock_stood_ahead_gets_its_own(store, opened):
    store.polls.save_articles([make_taken("a1", rules=("一",)), make_taken("a2", rules=("一",))])
    first, second = waiting_ids(store)
    [before] = promised(store, told=(first,), payloads=("一",))
    [after] = opened().deliveries.promise(make_promise(told=(second,), payloads=("二",)), now=NOW + HOUR, slot=NOW)
    assert (before.period, after.period, after.payload) == ("now/1", f"now/1/{second}", "二")
    assert waiting_ids(store) == ()
    assert opened().deliveries.promise(make_promise(told=(second,)), now=NOW + HOUR, slot=NOW) == [before]
    assert due_ids(store, NOW + HOUR) == [before.id, after.id]


def test_the_same_period_of_another_destination_is_its_own(store):
    assert promised(store) != promised(store, destination="#desk")


def test_covered_alone_needs_no_delivery(store):
    store.polls.save_articles([make_taken("a1", rules=("一",))])
    for _ in range(2):
        assert promised(store, covered=waiting_ids(store), payloads=(), period="") == []
    assert store.archive.counts()["matches"] == {"covered": 1}


def test_a_story_that_was_told_says_so_to_later_matches_of_it(store):
    def take(name, *, notices=(CRISIS,)):
        store.polls.save_articles([make_taken(name, title="停戦協議", rules=("停戦",), notices=notices)])

    take("a1", notices=(CRISIS, OTHER))
    [first] = waiting_ids(store)
    promised(store, told=(first,))
    take("a2", notices=(CRISIS, OTHER))
    waiting, told = store.deliveries.waiting("crisis", "now")
    assert ([one.match.article_id for one in waiting], told) == (["a2"], {"a1"})
    # The other channel was told nothing yet.
    assert store.deliveries.waiting("other", "now")[1] == set()


def test_a_channel_with_a_new_destination_tells_what_waited_once(store):
    store.polls.save_articles([make_taken("a1", rules=("一",))])
    promised(store, told=waiting_ids(store), destination="#moved")
    assert store.deliveries.backlog() == []


def test_parts_go_out_in_order_in_the_thread_of_the_first(store):
    first, second, third = promised(store, payloads=("一", "二", "三"))
    assert due_ids(store) == [first.id]
    send(store, first, "1700000000.000100")
    [due] = store.deliveries.due(now=NOW)
    assert (due.id, due.thread) == (second.id, "1700000000.000100")
    send(store, due, "1700000000.000200")
    [due] = store.deliveries.due(now=NOW)
    assert (due.id, due.thread) == (third.id, "1700000000.000100")
    send(store, due)
    assert due_ids(store) == []


def test_the_oldest_digest_goes_first(store):
    later = promised(store, period="now/7")
    earlier = store.deliveries.promise(make_promise(period="now/9"), now=NOW - HOUR, slot=None)
    assert due_ids(store) == [later[0].id, earlier[0].id]


def test_a_claim_is_given_once(store, opened):
    [delivery] = promised(store)
    other = opened()
    assert store.deliveries.claim(delivery.id, now=NOW, send_started_at=NOW + 2 * HOUR)
    assert not other.deliveries.claim(delivery.id, now=NOW, send_started_at=NOW)
    assert not other.deliveries.claim("nothing", now=NOW, send_started_at=NOW)
    assert due_ids(store) == []
    assert store.deliveries.recover(now=NOW + MINUTE) == 1
    [unknown] = store.deliveries.due(now=NOW + MINUTE)
    assert unknown == replace(
        delivery, state=DeliveryState.UNKNOWN, attempts=1, send_started_at=NOW + 2 * HOUR, due_at=NOW + MINUTE
    )
    assert not store.deliveries.claim(delivery.id, now=NOW, send_started_at=NOW)


def test_recovery_touches_only_what_was_on_the_wire(store):
    [first] = promised(store, period="now/1")
    [second] = promised(store, period="now/2")
    send(store, first)
    assert store.deliveries.recover(now=NOW) == 0
    assert due_ids(store) == [second.id]


def test_closing_keeps_what_the_claim_wrote(store):
    [delivery] = promised(store)
    store.deliveries.claim(delivery.id, now=NOW, send_started_at=NOW + MINUTE)
    failed = replace(delivery, due_at=NOW + HOUR, last_error="sinks.refused", absent_reads=1, payload="plain")
    store.deliveries.close(failed, now=NOW, note="refused")
    assert due_ids(store) == []
    [again] = store.deliveries.due(now=NOW + HOUR)
    assert again == replace(failed, attempts=1, send_started_at=NOW + MINUTE)
    send(store, again, now=NOW + HOUR)
    [row] = exported(store, "deliveries")
    assert (row["state"], row["attempts"], row["slack_ts"], row["error"]) == ("sent", 2, "1.5", "sinks.refused")


@pytest.mark.parametrize("state", ["held", "dead", "sent", "sending"])
def test_only_pending_and_unknown_are_due(store, state):
    [delivery] = promised(store)
    store.deliveries.close(replace(delivery, state=DeliveryState(state)), now=NOW, note=state)
    assert due_ids(store, NOW + HOUR) == []


def test_a_due_time_beyond_the_longest_back_off_is_a_clock_that_went_back(store):
    [delivery] = promised(store)
    for ahead, due in ((HOUR, False), (HOUR + MINUTE, True), (timedelta(days=90), True)):
        store.deliveries.close(replace(delivery, due_at=NOW + ahead), now=NOW, note="later")
        assert (due_ids(store) == [delivery.id]) is due


def test_a_paused_destination_is_not_due_until_then(store, opened):
    [one] = promised(store)
    [other] = promised(store, destination="#desk")
    store.deliveries.pause("#pr-crisis", until=NOW + MINUTE, reason="429")
    assert due_ids(store) == [other.id]
    assert opened().deliveries.paused() == {"#pr-crisis": (NOW + MINUTE, "429")}
    assert due_ids(store, NOW + MINUTE) == [one.id, other.id]


def test_a_pause_without_end_waits_for_a_person(store):
    [one] = promised(store)
    store.deliveries.pause("#pr-crisis", until=NOW, reason="429")
    store.deliveries.pause("#pr-crisis", until=None, reason="sinks.archived")
    assert due_ids(store, NOW + timedelta(days=400)) == []
    store.deliveries.pause("#pr-crisis", until=None, reason=None)
    store.deliveries.pause("#pr-crisis", until=None, reason=None)
    assert due_ids(store) == [one.id]
    assert store.deliveries.paused() == {}


def test_a_pause_that_ends_in_months_was_set_by_a_wrong_clock(store):
    [one] = promised(store)
    store.deliveries.pause("slack", until=NOW + timedelta(days=90), reason="429")
    assert due_ids(store) == [one.id]


def test_a_paused_workspace_holds_all_that_is_in_slack(store):
    for destination in ("#a", "C0123", "webhook:DESK", "console"):
        promised(store, destination=destination)
    store.deliveries.pause("slack", until=None, reason="sinks.token")
    assert [one.destination for one in store.deliveries.due(now=NOW)] == ["webhook:DESK", "console"]


def test_slots_are_overwritten_and_kept(store, opened):
    store.deliveries.set_slots({"crisis": NOW, "desk": NOW})
    store.deliveries.set_slots({"desk": NOW - HOUR})
    store.deliveries.set_slots({})
    assert opened().deliveries.last_slots() == {"crisis": NOW, "desk": NOW - HOUR}
