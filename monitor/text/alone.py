"""A printed text -> the words in it that stand alone, told by their neighbours, without a dictionary. Pure.

What an index of letters cannot know: that AI is a word here, and there two letters of "said". Words are short runs of one
script: the Latin letters of ASCII in any case and width, kanji, katakana.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache

from monitor.text.fold import fold
from monitor.text.letters import COUNTERS
from monitor.text.scripts import is_mark, script
from monitor.text.spell import inside_class, joining, lowered_letters, settled_alone
from monitor.text.variants import KANJI

#: Longer runs are no words.
LONGEST = 32
#: Of what is printed strangely so many letters in a row are told.
LONGEST_PART = 5
_LATIN = "A-Za-zＡ-Ｚａ-ｚ"
_PLAIN = re.compile(f"[{_LATIN}]{{2,{LONGEST}}}")
_LETTER = re.compile("[a-z]")
_LETTERS = re.compile("[a-z]{2,}")
_DOTTED = re.compile(r"[a-z](?:\.[a-z])+")
_HAN = "㐀-䶿一-鿿"
_KATAKANA = "ァ-ヴー"
#: Beside these nothing joins, merges or is dropped.
_CLEAR = "ぁ-ゖ、。「」『』A-Za-z0-9 \n"
# A run begins with its first letter, so that `re` can leap from one to the next.
_JAPANESE = re.compile(
    f"[{_HAN}](?<![^{_CLEAR}{_KATAKANA}].)[{_HAN}]{{1,{LONGEST - 1}}}(?![^{_CLEAR}{_KATAKANA}])"
    f"|[{_KATAKANA}](?<![^{_CLEAR}{_HAN}].)(?<!ー)[{_KATAKANA}]{{1,{LONGEST - 1}}}(?![^{_CLEAR}{_HAN}])"
)
#: Folding makes others of them, some only beside a numeral.
_CHANGED = frozenset(KANJI) | frozenset(COUNTERS + "ヴ")
#: Where the scripts are that have Latin letters, marks or compatible forms; kanji and Hangul syllables have none.
_LETTERED = (range(0x80, 0x3400), range(0xA000, 0xAC00), range(0xD7A4, 0xD800), range(0xF900, 0x10000))


@dataclass(frozen=True, slots=True)
class Alone:
    """Folded words. A word of Latin letters that counts somewhere is among `words`, or begins as one of `parts` does."""

    #: Each counts where it stands, with the boundary `auto`.
    words: set[str] = field(default_factory=set)
    #: Those among them that stand in capitals somewhere.
    capitals: set[str] = field(default_factory=set)
    #: Two to `LONGEST_PART` letters in a row of what is printed strangely (㎏, W.H.O., soft hyphens): words may be hidden there.
    parts: set[str] = field(default_factory=set)


def alone(text: str) -> Alone:
    """Which words stand alone in a text."""
    found = Alone()
    for run in set(_latin_runs().findall(text)):
        if _PLAIN.fullmatch(run):
            _note_plain(run, found)
        elif _strange().search(run):
            found.parts.update(*map(_parts, _LETTERS.findall(fold(run).text)))
    found.words.update(run for run in set(_JAPANESE.findall(text)) if _CHANGED.isdisjoint(run))
    return found


def dotted(folded: str) -> set[str]:
    """The `parts` of acronyms with full stops in a folded text: us of U.S., ussr and its parts of U.S.S.R."""
    return {part for run in set(_DOTTED.findall(folded)) for part in _parts(run.replace(".", ""))}


def _note_plain(run: str, found: Alone) -> None:
    word = unicodedata.normalize("NFKC", run).lower()
    found.words.add(word)
    if run.isupper():
        found.capitals.add(word)


def _parts(letters: str) -> Iterator[str]:
    for start in range(len(letters) - 1):
        for end in range(start + 2, min(start + LONGEST_PART, len(letters)) + 1):
            yield letters[start:end]


@cache
def _latin_runs() -> re.Pattern[str]:
    """Latin letters with all that may be one of them, or come between them unseen. Made once, in some 50 ms."""
    return re.compile(f"[{_LATIN}{_strange_class()}{inside_class(_other_latin_letters())}]+")


@cache
def _strange() -> re.Pattern[str]:
    return re.compile(f"[{_strange_class()}]")


@cache
def _strange_class() -> str:
    """Characters that fold to letters of ASCII, join others, or vanish; past the BMP all."""
    strange = joining().union(c for c in _lettered() if is_mark(c) or _hides(c))
    return inside_class({c for c in strange if c <= "\uffff"}) + "\U00010000-\U0010ffff"


@cache
def _other_latin_letters() -> frozenset[str]:
    """A letter of ASCII beside one of these is part of its word: na in naïve."""
    return frozenset(c for c in _lettered() if script(c) == "LATIN")


def _hides(c: str) -> bool:
    """Whether a character hides letters of ASCII, or itself."""
    lowered = lowered_letters(c)
    settled = settled_alone().get(lowered, lowered)
    return not settled or bool(_LETTER.search(settled) and not _PLAIN.fullmatch(c * 2))


def _lettered() -> Iterator[str]:
    for codes in _LETTERED:
        yield from map(chr, codes)
