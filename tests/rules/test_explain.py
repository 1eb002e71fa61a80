"""Why: conditions, places, what was skipped, near misses; as JSON and as lines."""

import json

import pytest
from builders import make_article, make_source

from monitor.model import TextFrom
from monitor.rules.explain import explain, show_explanations, to_json, to_lines
from monitor.rules.matcher import compile_rules

RULES = """lists:
  zelensky: [ゼレンスキー, Zelensky]
rules:
  - name: ゼレンスキー
    all:
      - any: $zelensky
      - any: [停戦, talks]
    none: [支持率, 世論調査]
  - name: インド
    any: [インド, 二次関税]
    unless_part_of: [第二次関税]
  - name: 国
    any: 中国
    sources: {groups: [wire]}
  - {name: 休止, any: 停戦, enabled: false}
"""


CLOSED = {"text_from": TextFrom.TITLE, "missing": "fetch.closed"}


def why(load, title, text="", rule="ゼレンスキー", **changes):
    matcher = compile_rules(load(RULES).rules)
    article = make_article(title=title, text=text, **changes)
    return explain(matcher, article, make_source(), rule_id=rule)


def only(explanations, language="en"):
    (shown,) = to_json(explanations, language)
    assert json.loads(json.dumps(shown)) == shown
    return shown


def test_a_match_names_every_condition_and_place(load):
    shown = only(why(load, "ｾﾞﾚﾝｽｷｰ氏が停戦へ"))
    assert (shown["rule"], shown["verdict"]) == ("ゼレンスキー", "match")
    trace = shown["trace"]
    assert (trace["value"], trace["told"], trace["near_misses"]) == ("true", True, [])
    (root,) = trace["parts"]
    assert [part["condition"] for part in root["parts"]] == ["all", "none"]
    zelensky = root["parts"][0]["parts"][0]["parts"][0]
    assert (zelensky["term"], zelensky["value"], zelensky["fields"]) == ("ゼレンスキー", "true", ["title", "body"])
    assert zelensky["hits"] == [{"field": "title", "start": 0, "end": 7, "text": "ｾﾞﾚﾝｽｷｰ", "folding": ["width"]}]
    absent = root["parts"][1]["parts"][1]
    assert (absent["term"], absent["value"], absent["hits"]) == ("世論調査", "false", [])


def test_what_alone_was_in_the_way_is_a_near_miss(load):
    shown = only(why(load, "ゼレンスキー氏の支持率、停戦で"))
    assert shown["verdict"] == "no match"
    (near,) = shown["trace"]["near_misses"]
    assert (near["kind"], near["terms"]) == ("none", ["支持率"])
    assert near["message"] == "would match but for these words of none: 支持率"


def test_a_word_that_is_lacking_is_a_near_miss_only_beside_others(load):
    (near,) = only(why(load, "ゼレンスキー氏が演説"))["trace"]["near_misses"]
    assert (near["kind"], near["terms"]) == ("lacking", ["停戦", "talks"])
    assert only(why(load, "天気"))["trace"]["near_misses"] == []
    assert only(why(load, "ゼレンスキー氏の支持率"))["trace"]["near_misses"] == []


@pytest.mark.parametrize(
    ("title", "reason", "inside", "message"),
    [
        ("インドネシア", "word", "インドネシア", "part of the longer word インドネシア"),
        ("第二次関税", "part-of", "第二次関税", "part of 第二次関税 (unless_part_of)"),
    ],
)
def test_skipped_places_have_their_reason(load, title, reason, inside, message):
    shown = only(why(load, title, rule="インド"))
    term = next(part for part in shown["trace"]["parts"][0]["parts"] if part["skipped"])
    (skipped,) = term["skipped"]
    assert (skipped["reason"], skipped["inside"], skipped["message"]) == (reason, inside, message)
    assert title[skipped["start"] : skipped["end"]] == skipped["text"]
    (near,) = shown["trace"]["near_misses"]
    assert (near["kind"], near["skipped"]) == ("skipped", skipped)


@pytest.mark.parametrize("term", ["サーバー", "サーバ"])
@pytest.mark.parametrize(("title", "hits"), [("サーバー障害", ["サーバー"]), ("サーバ、ｻｰﾊﾞｰ", ["サーバ", "ｻｰﾊﾞｰ"])])
def test_the_short_spelling_within_the_long_one_is_not_skipped_but_counted_with_it(load, term, title, hits):
    matcher = compile_rules(load(f"- {term}\n").rules)
    shown = only(explain(matcher, make_article(title=title, text=""), make_source()))
    (found,) = shown["trace"]["parts"][0]["parts"]
    assert [hit["text"] for hit in found["hits"]] == hits
    assert found["skipped"] == []


def test_a_source_outside_the_scope(load):
    shown = only(why(load, "中国", rule="国"))
    assert (shown["verdict"], shown["trace"]["scope"]) == ("no match", "false")
    assert [near["kind"] for near in shown["trace"]["near_misses"]] == ["scope"]


