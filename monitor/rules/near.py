"""The condition `near`: one of the left words and one of the right within one part of the article, close together."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

from monitor.rules.conditions import AnyOf, Condition, Evidence, Occurrence
from monitor.rules.language import Field, Verdict
from monitor.text.gaps import characters_between, is_unspaced, one_sentence, words_between

Unit = Literal["characters", "words", "sentence"]
Order = Literal["any", "left_first"]

#: How far apart two words may stand where a rule does not say.
CHARACTERS, WORDS = 30, 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """A left and a right word in one part of the article, and how far apart they stand."""

    left: Occurrence
    right: Occurrence
    unit: Literal["characters", "words"]
    count: int
    #: `None`: as far as the sentence goes.
    allowed: int | None
    #: Whether the order is the one asked for.
    ordered: bool
    one_sentence: bool

    @property
    def fits(self) -> bool:
        return self.ordered and self.one_sentence and (self.allowed is None or self.count <= self.allowed)

    @property
    def shortfall(self) -> Literal["order", "sentence", "characters", "words"]:
        """What keeps it from fitting, the worst first; of one that fits what was counted."""
        if not self.ordered:
            return "order"
        return self.unit if self.one_sentence else "sentence"


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
        if any(gap.fits for gap in self.gaps(found)):
            return Verdict.TRUE
        return Verdict.UNKNOWN if found.lacks(self.left.fields) else Verdict.FALSE

    def proof(self, found: Evidence) -> Iterator[Occurrence]:
        for gap in self.gaps(found):
            if gap.fits:
                yield from (gap.left, gap.right)

    def nearest(self, found: Evidence) -> Gap | None:
        """The pair that stands closest together, in the order asked for if there is one; `None`: no two in one part."""
        gaps = self.gaps(found, any_order=True)
        return min(gaps, key=_farness, default=None)

    def gaps(self, found: Evidence, *, any_order: bool = False) -> Iterator[Gap]:
        """For each word the nearest partners on both sides.

        A farther one leaves more between them, whatever is counted, so it fits only where these do. What is counted depends
        on the script of both, so that partners of each kind are looked at.
        """
        if not self.possible(found):
            return
        for field in Field:
            left, right = _of_field(self.left, field, found), _of_field(self.right, field, found)
            if not (left and right):
                continue
            pairs = dict.fromkeys(_neighbours(left, right))
            pairs |= {(one, other): None for other, one in _neighbours(right, left)}
            for one, other in pairs:
                if any_order or self.order == "any" or one.start < other.start:
                    yield self._gap(one, other, found.printed(field))

    def _gap(self, left: Occurrence, right: Occurrence, text: str) -> Gap:
        start, end = min(left.end, right.end), max(left.start, right.start)
        characters = self.unit == "characters" or (
            self.unit != "words" and (is_unspaced(left.text) or is_unspaced(right.text))
        )
        default = None if self.unit == "sentence" else CHARACTERS if characters else WORDS
        return Gap(
            left=left,
            right=right,
            unit="characters" if characters else "words",
            count=(characters_between if characters else words_between)(text, start, end),
            allowed=default if self.within is None else self.within,
            ordered=self.order == "any" or left.start < right.start,
            one_sentence=self.unit != "sentence" or one_sentence(text, start, end),
        )


def _neighbours(places: list[Occurrence], others: list[Occurrence]) -> Iterator[tuple[Occurrence, Occurrence]]:
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
