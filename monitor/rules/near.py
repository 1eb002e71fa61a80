"""The condition `near`: one of the left words and one of the right within one part of the article, close together."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

from monitor.rules.conditions import AnyOf, Condition, Evidence, Occurrence
from monitor.rules.language import Field, Verdict
from monitor.text.gaps import FARTHEST, characters_between, is_unspaced, words_between

Unit = Literal["characters", "words", "sentence"]
Order = Literal["any", "left_first"]
Pair = tuple[Occurrence, Occurrence]
_Counted = Literal["characters", "words"]
Shortfall = Literal["order", "sentence", "characters", "words"]

#: How far apart two words may stand where a rule does not say.
CHARACTERS, WORDS = 30, 10
#: What stands farther apart is not near; `all` is for that.
MAX_WITHIN = 500
_BEGINNING = 500
#: No word, with the spaces and signs around it, is so long.
_LONGEST_WORD = 50
_COUNT = {"characters": characters_between, "words": words_between}


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """A left and a right word in one part of the article, and how far apart they stand."""

    left: Occurrence
    right: Occurrence
    unit: _Counted
    count: int
    #: `None`: as far as the sentence goes.
    allowed: int | None
    #: Whether the order is the one asked for.
    ordered: bool
    one_sentence: bool

    @property
    def shortfalls(self) -> tuple[Shortfall, ...]:
        """Everything that keeps it from being near."""
        far = self.allowed is not None and self.count > self.allowed
        held: tuple[tuple[Shortfall, bool], ...] = (
            ("order", self.ordered),
            ("sentence", self.one_sentence),
            (self.unit, not far),
        )
        return tuple(name for name, holds in held if not holds)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Near:
    """A left and a right word that stand close together and do not overlap."""

    kind: ClassVar[str] = "near"
    left: AnyOf
    right: AnyOf
    within: int | None = None
    order: Order = "any"
    #: `None`: characters where either word is written without spaces, else words.
    unit: Unit | None = None

    @property
    def parts(self) -> tuple[Condition, ...]:
        return self.left, self.right

    @property
    def positive(self) -> bool:
        return True

    def possible(self, found: Evidence) -> bool:
        return self.left.possible(found) and self.right.possible(found)

    def judge(self, found: Evidence) -> Verdict:
        if next(self._closest(found), None) is not None:
            return Verdict.TRUE
        return Verdict.UNKNOWN if found.lacks(self.left.fields) else Verdict.FALSE

    def proof(self, found: Evidence) -> Iterator[Occurrence]:
        near = {one for pair in self._closest(found) for one in pair}
        for pair in self._pairs(found):
            # A word none of whose neighbours is close enough has no other that is.
            if not near.isdisjoint(pair) and self._fits(*pair, found):
                yield from pair

    def nearest(self, found: Evidence) -> Gap | None:
        """The pair that stands closest together, in the order asked for if there is one; `None`: no two in one part."""
        gaps = (self._gap(*pair, found) for pair in self._pairs(found, mutual=True))
        return min(gaps, key=_farness, default=None)

    def _closest(self, found: Evidence) -> Iterator[Pair]:
        """Of those that are near each other, the pairs with no other left or right word between them."""
        return (pair for pair in self._pairs(found, mutual=True) if self._fits(*pair, found))

    def _pairs(self, found: Evidence, *, mutual: bool = False) -> Iterator[Pair]:
        """Each word with the nearest partners on both sides; `mutual`: where each is the nearest of the other.

        A farther partner leaves more between them, whatever is counted, so it fits only where these do. What is counted
        depends on the script of both, so that partners of each kind are looked at.
        """
        if not self.possible(found):
            return
        for field in Field:
            left, right = _of_field(self.left, field, found), _of_field(self.right, field, found)
            if left and right:
                ours = dict.fromkeys(_neighbours(left, right))
                theirs = dict.fromkeys((one, other) for other, one in _neighbours(right, left))
                yield from (pair for pair in ours if pair in theirs) if mutual else (ours | theirs)

    def _ordered(self, left: Occurrence, right: Occurrence) -> bool:
        return self.order == "any" or left.start < right.start

    def _one_sentence(self, start: int, end: int, field: Field, found: Evidence) -> bool:
        if self.unit != "sentence":
            return True
        ends = found.sentence_ends(field)
        place = bisect_left(ends, start)
        return place == len(ends) or ends[place] >= end

    def _measure(self, left: Occurrence, right: Occurrence) -> tuple[_Counted, int | None]:
        """(what is counted between two words, how much is allowed)."""
        characters = self.unit == "characters" or (
            self.unit != "words" and (is_unspaced(left.text) or is_unspaced(right.text))
        )
        default = None if self.unit == "sentence" else CHARACTERS if characters else WORDS
        return "characters" if characters else "words", default if self.within is None else self.within

    def _fits(self, left: Occurrence, right: Occurrence, found: Evidence) -> bool:
        start, end = _between(left, right)
        if not (self._ordered(left, right) and self._one_sentence(start, end, left.field, found)):
            return False
        unit, allowed = self._measure(left, right)
        if allowed is None:
            return True
        text = found.printed(left.field)
        # Most words stand far apart, which the beginning of what is between them tells.
        far = max(FARTHEST, allowed * _LONGEST_WORD)
        stops = (min(end, start + _BEGINNING), end)
        return all(_COUNT[unit](text, start, stop, farthest=far) <= allowed for stop in stops)

    def _gap(self, left: Occurrence, right: Occurrence, found: Evidence) -> Gap:
        start, end = _between(left, right)
        unit, allowed = self._measure(left, right)
        return Gap(
            left=left,
            right=right,
            unit=unit,
            count=_COUNT[unit](found.printed(left.field), start, end),
            allowed=allowed,
            ordered=self._ordered(left, right),
            one_sentence=self._one_sentence(start, end, left.field, found),
        )


def _between(left: Occurrence, right: Occurrence) -> tuple[int, int]:
    return min(left.end, right.end), max(left.start, right.start)


def _neighbours(places: list[Occurrence], others: list[Occurrence]) -> Iterator[Pair]:
    """Each place with the nearest of the others before and behind it, of both kinds of script."""
    for kind in (True, False):
        line = _Line([other for other in others if is_unspaced(other.text) is kind])
        for one in places:
            yield from ((one, other) for other in (line.before(one), line.behind(one)) if other is not None)


class _Line:
    """Places of one part of the article, for finding the next one."""

    def __init__(self, places: Sequence[Occurrence]) -> None:
        self._by_start = sorted(places, key=lambda one: one.start)
        self._starts = [one.start for one in self._by_start]
        self._by_end = sorted(places, key=lambda one: one.end)
        self._ends = [one.end for one in self._by_end]

    def behind(self, one: Occurrence) -> Occurrence | None:
        at = bisect_left(self._starts, one.end)
        return self._by_start[at] if at < len(self._starts) else None

    def before(self, one: Occurrence) -> Occurrence | None:
        at = bisect_right(self._ends, one.start)
        return self._by_end[at - 1] if at else None


def _farness(gap: Gap) -> tuple[bool, bool, int, int, int]:
    return not gap.ordered, not gap.one_sentence, gap.count, gap.left.start, gap.right.start


def _of_field(side: AnyOf, field: Field, found: Evidence) -> list[Occurrence]:
    return [one for word in found.present(side.words) for one in found.occurrences(word) if one.field is field]
