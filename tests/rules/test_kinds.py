"""Counting, nearness, regular expressions and folding in rules: what they find, what is refused, how it is explained."""

import json

import pytest
from builders import make_article, make_source

from monitor.messages import say
from monitor.model import Severity, TextFrom
from monitor.rules.explain import explain, to_json, to_lines
from monitor.rules.language import Verdict
from monitor.rules.matcher import compile_rules
from monitor.rules.trials import run_tests

CLOSED = {"text": "", "text_from": TextFrom.TITLE, "missing": "fetch.closed"}


@pytest.fixture
def rule(load):
    """`rule({"any": [...]})` -> Matcher; without findings."""

    def made(block, lists=None):
        text = json.dumps({"lists": lists or {}, "rules": [{"name": "r"} | block]}, ensure_ascii=False)
        book = load(text)
        assert [f.code for f in book.findings if f.severity is Severity.ERROR] == []
        return compile_rules(book.rules)

    return made


def found(matcher, title, text="", **changes):
    """The printed words on which a match rests; `None` for no match."""
    article = make_article(title=title, **{"text": text} | changes)
    hits = matcher.find(article, make_source())
    return [one.text for one in hits[0].occurrences] if hits else None


def why(matcher, title, text="", **changes):
    (one,) = explain(matcher, make_article(title=title, **{"text": text} | changes), make_source())
    return one


# --- at_least ---------------------------------------------------------------------------------------------------------


def test_two_of_three(rule):
    matcher = rule({"at_least": {"n": 2, "of": ["ロシア", "制裁", "石油"]}})
    assert found(matcher, "ロシア産の石油") == ["ロシア", "石油"]
    assert found(matcher, "ロシアとロシア") is None
    assert found(matcher, "制裁", "石油とロシア") == ["制裁", "石油", "ロシア"]


def test_a_list_among_others_counts_once_and_alone_by_its_words(rule):
    lists = {"z": ["Zelensky", "ゼレンスキー"]}
    among = rule({"at_least": {"n": 2, "of": ["$z", "停戦"]}}, lists)
    assert found(among, "Zelensky, ゼレンスキー") is None
    assert found(among, "Zelensky, 停戦") == ["Zelensky", "停戦"]
    alone = rule({"at_least": {"n": 2, "of": "$z"}}, lists)
    assert found(alone, "Zelensky, ゼレンスキー") == ["Zelensky", "ゼレンスキー"]


def test_blocks_count_too_and_a_none_among_them_may_be_one(rule):
    matcher = rule({"at_least": {"n": 2, "of": [{"all": ["停戦", "合意"]}, "ロシア", {"none": "世論調査"}]}})
    assert found(matcher, "停戦で合意") == ["停戦", "合意"]
    assert found(matcher, "ロシアの世論調査") is None
    assert found(matcher, "天気") is None


def test_counting_in_three_values(rule):
    matcher = rule({"at_least": {"n": 2, "of": ["停戦", {"title": "合意"}, "和平"]}})
    assert why(matcher, "停戦", **CLOSED).verdict is Verdict.UNKNOWN
    assert why(matcher, "停戦で合意", **CLOSED).verdict is Verdict.TRUE
    far = rule({"at_least": {"n": 3, "of": ["停戦", {"title": "合意"}, "和平"]}})
    assert why(far, "停戦", **CLOSED).verdict is Verdict.FALSE


def test_how_much_is_lacking(rule):
    matcher = rule({"at_least": {"n": 2, "of": ["停戦", "合意", "$p"]}}, {"p": ["和平", "peace"]})
    one = why(matcher, "停戦へ")
    assert [(miss.kind, miss.terms, miss.count, miss.wanted) for miss in one.near_misses] == [
        ("more", ("合意", "和平", "peace"), 1, 2)
    ]
    shown = to_json([one], "en")[0]["trace"]
    assert shown["near_misses"][0]["message"] == "would match with 1 more of: 合意, 和平, peace"
    (part,) = shown["parts"]
    assert (part["condition"], part["count"], part["wanted"]) == ("at_least", 1, 2)
    assert why(matcher, "天気").near_misses == ()


