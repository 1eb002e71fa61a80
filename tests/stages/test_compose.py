"""Waiting matches in, a digest out."""

import random
from datetime import timedelta
from typing import Any

from builders import NOW

from monitor.model import DigestEntry, Match, Outlet, Snippet, TextFrom, Waiting
from monitor.stages.compose import Composed, compose_digest

TARIFF = {"rule_id": "二次関税", "rule_name": "二次関税", "rule_order": 0}
NATO = {"rule_id": "nato", "rule_name": "NATO", "rule_order": 1}
TALKS = {"rule_id": "talks", "rule_name": "停戦協議", "rule_order": 2}


def make_waiting(match_id: int, rule: dict[str, Any], article: str = "a1", **changes: Any) -> Waiting:
    match = {
        "article_id": article,
        "terms": ("二次関税",),
        "title": Snippet(text="二次関税を警告", highlights=((0, 4),)),
        "snippet": Snippet(text="大統領は二次関税を課すと述べた。", highlights=((4, 8),)),
        "matched_at": NOW,
    } | rule
    for name in ("title", "snippet", "weight"):
        if name in changes:
            match[name] = changes.pop(name)
    values: dict[str, Any] = {
        "match_id": match_id,
        "match": Match(**match),
        "mention": None,
        "url": f"https://news.example/{article}",
        "outlet": "朝の通信",
        "published_at": NOW - timedelta(hours=1),
        "fetched_at": NOW,
        "story": article,
        "text_from": TextFrom.PAGE,
        "body_missing": False,
    }
    return Waiting(**values | changes)


def compose(*waiting: Waiting, told: set[str] | None = None, **changes: Any) -> Composed:
    values: dict[str, Any] = {
        "channel": "crisis",
        "destination": "#pr-crisis",
        "period": "digest/2026-11-23T08:30",
        "now": NOW,
        "since_at": None,
    }
    return compose_digest(waiting, told or set(), **values | changes)


def entries(composed: Composed) -> list[DigestEntry]:
    assert composed.digest is not None
    return [entry for section in composed.digest.sections for entry in section.entries]


def test_nothing_waiting_is_no_digest():
    assert compose() == Composed(digest=None, told=(), covered=())


def test_a_hello_alone_is_no_digest():
    assert compose(hello=(3, 2, None)).digest is None


def test_an_article_stands_once_under_its_first_rule_in_file_order():
    composed = compose(make_waiting(1, NATO), make_waiting(2, TARIFF))
    assert composed.digest is not None
    (section,) = composed.digest.sections
    assert section.rule_name == "二次関税"
    assert section.entries[0].also_rules == (("NATO", None),)
    assert composed.told == (1, 2)


def test_another_rules_snippet_is_kept_where_it_differs():
    other = Snippet(text="NATO加盟国は反発した。", highlights=((0, 4),))
    composed = compose(
        make_waiting(1, TARIFF), make_waiting(2, NATO, snippet=other), make_waiting(3, TALKS, snippet=other)
    )
    assert entries(composed)[0].also_rules == (("NATO", other), ("停戦協議", None))


def test_highlights_of_several_rules_in_one_text_are_joined():
    text = "NATOと二次関税"
    composed = compose(
        make_waiting(
            1, TARIFF, title=Snippet(text=text, highlights=((5, 9),)), snippet=Snippet(text=text, highlights=((5, 9),))
        ),
        make_waiting(
            2,
            NATO,
            title=Snippet(text=text, highlights=((0, 4), (4, 6))),
            snippet=Snippet(text=text, highlights=((0, 4),)),
        ),
    )
    (entry,) = entries(composed)
    assert entry.title.highlights == ((0, 9),)
    assert entry.snippet == Snippet(text=text, highlights=((0, 4), (5, 9)))


def test_two_notices_of_one_rule_are_one_entry_and_both_told():
    composed = compose(make_waiting(1, TARIFF), make_waiting(2, TARIFF))
    assert len(entries(composed)) == 1
    assert entries(composed)[0].also_rules == ()
    assert composed.told == (1, 2)


def test_a_story_stands_once_as_the_first_that_told_it():
    composed = compose(
        make_waiting(1, TARIFF, "late", outlet="夕刊", story="s"),
        make_waiting(2, TARIFF, "early", outlet="朝刊", story="s", published_at=NOW - timedelta(hours=5)),
        make_waiting(3, TARIFF, "again", outlet="朝刊", story="s"),
    )
    (entry,) = entries(composed)
    assert entry.article_id == "early"
    assert entry.also_outlets == (Outlet(name="夕刊", url="https://news.example/late"),)
    assert composed.told == (1, 2, 3)


