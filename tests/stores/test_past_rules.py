"""Archive.past_rules: which rules matched lately, and by which words."""

from dataclasses import replace
from datetime import timedelta

import pytest
from builders import NOW, make_source
from stores.making import make_match, make_taken

from monitor.ports import PastRule
from monitor.stores.sqlite import archive

DAY = timedelta(days=1)


@pytest.fixture
def past(store):
    """`past(("a1", "r", "Name", days, "term", ...), ...)`: matches of these ages, oldest first."""

    def saved(*matches):
        store.polls.sync_sources([make_source()], now=NOW)
        for article, rule, name, days, *terms in matches:
            taken = make_taken(article, title=article)
            match = make_match(article_id=article, rule_id=rule, rule_name=name, matched_at=NOW - days * DAY)
            store.polls.save_articles([replace(taken, matches=(replace(match, terms=tuple(terms)),))])
        return store.archive.past_rules(since=NOW - 30 * DAY)

    return saved


def test_nothing_matched(store):
    assert store.archive.past_rules(since=NOW) == []


def test_rules_with_their_newest_name_and_all_their_terms(past):
    assert past(
        ("a0", "gone", "昔", 31, "古い"),
        ("a1", "peace", "和平", 20, "停戦"),
        ("a2", "peace", "和平と停戦", 2, "停戦"),
        ("a3", "eu", "EU", 1, "EU", "欧州連合"),
        ("a4", "peace", "和平と停戦", 0, "和平", "停戦"),
    ) == [
        PastRule(id="eu", name="EU", terms=frozenset({"EU", "欧州連合"}), matches=1),
        PastRule(id="peace", name="和平と停戦", terms=frozenset({"停戦", "和平"}), matches=3),
    ]


def test_of_many_matches_the_newest_are_looked_at(past, monkeypatch):
    monkeypatch.setattr(archive, "_MOST_MATCHES", 1)
    assert [rule.id for rule in past(("a1", "x", "X", 2, "A"), ("a2", "y", "Y", 1, "B"))] == ["y"]