# --- near -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("near", "title", "words"),
    [
        ({}, "トヨタがリコール", ["トヨタ", "リコール"]),
        ({}, "リコール、トヨタ", ["リコール", "トヨタ"]),
        ({}, "トヨタ" + "は" * 30 + "リコール", ["トヨタ", "リコール"]),
        ({}, "トヨタ" + "は" * 31 + "リコール", None),
        ({"within": 3}, "トヨタ\u200bと　の、リコール", None),
        ({"within": 3}, "トヨタ \u200bと、リコール", ["トヨタ", "リコール"]),
        ({"order": "left_first"}, "リコール、トヨタ", None),
        ({"order": "left_first"}, "リコール、トヨタ、リコール", ["トヨタ", "リコール"]),
        ({"within": 2}, "トヨタ" + "は" * 9 + "トヨタとリコール、リコール", ["トヨタ", "リコール"]),
        ({"unit": "sentence"}, "トヨタは増収。日産はリコール", None),
        ({"unit": "sentence"}, "トヨタは" + "あ" * 200 + "リコール", ["トヨタ", "リコール"]),
        ({"unit": "sentence", "within": 5}, "トヨタは" + "あ" * 200 + "リコール", None),
        ({"unit": "words", "within": 2}, "トヨタはきのうリコール", ["トヨタ", "リコール"]),
        ({"unit": "words", "within": 1}, "トヨタはきのうリコール", None),
    ],
)
def test_japanese_words_near_each_other(rule, near, title, words):
    assert found(rule({"near": {"left": "トヨタ", "right": ["リコール"]} | near}), title) == words


@pytest.mark.parametrize(
    ("near", "title", "near_enough"),
    [
        ({}, "Toyota" + " so" * 10 + " recalls cars", True),
        ({}, "Toyota" + " so" * 11 + " recalls cars", False),
        ({}, "Toyota" + "は" * 30 + "recalls", True),
        ({}, "Toyota" + "は" * 31 + "recalls", False),
        ({"unit": "characters", "within": 4}, "Toyota has recalls", False),
        ({"unit": "characters", "within": 5}, "Toyota has recalls", True),
        ({"unit": "sentence"}, "Toyota met Mr. Smith of the U.S. agency and recalls", True),
        ({"unit": "sentence"}, "Toyota grew. Honda recalls", False),
    ],
)
def test_latin_words_near_each_other(rule, near, title, near_enough):
    matcher = rule({"near": {"left": "Toyota", "right": "recall*"} | near})
    assert (found(matcher, title) is not None) is near_enough


def test_one_japanese_word_makes_it_characters(rule):
    matcher = rule({"near": {"left": ["Toyota", "トヨタ"], "right": "recall*"}})
    assert found(matcher, "トヨタ " + "so " * 9 + "recall") == ["トヨタ", "recall"]
    assert found(matcher, "トヨタ " + "so " * 10 + "recall") is None


def test_headline_and_body_are_not_near(rule):
    matcher = rule({"near": {"left": "トヨタ", "right": "リコール"}})
    assert found(matcher, "トヨタ", "リコール") is None
    one = why(matcher, "トヨタ", "リコール")
    assert [miss.kind for miss in one.near_misses] == ["apart-fields"]
    lines = list(to_lines([one], make_article(title="トヨタ", text="リコール"), "en"))
    assert lines[1] == "  - near: does not hold (never both in one part of the article, one behind the other)"


def test_a_word_is_not_near_itself(rule):
    matcher = rule({"near": {"left": "関税", "right": ["関税", "二次関税"]}, "boundary": "part"})
    assert found(matcher, "二次関税") is None
    assert found(matcher, "関税、関税") == ["関税"] * 4  # each as a left and as a right word


def test_lists_and_settings_in_near(rule):
    block = {"near": {"left": "$cars", "right": ["リコール"]}, "unless_part_of": ["トヨタイムズ"]}
    matcher = rule(block, {"cars": ["トヨタ", "日産"]})
    assert found(matcher, "日産がリコール") == ["日産", "リコール"]
    assert found(matcher, "トヨタイムズ、リコール") is None
    (miss,) = why(matcher, "トヨタイムズ、リコール").near_misses
    assert (miss.kind, miss.skipped.reason) == ("skipped", "part-of")