def test_a_page_that_was_read_leads_before_an_earlier_headline():
    composed = compose(
        make_waiting(
            1,
            TARIFF,
            "closed",
            outlet="A",
            story="s",
            published_at=NOW - timedelta(hours=9),
            text_from=TextFrom.TITLE,
            body_missing=True,
        ),
        make_waiting(2, TARIFF, "open", outlet="B", story="s"),
    )
    (entry,) = entries(composed)
    assert entry.article_id == "open"
    assert not entry.body_missing
    assert [outlet.name for outlet in entry.also_outlets] == ["A"]


def test_a_rule_that_only_another_outlet_answers_is_named_without_that_outlets_words():
    composed = compose(
        make_waiting(1, NATO, "lead", story="s", published_at=NOW - timedelta(hours=5)),
        make_waiting(2, TARIFF, "other", outlet="夕刊", story="s"),
    )
    assert composed.digest is not None
    assert composed.digest.sections[0].rule_name == "NATO"
    assert entries(composed)[0].also_rules == (("二次関税", None),)


def test_a_story_told_before_is_covered():
    composed = compose(make_waiting(1, TARIFF, story="old"), make_waiting(2, TARIFF, "b", story="new"), told={"old"})
    assert composed.covered == (1,)
    assert composed.told == (2,)
    assert [entry.article_id for entry in entries(composed)] == ["b"]


def test_only_covered_is_no_digest():
    composed = compose(make_waiting(1, TARIFF, story="old"), told={"old"})
    assert composed == Composed(digest=None, told=(), covered=(1,))


def test_heavier_rules_come_first_then_file_order():
    composed = compose(
        make_waiting(1, TARIFF, "a"),
        make_waiting(2, NATO, "b"),
        make_waiting(3, TALKS, "c", weight=5),
    )
    assert composed.digest is not None
    assert [section.rule_name for section in composed.digest.sections] == ["停戦協議", "二次関税", "NATO"]


def test_breaking_rules_come_before_heavier_ones():
    composed = compose(
        make_waiting(1, TARIFF, "a", weight=9),
        make_waiting(2, NATO | {"severity": "breaking"}, "b"),
        make_waiting(3, TALKS | {"severity": "breaking"}, "c", weight=1),
    )
    assert composed.digest is not None
    assert [section.rule_name for section in composed.digest.sections] == ["停戦協議", "NATO", "二次関税"]


def test_a_rule_that_was_edited_meanwhile_stands_once_and_where_it_stands_now():
    composed = compose(
        make_waiting(1, TALKS, "a", weight=5),
        make_waiting(2, TARIFF, "b", weight=3),
        make_waiting(3, TALKS, "c", weight=1),
    )
    assert composed.digest is not None
    sections = [(section.rule_name, section.stories) for section in composed.digest.sections]
    assert sections == [("二次関税", 1), ("停戦協議", 2)]


def test_the_newest_story_of_a_rule_comes_first():
    hours = {"old": 5, "new": 1, "undated": 0}
    composed = compose(
        *(
            make_waiting(number, TARIFF, name, published_at=NOW - timedelta(hours=back) if back else None)
            for number, (name, back) in enumerate(hours.items())
        )
    )
    assert [entry.article_id for entry in entries(composed)] == ["undated", "new", "old"]
    assert [entry.dated for entry in entries(composed)] == [False, True, True]


def test_mentions_stand_once_in_the_order_of_their_rules():
    composed = compose(
        make_waiting(1, NATO, "a", mention="@here"),
        make_waiting(2, TARIFF, "b", mention="@pr-duty"),
        make_waiting(3, TALKS, "c", mention="@here\n@pr-duty\nS0123ABCD"),
        make_waiting(4, TALKS, "d", mention="@channel", story="old"),
        told={"old"},
    )
    assert composed.digest is not None
    assert composed.digest.mentions == ("@pr-duty", "@here", "S0123ABCD")


def test_the_order_in_which_matches_come_changes_nothing():
    waiting = [
        make_waiting(number, rule, f"a{number % 7}", story=f"s{number % 5}", outlet=f"o{number % 3}")
        for number, rule in enumerate([TARIFF, NATO, TALKS] * 8)
    ]
    first = compose(*waiting)
    for seed in range(5):
        random.Random(seed).shuffle(waiting)
        assert compose(*waiting) == first


def test_what_the_digest_is_called_is_passed_on():
    composed = compose(make_waiting(1, TARIFF), hello=(3, 2, NOW), late_for_at=NOW - timedelta(hours=1), since_at=NOW)
    digest = composed.digest
    assert digest is not None
    assert (digest.channel, digest.destination, digest.period) == ("crisis", "#pr-crisis", "digest/2026-11-23T08:30")
    assert (digest.hello, digest.late_for_at, digest.since_at, digest.until_at) == (
        (3, 2, NOW),
        NOW - timedelta(hours=1),
        NOW,
        NOW,
    )


def test_a_headline_that_matched_alone_stands_without_a_snippet():
    [entry] = entries(compose(make_waiting(1, TARIFF, snippet=None)))
    assert entry.snippet is None
