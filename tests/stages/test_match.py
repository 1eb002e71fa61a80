"""Articles x rules -> matches."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from builders import make_article, make_source

from monitor.model import Notice
from monitor.rules.load import load_rules
from monitor.rules.matcher import compile_rules
from monitor.stages.match import find_matches

RULES = """- name: 二次関税
  any: ["二次関税", "secondary tariff*", ロシア]
  weight: 5
  severity: breaking
  notify: "#trade"
- NATO
- ゼレンスキー
- "トランプ*"
"""


def matches(tmp_path: Path, **article):
    (tmp_path / "a.yaml").write_text(RULES, encoding="utf-8")
    matcher = compile_rules(load_rules(tmp_path, channels=()).rules)

    def route(rule):
        return tuple(Notice(channel=name, destination=name, when="digest") for name in rule.notify)

    return find_matches(make_article(**article), make_source(), matcher, route=route, now=NOW)


NOW = datetime(2026, 11, 23, tzinfo=UTC)


def test_a_match_carries_what_telling_needs(tmp_path):
    (match,) = matches(tmp_path, title="ロシアに二次関税", text="これは\n\n米国が二次関税を課す。")
    assert (match.rule_id, match.rule_name, match.rule_order) == ("二次関税", "二次関税", 0)
    assert (match.weight, match.severity, match.matched_at) == (5, "breaking", NOW)
    assert match.terms == ("ロシア", "二次関税")
    assert [match.title.text[start:end] for start, end in match.title.highlights] == ["ロシア", "二次関税"]
    assert [match.snippet.text[start:end] for start, end in match.snippet.highlights] == ["二次関税"]
    assert [notice.channel for notice in match.notices] == ["#trade"]


def test_a_headline_alone_gives_no_snippet(tmp_path):
    (match,) = matches(tmp_path, title="ＮＡＴＯ首脳会議", text="本文")
    assert (match.snippet, match.terms, match.title.highlights) == (None, ("NATO",), ((0, 4),))


def test_the_body_alone_leaves_the_headline_plain(tmp_path):
    (match,) = matches(tmp_path, title="速報", text="日本とNATOが声明")
    assert match.title.highlights == ()
    assert match.snippet is not None


def test_matches_come_in_the_order_of_the_rules(tmp_path):
    assert [m.rule_order for m in matches(tmp_path, title="NATO", text="secondary tariffs")] == [0, 1]


def test_nothing_matches_nothing(tmp_path):
    assert matches(tmp_path, title="天気", text="") == ()


@pytest.mark.parametrize(
    ("title", "marked"),
    [
        ("US secondary tariffs on oil", ["secondary tariffs"]),
        ("ＳＥＣＯＮＤＡＲＹ　ＴＡＲＩＦＦＳ", ["ＳＥＣＯＮＤＡＲＹ ＴＡＲＩＦＦＳ"]),
        ("secondary tariff、関税", ["secondary tariff"]),
        ("ゼレンスキイ大統領", ["ゼレンスキイ"]),
        ("ｾﾞﾚﾝｽｷｲ大統領", ["ｾﾞﾚﾝｽｷｲ"]),
        ("ゼレンスキー大統領", ["ゼレンスキー"]),
        ("トランプノミクスの行方", ["トランプノミクス"]),
        ("トランプ氏", ["トランプ"]),
    ],
)
def test_words_are_marked_as_far_as_they_are_printed(tmp_path, title, marked):
    (match,) = matches(tmp_path, title=title, text="")
    assert [match.title.text[start:end] for start, end in match.title.highlights] == marked
