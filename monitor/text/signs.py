"""A cut in a printed text -> whether it would cut one sign in two: marks, joined emoji, flags, Thai syllables. Pure."""

import re
from functools import lru_cache

from monitor.text.letters import UNSEEN
from monitor.text.scripts import NONE, UNSPACED, is_mark, script, seen_after, seen_before

_JOINER = "\u200d"
_UNSEEN = frozenset(UNSEEN)
_FLAG_LETTER = re.compile("[\U0001f1e6-\U0001f1ff]")
#: Nobody prints so many flags in a row; an even number.
_LONGEST_RUN = 100
_SKIN_TONE = re.compile("[\U0001f3fb-\U0001f3ff]")
#: Thai and Lao vowels that are written before their consonant, and those that follow it without being marks.
_LEADING_VOWELS = frozenset("เแโใไເແໂໃໄ")
_TRAILING_VOWELS = frozenset("ะาำๅະາຳ")


def scripts_at(text: str, place: int) -> tuple[str, str] | None:
    """The scripts of what prints before and behind an offset; `None` where both print as one sign."""
    known = _plain_scripts(text[place - 1 : place + 1]) if 0 < place < len(text) else None
    if known is not None:
        return known
    if splits_sign(text, place):
        return None
    return script(seen_before(text, place)), script(seen_after(text, place))


@lru_cache(maxsize=20_000)
def _plain_scripts(pair: str) -> tuple[str, str] | None:
    """The scripts of two characters that join with no other, as nearly all do."""
    if any(_may_join(character) for character in pair):
        return None
    return script(pair[0]), script(pair[1])


def _may_join(character: str) -> bool:
    if character in _UNSEEN or is_mark(character) or script(character) in UNSPACED:
        return True
    return bool(_SKIN_TONE.match(character) or _FLAG_LETTER.match(character))


def splits_sign(text: str, place: int) -> bool:
    """Whether what stands before and behind an offset prints as one sign."""
    if not 0 < place < len(text):
        return False
    before, behind = text[place - 1], text[place]
    if behind not in _UNSEEN and (is_mark(behind) or _SKIN_TONE.match(behind)):
        return True
    if behind in _TRAILING_VOWELS or before in _LEADING_VOWELS:
        return script(before) in UNSPACED and script(behind) in UNSPACED
    return _joined(text, place) or _splits_flag(text, place)


def _joined(text: str, place: int) -> bool:
    """Whether U+200D joins two symbols here; between letters it only shapes them."""
    if text[place - 1] == _JOINER:
        return script(text[place]) == NONE
    return text[place] == _JOINER and script(seen_before(text, place)) == NONE


def _splits_flag(text: str, place: int) -> bool:
    """Two regional indicators are one flag, counted from the start of their run."""
    if not _FLAG_LETTER.match(text, place):
        return False
    start = place
    while start and place - start < _LONGEST_RUN and _FLAG_LETTER.match(text, start - 1):
        start -= 1
    return (place - start) % 2 == 1
