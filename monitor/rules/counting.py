"""Conditions that count: n of several others, and how often the words of a block stand in the article."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import ClassVar

from monitor.rules.conditions import Condition, Evidence, Occurrence, Pattern, Word
from monitor.rules.language import Field, Verdict

_ANYWHERE = tuple(Field)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AtLeast:
    """So many of its parts. Its words are looked up among those present, as in `AnyOf`."""

    kind: ClassVar[str] = "at_least"
    wanted: int
    parts: tuple[Condition, ...]
    words: frozenset[Word] = field(init=False, repr=False)
    blocks: tuple[Condition, ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "words", frozenset(part for part in self.parts if isinstance(part, Word)))
        object.__setattr__(self, "blocks", tuple(part for part in self.parts if not isinstance(part, Word)))

    @property
    def positive(self) -> bool:
        return sum(not block.positive for block in self.blocks) < self.wanted

    def possible(self, found: Evidence) -> bool:
        likely = len(found.present(self.words))
        return likely >= self.wanted or likely + sum(block.possible(found) for block in self.blocks) >= self.wanted

    def count(self, found: Evidence) -> int:
        """How many of its parts are true."""
        verdicts = (found.judge(part) for part in (*found.present(self.words), *self.blocks))
        return sum(verdict is Verdict.TRUE for verdict in verdicts)

    def judge(self, found: Evidence) -> Verdict:
        true = self.count(found)
        if true >= self.wanted:
            return Verdict.TRUE
        unknown = sum(found.judge(part) is Verdict.UNKNOWN for part in self.parts) if found.lacks(_ANYWHERE) else 0
        return Verdict.UNKNOWN if true + unknown >= self.wanted else Verdict.FALSE

    def proof(self, found: Evidence) -> Iterator[Occurrence]:
        for part in (*found.present(self.words), *self.blocks):
            if found.judge(part) is not Verdict.FALSE:
                yield from part.proof(found)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MinHits:
    """The words of a block stand at so many places, all together; places that overlap are one."""

    kind: ClassVar[str] = "min_hits"
    wanted: int
    words: frozenset[Word]
    patterns: tuple[Pattern, ...] = ()
    #: What is asked of its words stands beside it, in the same block.
    parts: tuple[Condition, ...] = ()

    @property
    def positive(self) -> bool:
        return True

    def possible(self, found: Evidence) -> bool:
        return bool(found.present(self.words)) or any(pattern.possible(found) for pattern in self.patterns)

    def count(self, found: Evidence) -> int:
        return distinct(self.proof(found))

    def judge(self, found: Evidence) -> Verdict:
        if self.count(found) >= self.wanted:
            return Verdict.TRUE
        leaves: set[Word | Pattern] = {*self.words, *self.patterns}
        fields = {name for leaf in leaves for name in leaf.settings.fields}
        return Verdict.UNKNOWN if found.lacks(fields) else Verdict.FALSE

    def proof(self, found: Evidence) -> Iterator[Occurrence]:
        for word in found.present(self.words):
            yield from found.occurrences(word)
        for pattern in self.patterns:
            yield from found.occurrences(pattern)


def distinct(occurrences: Iterable[Occurrence]) -> int:
    """The most places that do not overlap: always the one that ends first."""
    ends: dict[Field, int] = {}
    count = 0
    for one in sorted(occurrences, key=lambda one: one.end):
        if one.start >= ends.get(one.field, 0):
            ends[one.field] = one.end
            count += 1
    return count
