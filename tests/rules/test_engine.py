"""What rules find. `test_reference` holds the engine against a slow evaluator."""

import json

import pytest
from builders import make_article, make_source

from monitor.model import TextFrom
from monitor.rules.files import RuleFile
from monitor.rules.findings import Report
from monitor.rules.language import Field, Verdict
from monitor.rules.load import read_rules
from monitor.rules.matcher import MAX_PLACES, compile_rules
from monitor.rules.trace import explain


def book_of(rules):
    """Rules as Python values, through YAML (JSON is YAML) and the loader."""
    text = json.dumps(rules, ensure_ascii=False)
    book = read_rules([RuleFile(name="x", text=text, report=Report("x"))], folder="x", channels=())
    assert not [f for f in book.findings if f.severity == "error"], book.findings
    return book


# --- what a rule means ------------------------------------------------------------------------------------------------


def finds(rule, title="", text="", **changes):
    rules = [rule if isinstance(rule, str) else {"name": "r"} | rule]
    matcher = compile_rules(book_of(rules).rules)
    return matcher.find(make_article(title=title, text=text, **changes), make_source())


@pytest.mark.parametrize(
    ("rule", "title", "matches"),
    [
        ("NATO", "日本とNATOが共同声明", True),
        ("NATO", "ＮＡＴＯ首脳会議が開幕", True),
        ("NATO", "SENATORの発言", False),
        ({"any": ["secondary tariff*"]}, "US threatens secondary tariffs", True),
        ({"any": ["secondary tariff"]}, "US threatens secondary tariffs", False),
        ({"any": ["US"]}, "They told us", False),
        ({"any": ["US"], "case": "fold"}, "They told us", True),
        ({"any": ["Apple"], "case": "exact"}, "apple pie", False),
        ({"any": ["二次関税"], "unless_part_of": ["第二次関税"]}, "第二次関税協議", False),
        ({"any": ["二次関税"], "unless_part_of": ["第二次関税"]}, "第二次関税協議、二次関税も", True),
        ({"any": ["インド"]}, "インドネシアの首都", False),
        ({"any": ["インド"], "boundary": "part"}, "インドネシアの首都", True),
        ({"any": ["$$x"]}, "price of $x", True),
        ({"title": "中国"}, "中国政府が発表", True),
        ({"title": ["中国"]}, "北京で", False),
        ({"body": "中国"}, "中国政府が発表", False),
        ({"any": ["A社"], "title": {"any": ["B社"]}}, "A社とB社", True),
        ({"any": ["A社"], "title": {"any": ["B社"]}}, "A社", False),
        ({"all": [{"any": ["停戦"]}, {"any": ["和平"]}]}, "停戦と和平", True),
        ({"all": ["停戦", "和平"]}, "停戦", False),
        ({"any": "停戦", "none": "世論調査"}, "停戦の世論調査", False),
        ({"any": ["停戦", {"all": ["ロシア", "合意"]}]}, "ロシアと合意", True),
        ({"any": {"all": ["ロシア", "合意"]}}, "ロシアと合意", True),
    ],
)  # fmt: skip
def test_what_a_rule_means(rule, title, matches):
    assert bool(finds(rule, title)) is matches


def test_settings_govern_their_block_and_those_below():
    rule = {"boundary": "part", "any": [{"all": ["インド"]}, {"any": ["マリ"], "boundary": "auto"}]}
    assert finds(rule, "インドネシア")
    assert not finds(rule, "マリウポリ")


def test_none_without_a_field_looks_at_the_whole_article():
    rule = {"title": "停戦", "none": ["世論調査"]}
    assert not finds(rule, "停戦", "世論調査によると")
    assert finds({"title": {"any": "停戦", "none": "世論調査"}}, "停戦", "世論調査によると")


def test_author_and_address_are_fields_of_their_own():
    assert finds({"author": "山田太郎"}, authors=("鈴木", "山田太郎"))
    assert finds({"url": "sports", "any": "優勝"}, "優勝", url="http://example.jp/sports/1")
    assert not finds({"any": "sports"}, url="http://example.jp/sports/1")


def test_occurrences_are_told_by_their_place_in_the_original_text():
    (hit,) = finds({"any": ["ゼレンスキー", "NATO"]}, "ｾﾞﾚﾝｽｷｰ氏", "本文にＮＡＴＯ。")
    assert [(one.field, one.start, one.end, one.text, one.word.term.written) for one in hit.occurrences] == [
        (Field.TITLE, 0, 7, "ｾﾞﾚﾝｽｷｰ", "ゼレンスキー"),
        (Field.BODY, 3, 7, "ＮＡＴＯ", "NATO"),
    ]


