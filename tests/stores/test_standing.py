"""What becomes of a match when it is saved, and when a threshold lets it go."""

from dataclasses import replace
from itertools import permutations

import pytest
from builders import NOW, make_source
from stores.making import (
    CRISIS,
    DESK,
    HOUR,
    MINUTE,
    find,
    make_match,
    make_promise,
    make_taken,
    saying,
    states,
    waiting_ids,
)

from monitor.model import Telling, Threshold, Throttle
from monitor.ports import Mute


class TestFirstState:
    def test_what_the_rule_says_comes_back(self, store):
        said = {
            "needs_body": True,
            "when_body_missing": "tell",
            "throttle": Throttle(max=3, per=HOUR),
        }
        store.polls.save_articles([saying(make_taken(rules=("一",)), **said)])
        [waiting], _ = store.deliveries.waiting("crisis", "now")
        assert waiting.match == make_match(rule_id="一", rule_name="一", **said)

    def test_hold_and_skip_wait_for_no_digest(self, store):
        store.polls.save_articles(
            [
                saying(
                    make_taken("a1", rules=("一",), missing="fetch.timeout"), needs_body=True, when_body_missing="hold"
                ),
                saying(
                    make_taken("a2", rules=("一",), missing="fetch.timeout"), needs_body=True, when_body_missing="skip"
                ),
                saying(make_taken("a3", rules=("一",), missing="fetch.timeout"), needs_body=True),
                saying(make_taken("a4", rules=("一",)), when_body_missing="hold"),
            ]
        )
        assert states(store) == {"a1": "held", "a2": "skipped", "a3": "waiting", "a4": "waiting"}
        assert len(waiting_ids(store)) == 2

    def test_a_mute_goes_before_hold_and_threshold_and_initial_before_all(self, store):
        store.mutes.mute(Mute(rule_id="制裁", rule_name="制裁", until=None), now=NOW)
        held = {"needs_body": True, "when_body_missing": "hold"}
        store.polls.save_articles([find("a1", **held), replace(find("a2", **held), telling=Telling.INITIAL)])
        assert states(store) == {"a1": "muted", "a2": "initial"}

    def test_further_matches_of_a_stored_article_go_the_same_way(self, store):
        store.polls.save_articles([make_taken("a1", missing="fetch.timeout")])
        store.revisits.finish(["a1"])
        held = saying(make_taken("a1", rules=("一",)), needs_body=True, when_body_missing="hold")
        store.polls.add_matches([held])
        assert states(store) == {"a1": "held"}
        # What is held is looked for again, even where that had been given up.
        assert [one.article.id for one in store.revisits.due_revisits(now=NOW + HOUR, limit=5)] == ["a1"]


class TestThreshold:
    def test_below_it_nothing_is_told_and_at_it_everything(self, store):
        store.polls.save_articles([find("a1"), find("a2", 10)])
        assert states(store) == {"a1": "gathering", "a2": "gathering"}
        assert (store.deliveries.backlog(), store.archive.counts()["matches"]) == ([], {"gathering": 2})
        store.polls.save_articles([find("a3", 20, source="s1")])
        assert set(states(store).values()) == {"waiting"}
        assert len(waiting_ids(store)) == 3

    def test_a_match_that_fell_out_of_the_span_is_never_told(self, store):
        store.polls.save_articles([find("a1")])
        store.polls.save_articles([find("a2", 300), find("a3", 361), find("a4", 362, source="s1")])
        assert states(store) == {"a1": "gathering", "a2": "waiting", "a3": "waiting", "a4": "waiting"}

    def test_a_match_that_is_saved_late_reaches_it_with_those_after_it(self, store):
        store.polls.save_articles([find("a2", 100), find("a3", 101, source="s1")])
        store.polls.save_articles([find("a1", 50)])
        assert set(states(store).values()) == {"waiting"}

    def test_while_coverage_lasts_each_further_match_is_told(self, store):
        store.polls.save_articles([find("a1"), find("a2"), find("a3", source="s1")])
        ids = waiting_ids(store)
        store.deliveries.promise(make_promise(told=ids[:2], covered=ids[2:]), now=NOW, slot=None)
        store.polls.save_articles([find("a4", 100)])
        assert states(store) == {"a1": "promised", "a2": "promised", "a3": "covered", "a4": "waiting"}
        store.polls.save_articles([find("a5", 1000)])
        assert states(store)["a5"] == "gathering"

    def test_a_story_counts_once_and_each_rule_by_itself(self, store):
        same = [replace(one, article=replace(one.article, title="停戦協議")) for one in (find("a1"), find("a2"))]
        store.polls.save_articles([*same, find("a3", source="s1"), find("b1", rule="停戦"), find("b2", rule="停戦")])
        assert set(states(store).values()) == {"gathering"}

    @pytest.mark.parametrize("order", list(permutations(range(4))))
    def test_the_order_within_a_batch_is_no_matter(self, store, order):
        batch = [find("a1"), find("a2", 5), find("a3", 10, source="s1"), find("a0", -400)]
        store.polls.save_articles([batch[place] for place in order])
        assert states(store) == {"a0": "gathering", "a1": "waiting", "a2": "waiting", "a3": "waiting"}

    def test_what_is_initial_muted_skipped_or_held_is_no_coverage(self, store):
        store.polls.save_articles(
            [
                find("a1"),
                find("a2", source="s1"),
                replace(find("a3"), telling=Telling.INITIAL),
                find("a4", needs_body=True, when_body_missing="skip"),
                find("a5", needs_body=True, when_body_missing="hold"),
            ]
        )
        assert [state for state in states(store).values() if state == "waiting"] == []
        store.polls.save_articles([find("a6")])
        told = {name for name, state in states(store).items() if state == "waiting"}
        assert told == {"a1", "a2", "a6"}

    def test_every_source_that_lists_an_article_is_an_outlet(self, store):
        store.polls.sync_sources([make_source(id="s0"), make_source(id="s1")], now=NOW)
        store.polls.save_articles([find("a1"), find("a2"), find("a3")])
        assert set(states(store).values()) == {"gathering"}
        store.polls.unseen("s1", ["a2", "new"], now=NOW + MINUTE)
        assert set(states(store).values()) == {"waiting"}

    def test_each_destination_is_told(self, store):
        batch = [find("a1"), find("a2"), find("a3", source="s1")]
        wide = [saying(one, notices=(CRISIS, DESK)) for one in batch]
        store.polls.save_articles(wide)
        assert len(waiting_ids(store, "desk", "digest")) == len(waiting_ids(store)) == 3

    def test_the_newest_match_says_what_the_threshold_is(self, store):
        store.polls.save_articles([find("a1", threshold=Threshold(stories=9, within=HOUR))])
        store.polls.save_articles([find("a2", 1, threshold=Threshold(stories=2, within=HOUR))])
        assert set(states(store).values()) == {"waiting"}
