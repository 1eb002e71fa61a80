"""How old an article may be: judged beside the scope, and told by `why`."""

from datetime import timedelta

import pytest
from builders import NOW, make_article, make_source

from monitor.rules.explain import explain, to_json, to_lines
from monitor.rules.matcher import compile_rules

RULES = (
    "- {name: 新しいNATO, any: NATO, age: 3d}\n- {name: 通信社のNATO, any: NATO, age: 3d, sources: {groups: [wire]}}\n"
)
OLD = {"published_at": NOW - timedelta(days=3, seconds=1)}


@pytest.mark.parametrize(
    ("dates", "found"),
    [
        ({"published_at": NOW - timedelta(days=3)}, True),
        (OLD, False),
        ({"published_at": NOW + timedelta(days=400)}, True),
        ({"published_at": None}, True),
        ({"published_at": None, "updated_at": NOW - timedelta(days=4)}, False),
        (OLD | {"updated_at": NOW}, False),
    ],
)
def test_an_article_counts_by_the_date_it_has(load, dates, found):
    matcher = compile_rules(load(RULES).rules[:1])
    assert bool(matcher.find(make_article(title="NATO", **dates), make_source())) is found


def why(load, number, group, **changes):
    article = make_article(title=changes.pop("title", "NATO"), text="", **changes)
    return explain(compile_rules(load(RULES).rules), article, make_source(group=group))[number : number + 1], article


@pytest.mark.parametrize(("number", "group", "misses"), [(0, None, ["age"]), (1, "wire", ["age"]), (1, "tv", [])])
def test_what_is_too_old_is_a_near_miss_unless_the_scope_bars_it_too(load, number, group, misses):
    explanations, _ = why(load, number, group, **OLD)
    (shown,) = to_json(explanations, "en")
    assert (shown["verdict"], shown["trace"]["age"], shown["trace"]["told"]) == ("no match", "false", False)
    assert [near["kind"] for near in shown["trace"]["near_misses"]] == misses


def test_without_the_words_age_is_no_near_miss(load):
    explanations, _ = why(load, 0, None, title="EU", **OLD)
    assert explanations[0].near_misses == ()


def test_the_dates_are_shown(load):
    explanations, article = why(load, 0, None, **OLD)
    lines = list(to_lines(explanations, article, "en"))
    assert f"  too old for `age: 3d`: published {OLD['published_at']:%Y-%m-%d}, fetched {NOW:%Y-%m-%d}" in lines
    assert "  → would match if it were not too old for `age`" in lines
    assert any("より古い記事です" in line for line in to_lines(explanations, article, "ja"))
    fresh, article = why(load, 0, None)
    assert not any("too old" in line for line in to_lines(fresh, article, "en"))
