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
        "      not in the article: NATO",
        "  + none: holds, none of these words is in the article",
        "    not in the article: US",
        "",
    ]


def test_what_matches_comes_first_and_shows_its_words_in_context(load):
    body = "外相は会見で日程を述べた。" * 9 + "二次関税を検討する。" + "その後も質問が続いた。" * 9
    lines = lines_of(load, "en", "ゼレンスキー氏の支持率、停戦で", body)
    assert lines[:4] == [
        "+ インド: match",
        "  + any: holds",
        "    + 二次関税",
        "        body 118–121: …二次関税を検討する。その後も質問が続いた。その後も質問が続いた。その後も質問が続いた。",
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


def explained(load, rules, told_in="ja", *, source=None, every=True, **article):
    """Lines, and JSON by rule."""
    shown = make_article(**{"url": "", "title": "会見", "text": "中国政府が発表した"} | article)
    found = explain(compile_rules(load(rules).rules), shown, source)
    as_json = {one["rule"]: one["trace"] for one in to_json(found, told_in)}
    assert json.loads(json.dumps(as_json)) == as_json
    return list(to_lines(found, shown, told_in, every=every)), as_json


def test_a_word_that_stands_in_another_field_is_said_to(load):
    lines, shown = explained(load, "- {name: t, title: [中国]}\n")
    assert lines == [
        "- t: 不一致",
        "  - 見出し(title): 不成立",
        "    見出しにない語: 中国(本文 1〜2 文字目にはあります)",
        "  → 見出しに次の語のどれかがあれば一致します: 中国",
        "",
    ]
    (near,) = shown["t"]["near_misses"]
    assert (near["kind"], near["terms"], near["fields"]) == ("elsewhere", ["中国"], ["title"])
    (block,) = shown["t"]["parts"]
    assert block["fields"] == ["title"]
    assert block["parts"][0]["elsewhere"] == [{"field": "body", "start": 0, "end": 2, "text": "中国"}]


def test_only_rules_without_a_letter_anywhere_are_counted_as_such(load):
    rules = "- {name: t, title: [中国]}\n- {name: part, title: [中国政]}\n- 天気\n- {name: s, url: [発表]}\n"
    lines, shown = explained(load, rules, every=False)
    assert lines[-1] == "ほか 1 ルール: 語が一つも記事にありません"
    assert "    見出しにない語: 中国政(本文 1〜3 文字目「中国政」は、「中国政府」の一部です)" in lines
    assert "    URLにない語: 発表(本文 6〜7 文字目にはあります)(この記事にはURLの記載がありません)" in lines
    assert shown["part"]["parts"][0]["parts"][0]["elsewhere"][0]["inside"] == "中国政府"
    assert shown["part"]["near_misses"] == []
    assert explained(load, "- mus\n", url="http://x.test/museum", every=False)[0] == [
        "ほか 1 ルール: 語が一つも記事にありません"
    ]


FIELDS = """- name: x
  any: [中国]
  title: {any: [停戦], none: [中国]}
  body: [中国]
  author: [山田]
  url: [nato]
"""


def test_each_field_has_its_name(load):
    lines, _ = explained(load, FIELDS)
    assert lines == [
        "- x: 不一致",
        "  + any: 成立",
        "    + 中国",
        "        本文 1〜2 文字目: 中国政府が発表した",
        "  - 見出し(title) all: 不成立",
        "    - any: 不成立",
        "      見出しにない語: 停戦",
        "    + none: 成立(除く語は見出しにありません)",
        "      見出しにない語: 中国(本文 1〜2 文字目にはあります)",
        "  + 本文(body): 成立",
        "    + 中国",
        "        本文 1〜2 文字目: 中国政府が発表した",
        "  - 筆者(author): 不成立",
        "    筆者にない語: 山田(この記事には筆者の記載がありません)",
        "  - URL(url): 不成立",
        "    URLにない語: nato(この記事にはURLの記載がありません)",
        "",
    ]
    lines, _ = explained(load, FIELDS, "en", authors=("佐藤",), url="http://x.test/")
    assert [line.strip() for line in lines if "author" in line or "url" in line or "address" in line] == [
        "- author: does not hold",
        "not in the author: 山田",
        "- url: does not hold",
        "not in the address: nato",
    ]


def test_a_word_of_the_text_that_stands_in_the_address_alone(load):
    lines, _ = explained(load, "- nato\n", url="http://x.test/nato-summit")
    assert "    見出しと本文にない語: nato(URL 15〜18 文字目にはあります)" in lines


def test_an_expression_that_finds_something_in_another_field(load):
    lines, shown = explained(load, "- {name: r, title: {regex: '政府が'}}\n")
    assert "      見出しに当てはまる箇所はありません(本文 3〜5 文字目にはあります)" in lines
    assert lines[1] == "  - 見出し(title) regex: 政府が"
    assert lines[-2] == "  → 見出しに正規表現に当てはまる箇所があれば一致します: 政府が"
    assert [near["kind"] for near in shown["r"]["near_misses"]] == ["regex"]


def test_a_near_miss_is_told_once(load):
    rules = "- {name: x, any: [中国, 発表], title: [発表, 停戦]}\n- {name: y, title: [中国], body: [日本]}\n"
    _, shown = explained(load, rules)
    assert [near["terms"] for near in shown["x"]["near_misses"]] == [["発表"]]
    assert shown["y"]["near_misses"] == []


NEAR = "- {name: n, near: {left: [中国], right: [日本], order: left_first, %s}}\n"
APART = "日本は強く反対していて、これに対し、中国は反発"
SENTENCES = "日本は強く反対した。中国は反発"


@pytest.mark.parametrize(
    ("keys", "title", "kind", "near", "outcome"),
    [
        ("within: 20", APART, "apart-order", "次の語がこの順序なら一致します: 中国, 日本", "順序が逆です: 中国 … 日本"),
        (
            "within: 10", APART, "apart-order-characters",
            "次の語がこの順序で、10 文字以内にあれば一致します(順序が逆で、16 文字離れています): 中国, 日本",
            "最も近い組は順序が逆で、16 文字離れています。許すのは 10 文字まで: 中国 … 日本",
        ),
        (
            "unit: sentence", SENTENCES, "apart-order-sentence",
            "次の語がこの順序で、同じ文にあれば一致します(順序が逆で、別々の文にあります): 中国, 日本",
            "最も近い組は順序が逆で、別々の文にあります: 中国 … 日本",
        ),
        (
            "unit: sentence, within: 3", SENTENCES, "apart-order-sentence-characters",
            "次の語がこの順序で、同じ文に、3 文字以内にあれば一致します(順序が逆で、別々の文にあり、8 文字離れています): 中国, 日本",
            "最も近い組は順序が逆で、別々の文にあり、8 文字離れています。許すのは 3 文字まで: 中国 … 日本",
        ),
    ],
)  # fmt: skip
def test_everything_that_keeps_words_from_being_near_is_said(load, keys, title, kind, near, outcome):
    lines, shown = explained(load, NEAR % keys, title=title, text="")
    assert [miss["kind"] for miss in shown["n"]["near_misses"]] == [kind]
    assert lines[-2] == f"  → {near}"
    assert lines[1] == f"  - near: 不成立 ({outcome})"


def test_the_spelling_that_fold_sets_apart(load):
    lines, _ = explained(load, "- {name: f, any: [データ], fold: {dashes: false}}\n", title="デ―タ公開")
    assert lines[3:5] == [
        "        数えません: 見出し 1〜3 文字目「デ―タ」は、fold の設定で区別する表記です(長音・ハイフン)",
        "  → fold の設定を外せば一致します: 「デ―タ」(長音・ハイフン)",
    ]


SCOPED = "- {name: x, any: 中国, sources: {groups: [wire], languages: [ja]}}\n"


@pytest.mark.parametrize(
    ("language", "source", "verdict", "scope", "line"),
    [
        (None, None, "match", "unknown", "情報源と言語は不明なので調べていません"),
        ("ja", None, "match", "unknown", "情報源は不明なので調べていません"),
        ("en", None, "no match", "false", "言語が `sources` の範囲外です"),
        ("en", make_source(), "no match", "false", "情報源と言語が `sources` の範囲外です"),
    ],
)
def test_a_scope_that_nobody_knows_leaves_the_verdict_certain(load, language, source, verdict, scope, line):
    lines, shown = explained(load, SCOPED, language=language, source=source)
    assert (lines[0], shown["x"]["scope"]) == (f"{'+ x: 一致' if verdict == 'match' else '- x: 不一致'}", scope)
    assert lines[1] == f"  {line}"
    assert not any("本文があれば" in text for text in lines)


@pytest.mark.parametrize(
    ("threshold", "needs"),
    [
        ("{stories: 3, sources: 2, within: 6h}", "3 話題・2 情報源・6 時間"),
        ("{sources: 2, within: 90m}", "2 情報源・90 分"),
        ("{stories: 2, within: 2d}", "2 話題・2 日"),
    ],
)
def test_a_threshold_is_named_unless_it_is_known_what_became_of_the_match(load, threshold, needs):
    rules = f"- {{name: x, any: 中国, threshold: {threshold}}}\n"
    lines, _ = explained(load, rules)
    assert lines[-2] == f"  しきい値({needs})に届くまでは通知しません"
    assert not any("しきい値" in line for line in explained(load, rules, text="")[0])
    found = explain(compile_rules(load(rules).rules), make_article(title="中国"), None)
    assert not any("しきい値" in line for line in to_lines(found, make_article(), "ja", notes={"x": ["→"]}))


@pytest.mark.parametrize(
    ("printed", "folding"),
    [
        ("Ｆ３５", ["width", "dashes"]), ("F35", ["dashes"]), ("F-35", []), ("F‐35", ["dashes"]), ("Ｆ－３５", ["width"]),
    ],
)  # fmt: skip
def test_the_hyphen_of_a_type_number_is_named(load, printed, folding):
    _, shown = explained(load, "- F-35\n", title=f"{printed}戦闘機", text="")
    (hit,) = shown["f-35"]["parts"][0]["parts"][0]["hits"]
    assert hit["folding"] == folding
