"""A text -> the words that a Japanese dictionary sees in it. Pure; each sentence is read when it is first asked for.

SudachiPy with sudachidict_core, mode A (the shortest words). The dictionary is a memory-mapped file, opened once per
process.
"""

import re
from bisect import bisect_right
from dataclasses import dataclass
from functools import cache
from threading import Lock

from sudachipy import Dictionary, Morpheme, SplitMode, Tokenizer

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
    """One word as the dictionary cuts it; offsets in `Folded.spelled`."""

    start: int
    end: int
    known: bool
    #: Name of a place.
    place: bool


def _read(text: str, offset: int) -> list[Word]:
    with _reading:
        return [_word(morpheme, offset) for morpheme in _tokenizer().tokenize(text)]


def _word(morpheme: Morpheme, offset: int) -> Word:
    place = morpheme.part_of_speech()[2] == "地名"
    return Word(morpheme.begin() + offset, morpheme.end() + offset, not morpheme.is_oov(), place)


def is_place(text: str) -> bool:
    """Whether the dictionary knows this, taken alone, as the name of one place."""
    words = _read(text, 0)
    return len(words) == 1 and words[0].known and words[0].place


class WordBorders:
    """The words of one text (`Folded.spelled`). Several hits in one sentence cost one reading."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._starts: list[int] = []
        self._sentences: dict[int, tuple[list[int], list[Word]]] = {}

    def crossing(self, position: int) -> Word | None:
        """The word that a cut at this offset would cut in two; `None` where words meet."""
        if not 0 < position < len(self._text):
            return None
        starts, words = self._sentence(position)
        word = words[bisect_right(starts, position) - 1] if starts and starts[0] <= position else None
        return word if word and word.start < position < word.end else None

    def _sentence(self, position: int) -> tuple[list[int], list[Word]]:
        if not self._starts:
            self._starts = [sentence.start() for sentence in _SENTENCE.finditer(self._text)]
        number = bisect_right(self._starts, position) - 1
        if number not in self._sentences:
            start = self._starts[number]
            end = self._starts[number + 1] if number + 1 < len(self._starts) else len(self._text)
            words = _read(self._text[start:end], start)
            self._sentences[number] = ([word.start for word in words], words)
        return self._sentences[number]
