"""RevisitStore: what a body that comes late, or never, makes of what was found without it."""

from dataclasses import replace

import pytest
from builders import NOW
from stores.making import (
    HOUR,
    MINUTE,
    THREE,
    exported,
    find,
    make_match,
    make_promise,
    make_taken,
    saying,
    states,
    waiting_ids,
)

from monitor.model import Snippet, Telling, TextFrom
from monitor.ports import Mute
from monitor.stores.sqlite.articles import FIRST_REVISIT
from monitor.text.query_line import parse_query

LATER = NOW + HOUR
BODY = {"text": "本文には二次関税とある。", "text_from": TextFrom.PAGE, "missing": None}
RULES = {"一", "二", "三", "制裁"}


def missing(name="a1", *, rules=("一",), way="hold", **changes):
    """An article without its body, and what its rules say."""
    without = {"text": "概要", "text_from": TextFrom.ENTRY, "missing": "fetch.timeout"}
    taken = make_taken(name, rules=rules, **without | changes)
    return saying(taken, needs_body=True, when_body_missing=way, snippet=None)


def matched(rule="一", name="a1", **changes):
    return make_match(article_id=name, rule_id=rule, rule_name=rule, matched_at=LATER, **changes)


def bring(store, taken, *matches, rules=RULES):
    store.revisits.rejudge(replace(taken.article, **BODY), matches, rules=rules, now=LATER)


def due(store, now=LATER):
    return [(one.article.id, one.attempts) for one in store.revisits.due_revisits(now=now, limit=10)]


class TestWhatIsDue:
    def test_an_article_without_its_body_is_read_again(self, store):
        store.polls.save_articles([missing("a1", rules=()), make_taken("a2"), missing("a3", fetched_at=NOW + MINUTE)])
        assert store.revisits.next_revisit_at() == NOW + FIRST_REVISIT
        assert due(store, NOW + FIRST_REVISIT - MINUTE) == []
        assert due(store, NOW + FIRST_REVISIT) == [("a1", 0)]
        assert due(store) == [("a1", 0), ("a3", 0)]
        assert len(store.revisits.due_revisits(now=LATER, limit=1)) == 1

    def test_a_try_is_noted_and_the_last_one_ends_it(self, store):
        store.polls.save_articles([missing()])
        store.revisits.schedule("a1", due_at=LATER)
        assert (due(store, NOW + FIRST_REVISIT), due(store)) == ([], [("a1", 1)])
        store.revisits.finish(["a1"])
        assert (due(store), store.revisits.next_revisit_at()) == ([], None)

    def test_an_article_that_was_forgotten_is_not_read_again(self, store):
        store.polls.save_articles([missing(rules=())])
        store.upkeep.prune(articles_before=LATER, bodies_before=LATER, batch=10)
        assert (exported(store, "articles"), due(store)) == ([], [])
        bring(store, missing(), matched())
        assert exported(store, "matches") == []

    def test_what_is_held_is_not_forgotten(self, store):
        store.polls.save_articles([missing()])
        store.upkeep.prune(articles_before=LATER, bodies_before=NOW, batch=10)
        assert len(exported(store, "articles")) == 1


