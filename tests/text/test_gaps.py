"""How far two places stand apart: characters, words, sentences."""

import pytest

from monitor.text.gaps import FARTHEST, characters_between, is_unspaced, sentence_ends, words_between


@pytest.mark.parametrize(
    ("text", "unspaced"),
    [
        ("NATO", False),
        ("ゼレンスキー", True),
        ("F35戦闘機", True),
        ("한국", False),
        ("ไทย", True),
        ("Київ", False),
        ("、", False),
    ],
)
def test_scripts_without_spaces(text, unspaced):
    assert is_unspaced(text) is unspaced


@pytest.mark.parametrize(
    ("gap", "characters", "words"),
    [
        ("", 0, 0),
        ("、", 1, 0),
        ("が発表した", 5, 2),
        ("\u200b\xad", 0, 0),
        ("か\u3099ｶﾞ", 2, 1),
        (" \n　 ", 1, 0),
        (" said it will ", 14, 3),
        ("'s new ", 7, 1),
        ("’s new ", 7, 1),
        (" U.S.-led, 30% ", 15, 2),
        ("は12日、NATO加盟国の", 13, 4),
        (" 한국 정부 ", 7, 2),
    ],
)
def test_what_is_counted(gap, characters, words):
    text = f"x{gap}y"
    assert characters_between(text, 1, 1 + len(gap)) == characters
    assert words_between(text, 1, 1 + len(gap)) == words


@pytest.mark.parametrize(
    "gap",
    [
        "は増収、", "「合意した。」と述べ、", " and Mr. Smith of the U.S. ", " Yahoo!ニュース ", " 3.5 % ", "\n", "２．５", "",
        " (J. Smith) ",
    ],
)  # fmt: skip
def test_one_sentence(gap):
    assert sentence_ends(f"A{gap}B") == []


@pytest.mark.parametrize(
    "gap", ["。", "！", "？」", " ended. ", '." ', "! ", "か?", "\n\n", "\n \n", "．", "؟ ", "。\n", "」。「"]
)
def test_a_sentence_ends(gap):
    assert all(4 <= end < 4 + len(gap) for end in sentence_ends(f"word{gap}B"))
    assert sentence_ends(f"word{gap}B")


def test_of_a_long_text_the_beginning_is_counted():
    text = "a " * FARTHEST
    assert characters_between(text, 0, len(text)) == FARTHEST
    assert words_between(text, 0, len(text)) == FARTHEST // 2