def test_a_disabled_rule_says_so(load):
    shown = only(why(load, "停戦", rule="休止"))
    assert (shown["verdict"], shown["trace"]["enabled"], shown["trace"]["told"]) == ("no match", False, False)


def test_unknown_without_the_body(load):
    shown = only(why(load, "ゼレンスキー、停戦", **CLOSED))
    assert (shown["verdict"], shown["trace"]["told"]) == ("unknown", True)
    shown = only(why(load, "ゼレンスキー", **CLOSED))
    assert (shown["verdict"], shown["trace"]["told"]) == ("unknown", False)


def test_all_rules_are_explained_and_no_such_rule_is_an_empty_list(load):
    assert [one["rule"] for one in to_json(why(load, "x", rule=None), "ja")] == ["ゼレンスキー", "インド", "国", "休止"]
    assert why(load, "x", rule="nowhere") == []


def lines_of(load, language, title, text="", **changes):
    article = make_article(title=title, text=text, **changes)
    explained = explain(compile_rules(load(RULES).rules), article, make_source())
    return list(to_lines(explained, article, language))


def test_lines_for_people(load):
    assert lines_of(load, "ja", "ｾﾞﾚﾝｽｷｰ氏の支持率、停戦で", "インドネシアで会談した。") == [
        "- ゼレンスキー: 不一致",
        "  + all: 成立",
        "    + any: 成立",
        "      + ゼレンスキー",
        "          見出し 1〜7 文字目(表記は「ｾﾞﾚﾝｽｷｰ」、同一視: 全角・半角)",
        "      記事にない語: Zelensky",
        "    + any: 成立",
        "      + 停戦",
        "          見出し 14〜15 文字目",
        "      記事にない語: talks",
        "  - none: 不成立(除く語が記事にあります)",
        "    ! 支持率",
        "        見出し 10〜12 文字目",
        "    記事にない語: 世論調査",
        "  → none の語がなければ一致します: 支持率",
        "",
        "- インド: 不一致",
        "  - any: 不成立",
        "    - インド",
        "        数えません: 本文 1〜3 文字目「インド」は「インドネシア」の一部です: インドネシアで会談した。",
        "    記事にない語: 二次関税",
        "  → この「インド」を数えれば一致します: 「インドネシア」の一部です",
        "",
        "- 休止: 不一致",
        "  このルールは無効です(enabled: false)",
        "  + any: 成立",
        "    + 停戦",
        "        見出し 14〜15 文字目",
        "",
        "ほか 1 ルール: 語が一つも記事にありません",
    ]


def lines_of_one(load, rule, title):
    article = make_article(title=title, text="")
    return list(to_lines(explain(compile_rules(load(rule).rules), article, make_source()), article, "en", every=True))


def test_only_the_first_places_of_a_word_are_shown(load):
    assert lines_of_one(load, "- NATO\n", "NATO " * 7)[3:] == [
        *(f"        title {at}–{at + 3}" for at in range(1, 26, 5)),
        "        and 2 more places",
        "",
    ]
    assert not any("more place" in line for line in lines_of_one(load, "- NATO\n", "NATO " * 5))


def test_a_word_beside_a_block_has_a_line_of_its_own(load):
    assert lines_of_one(load, "- {name: x, all: [NATO, {none: [US]}]}\n", "EU") == [
        "- x: no match",
        "  - NATO",
        "      not in the text: NATO",
        "  + none: holds, none of these words is in the article",
        "    not in the text: US",
        "",
    ]


def test_what_matches_comes_first_and_shows_its_words_in_context(load):
    body = "外相は会見で日程を述べた。" * 9 + "二次関税を検討する。" + "その後も質問が続いた。" * 9
    lines = lines_of(load, "en", "ゼレンスキー氏の支持率、停戦で", body)
    assert lines[:4] == [
        "+ インド: match",
        "  + any: holds",
        "    + 二次関税",
        "        body 118–121: …二次関税を検討する。その後も質問が続いた。その後も質問が続いた。その後も質問が続いた。…",
    ]
    assert lines[lines.index("") + 1] == "- ゼレンスキー: no match"


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("title", ["ゼレンスキー停戦", "第二次関税とインドネシア", "中国", "天気", "ゼレンスキー"])
def test_every_line_can_be_said(load, language, title):
    for changes in ({}, CLOSED):
        article = make_article(title=title, **changes)
        assert list(to_lines(why(load, title, rule=None, **changes), article, language, every=True))


def test_the_terminal_gets_nothing_that_it_would_obey(load):
    printed = []

    class Screen:
        def print(self, text, /, *, style, markup):
            assert markup is False
            printed.append(text)

    title = "\x1b[31m停戦\x07\u202e"
    matcher = compile_rules(load(RULES).rules)
    article = make_article(title=title, text="")
    show_explanations(explain(matcher, article, None), article, "ja", Screen())
    show_explanations([], make_article(title="x", text="", **CLOSED), "en", Screen())
    assert "The page could not be read: judged by the headline alone." in printed
    assert not set("".join(printed)) & set("\x1b\x07\u202e")
