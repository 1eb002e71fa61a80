"""A text and two places in it -> how far they stand apart: characters, words, the end of a sentence. Pure."""

import re
from functools import cache

from monitor.text.letters import UNSEEN
from monitor.text.plain import marks
from monitor.text.scripts import JAPANESE, UNSPACED, script

#: Where nothing parts the words, so many letters are taken for one.
LETTERS_OF_A_WORD = 3
#: Characters that are looked at between two words, unless a rule allows for more.
FARTHEST = 5_000
_SPACES = re.compile(r"\s+")
#: The rest of a word that was found without it: Toyota's.
_POSSESSIVE = re.compile(r"['’]s\b")
_BLANK_LINE = r"\n[^\S\n]*\n|\u2029"
#: 「合意した。」と述べた goes on. Yahoo!ニュース is a name. The full stop of an initial (U.S., J. Smith) or of Mr and Dr
#: ends nothing.
_SENTENCE_END = re.compile(
    rf"[。｡！？؟۔।](?![」』）)]+[ぁ-ん])|．(?!\d)|(?<![A-Za-z])[!?]|[!?](?=[\s」』）)”\"']|$)"
    rf"|(?<![\W_][A-Z])(?<!^[A-Z])(?<! [A-Z][a-z])(?<!^[A-Z][a-z])(?<! Mrs)\.(?=[)”\"’]*(?:\s|$))|{_BLANK_LINE}"
)


def is_unspaced(text: str) -> bool:
    """Whether any of it is written without spaces between words, as Japanese, Chinese or Thai."""
    return not text.isascii() and any(_parts_no_words(character) for character in text)


def characters_between(text: str, start: int, end: int, *, farthest: int = FARTHEST) -> int:
    """What stands there as a reader counts: a run of white space as one, marks and what prints nothing not at all.

    Of a text longer than `farthest` its beginning.
    """
    between = _counted(text[start : min(end, start + farthest)])
    return len(_SPACES.sub(" ", between))


def words_between(text: str, start: int, end: int, *, farthest: int = FARTHEST) -> int:
    """Words; three letters of a script that is written without spaces count as one. Of a long text its beginning."""
    between = _counted(text[start : min(end, start + farthest)])
    attached = _POSSESSIVE.match(between)
    between = between[attached.end() if attached else 0 :]
    unspaced = 0 if between.isascii() else sum(map(_parts_no_words, between))
    spaced = "".join(" " if _parts_no_words(c) else c for c in between) if unspaced else between
    words = sum(any(map(str.isalnum, word)) for word in spaced.split())
    return words - (-unspaced // LETTERS_OF_A_WORD)


def sentence_ends(text: str) -> list[int]:
    """Where sentences end, in order; a blank line ends one, too."""
    return [found.start() for found in _SENTENCE_END.finditer(text)]


def _parts_no_words(character: str) -> bool:
    return character > "\x7f" and (script(character) in JAPANESE or script(character) in UNSPACED)


def _counted(text: str) -> str:
    return text if text.isascii() and text.isprintable() else _uncounted().sub("", text)


@cache
def _uncounted() -> re.Pattern[str]:
    return re.compile(f"[{re.escape(UNSEEN)}{marks()}]")
