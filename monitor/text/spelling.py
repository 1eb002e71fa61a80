"""A hit as printed, the term, the layers that a rule folds -> whether it is spelled as the rule asks. Pure.

`plain_fold` is `fold` said in the obvious way: whole strings, one layer after the other, no way back. It is slow, so it
is for hits and for tests.
"""

import re
import unicodedata
from collections.abc import Collection
from functools import lru_cache
from typing import Literal

from monitor.text.fold import V_SOUNDS, spellings, white_space
from monitor.text.letters import (
    APOSTROPHES,
    COUNTER_FIRST,
    COUNTERS,
    COUNTING,
    DASHES,
    DOTS,
    KATAKANA,
    KATAKANA_FIRST,
    PERSIAN,
    QUOTES,
    READING,
    SMALL,
    TILDES,
    UNSEEN,
    VOWEL_SIGNS,
    WIDE_READING,
    Layer,
)
from monitor.text.variants import KANJI

Case = Literal["auto", "exact", "fold"]

_CASE = frozenset({Layer.CASE})
_FEW_CAPITALS = (2, 3)


def case_matches(printed: str, term: str, mode: Case) -> bool:
    """Whether a hit is written in the case that a rule asks for; full width is no matter of case.

    `auto`: a term typed as two or three capitals (US, WHO) is found in capitals only, any other in any case.
    """
    if mode == "fold" or (mode == "auto" and not is_acronym(term)):
        return True
    return printed == term or same_spelling(printed, term, _CASE)


def same_spelling(printed: str, term: str, without: Collection[Layer]) -> bool:
    """Whether a hit is still the term when these layers are not folded."""
    left_out = frozenset(without)
    if Layer.VARIANTS not in left_out:
        printed = re.sub(f"{READING}|{WIDE_READING}", "", printed)
    folded = plain_fold(printed, left_out).strip()
    return _begun(folded, left_out) in {_begun(form, left_out) for form in _term_spellings(term, left_out)}


def _begun(folded: str, without: Collection[Layer]) -> str:
    """One way of writing the か that a term begins with; the numeral before it was cut off."""
    return folded if Layer.VARIANTS in without else re.sub(COUNTER_FIRST, "カ", folded)


def layers_of(printed: str, term: str) -> tuple[Layer, ...]:
    """The layers without which a hit would not be the term: what `why` calls the folding used."""
    return tuple(layer for layer in Layer if not same_spelling(printed, term, {layer}))


def plain_fold(text: str, without: Collection[Layer] = ()) -> str:
    """`fold(text).text`, some layers left out."""
    text = _letters(text, without)
    if Layer.DASHES not in without:
        text = re.sub("(?<=[0-9A-Za-z])ー", "-", text)
        text = re.sub(f"(?<=[{KATAKANA}])-(?!-)", "ー", text)
    if Layer.VARIANTS not in without:
        text = re.sub(f"[{COUNTERS}]{COUNTING}", "カ", text)
    text = re.sub(r"\s+", white_space, text)
    if Layer.DOTS not in without:
        text = re.sub(f"(?<=[{KATAKANA}])[{DOTS}＝･](?=[{KATAKANA_FIRST}])", "", text)
    if Layer.VARIANTS not in without:
        text = re.sub("ヴ[ァィェォュ]?", lambda found: V_SOUNDS[found[0]], text)
        for small, large in SMALL.items():
            text = text.replace(small, large)
    return text


@lru_cache(maxsize=32)
def _table(without: frozenset[Layer]) -> dict[int, str | None]:
    table: dict[int, str | None] = {ord(c): None for c in UNSEEN + VOWEL_SIGNS}
    table |= dict.fromkeys(map(ord, APOSTROPHES), "'") | dict.fromkeys(map(ord, QUOTES), '"')
    if Layer.DASHES not in without:
        table |= dict.fromkeys(map(ord, DASHES), "-") | dict.fromkeys(map(ord, TILDES), "~")
    if Layer.VARIANTS not in without:
        table |= {ord(old): new for old, new in (KANJI | PERSIAN).items()}
    return table


def _letters(text: str, without: Collection[Layer]) -> str:
    table = _table(frozenset(without))
    while True:
        folded = text if Layer.CASE in without else text.replace("İ", "i").lower()
        folded = unicodedata.normalize("NFC" if Layer.WIDTH in without else "NFKC", folded)
        if Layer.CASE not in without:
            folded = folded.casefold().replace("i\u0307", "i")
        folded = folded.translate(table)
        if folded == text:
            return folded
        text = folded


@lru_cache(maxsize=10_000)
def _term_spellings(term: str, without: frozenset[Layer]) -> tuple[str, ...]:
    return spellings(term, plain_fold(" ".join(term.split()), without).strip())


@lru_cache(maxsize=10_000)
def is_acronym(term: str) -> bool:
    """Whether a term, as typed, is found in capitals only."""
    letters = unicodedata.normalize("NFKC", term.strip())
    return len(letters) in _FEW_CAPITALS and all(letter.isupper() for letter in letters)
