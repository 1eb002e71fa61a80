"""The kinds of conditions: a word, a regular expression, and any, all, none of others; more in `near` and `counting`.

A new kind is a class with these methods in its own file.

A kind judges by what `Evidence` says of an article and asks it about its own parts too, so that whoever explains can
suppose another outcome for one of them.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Protocol

from monitor.rules.language import Field, Settings, Term, Verdict
from monitor.rules.pattern import Regex


@dataclass(frozen=True, slots=True, kw_only=True)
class Occurrence:
    """A word, or what an expression finds, where it stands; offsets in the original text of the field."""

    word: "Word | Pattern"
    field: Field
    start: int
    end: int
    #: The original characters.
    text: str


class Evidence(Protocol):
    """What a condition may ask about one article."""

    def occurrences(self, word: "Word | Pattern") -> tuple[Occurrence, ...]:
        """Where the word stands and counts; of two spellings at one place the longer."""
        ...

    def spells(self, word: "Word | Pattern") -> bool:
        """Whether its letters, or those that an expression needs, are in the article."""
        ...

    def printed(self, field: Field) -> str:
        """The original text of a part."""
        ...

    def sentence_ends(self, field: Field) -> Sequence[int]:
        """Where its sentences end, in order."""
        ...

    def present(self, words: frozenset["Word"]) -> Collection["Word"]:
        """Those of the words whose letters are in the article; whether they count is a second question."""
        ...

    def lacks(self, fields: Collection[Field]) -> bool:
        """Whether one of these parts was wanted but could not be had."""
        ...

    def judge(self, condition: "Condition") -> Verdict:
        """The verdict on a part."""
        ...


class Condition(Protocol):
    """A node of a rule. Nodes are told apart by identity."""

    #: As the rule writes it; "term" for a word.
    kind: ClassVar[str]

    @property
    def parts(self) -> tuple["Condition", ...]:
        """What it is made of, in the order it is written."""
        ...

    @property
    def positive(self) -> bool:
        """Whether it can only be true where one of its words stands: what the automaton's hits are enough for."""
        ...

    def possible(self, found: Evidence, /) -> bool:
        """Whether the letters of enough of its words are there to make it true; costs nothing to ask."""
        ...

    def judge(self, found: Evidence) -> Verdict: ...

    def proof(self, found: Evidence, /) -> Iterator[Occurrence]:
        """The places that make it true; one place may come twice."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Word:
    """A term with the settings of its block."""

    kind: ClassVar[str] = "term"
    term: Term
    settings: Settings

    @property
    def parts(self) -> tuple[Condition, ...]:
        return ()

    @property
    def positive(self) -> bool:
        return True

    def possible(self, found: Evidence) -> bool:
        return found.spells(self)

    def judge(self, found: Evidence) -> Verdict:
        if found.occurrences(self):
            return Verdict.TRUE
        return Verdict.UNKNOWN if found.lacks(self.settings.fields) else Verdict.FALSE

    def proof(self, found: Evidence) -> Iterator[Occurrence]:
        yield from found.occurrences(self)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pattern:
    """A regular expression with the settings of its block; `boundary` says nothing to it."""

    kind: ClassVar[str] = "regex"
    #: Both forms as typed.
    term: Term
    settings: Settings
    regex: Regex

    @property
    def parts(self) -> tuple[Condition, ...]:
        return ()

    @property
    def positive(self) -> bool:
        return True

    def possible(self, found: Evidence) -> bool:
        return found.spells(self)

    def judge(self, found: Evidence) -> Verdict:
        if found.occurrences(self):
            return Verdict.TRUE
        return Verdict.UNKNOWN if found.lacks(self.settings.fields) else Verdict.FALSE

    def proof(self, found: Evidence) -> Iterator[Occurrence]:
        yield from found.occurrences(self)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AnyOf:
    """At least one part. Its words are looked up among those present, so ten thousand absent ones cost nothing."""

    kind: ClassVar[str] = "any"
    parts: tuple[Condition, ...]
    words: frozenset[Word] = field(init=False, repr=False)
    blocks: tuple[Condition, ...] = field(init=False, repr=False)
    fields: frozenset[Field] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        words = frozenset(part for part in self.parts if isinstance(part, Word))
        object.__setattr__(self, "words", words)
        object.__setattr__(self, "blocks", tuple(part for part in self.parts if not isinstance(part, Word)))
        object.__setattr__(self, "fields", frozenset(name for word in words for name in word.settings.fields))

    @property
    def positive(self) -> bool:
        return all(block.positive for block in self.blocks)

    def possible(self, found: Evidence) -> bool:
        return bool(found.present(self.words)) or any(block.possible(found) for block in self.blocks)

    def judge(self, found: Evidence) -> Verdict:
        if any(found.judge(word) is Verdict.TRUE for word in found.present(self.words)):
            return Verdict.TRUE
        unknown = bool(self.words) and found.lacks(self.fields)
        for block in self.blocks:
            verdict = found.judge(block)
            if verdict is Verdict.TRUE:
                return verdict
            unknown = unknown or verdict is Verdict.UNKNOWN
        return Verdict.UNKNOWN if unknown else Verdict.FALSE

    def proof(self, found: Evidence) -> Iterator[Occurrence]:
        for word in found.present(self.words):
            yield from word.proof(found)
        for block in self.blocks:
            if found.judge(block) is not Verdict.FALSE:
                yield from block.proof(found)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AnyPattern(AnyOf):
    """At least one of several regular expressions."""

    kind: ClassVar[str] = "regex"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AllOf:
    """Every part."""

    kind: ClassVar[str] = "all"
    parts: tuple[Condition, ...]

    @property
    def positive(self) -> bool:
        return any(part.positive for part in self.parts)

    def possible(self, found: Evidence) -> bool:
        return all(part.possible(found) for part in self.parts)

    def judge(self, found: Evidence) -> Verdict:
        unknown = False
        for part in self.parts:
            verdict = found.judge(part)
            if verdict is Verdict.FALSE:
                return verdict
            unknown = unknown or verdict is Verdict.UNKNOWN
        return Verdict.UNKNOWN if unknown else Verdict.TRUE

    def proof(self, found: Evidence) -> Iterator[Occurrence]:
        for part in self.parts:
            yield from part.proof(found)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class NoneOf:
    """No part at all."""

    kind: ClassVar[str] = "none"
    inner: AnyOf

    @property
    def parts(self) -> tuple[Condition, ...]:
        return self.inner.parts

    @property
    def positive(self) -> bool:
        return False

    def possible(self, _found: Evidence, /) -> bool:
        return True

    def judge(self, found: Evidence) -> Verdict:
        return found.judge(self.inner).opposite

    def proof(self, _found: Evidence, /) -> Iterator[Occurrence]:
        yield from ()


def walk(condition: Condition) -> Iterator[tuple[Condition, bool]]:
    """Every node below and including this one; `False` for those under a `none`, which no match rests on."""
    yield from _walk(condition, wanted=True)


def _walk(condition: Condition, *, wanted: bool) -> Iterator[tuple[Condition, bool]]:
    yield condition, wanted
    below = wanted and not isinstance(condition, NoneOf)
    for part in condition.parts:
        yield from _walk(part, wanted=below)
