"""A cut in a printed text -> whether it would cut one sign in two: marks, joined emoji, flags, Thai syllables. Pure."""

import re

from monitor.text.letters import UNSEEN
from monitor.text.scripts import NONE, UNSPACED, is_mark, script, seen_before

_JOINER = "\u200d"
_UNSEEN = frozenset(UNSEEN)
_FLAG_LETTER = re.compile("[\U0001f1e6-\U0001f1ff]")
_SKIN_TONE = re.compile("[\U0001f3fb-\U0001f3ff]")
#: Thai and Lao vowels that are written before their consonant, and those that follow it without being marks.
_LEADING_VOWELS = frozenset("เแโใไເແໂໃໄ")
_TRAILING_VOWELS = frozenset("ะาำๅະາຳ")


def cuts_sign(printed: str, first: int, last: int) -> bool:
    """Whether `printed[first:last]` leaves a mark behind or is only a part of one sign."""
    following = printed[last : last + 1]
    if following and following not in _UNSEEN and (is_mark(following) or _SKIN_TONE.match(following)):
        return True
    if following in _TRAILING_VOWELS and script(printed[last - 1]) in UNSPACED:
        return True
    if printed[first - 1 : first] in _LEADING_VOWELS and script(printed[first]) in UNSPACED:
        return True
    return _joined(printed, first, last) or _splits_flag(printed, first) or _splits_flag(printed, last)


def _joined(printed: str, first: int, last: int) -> bool:
    """Whether U+200D joins a symbol at an edge to its neighbour; between letters it only shapes them."""
    if printed[first - 1 : first] == _JOINER and script(printed[first]) == NONE:
        return True
    return _JOINER in printed[last - 1 : last + 1] and script(seen_before(printed, last)) == NONE


def _splits_flag(printed: str, index: int) -> bool:
    """Two regional indicators are one flag, counted from the start of their run."""
    if not _FLAG_LETTER.match(printed, index):
        return False
    start = index
    while start and _FLAG_LETTER.match(printed, start - 1):
        start -= 1
    return (index - start) % 2 == 1
