"""A text -> the words that a Japanese dictionary sees in it. Pure; each sentence is read when it is first asked for.

SudachiPy with sudachidict_core, mode A (the shortest words). The dictionary is a memory-mapped file, opened once per
process.
"""

import re
from bisect import bisect_right
from dataclasses import dataclass
from functools import cache, lru_cache
from threading import Lock

from sudachipy import Dictionary, MorphemeList, SplitMode, Tokenizer

#: A sentence without a full stop is cut here, at a comma if there is one in its second half.
_LONGEST = 400
_SENTENCE = re.compile(
    rf"[^。！？!?\n]{{0,{_LONGEST}}}[。！？!?\n]+"
    rf"|[^。！？!?\n]{{{_LONGEST // 2},{_LONGEST}}}[、，,;: ]"
    rf"|[^。！？!?\n]{{1,{_LONGEST}}}"
)

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
    with _reading:
        return _tokenizer().tokenize(text)


@lru_cache(maxsize=1000)
def is_place(text: str) -> bool:
    """Whether the dictionary knows this, taken alone, as the name of one place."""
    words = list(_read(text))
    return len(words) == 1 and not words[0].is_oov() and words[0].part_of_speech()[2] == "地名"


class WordBorders:
    """The words of one text (`Folded.spelled`). Several hits in one sentence cost one reading."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._starts: list[int] = []
        #: Of each sentence that was read: where its words end, and the words.
        self._sentences: dict[int, tuple[list[int], MorphemeList]] = {}

    def crossing(self, position: int) -> Word | None:
        """The word that a cut at this offset would cut in two; `None` where words meet."""
        if not 0 < position < len(self._text):
            return None
        number = bisect_right(self._sentence_starts(), position) - 1
        offset = self._starts[number]
        ends, words = self._words(number)
        place = bisect_right(ends, position - offset)
        start = ends[place - 1] if place else 0
        if place == len(ends) or start == position - offset:
            return None
        return Word(offset + start, offset + ends[place], not words[place].is_oov())

    def _sentence_starts(self) -> list[int]:
        if not self._starts:
            self._starts = [sentence.start() for sentence in _SENTENCE.finditer(self._text)]
        return self._starts

    def _words(self, number: int) -> tuple[list[int], MorphemeList]:
        if number not in self._sentences:
            end = self._starts[number + 1] if number + 1 < len(self._starts) else len(self._text)
            words = _read(self._text[self._starts[number] : end])
            self._sentences[number] = ([word.end() for word in words], words)
        return self._sentences[number]