def test_a_match_rests_only_on_the_blocks_that_hold():
    (hit,) = finds({"any": ["停戦", {"all": ["ロシア", "合意"]}]}, "停戦とロシア")
    assert [one.text for one in hit.occurrences] == ["停戦"]


def test_one_place_is_one_occurrence_whatever_its_spelling():
    (hit,) = finds({"any": ["サーバー"]}, "サーバー障害")
    assert [(one.start, one.end) for one in hit.occurrences] == [(0, 4)]


def test_a_disabled_rule_finds_nothing():
    assert not finds({"any": "NATO", "enabled": False}, "NATO")


def test_a_list_in_all_is_one_condition():
    book = book_of({"lists": {"z": ["Zelensky", "ゼレンスキー"]}, "rules": [{"name": "r", "all": ["$z", "talks"]}]})
    assert compile_rules(book.rules).find(make_article(title="Zelensky talks", text=""), make_source())


def test_lists_hold_lists_and_are_shared():
    lists = {"a": ["停戦", "$b"], "b": ["和平"]}
    book = book_of({"lists": lists, "rules": ["$a", {"name": "r", "any": "$b"}]})
    hits = compile_rules(book.rules).find(make_article(title="和平", text=""), make_source())
    assert [hit.rule.name for hit in hits] == ["a", "r"]


def test_no_rules_find_nothing():
    assert compile_rules(()).find(make_article(), make_source()) == []


# --- scope and missing text -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("scope", "matches"),
    [
        ({"groups": ["tv"]}, True),
        ({"groups": ["wire"]}, False),
        ({"only": ["asahi-wire"]}, True),
        ({"only": "朝の通信"}, True),
        ({"except": ["朝の通信"]}, False),
        ({"languages": ["ja"]}, True),
        ({"languages": ["en", "zh"]}, False),
        ({"only": ["asahi-wire"], "languages": ["en"]}, False),
    ],
)
def test_scope(scope, matches):
    matcher = compile_rules(book_of([{"name": "r", "any": "NATO", "sources": scope}]).rules)
    article = make_article(title="NATO", language="ja-jp")
    assert bool(matcher.find(article, make_source(group="tv"))) is matches


def test_an_unknown_language_is_taken_in_and_marked():
    matcher = compile_rules(book_of([{"name": "r", "any": "NATO", "sources": {"languages": ["ja"]}}]).rules)
    (hit,) = matcher.find(make_article(title="NATO", language=None), make_source())
    assert hit.verdict is Verdict.UNKNOWN


CLOSED = {"text": "", "text_from": TextFrom.TITLE, "missing": "fetch.closed"}


def test_without_the_wanted_body_a_match_is_told_and_marked():
    (hit,) = finds({"any": "停戦", "none": "世論調査"}, "停戦へ", **CLOSED)
    assert hit.verdict is Verdict.UNKNOWN
    (hit,) = finds({"any": "停戦"}, "停戦へ", **CLOSED)
    assert hit.verdict is Verdict.TRUE
    (hit,) = finds({"any": "停戦", "title": {"none": "世論調査"}}, "停戦へ", **CLOSED)
    assert hit.verdict is Verdict.TRUE


def test_without_the_wanted_body_nothing_is_told_that_it_alone_could_say():
    rule = {"all": ["停戦", "合意"]}
    assert not finds(rule, "停戦へ", **CLOSED)
    matcher = compile_rules(book_of([{"name": "r"} | rule]).rules)
    (why,) = explain(matcher, make_article(title="停戦へ", **CLOSED), make_source())
    assert (why.verdict, why.told) == (Verdict.UNKNOWN, False)


def test_a_feed_text_that_was_all_that_is_wanted_is_no_missing_body():
    (hit,) = finds({"any": "停戦", "none": "世論調査"}, "停戦へ", "停戦で合意", text_from=TextFrom.ENTRY)
    assert hit.verdict is Verdict.TRUE


def test_a_hostile_page_cannot_hold_up_the_others():
    (hit,) = finds({"any": ["NATO", "の"]}, "", "NATOの" * 1_000_000)
    assert len(hit.occurrences) <= 2 * MAX_PLACES
    assert finds("NATO", "NATO", "SENATOR " * 100_000)
