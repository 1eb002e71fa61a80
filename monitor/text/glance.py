"""A word -> whether it can stand in a text at all, told without folding the text. Pure; "no" is sure, "yes" is not.

For each letter of the folded word any character is looked for that folds to it, with whatever folding drops in between.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from functools import cache, lru_cache

from monitor.text.fold import V_SOUNDS, term_forms
from monitor.text.letters import COUNTERS, DOTS
from monitor.text.spell import inside_class, joining, lowered_letters, settled_alone

#: Letters of which folding makes no more than what is said below. For others every text is folded.
_KNOWN = re.compile("[ -'*-~ぁ-ゖァ-ヺー㐀-䶿一-鿿々〆〇]+")
_CASED = re.compile("[a-z]")
#: Short names and numbers, whose letters stand inside many a word: AI, US, 5G.
_EDGED = re.compile("[0-9a-z]+")
#: So many letters in a row tell a text from nearly all others.
_MOST = 5
_FROM_V = frozenset("".join(V_SOUNDS.values()))
_SWALLOWED_BY_V = "ァィェォュ"
_BARS = "ー-"
_BYTES_IN_BMP = 2


@lru_cache(maxsize=256)
def glance(word: str, *, whole_start: bool = False, whole_end: bool = False) -> Callable[[str], bool]:
    """Tells of a text whether the word can stand there, in any of its forms.

    `whole_start`, `whole_end`: where a letter of the word touches another (a digit another) on that side, it does not count.
    """
    forms = term_forms(word)
    if not forms or not all(map(_KNOWN.fullmatch, forms)):
        return _always
    # The second one sees more, and takes longer.
    leaping = "|".join(map(_leaping_pattern, forms))
    whole = "|".join(_edged_pattern(form, whole_start, whole_end) for form in forms)
    searches = [re.compile(pattern).search for pattern in (leaping, whole)]
    is_cased = any(map(_CASED.search, forms))

    def can_hold(text: str) -> bool:
        # What lies beyond the BMP may fold to anything; a text that holds nothing of it is told by its size.
        if len(text.encode("utf-16-le", "surrogatepass")) != _BYTES_IN_BMP * len(text):
            return True
        text = lowered_letters(text) if is_cased else text
        return all(search(text) for search in searches)

    return can_hold


def _always(_text: str) -> bool:
    return True


def _leaping_pattern(form: str) -> str:
    """From the first letter on that nothing else folds to: `re` leaps from one such letter to the next."""
    return _pattern(form[next((n for n, letter in enumerate(form[:-1]) if len(_sources(letter)) == 1), 0) :])


def _edged_pattern(form: str, whole_start: bool, whole_end: bool) -> str:
    """Only between letters of ASCII, where no folding makes a border."""
    if len(form) > _MOST or not _EDGED.fullmatch(form):
        return _pattern(form)
    before = f"(?<!{_kin(form[0]) * 2})" if whole_start else ""
    behind = f"(?!(?<={_kin(form[-1])}){_kin(form[-1])})" if whole_end else ""
    return _written(form[0]) + before + "".join(map(_further, form[1:])) + behind


def _kin(letter: str) -> str:
    return "[0-9]" if letter.isdigit() else "[a-z]"


def _pattern(form: str) -> str:
    first, *others = [letter for letter in form if letter not in _dropped()][:_MOST] or [""]
    return _written(first) + "".join(map(_further, others))


def _further(letter: str) -> str:
    """A letter behind another one; it may also have come of the very character that the one before came of."""
    several = [source for source in _sources(letter) if len(settled_alone().get(source, "")) > 1]
    here = _gap() + _written(letter)
    return f"(?:{here}|(?<=[{inside_class(several)}]))" if several else here


def _written(letter: str) -> str:
    if not letter:
        return ""
    written = f"[{inside_class(_sources(letter))}]"
    if letter not in _FROM_V:
        return written
    swallowed = inside_class({c for small in _SWALLOWED_BY_V for c in _sources(small)})
    return f"(?:[{inside_class(_sources('ヴ'))}]{_gap()}[{swallowed}]?|{written})"


@cache
def _sources(letter: str) -> frozenset[str]:
    """The characters that this letter may have been printed with, itself among them."""
    found = {letter}
    if letter in _FROM_V:
        found.add("ヴ")
    if letter in "カケ":
        found |= set(COUNTERS)
    if letter in _BARS:
        found |= set(_BARS)
    # A mark of its own behind its letter.
    found |= {unicodedata.normalize("NFD", one)[0] for one in found}
    return frozenset(found.union(*(_folded_to().get(one, ()) for one in found)))


@cache
def _folded_to() -> Mapping[str, list[str]]:
    """Letters, and the characters that fold to them, alone or among others."""
    folded_to: dict[str, list[str]] = {}
    for character, settled in settled_alone().items():
        for letter in settled:
            folded_to.setdefault(letter, []).append(character)
    return folded_to


@cache
def _dropped() -> frozenset[str]:
    """Characters that may come to nothing, or to white space, which may come to nothing."""
    dropped = {*joining(), *DOTS, *filter(str.isspace, map(chr, range(0x10000)))}
    return frozenset(dropped | {c for c, settled in settled_alone().items() if dropped.issuperset(settled)})


@cache
def _gap() -> str:
    """What may stand between two letters: what is dropped, and readings in parentheses."""
    opening, closing = (inside_class([c for c in _sources(sign) if settled_alone().get(c, c) == sign]) for sign in "()")
    return f"(?:[{inside_class(_dropped())}]|[{opening}][^{opening}{closing}]*+[{closing}])*+"
