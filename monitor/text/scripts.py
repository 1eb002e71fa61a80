"""A printed character -> the script it belongs to. Pure."""

import unicodedata
from functools import lru_cache

from monitor.text.letters import UNSEEN

HAN = "HAN"
KATAKANA = "KATAKANA"
HIRAGANA = "HIRAGANA"
HANGUL = "HANGUL"
DIGIT = "DIGIT"
#: What is no letter and no digit: punctuation, symbols, white space.
NONE = ""

JAPANESE = frozenset({HAN, KATAKANA, HIRAGANA})
#: Written without spaces, and read here without a dictionary.
UNSPACED = frozenset({"THAI", "LAO", "KHMER", "MYANMAR", "TIBETAN", "JAVANESE", "BALINESE"})

#: First words of Unicode character names that mean another script.
_NAMED = {"CJK": HAN, "IDEOGRAPHIC": HAN, "KATAKANA-HIRAGANA": KATAKANA}
_UNSEEN = frozenset(UNSEEN)
_HALF_WIDTH_MARKS = "ﾞﾟ"
_LONG_VOWELS = frozenset("アイウエオァィゥェォ")
#: More of a word is not shown.
_LONGEST_WORD = 40


@lru_cache(maxsize=10_000)
def script(character: str) -> str:
    """Full- and half-width forms belong to the script of what they stand for; ー and ｰ are katakana; "" has none."""
    if not character:
        return NONE
    letter = unicodedata.normalize("NFKC", character)[0]
    category = unicodedata.category(letter)
    if category == "Nd":
        return DIGIT
    if category[0] not in "LM" and category != "Nl":
        return NONE
    name = unicodedata.name(letter, "").partition(" ")[0]
    return _NAMED.get(name, name)


@lru_cache(maxsize=10_000)
def is_mark(character: str) -> bool:
    """Whether it prints on the character before it."""
    return character in _HALF_WIDTH_MARKS or unicodedata.category(character)[0] == "M"


def seen_before(text: str, index: int) -> str:
    """The nearest character before an offset that prints, without the marks on it; empty at the start of the text."""
    while index and (text[index - 1] in _UNSEEN or is_mark(text[index - 1])):
        index -= 1
    return text[index - 1] if index else ""


def seen_after(text: str, index: int) -> str:
    """The nearest character at or after an offset that prints; empty at the end of the text."""
    while index < len(text) and text[index] in _UNSEEN:
        index += 1
    return text[index] if index < len(text) else ""


def run_around(text: str, start: int, end: int) -> str:
    """`text[start:end]` with the letters or digits of its edges' scripts on both sides: the word it is part of."""
    left, right = script(seen_after(text, start)), script(seen_before(text, end))
    first, last = max(0, start - _LONGEST_WORD), min(len(text), end + _LONGEST_WORD)
    while start > first and _goes_on(text[start - 1], left):
        start -= 1
    while end < last and _goes_on(text[end], right):
        end += 1
    return text[start:end]


def marked_end(text: str, end: int, *, open_end: bool) -> int:
    """Where the mark on a hit ends: its own end, or that of the word where its end is open.

    A name that its paper ends in a vowel for ー (ゼレンスキイ) is marked with it, however it was found.
    """
    own = script(seen_before(text, end))
    if own in {NONE, DIGIT, HAN, HIRAGANA, HANGUL} | UNSPACED:
        return end
    last = end
    while last < min(len(text), end + _LONGEST_WORD) and _goes_on(text[last], own):
        last += 1
    long_vowel = own == KATAKANA and unicodedata.normalize("NFKC", text[end:last]) in _LONG_VOWELS
    return last if open_end or long_vowel else end


def _goes_on(character: str, own: str) -> bool:
    return character in _UNSEEN or is_mark(character) or script(character) == own != NONE
