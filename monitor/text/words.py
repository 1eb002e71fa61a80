"""A text -> the words that a Japanese dictionary sees in it. Pure; read where it is asked for.

SudachiPy with sudachidict_core, mode A (the shortest words). The dictionary is a memory-mapped file, opened once per
process.
"""

import re
from bisect import bisect_right
from dataclasses import dataclass
from functools import cache, lru_cache
from threading import Lock

from sudachipy import Dictionary, MorphemeList, SplitMode, Tokenizer

_APART = '\\s、。!?;:()\\[\\]{}<>「」『』【】〈〉《》〔〕…‥▽△▼▲■□●○◆◇★☆※→/|="'
_KANA = "ぁ-ゖゝゞ"
#: Around a place so much is read, and on to where hiragana ends or begins, but not past what no word goes across (the sign
#: itself tells the dictionary something, too) nor more than a line or two.
_BEHIND = re.compile(
    f"[^{_APART}]{{0,6}}(?:[^{_APART}]{{0,100}}?[{_KANA}](?![{_KANA}])|[^{_APART}]{{0,100}}[{_APART}]?)"
)
#: The same for what stands before the place, read backwards.
_BEFORE = re.compile(f"[^{_APART}]{{0,6}}(?:[^{_APART}]{{0,100}}?[^{_APART}{_KANA}](?=[{_KANA}])|[^{_APART}]{{0,100}})")
_FARTHEST = 106
_SURROGATES = re.compile("[\ud800-\udfff]")

# A Tokenizer works in buffers of its own and must not be entered twice.
_reading = Lock()


@cache
def _tokenizer() -> Tokenizer:
    return Dictionary(dict="core").tokenizer(mode=SplitMode.A)


@dataclass(frozen=True, slots=True)
class Word:
    """One word as the dictionary cuts it; offsets in the text of its `WordBorders`."""

    start: int
    end: int
    known: bool


def _read(text: str) -> MorphemeList:
    # Sudachi takes nothing that UTF-8 cannot hold.
    with _reading:
        return _tokenizer().tokenize(_SURROGATES.sub("\ufffd", text))


@lru_cache(maxsize=10_000)
def cut(piece: str) -> tuple[tuple[int, ...], tuple[bool, ...]]:
    """Where the words of a few phrases end, and which of them the dictionary knows.

    Remembered, since news repeats its phrases (東京都は、) and the dictionary is too large for the processor's caches.
    """
    words = list(_read(piece))
    return tuple(word.end() for word in words), tuple(not word.is_oov() for word in words)


@lru_cache(maxsize=1000)
def is_place(text: str) -> bool:
    """Whether the dictionary knows this, taken alone, as the name of one place."""
    words = list(_read(text))
    return len(words) == 1 and not words[0].is_oov() and words[0].part_of_speech()[2] == "地名"


class WordBorders:
    """The words of one text (`Folded.spelled`), read piece by piece where they are asked for.

    A few phrases around the place are enough: of 52,501 places between two letters of a script in real pages, two are
    cut otherwise than in whole sentences.
    """

    def __init__(self, text: str) -> None:
        self._text = text

    def crossing(self, position: int, term: tuple[int, int] | None = None) -> Word | None:
        """The word that a cut at this offset would cut in two; `None` where words meet.

        `term` is what begins or ends there: asked with it, both its edges cost one reading.
        """
        start, end = self._around(*(term or (position, position)))
        if not start < position < end:
            return None
        ends, known = cut(self._text[start:end])
        place = bisect_right(ends, position - start)
        begin = ends[place - 1] if place else 0
        if place == len(ends) or begin == position - start:
            return None
        return Word(start + begin, start + ends[place], known[place])

    def _around(self, first: int, last: int) -> tuple[int, int]:
        before = _BEFORE.match(self._text[max(0, first - _FARTHEST) : first][::-1])
        behind = _BEHIND.match(self._text, last)
        return first - (before.end() if before else 0), behind.end() if behind else last
