"""Places of letters in one article -> which of them count as words: what conditions are judged by. Pure, and lazy.

The dictionary is asked about a place when a condition first needs to know; rules that look for the same letters there
share the answer.
"""

from bisect import bisect_right
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import accumulate
from typing import NamedTuple

from monitor.rules.conditions import Condition, Occurrence, Pattern, Word
from monitor.rules.language import Field, Verdict
from monitor.text.borders import Boundary, Standing, WordBorders, case_matches, stands
from monitor.text.fold import Folded, term_forms
from monitor.text.gaps import sentence_ends
from monitor.text.letters import Layer
from monitor.text.plain import plain
from monitor.text.spelling import layers_of, same_spelling

#: Places of one spelling or expression that are looked at: far more than any article has, so that a hostile page cannot
#: hold up the others.
MAX_PLACES = 1_000

_READING_ORDER = tuple(Field)


@dataclass(frozen=True, slots=True, kw_only=True)
class Skipped:
    """Letters of a word that stand in the text but do not count."""

    word: Word | Pattern
    field: Field
    start: int
    end: int
    text: str
    #: "case", "fold", "part-of", or why the border does not hold ("inside", ...).
    reason: str
    #: The longer word or string that it is part of, where known.
    inside: str | None = None
    #: What would have to be folded, where `fold` forbids it.
    layers: tuple[Layer, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """A word that has a certain spelling, or an expression that needs it."""

    word: Word | Pattern
    #: Those of its `unless_part_of` that can cover this spelling.
    covers: tuple[str, ...]
    #: Whether the spelling with one ー more is the word's, too: サーバ in サーバー is no hit of its own.
    grows: bool


def _everywhere(text: str, form: str) -> Iterator[int]:
    at = text.find(form)
    while at >= 0:
        yield at
        at = text.find(form, at + 1)


class Covers:
    """Where the strings of one `unless_part_of` stand in a text, by offsets in the original."""

    __slots__ = ("_starts", "_widest")

    def __init__(self, folded: Folded, strings: tuple[str, ...]) -> None:
        spans = sorted(
            folded.span(found, found + len(form))
            for form in {form for string in strings for form in term_forms(string)}
            for found in _everywhere(folded.text, form)
        )
        self._starts = [start for start, _ in spans]
        #: Of all that begin so early the one that ends last.
        self._widest: list[tuple[int, int]] = list(accumulate(spans, _later_end))

    def around(self, start: int, end: int) -> tuple[int, int] | None:
        """One that a span lies in wholly."""
        at = bisect_right(self._starts, start) - 1
        return self._widest[at] if at >= 0 and end <= self._widest[at][1] else None


def _later_end(one: tuple[int, int], other: tuple[int, int]) -> tuple[int, int]:
    return one if one[1] >= other[1] else other


class Text:
    """One part of an article, folded once; each place is judged once for all words that look for the same there."""

    __slots__ = ("_covers", "_ends", "_plain", "_standings", "field", "folded", "words")

    def __init__(self, name: Field, folded: Folded) -> None:
        self.field = name
        self.folded = folded
        self.words = WordBorders(folded.spelled)
        self._standings: dict[tuple[int, int, Boundary, bool], Standing] = {}
        self._plain: dict[bool, Folded] = {}
        self._covers: dict[tuple[str, ...], Covers] = {}
        self._ends: list[int] | None = None

    def sentence_ends(self) -> list[int]:
        """Offsets in the original text."""
        if self._ends is None:
            self._ends = sentence_ends(self.folded.original)
        return self._ends

    def plain(self, *, width: bool) -> Folded:
        """As regular expressions read it."""
        if width not in self._plain:
            self._plain[width] = plain(self.folded.original, width=width)
        return self._plain[width]

    def covers(self, strings: tuple[str, ...]) -> Covers:
        """Where these strings of `unless_part_of` stand."""
        if strings not in self._covers:
            self._covers[strings] = Covers(self.folded, strings)
        return self._covers[strings]

    def standing(self, start: int, end: int, boundary: Boundary, open_end: bool) -> Standing:
        key = (start, end, boundary, open_end)
        known = self._standings.get(key)
        if known is None:
            known = stands(self.folded, start, end, boundary=boundary, open_end=open_end, words=self.words)
            self._standings[key] = known
        return known


class Letters(NamedTuple):
    """One spelling as the automaton found it: folded offsets in one part of the article."""

    text: Text
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Found:
    """What one article holds of all words: `conditions.Evidence`. Judged lazily, each word at most once."""

    missing: frozenset[Field]
    texts: Mapping[Field, Text]
    #: One condition that is taken for true, for asking "what if".
    supposed: Condition | None = None
    _letters: dict[Word | Pattern, list[tuple[Use, list[Letters]]]] = field(default_factory=dict)
    _counted: dict[Word | Pattern, tuple[Occurrence, ...]] = field(default_factory=dict)

    def add(self, use: Use, letters: list[Letters]) -> None:
        """One more spelling of a word that was found."""
        self._letters.setdefault(use.word, []).append((use, letters))

    def occurrences(self, word: Word | Pattern) -> tuple[Occurrence, ...]:
        counted = self._counted.get(word)
        if counted is None:
            counted = tuple(_longest([one for one in self.weighed(word) if isinstance(one, Occurrence)]))
            self._counted[word] = counted
        return counted

    def spells(self, word: Word | Pattern) -> bool:
        return word in self._letters or (isinstance(word, Pattern) and not word.regex.needs)

    def present(self, words: frozenset[Word]) -> Collection[Word]:
        # The view of a dictionary would go through all of ten thousand words.
        return words.intersection(self._letters) if len(words) > len(self._letters) else words & self._letters.keys()

    def printed(self, field: Field) -> str:
        return self.texts[field].folded.original if field in self.texts else ""

    def sentence_ends(self, field: Field) -> Sequence[int]:
        return self.texts[field].sentence_ends() if field in self.texts else ()

    def lacks(self, fields: Collection[Field]) -> bool:
        return bool(self.missing) and not self.missing.isdisjoint(fields)

    def judge(self, condition: Condition) -> Verdict:
        return Verdict.TRUE if condition is self.supposed else condition.judge(self)

    def complete(self) -> "Found":
        """The same with the missing text taken for empty."""
        return replace(self, missing=frozenset()) if self.missing else self

    def supposing(self, condition: Condition) -> "Found":
        """The same, one condition taken for true."""
        return replace(self, supposed=condition)

    def counting(self, one: Skipped) -> "Found":
        """The same, a place that was skipped taken for one that counts."""
        more = Occurrence(word=one.word, field=one.field, start=one.start, end=one.end, text=one.text)
        return replace(self, _counted=self._counted | {one.word: (*self.occurrences(one.word), more)})

    def weighed(self, word: Word | Pattern, fields: Collection[Field] | None = None) -> Iterator[Occurrence | Skipped]:
        """Every place where the letters stand, with what was decided about it; in other `fields` than its own, if asked."""
        fields = word.settings.fields if fields is None else fields
        if isinstance(word, Pattern):
            if self.spells(word):
                yield from (one for name in fields if name in self.texts for one in _matched(word, self.texts[name]))
            return
        for use, places in self._letters.get(word, ()):
            for letters in places:
                if letters.text.field in fields and not (use.grows and _goes_on(letters)):
                    yield _weighed(use, letters)


def _matched(pattern: Pattern, text: Text) -> Iterator[Occurrence | Skipped]:
    """Everything that an expression finds in one part of the article."""
    original = text.folded.original
    for start, end in pattern.regex.places(text.plain(width=pattern.regex.width), MAX_PLACES):
        cover = text.covers(pattern.settings.unless_part_of).around(start, end)
        printed = original[start:end]
        if cover is None:
            yield Occurrence(word=pattern, field=text.field, start=start, end=end, text=printed)
        else:
            inside = original[cover[0] : cover[1]]
            yield Skipped(
                word=pattern, field=text.field, start=start, end=end, text=printed, reason="part-of", inside=inside
            )


def _goes_on(letters: Letters) -> bool:
    return letters.text.folded.text.startswith("ー", letters.end)


def _weighed(use: Use, letters: Letters) -> Occurrence | Skipped:
    word, text = use.word, letters.text
    start, end = text.folded.span(letters.start, letters.end)
    printed = text.folded.original[start:end]
    reason, inside = _objection(use, letters, printed)
    if reason is None:
        return Occurrence(word=word, field=text.field, start=start, end=end, text=printed)
    layers = _forbidden(word, printed) if reason == "fold" else ()
    return Skipped(
        word=word, field=text.field, start=start, end=end, text=printed, reason=reason, inside=inside, layers=layers
    )


def _forbidden(word: Word | Pattern, printed: str) -> tuple[Layer, ...]:
    """The layers without which letters are not the word, where a rule switches them off."""
    unfolded = word.settings.unfolded
    one = tuple(layer for layer in layers_of(printed, word.term.literal) if layer in unfolded)
    return one or tuple(layer for layer in Layer if layer in unfolded)


def _objection(use: Use, letters: Letters, printed: str) -> tuple[str | None, str | None]:
    """(why these letters do not count, what they are part of)."""
    settings, term, text = use.word.settings, use.word.term, letters.text
    if settings.unfolded and not same_spelling(printed, term.literal, settings.unfolded):
        return "fold", None
    for cover in use.covers:
        at = text.folded.text.find(cover, max(0, letters.end - len(cover)), letters.start + len(cover))
        if at >= 0:
            start, end = text.folded.span(at, at + len(cover))
            return "part-of", text.folded.original[start:end]
    standing = text.standing(letters.start, letters.end, settings.boundary, term.open_end)
    if not standing.counts:
        return str(standing.reason), standing.inside
    return (None if case_matches(printed, term.literal, settings.case) else "case"), None


def reading_order(one: Occurrence) -> tuple[int, int, int]:
    """For sorting: title before body, by place; of two that begin at one place the longer first."""
    return _READING_ORDER.index(one.field), one.start, -one.end


def _longest(occurrences: list[Occurrence]) -> list[Occurrence]:
    """Without those that lie within another: two spellings of one word (サーバ, サーバー) may hit one place."""
    if len(occurrences) < 2:  # noqa: PLR2004 - nothing to compare
        return occurrences
    kept: list[Occurrence] = []
    for one in sorted(occurrences, key=reading_order):
        if not kept or kept[-1].field != one.field or one.end > kept[-1].end:
            kept.append(one)
    return kept
