"""A hit in a folded text -> whether it counts, and why. Pure.

Each edge is judged by its own character and its neighbour as printed; the dictionary is asked only where a Japanese
edge touches its own script. Different scripts side by side are a border; only ー and ｰ count as katakana.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from monitor.text.fold import Folded
from monitor.text.letters import DOTS
from monitor.text.letters import KATAKANA as KATAKANA_LETTERS
from monitor.text.scripts import (
    DIGIT,
    HANGUL,
    JAPANESE,
    KATAKANA,
    NONE,
    UNSPACED,
    run_around,
)
from monitor.text.signs import scripts_at
from monitor.text.spelling import case_matches
from monitor.text.words import Word, WordBorders, is_place

__all__ = ["Boundary", "Reason", "Standing", "WordBorders", "case_matches", "stands"]

Boundary = Literal["auto", "part", "whole"]


class Reason(StrEnum):
    """Why a hit counts or does not. Those that speak against it are messages: `text.REASON`."""

    STANDS = "stands"
    #: A letter beside a letter of the same alphabet: NATO in SENATOR.
    LETTERS = "letters"
    #: A digit beside a digit, or behind a decimal point: 5G in 25G, 5% in 2.5%.
    DIGITS = "digits"
    #: Part of a word of the dictionary, or across the border of two.
    WORD = "word"
    #: Part of a word that the dictionary does not know.
    UNKNOWN_WORD = "unknown-word"
    #: Part of what prints as one sign: half a flag, a letter without its mark.
    SIGN = "sign"


@dataclass(frozen=True, slots=True)
class Standing:
    """`inside`: what a hit that does not count is part of, as printed."""

    counts: bool
    reason: Reason
    inside: str | None = None


_STANDS = Standing(counts=True, reason=Reason.STANDS)
#: Scripts in which a letter may follow another across an edge: the dictionary decides, or nothing can.
_READ_OTHERWISE = frozenset({NONE, *JAPANESE, *UNSPACED})

#: A katakana term so long counts where it begins a word that no dictionary knows: トランプノミクス, not マリウポリ.
_LONG_ENOUGH = 4
_KATAKANA = re.compile(f"[{KATAKANA_LETTERS}]{{{_LONG_ENOUGH},}}")
_KANJI = re.compile("[々〇㐀-䶿一-鿿]+")
#: A point of the compass leaves the name of a place a word of its own: 朝鮮 in 北朝鮮, 大阪 in 東大阪市. One kanji is no
#: such name (京 in 東京).
_COMPASS = re.compile("[東西南北].{2,}")
#: Korean joins particles, plural and one suffix of one syllable (people, army, product) to a word: 북한이, 미국인들의.
#: A longer rest is another word: 인도 is not in 인도네시아.
_KOREAN_REST = re.compile(
    "[가-힣]?들?(?:(?:이라|라)[고는]|에서[는도]?|에게[는도]?|에[는도]|(?:으로|로)(?:부터|[는도서])?|으로|까지[는도]?|부터|보다|처럼|마다|조차"
    "|밖에|이나|이며|[과와][의는]|만[의이을]|께서|이?었?다|[이가은는을를의에와과도만로나며])?(?![가-힣])"
)
#: 2.5 is one number; its last digit is none.
_DECIMAL = re.compile(r"\d[.．]\d")
#: U.S. in U.S.S.R. is no word.
_DOTTED = re.compile(r"[^\W\d_][.．][^\W\d_]")


def stands(folded: Folded, start: int, end: int, *, boundary: Boundary, open_end: bool, words: WordBorders) -> Standing:
    """Whether `folded.text[start:end]` counts as the term that it spells. `open_end`: the right edge is free.

    `words` is `WordBorders(folded.spelled)`, made once per text. Half a sign never counts, not even as a `part`.
    """
    printed = folded.original
    first, last = folded.span(start, end)
    before, behind = scripts_at(printed, first), scripts_at(printed, last)
    if before is None or behind is None or scripts_at(folded.text, end) is None:
        return _skipped(Reason.SIGN, printed, first, last)
    left = before[0] if before[0] == before[1] else NONE
    right = NONE if open_end or behind[0] != behind[1] else behind[0]
    if boundary == "part":
        bridge = left in JAPANESE and _bridges(folded, start, end)
        return _skipped(Reason.WORD, printed, first, last) if bridge else _STANDS
    if reason := _alphabetic(folded, (first, last), end, left, right, open_end=open_end):
        return _skipped(reason, printed, first, last)
    if boundary == "auto" and left not in JAPANESE and right not in JAPANESE:
        return _STANDS
    hit = folded.spelled_span(start, end)
    if boundary == "whole":
        cut_before = words.crossing(hit[0], hit) if before[0] else None
        cut_behind = words.crossing(hit[1], hit) if not open_end and behind[1] else None
        return _in_word(folded, hit, cut_before, cut_behind)
    return _by_words(folded, hit, left, right, words)


def _skipped(reason: Reason, printed: str, first: int, last: int) -> Standing:
    return Standing(counts=False, reason=reason, inside=run_around(printed, first, last))


def _bridges(folded: Folded, start: int, end: int) -> bool:
    """Whether a hit is there only because a name dot or a line break was folded away: アルク in コロンビア・ルクセンブルク."""
    at, to = folded.spelled_span(start, end)
    hit = folded.text[start:end]
    return any(sign in folded.spelled[at:to] and sign not in hit for sign in DOTS + "\n")


def _alphabetic(
    folded: Folded, hit: tuple[int, int], end: int, left: str, right: str, *, open_end: bool
) -> Reason | None:
    """Why letters and digits that go on outside Japanese do not let the hit stand, if they do not.

    `hit` is its place in what is printed, `end` where it ends in what is folded.
    """
    printed = folded.original
    first, last = hit
    if DIGIT in (left, right) or (first > 1 and _DECIMAL.match(printed, first - 2)):
        return Reason.DIGITS
    korean_rest = right == HANGUL and _KOREAN_REST.match(folded.text, end)
    if left not in _READ_OTHERWISE or not (right in _READ_OTHERWISE or korean_rest):
        return Reason.LETTERS
    return Reason.LETTERS if not open_end and last > 1 and _DOTTED.match(printed, last - 2) else None


def _by_words(folded: Folded, hit: tuple[int, int], left: str, right: str, words: WordBorders) -> Standing:
    """What the dictionary says of the edges where Japanese goes on in its own script."""
    at, to = hit
    spelled = folded.spelled
    before = words.crossing(at, hit) if left in JAPANESE else None
    after = words.crossing(to, hit) if right in JAPANESE else None
    if before and _leaves_the_start(spelled, at, before):
        before = None
    if right == KATAKANA and spelled[to : to + 1] == "ー":
        # The form of the term that ends in ー is a hit of its own.
        after = after or Word(at, to + 1, known=False)
    elif after and _leaves_the_end(spelled, to, at, after):
        after = None
    return _in_word(folded, hit, before, after)


def _leaves_the_start(spelled: str, at: int, word: Word) -> bool:
    """Whether the rest of a word, without its first part, is a word all the same."""
    if not word.known:
        return bool(_KANJI.fullmatch(spelled, word.start, word.end))
    if at != word.start + 1 or not _COMPASS.fullmatch(spelled, word.start, word.end):
        return False
    return is_place(spelled[word.start : word.end]) and is_place(spelled[at : word.end])


def _leaves_the_end(spelled: str, to: int, at: int, word: Word) -> bool:
    """Whether the beginning of a word that the dictionary does not know is a word; kanji among them are Chinese."""
    if word.known:
        return False
    begins = at <= word.start and bool(_KATAKANA.fullmatch(spelled, word.start, to))
    return begins or bool(_KANJI.fullmatch(spelled, word.start, word.end))


def _in_word(folded: Folded, hit: tuple[int, int], before: Word | None, after: Word | None) -> Standing:
    """The verdict, given the words that the two edges cut."""
    cut = [word for word in (before, after) if word]
    if not cut:
        return _STANDS
    reason = Reason.WORD if any(word.known for word in cut) else Reason.UNKNOWN_WORD
    inside = folded.printed(min(hit[0], cut[0].start), max(hit[1], cut[-1].end))
    return Standing(counts=False, reason=reason, inside=inside)
