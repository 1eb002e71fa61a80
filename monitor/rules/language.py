"""The words of the rule language, as data: fields, verdicts, places, terms and their settings."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from monitor.text.letters import Layer

Boundary = Literal["auto", "part", "whole"]
Case = Literal["auto", "exact", "fold"]


class Field(StrEnum):
    """The parts of an article that a term may be looked for in, in the order they are read."""

    TITLE = "title"
    BODY = "body"
    AUTHOR = "author"
    URL = "url"


class Verdict(StrEnum):
    """A condition on a text that could not be had is neither true nor false (Kleene's three values)."""

    TRUE = "true"
    FALSE = "false"
    UNKNOWN = "unknown"

    @property
    def opposite(self) -> "Verdict":
        """NOT; what is unknown stays unknown."""
        return {Verdict.TRUE: Verdict.FALSE, Verdict.FALSE: Verdict.TRUE}.get(self, self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where something stands in the rule files; line and column count from 1."""

    file: str
    line: int
    column: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """One word or phrase. `written` is how the rule writes it ("recall*"), `literal` what is looked for ("recall")."""

    written: str
    literal: str
    open_end: bool
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What a block says about all terms in it and below."""

    #: The parts of the article that count, in reading order.
    fields: tuple[Field, ...] = (Field.TITLE, Field.BODY)
    #: Where a term may stand.
    boundary: Boundary = "auto"
    case: Case = "auto"
    #: An occurrence that stands wholly inside one of these strings does not count.
    unless_part_of: tuple[str, ...] = ()
    #: The layers that `fold` has switched off.
    unfolded: frozenset[Layer] = frozenset()
