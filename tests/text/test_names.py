"""The spellings of a person that newsrooms print."""

import pytest

from monitor.text.names import name_spellings, stands_alone


def spellings(family, *givens, **how):
    return list(name_spellings(family, givens, **how))


def test_a_katakana_name_stands_alone():
    assert spellings("ゼレンスキー", "ウォロディミル") == ["ゼレンスキー", "ウォロディミル・ゼレンスキー"]


def test_a_kanji_name_needs_its_given_name_or_a_title():
    found = spellings("高市", "早苗", titles=["経済安保相"])
    assert found[:4] == ["高市早苗", "高市 早苗", "高市氏", "高市さん"]
    assert {"高市首相", "高市前首相", "高市元総裁", "高市経済安保相", "高市前経済安保相", "高市議員"} <= set(found)
    assert not {"高市", "早苗", "高市前議員", "高市前氏"} & set(found)
    assert len(found) == len(set(found)) < 250


def test_what_the_editor_says_counts_more_than_the_script():
    assert spellings("高市", "早苗", alone=True) == ["高市", "高市早苗", "高市 早苗"]
    smith = spellings("スミス", "ジョン", alone=False)
    assert smith[:5] == ["ジョン・スミス", "ジョン スミス", "スミス・ジョン", "スミス ジョン", "スミス氏"]


def test_a_latin_name_is_printed_in_full_unless_asked_otherwise():
    assert spellings("Trump", "Donald") == ["Donald Trump"]
    assert spellings("Trump", "Donald", alone=True) == ["Trump", "Donald Trump"]
    assert spellings("Trump") == []


def test_given_names_go_with_the_family_name_of_their_script():
    assert spellings("金", "正恩", "ジョンウン")[:2] == ["金正恩", "金 正恩"]
    assert spellings("キム", "正恩", "ジョンウン")[:3] == ["ジョンウン・キム", "ジョンウン キム", "キム・ジョンウン"]
    assert spellings("渡辺", "マユミ")[0] == "渡辺マユミ"


@pytest.mark.parametrize(
    ("family", "alone"),
    [
        *(("ゼレンスキー", True), ("メルツ", True), ("フォンデアライエン", True), ("フォン・デア・ライエン", True)),
        *(("キム", False), ("リー", False), ("佐藤", False), ("Merz", False), ("つんく", False), ("김", False)),
    ],
)
def test_who_is_known_by_the_family_name(family, alone):
    assert stands_alone(family) is alone
