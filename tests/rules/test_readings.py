"""Names with their reading in the middle, found by rules."""

import pytest
from builders import make_article

from monitor.rules.load import load_rules
from monitor.rules.matcher import compile_rules


@pytest.fixture
def printed(tmp_path):
    """What the rule's words hit in a text."""

    def hits(term, text, more=""):
        (tmp_path / "a.yaml").write_text(f"- name: x\n  any: [{term}]\n{more}", encoding="utf-8")
        matcher = compile_rules(load_rules(tmp_path, channels=[]).rules)
        found = matcher.find(make_article(title="", text=text), None)
        return [one.text for hit in found for one in hit.occurrences]

    return hits


def test_a_name_is_found_across_its_reading_and_shown_as_printed(printed):
    text = "髙市（たかいち）早苗氏と高市早苗氏"
    assert printed("高市早苗", text) == ["髙市（たかいち）早苗", "高市早苗"]
    assert printed("髙市早苗", text, "  boundary: part\n") == ["髙市（たかいち）早苗", "高市早苗"]


def test_nothing_is_counted_twice_and_the_reading_itself_stays(printed):
    text = "習近平（しゅうきんぺい）国家主席が会談"
    assert printed("習近平, 国家主席, しゅうきんぺい", text) == ["習近平", "しゅうきんぺい", "国家主席"]


def test_no_word_comes_about_where_a_reading_is_left_out(printed):
    assert printed("京都, 東京都, 東京都市", "東京（など）都市の人口") == []
    assert printed("東京都", "東京（とうきょう）都市部の人口") == []