def test_nearness_in_three_values(rule):
    matcher = rule({"near": {"left": "停戦", "right": "合意"}})
    assert why(matcher, "停戦", **CLOSED).verdict is Verdict.UNKNOWN
    assert why(matcher, "停戦で合意", **CLOSED).verdict is Verdict.TRUE
    assert why(rule({"title": {"near": {"left": "停戦", "right": "合意"}}}), "停戦", **CLOSED).verdict is Verdict.FALSE


@pytest.mark.parametrize(
    ("near", "title", "kind", "said"),
    [
        (
            {},
            "トヨタ" + "は" * 45 + "リコール",
            "apart-characters",
            "nearest 45 characters apart, allowed 30: トヨタ … リコール",
        ),
        ({"unit": "words", "within": 1}, "トヨタ a b リコール", "apart-words", "nearest 2 words apart, allowed 1"),
        ({"unit": "sentence"}, "トヨタ。リコール", "apart-sentence", "not in one sentence: トヨタ … リコール"),
        ({"order": "left_first"}, "リコール、トヨタ", "apart-order", "only in the other order: トヨタ … リコール"),
        ({}, "トヨタ", "beside", None),
    ],
)
def test_how_far_apart(rule, near, title, kind, said):
    matcher = rule({"near": {"left": "トヨタ", "right": ["リコール", "欠陥"]} | near})
    one = why(matcher, title)
    assert [miss.kind for miss in one.near_misses] == [kind]
    lines = list(to_lines([one], make_article(title=title, text=""), "en"))
    assert (said is None) or said in lines[1]
    assert list(to_lines([one], make_article(title=title, text=""), "ja"))


def test_the_pair_in_json(rule):
    one = why(rule({"near": {"left": "トヨタ", "right": "リコール", "within": 1}}), "トヨタのリコール")
    (part,) = to_json([one], "en")[0]["trace"]["parts"]
    assert [side["condition"] for side in part["parts"]] == ["left", "right"]
    nearest = part["nearest"]
    assert (nearest["count"], nearest["unit"], nearest["allowed"], nearest["ordered"]) == (1, "characters", 1, True)
    assert (nearest["left"]["text"], nearest["right"]["start"]) == ("トヨタ", 4)
    away = to_json([why(rule({"near": {"left": "トヨタ", "right": "リコール"}}), "x")], "en")
    assert away[0]["trace"]["parts"][0]["nearest"] is None


def test_a_sentence_that_holds_says_so(rule):
    one = why(rule({"near": {"left": "トヨタ", "right": "リコール", "unit": "sentence"}}), "トヨタのリコール")
    lines = list(to_lines([one], make_article(title="トヨタのリコール", text=""), "en"))
    assert lines[1] == "  + near: holds (in one sentence: トヨタ … リコール)"


def test_a_page_full_of_one_word_costs_little(rule):
    text = "NATO " * 1000 + "x " * 100_000 + "US"
    assert found(rule({"near": {"left": "NATO", "right": "US"}}), "", text) is None
    assert found(rule({"near": {"left": "NATO", "right": "US", "within": 500}}), "", text) is None
    assert len(found(rule({"near": {"left": "NATO", "right": "US", "unit": "sentence"}}), "", text)) == 1001


# --- min_hits ---------------------------------------------------------------------------------------------------------


def test_words_must_stand_so_often_together(rule):
    matcher = rule({"any": ["停戦", "和平"], "min_hits": 3})
    assert found(matcher, "停戦と和平") is None
    assert found(matcher, "停戦と和平", "停戦") == ["停戦", "和平", "停戦"]


def test_places_that_overlap_are_one(rule):
    matcher = rule({"any": ["二次関税", "関税"], "boundary": "part", "min_hits": 2})
    assert found(matcher, "二次関税") is None
    assert found(matcher, "二次関税と関税") is not None