class TestTheBodyComes:
    def test_it_is_kept_and_found(self, store):
        taken = missing()
        store.polls.save_articles([taken])
        bring(store, taken, matched())
        assert store.archive.article("a1") == replace(taken.article, **BODY)
        assert [one.article.id for one in store.archive.search(parse_query("本文には"), limit=5)] == ["a1"]
        assert store.archive.search(parse_query("概要"), limit=5) == []
        assert due(store) == []

    @pytest.mark.parametrize("way", ["hold", "skip"])
    def test_a_match_that_holds_waits_with_its_place_in_the_body(self, store, way):
        taken = missing(way=way)
        store.polls.save_articles([taken])
        assert waiting_ids(store) == ()
        place = Snippet(text="本文には二次関税とある。", highlights=((4, 8),))
        bring(store, taken, matched(snippet=place, terms=("二次関税",)))
        [waiting], _ = store.deliveries.waiting("crisis", "now")
        assert (waiting.match.snippet, waiting.match.terms, waiting.body_missing) == (place, ("二次関税",), False)
        assert (waiting.match.matched_at, waiting.match.needs_body) == (NOW, False)

    @pytest.mark.parametrize("way", ["hold", "tell"])
    def test_a_match_that_the_body_speaks_against_is_not_told(self, store, way):
        taken = missing(way=way)
        store.polls.save_articles([taken])
        bring(store, taken)
        assert states(store) == {"a1": "skipped"}

    def test_what_was_told_stays_as_it_was_told(self, store):
        taken = missing(way="tell")
        store.polls.save_articles([taken])
        store.deliveries.promise(make_promise(told=waiting_ids(store)), now=NOW, slot=None)
        before = exported(store, "matches")
        bring(store, taken, matched(snippet=Snippet(text="別の文")))
        assert (states(store), exported(store, "matches")) == ({"a1": "promised"}, before)
        bring(store, taken)
        assert states(store) == {"a1": "promised"}

    def test_a_rule_that_is_gone_speaks_against_nothing(self, store):
        taken = missing()
        store.polls.save_articles([taken])
        bring(store, taken, rules={"二"})
        assert states(store) == {"a1": "waiting"}

    def test_a_match_that_did_not_rest_on_the_body_stays(self, store):
        taken = saying(missing(), needs_body=False)
        store.polls.save_articles([taken])
        bring(store, taken)
        assert states(store) == {"a1": "waiting"}

    def test_rules_that_match_only_now_are_added(self, store):
        taken = missing(rules=())
        store.polls.save_articles([taken])
        bring(store, taken, matched("一"), matched("二", needs_body=True, when_body_missing="skip"))
        assert sorted(row["rule"] for row in exported(store, "matches")) == ["一", "二"]
        assert store.archive.counts()["matches"] == {"waiting": 1, "skipped": 1}

    def test_what_the_first_poll_may_not_tell_is_not_told_now(self, store):
        taken = replace(missing(rules=()), telling=Telling.INITIAL)
        store.polls.save_articles([taken])
        bring(store, taken, matched())
        assert states(store) == {"a1": "initial"}

    def test_a_muted_rule_is_not_told(self, store):
        taken = missing(rules=("一", "二"))
        store.polls.save_articles([taken])
        # A mute takes what is held with it: only one that was written meanwhile is met here.
        store._connection.raw.execute("insert into mutes values ('一', '一', 0, null)")
        bring(store, taken, matched("一"), matched("二"), matched("三"))
        assert store.archive.counts()["matches"] == {"muted": 1, "waiting": 2}

    def test_it_is_coverage_from_then_on(self, store):
        held = find("a3", source="s1", needs_body=True, when_body_missing="hold")
        store.polls.save_articles([find("a1"), find("a2"), held])
        assert store.archive.counts()["matches"] == {"gathering": 2, "held": 1}
        bring(store, held, matched("制裁", "a3", threshold=THREE))
        assert set(states(store).values()) == {"waiting"}

    def test_a_threshold_that_the_rule_got_since_holds(self, store):
        taken = missing()
        store.polls.save_articles([taken])
        bring(store, taken, matched(threshold=THREE))
        assert states(store) == {"a1": "gathering"}
        further = [find("a2", 1, rule="一", source="s1"), find("a3", 2, rule="一")]
        store.polls.save_articles(further)
        assert set(states(store).values()) == {"waiting"}

    def test_twice_is_once(self, store):
        taken = missing()
        store.polls.save_articles([taken])
        bring(store, taken, matched(), matched("二"))
        once = (states(store), exported(store, "matches"), exported(store, "articles"))
        bring(store, taken, matched(), matched("二"))
        assert (states(store), exported(store, "matches"), exported(store, "articles")) == once


class TestNoBodyComes:
    def test_what_is_held_is_told_with_the_mark(self, store):
        store.polls.save_articles([missing("a1"), missing("a2", way="skip"), missing("a3")])
        assert store.revisits.give_up(["a1", "a2"], now=LATER) == 1
        assert states(store) == {"a1": "waiting", "a2": "skipped", "a3": "held"}
        [waiting], _ = store.deliveries.waiting("crisis", "now")
        assert waiting.body_missing
        assert due(store) == [("a3", 0)]
        assert store.revisits.give_up(["a1", "a2"], now=LATER) == 0

    def test_a_threshold_and_a_mute_hold_then_too(self, store):
        held = {"needs_body": True, "when_body_missing": "hold"}
        store.polls.save_articles([find("a1", **held), find("a2", source="s1"), find("a3"), missing("a4")])
        store.mutes.mute(Mute(rule_id="二", rule_name="二", until=None), now=NOW)
        store._connection.raw.execute("insert into mutes values ('一', '一', 0, null)")
        assert store.revisits.give_up(["a1", "a4"], now=LATER) == 2
        assert states(store) == {"a1": "waiting", "a2": "waiting", "a3": "waiting", "a4": "muted"}
