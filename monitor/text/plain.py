"""Text as printed -> text as regular expressions read it, with the way back to the printed characters. Pure.

One width (NFKC), nothing for what prints nothing, white space as in `fold`. Case, dashes, dots and variants stay as they
are printed.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable
from functools import cache
from typing import Literal

from monitor.text.fold import Folded, white_space
from monitor.text.letters import UNSEEN
from monitor.text.spell import Steps

#: One printed character may carry so many marks; more is an attack (NFKC sorts them in quadratic time).
_MARKS = 32
#: What NFKC leaves alone: ASCII, kana, the punctuation and kanji of nearly every Japanese page.
_EVENTFUL = re.compile("[^\t-\r\x1c-~ぁ-ゖァ-ヾ、。々〇「」『』【】〔〕一-\u9fff]+")
_SPACE = re.compile(r"\s+")
_UNSEEN = frozenset(UNSEEN)
_HALF_WIDTH_MARKS = "ﾞﾟ"
#: The vowels and last consonants of Hangul taken apart.
_JAMO = "".join(map(chr, (*range(0x1161, 0x1176), *range(0x11A8, 0x11C3))))
_BMP = 0x10000


@cache
def marks() -> str:
    """What prints on the character before it; past the BMP nobody prints news."""
    combining = (chr(code) for code in range(0x300, _BMP) if unicodedata.category(chr(code))[0] == "M")
    return "".join(combining) + _HALF_WIDTH_MARKS + _JAMO


@cache
def _cluster() -> re.Pattern[str]:
    return re.compile(f"[\\s\\S][{marks()}]{{0,{_MARKS}}}")


def plain(text: str, *, width: bool = True) -> Folded:
    """The text for regular expressions; `width` false leaves full- and half-width forms apart."""
    spelled, to_original = _changed(text, _clusters(text), lambda found: settled(found.group(), width=width))
    folded, to_spelled = _changed(spelled, _SPACE.finditer(spelled), white_space)
    return Folded(text, folded, spelled, to_spelled, to_original)


def settled(cluster: str, *, width: bool) -> str:
    """One character with its marks, in one way of writing."""
    form: Literal["NFKC", "NFC"] = "NFKC" if width else "NFC"
    return "".join(c for c in unicodedata.normalize(form, cluster) if c not in _UNSEEN)


def _clusters(text: str) -> Iterable[re.Match[str]]:
    """The characters that may change, each with its marks."""
    for run in _EVENTFUL.finditer(text):
        start = run.start()
        first = start - 1 if start and text[start] in marks() else start
        yield from _cluster().finditer(text, first, run.end())


def _changed(text: str, found: Iterable[re.Match[str]], instead: Callable[[re.Match[str]], str]) -> tuple[str, Steps]:
    steps = Steps()
    pieces: list[str] = []
    done = 0
    length = 0
    for piece in found:
        start, end = piece.span()
        said = instead(piece)
        length += start - done
        if len(said) != 1 or end - start != 1:
            steps.add(length, len(said), start, end - start)
        length += len(said)
        pieces += (text[done:start], said)
        done = end
    pieces.append(text[done:])
    return "".join(pieces), steps