def test_hits_are_counted_in_their_block_alone(rule):
    matcher = rule({"any": "停戦", "title": {"any": "合意", "min_hits": 2}})
    assert found(matcher, "停戦、合意", "合意") is None
    assert found(matcher, "停戦、合意と合意") is not None


def test_all_kinds_of_words_are_counted_but_those_of_none(rule):
    block = {"near": {"left": "停戦", "right": "合意"}, "regex": r"\d+日", "none": "世論調査", "min_hits": 3}
    assert found(rule(block), "停戦で合意、3日") == ["停戦", "合意", "3日"]
    assert found(rule(block | {"min_hits": 4}), "停戦で合意、3日") is None


def test_counting_hits_in_three_values(rule):
    matcher = rule({"any": "停戦", "min_hits": 2})
    assert why(matcher, "停戦", **CLOSED).verdict is Verdict.UNKNOWN
    assert why(matcher, "停戦、停戦", **CLOSED).verdict is Verdict.TRUE
    assert why(rule({"title": {"any": "停戦", "min_hits": 2}}), "停戦", **CLOSED).verdict is Verdict.FALSE


def test_a_block_that_counts_hits_rests_on_its_words(rule):
    assert rule({"min_hits": 2, "any": [{"all": ["停戦", {"none": "合意"}]}]}).rules[0].condition.parts[1].positive


def test_too_few_hits_are_a_near_miss(rule):
    matcher = rule({"any": ["インド"], "min_hits": 2})
    one = why(matcher, "インド首相")
    assert [(miss.kind, miss.terms, miss.count, miss.wanted) for miss in one.near_misses] == [
        ("few", ("インド",), 1, 2)
    ]
    lines = list(to_lines([one], make_article(title="インド首相", text=""), "en"))
    assert "  - min_hits: does not hold (1 of 2 places that are wanted)" in lines
    (miss,) = why(matcher, "インドとインドネシア").near_misses
    assert (miss.kind, miss.skipped.inside) == ("skipped", "インドネシア")


# --- regex ------------------------------------------------------------------------------------------------------------


def test_a_rule_of_an_expression_alone(rule):
    assert found(rule({"regex": r"\d+億円"}), "", "３０億円の赤字") == ["３０億円"]
    assert found(rule({"regex": r"\d{4}"}), "2026") == ["2026"]
    assert found(rule({"regex": r"\d{4}"}), "206") is None


def test_one_of_several_expressions(rule):
    matcher = rule({"regex": [r"\d+億円", r"\d+兆円"]})
    assert found(matcher, "3兆円") == ["3兆円"]
    assert found(matcher, "3万円") is None


def test_expressions_beside_words_and_under_none(rule):
    matcher = rule({"any": "赤字", "none": [{"regex": r"第\d四半期"}]})
    assert found(matcher, "赤字") == ["赤字"]
    assert found(matcher, "赤字、第3四半期") is None


def test_settings_govern_expressions(rule):
    assert found(rule({"regex": "App?le", "case": "exact"}), "apple") is None
    assert found(rule({"regex": "App?le"}), "apple") == ["apple"]
    assert found(rule({"regex": "NAT.", "fold": {"width": False}}), "ＮＡＴＯ") is None
    matcher = rule({"title": {"regex": "次?関税", "unless_part_of": ["第二次関税", "関税定率"]}})
    assert found(matcher, "第二次関税", "関税") is None
    assert found(matcher, "第二次関税、関税定率法、関税") == ["関税"]


def test_expressions_in_three_values(rule):
    matcher = rule({"regex": r"\d+億円"})
    assert why(matcher, "赤字", **CLOSED).verdict is Verdict.UNKNOWN
    assert why(matcher, "3億円", **CLOSED).verdict is Verdict.TRUE


