"""PollStore.save_articles: what is kept of an article, its story, and its matches."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from builders import NOW, make_article, make_source
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from stores.making import CRISIS, DESK, exported, make_match, make_promise, make_taken, waiting_ids

from monitor.errors import StoreError
from monitor.model import Notice, Snippet, Telling, TextFrom
from monitor.ports import Taken
from monitor.text.query_line import parse_query

HOUR = timedelta(hours=1)


def test_an_article_comes_back_as_it_was_saved(store, opened):
    taken = make_taken(
        authors=("山田太郎", "J. Doe"),
        updated_at=NOW,
        published_at=None,
        text="一\n二\n\n三 🚀",
        text_from=TextFrom.ENTRY,
        missing="fetch.closed",
    )
    assert store.polls.save_articles([taken]) == 1
    assert opened().archive.article("a1") == taken.article
    assert store.archive.article("http://127.0.0.1/a1") == taken.article
    assert store.archive.article("http://127.0.0.1/a2") is None


def test_what_is_known_is_passed_over(store):
    first = make_taken("a1", rules=("NATO",))
    assert store.polls.save_articles([first, first]) == 1
    assert store.polls.save_articles([first, make_taken("a2"), make_taken("a3", key="a1")]) == 1
    assert len(exported(store, "articles")) == 2
    assert len(exported(store, "matches")) == 1
    assert store.polls.save_articles([]) == 0


def test_a_known_article_under_another_key_is_seen_under_both(store):
    store.polls.save_articles([make_taken("a1", key="k1")])
    assert store.polls.save_articles([make_taken("a1", key="k2")]) == 0
    assert store.polls.unseen("s0", ["k1", "k2"], now=NOW) == set()


def test_the_same_headline_within_48_hours_is_one_story(store):
    def take(name, hours, title):
        return make_taken(name, title=title, fetched_at=NOW + hours * HOUR)

    store.polls.save_articles([take("a1", 0, "ＮＡＴＯ、ｳｸﾗｲﾅを支援"), take("a2", 0, "nato、ウクライナを支援")])
    store.polls.save_articles([take("a3", 48, "NATO、ウクライナを支援"), take("a4", 48, "NATO、ウクライナを非難")])
    store.polls.save_articles([take("a5", 97, "NATO、ウクライナを支援")])
    assert {row["id"]: row["story"] for row in exported(store, "articles")} == {
        "a1": "a1", "a2": "a1", "a3": "a1", "a4": "a4", "a5": "a5",
    }  # fmt: skip


def test_a_story_goes_on_while_its_articles_do(store):
    for day, name in enumerate(("a1", "a2", "a3")):
        store.polls.save_articles([make_taken(name, title="停戦協議", fetched_at=NOW + 40 * day * HOUR)])
    assert [row["story"] for row in exported(store, "articles")] == ["a1", "a1", "a1"]


def test_untitled_articles_tell_nothing_in_common(store):
    store.polls.save_articles([make_taken("a1", title=""), make_taken("a2", title=""), make_taken("a3", title=" \n")])
    assert [row["story"] for row in exported(store, "articles")] == ["a1", "a2", "a3"]


def test_a_match_waits_in_each_of_its_channels(store):
    store.polls.sync_sources([make_source()], now=NOW)
    store.polls.save_articles([make_taken(rules=("NATO", "停戦"), notices=(CRISIS, DESK))])
    [first, second], told = store.deliveries.waiting("desk", "digest")
    assert told == set()
    assert first.match == make_match(article_id="a1", rule_id="NATO", rule_name="NATO", notices=(DESK,))
    assert (first.match.rule_id, second.match.rule_id) == ("NATO", "停戦")
    assert (first.mention, first.url, first.outlet, first.story) == ("@desk", "http://127.0.0.1/a1", "朝の通信", "a1")
    assert (first.text_from, first.body_missing) == (TextFrom.PAGE, False)
    assert waiting_ids(store, "crisis", "now") == (first.match_id, second.match_id)
    assert store.deliveries.waiting("crisis", "digest") == ([], set())
    assert store.deliveries.waiting("desk", "now") == ([], set())


def test_a_match_goes_to_a_destination_once_and_the_urgent_notice_wins(store):
    slow = Notice(channel="#pr-crisis", destination="#pr-crisis", when="digest")
    store.polls.save_articles([make_taken(rules=("NATO",), notices=(slow, CRISIS))])
    assert [(one.channel, one.when, one.matches) for one in store.deliveries.backlog()] == [("crisis", "now", 1)]


def test_matches_that_may_not_be_told_do_not_wait(store):
    taken = make_taken(rules=("NATO",))
    store.polls.save_articles([Taken(article=taken.article, matches=taken.matches, telling=Telling.INITIAL, key="a1")])
    assert store.deliveries.backlog() == []
    assert store.archive.counts()["matches"] == {"initial": 1}


def test_a_rule_that_comes_twice_counts_once(store):
    store.polls.save_articles([make_taken(rules=("NATO", "NATO"))])
    assert len(waiting_ids(store)) == 1


def test_all_or_nothing(store):
    broken = make_taken("a2", rules=("NATO",))
    bad = Taken(
        article=broken.article,
        matches=(make_match(article_id="no such article"),),
        telling=Telling.WAITING,
        key="a2",
    )
    with pytest.raises(StoreError):
        store.polls.save_articles([make_taken("a1", rules=("NATO",)), bad])
    assert exported(store, "articles") == exported(store, "matches") == []
    assert store.archive.search(parse_query("見出し"), limit=5) == []
    assert store.polls.unseen("s0", ["a1", "a2"], now=NOW) == {"a1", "a2"}
    assert store.polls.save_articles([make_taken("a1", rules=("NATO",))]) == 1


def test_match_ids_are_never_given_twice(store):
    store.polls.save_articles([make_taken("a1", rules=("NATO",))])
    [first] = waiting_ids(store)
    store.deliveries.promise(make_promise(told=(first,)), now=NOW, slot=None)
    store.upkeep.prune(articles_before=NOW + HOUR, bodies_before=NOW + HOUR, batch=10)
    assert exported(store, "matches") == []
    store.polls.save_articles([make_taken("a2", rules=("NATO",))])
    assert waiting_ids(store) > (first,)


TEXT = st.text(st.characters(codec="utf-8") | st.sampled_from("\x00🚀'\"%_\\\u200b\u202e"))


@given(title=TEXT, text=TEXT, author=TEXT, term=TEXT)
@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text_comes_back(store, title, text, author, term):
    name = uuid4().hex
    article = make_article(
        id=name, title=title, text=text, authors=(author,), url=f"http://127.0.0.1/{name}/{text}", story=name
    )
    match = make_match(article_id=name, terms=(term,), title=Snippet(text=title), snippet=None)
    store.polls.save_articles([Taken(article=article, matches=(match,), telling=Telling.WAITING, key=name)])
    found = store.archive.article(name)
    assert found is not None
    assert replace(found, story=name) == article
    waiting = store.deliveries.waiting("crisis", "now")[0][-1]
    assert (waiting.match.terms, waiting.match.title.text) == ((term,), title)
    assert exported(store, "articles")[-1]["text"] == text


def test_text_that_is_no_unicode_is_kept_as_far_as_it_goes(store):
    broken = "関税\ud800と\udfff"
    store.polls.save_articles([make_taken(title=broken, text=broken, authors=(broken,), rules=(broken,))])
    found = store.archive.article("a1")
    assert found is not None
    assert (found.title, found.text, found.authors) == (("関税\ufffdと\ufffd",) * 2 + (("関税\ufffdと\ufffd",),))
    assert len(store.archive.search(parse_query("関税"), limit=5)) == 1
