"""What became of an article's matches, as the tables tell it."""

from dataclasses import replace

from builders import NOW
from stores.making import CRISIS, DESK, MINUTE, make_promise, make_taken, waiting_ids

from monitor.model import DeliveryState, Telling


def fates(store, article="a1"):
    return [(one.rule_id, one.channel, one.when, one.telling, one.delivery) for one in store.archive.fates(article)]


def test_a_fate_per_rule_and_destination_in_the_order_of_the_rules(store):
    taken = make_taken(rules=("一", "二"), notices=(CRISIS, DESK))
    matches = tuple(replace(match, rule_order=5 - number) for number, match in enumerate(taken.matches))
    store.polls.save_articles([replace(taken, matches=matches)])
    assert fates(store) == [
        (rule, channel, when, Telling.WAITING, None)
        for rule in ("二", "一")
        for channel, when in (("crisis", "now"), ("desk", "digest"))
    ]


def test_what_was_promised_names_its_delivery_and_when_it_was_sent(store):
    store.polls.save_articles([make_taken(rules=("一",))])
    [delivery] = store.deliveries.promise(make_promise(told=waiting_ids(store)), now=NOW, slot=None)
    [promised] = store.archive.fates("a1")
    assert (promised.telling, promised.delivery) == (Telling.PROMISED, DeliveryState.PENDING)
    store.deliveries.close(replace(delivery, state=DeliveryState.SENT, sent_at=NOW + MINUTE), now=NOW, note="sent")
    [told] = store.archive.fates("a1")
    assert (told.delivery, told.told_at) == (DeliveryState.SENT, NOW + MINUTE)


def test_what_is_covered_says_when_its_story_was_told(store):
    store.polls.save_articles([make_taken("a1", rules=("一",)), make_taken("a2", rules=("一",), title="見出し a1")])
    first, second = waiting_ids(store)
    store.deliveries.promise(make_promise(told=(first,), covered=(second,)), now=NOW, slot=None)
    [covered] = store.archive.fates("a2")
    assert (covered.telling, covered.delivery, covered.told_at) == (Telling.COVERED, None, NOW)


def test_a_missing_body_says_when_it_is_asked_for_again(store):
    store.polls.save_articles([make_taken(rules=("一",), missing="fetch.busy")])
    [fate] = store.archive.fates("a1")
    assert fate.revisit_at == NOW + 10 * MINUTE


def test_an_article_that_is_not_stored_has_none(store):
    assert store.archive.fates("nowhere") == []
