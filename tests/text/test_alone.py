"""Words that stand alone count there; a word of Latin letters that counts is among them, or hidden in strange print."""

import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from monitor.text import alone as room
from monitor.text.alone import LONGEST, LONGEST_PART, alone, dotted
from monitor.text.find import find_term
from monitor.text.fold import fold


def test_words_are_told_by_their_neighbours():
    found = alone("He said: AI and ＥＵ、日本と米国はトランプ大統領とNATOs")
    assert found.words == {"he", "said", "ai", "and", "eu", "日本", "米国", "トランプ", "大統領", "natos"}
    assert found.capitals == {"ai", "eu"}
    assert found.parts == set()


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("㎏", {"kg"}),
        ("b\u00adus", {"bu", "us", "bus"}),
        ("ai\u0301", set()),
        ("ﬁt", {"fi", "it", "fit"}),
        ("US™", {"us", "st", "tm", "ust", "stm", "ustm"}),
        ("ǈa", {"lj", "ja", "lja"}),
        ("\U0001d400\U0001d408", {"ai"}),
        ("naïve", set()),
    ],
)
def test_strange_print_may_hide_words(text, parts):
    found = alone(f"、{text}。")
    assert (found.words, found.parts) == (set(), parts)


def test_of_long_runs_nothing_is_told_and_of_strange_ones_little():
    assert alone("x" * (LONGEST + 1)).words == set()
    assert max(map(len, alone("abcdefgh\u00ad").parts)) == LONGEST_PART


def test_of_letters_that_folding_changes_nothing_is_told():
    assert alone("3箇月と3個月、ロシアヶ国、髙市、ヴェトナム").words == set()


def test_acronyms_with_full_stops():
    assert dotted("the u.s.s.r. and a.d") == {"us", "ss", "sr", "uss", "ssr", "ussr", "ad"}


def test_every_character_that_may_hide_a_letter_is_strange():
    """Alone or, as a mark, behind a letter; past the BMP all are."""
    for code in range(0x80, 0x10000):
        c = chr(code)
        if unicodedata.category(c) not in {"Cn", "Co", "Cs"}:
            hidden = any(letter in "abcdefghijklmnopqrstuvwxyz" for letter in fold(c).text)
            vanishes = fold(f"x{c}y").text in {"xy", "x"}
            plain = bool(room._PLAIN.fullmatch(c * 2))
            assert plain or not (hidden or vanishes) or room._strange().match(c), (hex(code), c)


_PRINTED = [
    *"aiAIusＵＳ日本米国トランプー・-.’（） \n\u00ad\u200b\u0301\u0307\u3099゛ﾞ㎏éſﬁ™ÅK々箇ヶ3",
    *["US", "日本", "トランプ", "\U0001f1fa\U0001f1f8", "ไ", "\U0001f3fb", "國", "髙"],
]
_TEXTS = st.lists(st.sampled_from(_PRINTED) | st.characters(), max_size=10).map("".join)


@given(text=_TEXTS)
@settings(max_examples=1_000, deadline=None)
@example("二次\n関税")
@example("日本\u3099")
@example("caféUS")
@example("aート")
def test_what_stands_alone_counts(text):
    found = alone(text)
    for word in found.words:
        assert find_term(text, word), word
    for word in found.capitals:
        assert find_term(text, word.upper()), word


@given(text=_TEXTS, word=st.text("aiuskg", min_size=2, max_size=7))
@settings(max_examples=1_000, deadline=None)
@example("AI", "AI")
@example("U.S.", "us")
def test_no_word_of_latin_letters_is_missed(text, word):
    found = alone(text)
    for typed, words in ((word, found.words), (word.upper(), found.capitals)):
        if find_term(text, typed):
            assert word.lower() in words or word.lower()[:LONGEST_PART] in found.parts | dotted(fold(text).text)