def test_what_an_expression_skips_and_lacks(rule):
    matcher = rule({"any": "関税", "regex": r"\d+億円", "unless_part_of": ["1億円"]})
    (miss,) = why(matcher, "関税、1億円").near_misses
    assert (miss.kind, miss.skipped.text, miss.skipped.inside) == ("skipped", "1億円", "1億円")
    one = why(matcher, "関税")
    assert [(miss.kind, miss.terms) for miss in one.near_misses] == [("regex", (r"\d+億円",))]
    lines = list(to_lines([one], make_article(title="関税", text=""), "en"))
    assert r"    - regex: \d+億円" in lines
    assert "        finds nothing in the article" in lines
    hit = to_json([why(matcher, "関税、２億円")], "en")[0]["trace"]["parts"][0]["parts"][1]
    assert (hit["condition"], hit["term"]) == ("regex", r"\d+億円")
    assert hit["hits"] == [{"field": "title", "start": 3, "end": 6, "text": "２億円", "folding": []}]


def test_a_page_full_of_hits_costs_little(rule):
    assert len(found(rule({"regex": r"\d"}), "", "1 " * 200_000)) == 1000


# --- fold -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("layer", "term", "printed", "others"),
    [
        ("variants", "髙市", "高市", "髙市"),
        ("width", "NATO", "ＮＡＴＯ", "nato"),
        ("dashes", "ルーマニア", "ル―マニア", "ルーマニア"),
        ("dots", "ドナルド・トランプ", "ドナルドトランプ", "ドナルド・トランプ"),
    ],
)
def test_a_layer_is_switched_off(rule, layer, term, printed, others):
    matcher = rule({"any": [term], "fold": {layer: False}})
    assert found(rule({"any": [term]}), printed) == [printed]
    assert found(matcher, printed) is None
    assert found(matcher, others) == [others]
    (miss,) = why(matcher, printed).near_misses
    assert (miss.kind, miss.skipped.reason, miss.skipped.layers) == ("skipped", "fold", (layer,))


def test_layers_hold_for_blocks_within_until_switched_on_again(rule):
    block = {"fold": {"variants": False, "width": False}, "any": ["髙市", {"any": "渡邊", "fold": {"variants": True}}]}
    matcher = rule(block)
    assert found(matcher, "高市") is None
    assert found(matcher, "渡辺") == ["渡辺"]


def test_why_names_the_layer(rule):
    matcher = rule({"any": "髙市", "fold": {"variants": False}})
    lines = list(to_lines([why(matcher, "高市")], make_article(title="高市", text=""), "en"))
    assert "        not counted, title 1–2 “高市”: set apart from the term by `fold` (variant kanji)" in lines


def test_two_layers_at_once_are_both_named(rule):
    matcher = rule({"any": "渡邊―", "fold": {"variants": False, "dashes": False}, "boundary": "part"})
    (miss,) = why(matcher, "渡辺‐").near_misses
    assert miss.skipped.layers == ("dashes", "variants")


# --- mistakes ---------------------------------------------------------------------------------------------------------

