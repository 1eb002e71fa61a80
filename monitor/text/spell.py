"""Text as printed -> one way of writing each character, with the way back. Pure; the first of the two steps of `fold`.

Width (NFKC), case, kinds of dashes, tildes and quotes, variant kanji, nothing for what prints nothing. Only the runs of
characters that any of this touches go through `unicodedata`: NFKC of a whole Japanese article costs ten times as much.
"""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache

from monitor.text.letters import APOSTROPHES, DASHES, PERSIAN, QUOTES, TILDES, UNSEEN, VOWEL_SIGNS
from monitor.text.variants import KANJI

#: One printed character may carry so many marks; more is an attack (NFKC sorts them in quadratic time).
_MARKS = 32
#: A run as long as this is rare, and not worth remembering.
_LONG_RUN = 64
_BMP = "\uffff"


@dataclass(frozen=True, slots=True)
class Steps:
    """The places where two texts stop running in step: folded `[at, at_end)` is printed `[source, source_end)`."""

    at: list[int] = field(default_factory=list)
    at_end: list[int] = field(default_factory=list)
    source: list[int] = field(default_factory=list)
    source_end: list[int] = field(default_factory=list)

    def add(self, at: int, length: int, source: int, source_length: int) -> None:
        self.at.append(at)
        self.at_end.append(at + length)
        self.source.append(source)
        self.source_end.append(source + source_length)

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Where the characters of a folded span stand in the source, whole ones."""
        at = self.at
        if not at or start < at[0] >= end:
            return start, end
        step = bisect_right(at, start) - 1
        first = self._start(step, start)
        if end <= start:
            return first, first
        if step + 1 < len(at) and at[step + 1] < end:
            step = bisect_right(at, end - 1) - 1
        return first, self.source_end[step] + max(0, end - self.at_end[step])

    def _start(self, step: int, position: int) -> int:
        if step < 0:
            return position
        if position < self.at_end[step]:
            return self.source[step]
        return self.source_end[step] + position - self.at_end[step]


_LETTERS: dict[int, str | None] = (
    {ord(c): None for c in UNSEEN + VOWEL_SIGNS}
    | {ord(c): "-" for c in DASHES}
    | {ord(c): "~" for c in TILDES}
    | {ord(c): "'" for c in APOSTROPHES}
    | {ord(c): '"' for c in QUOTES}
    | {ord(old): new for old, new in (KANJI | PERSIAN).items()}
)

_COMMON_SIGNS = (("\u3000", " "), ("’", "'"), ("“", '"'), ("”", '"'), ("–", "-"), ("—", "-"), ("（", "("), ("）", ")"))


def lowered_letters(text: str) -> str:
    """Lower case of the same length: İ is the only letter that grows (SpecialCasing.txt)."""
    return text.replace("İ", "i").lower()


def _plain_signs(text: str) -> str:
    """The commonest signs of Japanese and English print, each for each: what is left to fold is then little."""
    for printed, plain in _COMMON_SIGNS:
        if printed in text:
            text = text.replace(printed, plain)
    return text


def _settle(text: str) -> str:
    """One way of writing these characters, taken alone."""
    while True:
        settled = (
            unicodedata.normalize("NFKC", lowered_letters(text)).casefold().replace("i\u0307", "i").translate(_LETTERS)
        )
        if settled == text:
            return text
        text = settled


#: Unified ideographs, Hangul syllables and private use: Unicode leaves them alone. Of the higher planes only these
#: blocks have marks (Indic scripts, music, small African and Asian scripts).
_EVENTFUL = (
    (0x80, 0x3400),
    (0x4DC0, 0x4E00),
    (0xA000, 0xAC00),
    (0xD7A4, 0xD800),
    (0xF900, 0x10000),
    (0x101FD, 0x1037B),
    (0x10A00, 0x12000),
    (0x16AF0, 0x16B37),
    (0x1BC9D, 0x1BCA4),
    (0x1D165, 0x1D245),
    (0x1E000, 0x1E950),
)


def _candidates() -> Iterator[str]:
    for first, end in _EVENTFUL:
        yield from map(chr, range(first, end))


@cache
def joining() -> frozenset[str]:
    """Characters that may merge with the one before, or vanish."""
    joining = set(UNSEEN + VOWEL_SIGNS)
    joining.update(map(chr, (*range(0x1161, 0x1176), *range(0x11A8, 0x11C3))))
    for c in _candidates():
        parts = unicodedata.decomposition(c).split()
        if len(parts) == 2 and not parts[0].startswith("<"):  # noqa: PLR2004 - a pair
            joining.add(chr(int(parts[1], 16)))
        if unicodedata.combining(unicodedata.normalize("NFKD", c)[0]):
            joining.add(c)
    return frozenset(joining)


def inside_class(characters: Collection[str]) -> str:
    """The inside of a regular expression's [...] for these characters."""
    ranges: list[list[int]] = []
    for code in sorted(map(ord, characters)):
        if ranges and code == ranges[-1][1] + 1:
            ranges[-1][1] = code
        else:
            ranges.append([code, code])
    return "".join(f"{re.escape(chr(first))}-{re.escape(chr(last))}" for first, last in ranges)


@cache
def settled_alone() -> Mapping[str, str]:
    """What becomes of characters that do not stay as they are, in lower case and up to the BMP's end, when none follows."""
    eventful = {*_candidates(), *map(chr, _LETTERS)}
    return {c: settled for c in eventful if c == lowered_letters(c) and (settled := _settle(c)) != c}


@cache
def _patterns() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """(characters that the first step touches, one cluster among them). Made once, in some 50 ms.

    All characters past the BMP are one range: with exact ranges there `re` loses its bitmap and is 20 times slower.
    """
    touched = settled_alone().keys() | joining() | set(map(chr, _LETTERS)) - {"-"}
    runs = re.compile(f"[{inside_class({c for c in touched if c <= _BMP})}\U00010000-\U0010ffff]+")
    clusters = re.compile(f"[\\s\\S][{inside_class(joining())}]{{0,{_MARKS}}}")
    return runs, clusters


_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1b\x7f]")


def _settle_run(run: str) -> tuple[str, tuple[tuple[int, int, int, int], ...]]:
    """The run in one way of writing, and its clusters that change their length, as `Steps` of its own."""
    pieces: list[str] = []
    steps = []
    at = 0
    for cluster in _patterns()[1].finditer(run):
        printed = cluster.group()
        settled = _settle(printed)
        if len(settled) != 1 or len(printed) != 1:
            steps.append((at, len(settled), cluster.start(), len(printed)))
        at += len(settled)
        pieces.append(settled)
    return "".join(pieces), tuple(steps)


_settle_known_run = lru_cache(maxsize=20_000)(_settle_run)


def spell(text: str) -> tuple[str, Steps]:
    """The text with one way of writing each character, and where it stops running in step with the text."""
    steps = Steps()
    if text.isascii() and not _CONTROLS.search(text):
        return text.lower(), steps
    lowered = _plain_signs(lowered_letters(text))
    joins = joining()
    pieces: list[str] = []
    done = 0
    length = 0
    for run in _patterns()[0].finditer(lowered):
        start, end = run.span()
        if start > done and lowered[start] in joins:
            start -= 1
        pieces.append(lowered[done:start])
        length += start - done
        settle = _settle_known_run if end - start < _LONG_RUN else _settle_run
        settled, changes = settle(lowered[start:end])
        for at, size, source, source_size in changes:
            steps.add(length + at, size, start + source, source_size)
        pieces.append(settled)
        length += len(settled)
        done = end
    pieces.append(lowered[done:])
    return "".join(pieces), steps
