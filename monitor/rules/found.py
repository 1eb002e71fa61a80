"""Places of letters in one article -> which of them count as words: what conditions are judged by. Pure, and lazy.

The dictionary is asked about a place when a condition first needs to know; rules that look for the same letters there
share the answer.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from monitor.rules.conditions import Condition, Occurrence, Word
from monitor.rules.language import Field, Verdict
from monitor.text.borders import Boundary, Standing, WordBorders, case_matches, stands
from monitor.text.fold import Folded

_READING_ORDER = tuple(Field)


@dataclass(frozen=True, slots=True, kw_only=True)
class Skipped:
    """Letters of a word that stand in the text but do not count."""

    word: Word
    field: Field
    start: int
    end: int
    text: str
    #: "case", "part-of", or why the border does not hold ("inside", ...).
    reason: str
    #: The longer word or string that it is part of, where known.
    inside: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """A word that has a certain spelling."""

    word: Word
    #: Those of its `unless_part_of` that can cover this spelling.
    covers: tuple[str, ...]
    #: Whether the spelling with one ー more is the word's, too: サーバ in サーバー is no hit of its own.
    grows: bool


class Text:
    """One part of an article, folded once; each place is judged once for all words that look for the same there."""

    __slots__ = ("_standings", "field", "folded", "words")

    def __init__(self, name: Field, folded: Folded) -> None:
        self.field = name
        self.folded = folded
        self.words = WordBorders(folded.spelled)
        self._standings: dict[tuple[int, int, Boundary, bool], Standing] = {}

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
    #: One condition that is taken for true, for asking "what if".
    supposed: Condition | None = None
    _letters: dict[Word, list[tuple[Use, list[Letters]]]] = field(default_factory=dict)
    _counted: dict[Word, tuple[Occurrence, ...]] = field(default_factory=dict)

    def add(self, use: Use, letters: list[Letters]) -> None:
        """One more spelling of a word that was found."""
        self._letters.setdefault(use.word, []).append((use, letters))

    def occurrences(self, word: Word) -> tuple[Occurrence, ...]:
        counted = self._counted.get(word)
        if counted is None:
            counted = tuple(_longest([one for one in self.weighed(word) if isinstance(one, Occurrence)]))
            self._counted[word] = counted
        return counted

    def spells(self, word: Word) -> bool:
        return word in self._letters

    def present(self, words: frozenset[Word]) -> Collection[Word]:
        return self._letters.keys() & words

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

    def weighed(self, word: Word) -> Iterator[Occurrence | Skipped]:
        """Every place where the letters stand, with what was decided about it."""
        fields = word.settings.fields
        for use, places in self._letters.get(word, ()):
            for letters in places:
                if letters.text.field in fields and not (use.grows and _goes_on(letters)):
                    yield _weighed(use, letters)


def _goes_on(letters: Letters) -> bool:
    return letters.text.folded.text.startswith("ー", letters.end)


def _weighed(use: Use, letters: Letters) -> Occurrence | Skipped:
    word, text = use.word, letters.text
    start, end = text.folded.span(letters.start, letters.end)
    printed = text.folded.original[start:end]
    reason, inside = _objection(use, letters, printed)
    if reason is None:
        return Occurrence(word=word, field=text.field, start=start, end=end, text=printed)
    return Skipped(word=word, field=text.field, start=start, end=end, text=printed, reason=reason, inside=inside)


def _objection(use: Use, letters: Letters, printed: str) -> tuple[str | None, str | None]:
    """(why these letters do not count, what they are part of)."""
    settings, term, text = use.word.settings, use.word.term, letters.text
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