MISTAKES = [
    ("at_least: 2", "want-table", 13),
    ("at_least: {n: 2}", "lacks-key", 13),
    ("at_least: {of: [A1, B1]}", "lacks-key", 13),
    ("at_least: {n: 0, of: [A1]}", "want-count", 17),
    ("at_least: {n: two, of: [A1]}", "want-count", 17),
    ("at_least: {n: 3, of: [A1, B1]}", "at-least-of", 17),
    ("at_least: {n: 2, of: A1}", "at-least-of", 17),
    ("at_least: {n: 1, of: []}", "empty-list", 24),
    ("at_least: {n: 1, off: [A1]}", "unknown-key-meant", 20),
    ("near: [A1, B1]", "want-table", 9),
    ("near: {left: A1}", "lacks-key", 9),
    ("near: {left: A1, rihgt: B1}", "unknown-key-meant", 20),
    ("near: {left: A1, right: B1, within: 0}", "want-count", 39),
    ("near: {left: A1, right: B1, within: 30文字}", "want-count", 39),
    ("near: {left: A1, right: B1, within: 501}", "near-too-far", 39),
    ("near: {left: A1, right: B1, order: left}", "want-choice", 38),
    ("near: {left: A1, right: B1, unit: chars}", "want-choice", 37),
    ("near: {left: A1, right: {any: B1}}", "near-block", 27),
    ("near: {left: A1, right: [B1, [C1]]}", "near-block", 32),
    ("near: {left: [], right: B1}", "empty-list", 16),
    ("any: A1\n  min_hits: 0", "want-count", 13),
    ("none: A1\n  min_hits: 2", "no-positive", 3),
    ("title: {none: A1, min_hits: 2}\n  any: B1", "min-hits-nothing", 21),
    ("any: A1\n  fold: false", "want-table", 9),
    ("any: A1\n  fold: {kana: true}", "unknown-key", 10),
    ("any: A1\n  fold: {width: off}", "want-choice", 17),
    ("regex: []", "empty-list", 10),
    ("regex: {any: A1}", "want-word", 10),
    ("regex: ''", "empty-value", 10),
    ("regex: #a+", "hash-comment", 9),
    ("regex: $a1", "regex-list", 10),
    ("regex: “a+”", "fullwidth-quote", 10),
    ("regex: 'a('", "regex-unclosed", 10),
    ("regex: [a+, b(]", "regex-unclosed", 15),
    ('regex: "\\ba\\b"', "regex-escape", 10),
    ("regex: 'a*'", "regex-empty", 10),
    ("regex: '\\bトヨタ'", "regex-border", 10),
    ("regex: '[[:alpha:]]x'", "regex-posix", 10),
    ("regex: '\\C'", "regex-byte", 10),
    ("regex: '[㈱]'", "regex-class", 10),
    ("regex: 'a  b'", "regex-spaces", 10),
    ("regex: '(\\w{1,100}){1,9}'", "regex-too-large", 10),
    (f"regex: {'a+' * 501}", "regex-too-long", 10),
]


def told(finding):
    for language in ("ja", "en"):
        assert say(finding.code, language, **dict(finding.facts))
        assert say(f"{finding.code}-hint", language, **dict(finding.facts))


@pytest.mark.parametrize(("keys", "code", "column"), MISTAKES, ids=[f"{m[1]}-{n}" for n, m in enumerate(MISTAKES)])
def test_mistakes_are_told_where_they_stand(load, keys, code, column):
    book = load(f"- name: x\n  {keys}\n")
    assert book.rules == ()
    first = book.findings[0]
    assert (first.code, first.column, first.severity) == (f"rules.{code}", column, Severity.ERROR)
    for finding in book.findings:
        told(finding)


@pytest.mark.parametrize(("pattern", "code"), [("NATO|EU", "regex-word"), ("/a+/", "regex-slashes")])
def test_doubtful_expressions_work(load, pattern, code):
    book = load(f"- {{name: x, regex: {pattern}}}\n")
    assert [(finding.code, finding.severity) for finding in book.findings] == [(f"rules.{code}", Severity.WARNING)]
    assert len(book.rules) == 1
    told(book.findings[0])


# --- tests in the rules -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("keys", "example", "code"),
    [
        ("near: {left: A1, right: B1, unit: characters, within: 1}", "A1, B1", "apart-characters"),
        ("near: {left: A1, right: B1, within: 1}", "A1 x y B1", "apart-words"),
        ("near: {left: A1, right: B1, unit: sentence}", "A1。B1", "apart-sentence"),
        ("near: {left: A1, right: B1, order: left_first}", "B1 A1", "apart-order"),
        ("near: {left: A1, right: B1}", "{title: A1, body: B1}", "apart-fields"),
        ("near: {left: A1, right: B1}", "A1", "beside"),
        ("at_least: {n: 2, of: [A1, B1]}", "A1", "more"),
        ("any: A1\n  min_hits: 3", "A1", "few"),
        ("any: A1\n  regex: x+", "A1", "regex"),
        ("any: 髙市\n  fold: {variants: false}", "高市", "fold"),
    ],
)
def test_a_failed_example_says_why(load, keys, example, code):
    report = run_tests(load(f"- name: x\n  {keys}\n  tests:\n    match:\n      - {example}\n"))
    assert [finding.code for finding in report.findings] == [f"rules.test-missed-{code}"]
    told(report.findings[0])
