"""What a search line asks for, as a tree; article x tree -> whether it holds, and where its words stand. Pure.

A word stands where the same word of a rule would stand.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from itertools import chain
from typing import Protocol

from monitor.text.borders import Boundary
from monitor.text.find import Printed
from monitor.text.fold import fold, fold_term
from monitor.text.glance import glance
from monitor.text.scripts import marked_end

Span = tuple[int, int]


class Part(StrEnum):
    """Where a word is looked for."""

    ANY = "any"
    TITLE = "title"
    BODY = "body"


class Node(Protocol):
    """One condition of a search."""

    def holds(self, page: "Page") -> bool:
        """Whether an article answers it."""
        ...

    def terms(self) -> Iterator["Term"]:
        """The words that speak for an article."""
        ...

    def needs_a_word(self) -> bool:
        """Whether no article without any of the words can answer it."""
        ...


class Page:
    """An article as it is searched; each part is folded when it is first asked about."""

    def __init__(self, *, title: str, text: str, outlet: str = "", boundary: Boundary = "auto") -> None:
        self.outlet = outlet
        self._title = title
        self._text = text
        self._boundary = boundary

    @cached_property
    def _folded_title(self) -> Printed:
        return Printed(self._title)

    @cached_property
    def _folded_text(self) -> Printed:
        return Printed(self._text)

    def in_title(self, term: "Term") -> Iterator[Span]:
        """Where a word stands in the headline, as printed."""
        if term.part is not Part.BODY and self._may_hold("_folded_title", self._title, term):
            yield from self._places(self._folded_title, term)

    def in_text(self, term: "Term") -> Iterator[Span]:
        """Where a word stands in the text, as printed."""
        if term.part is not Part.TITLE and self._may_hold("_folded_text", self._text, term):
            yield from self._places(self._folded_text, term)

    def _may_hold(self, folded: str, text: str, term: "Term") -> bool:
        """A text that is folded is quickly looked through; one that is not is folded only where that can tell more."""
        whole = self._boundary != "part"
        return folded in self.__dict__ or glance(term.word, whole_start=whole, whole_end=whole and not term.open_end)(
            text
        )

    def _places(self, text: Printed, term: "Term") -> Iterator[Span]:
        for first, last in text.places(term.word, open_end=term.open_end, boundary=self._boundary):
            yield first, marked_end(text.folded.original, last, open_end=term.open_end)


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """A word or phrase, as typed; `open_end`: it may go on (`trump*`)."""

    word: str
    open_end: bool = False
    part: Part = Part.ANY

    def holds(self, page: Page) -> bool:
        """It stands there at least once."""
        return any(True for _ in chain(page.in_title(self), page.in_text(self)))

    def terms(self) -> Iterator["Term"]:
        """Itself."""
        yield self

    def needs_a_word(self) -> bool:
        """Itself."""
        return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlet:
    """The name of the source holds these letters."""

    name: str

    def holds(self, page: Page) -> bool:
        """Folded like words, but borders do not matter."""
        return fold_term(self.name) in fold(page.outlet).text

    def terms(self) -> Iterator[Term]:
        """None."""
        return iter(())

    def needs_a_word(self) -> bool:
        """None."""
        return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Every:
    """All of these."""

    nodes: tuple[Node, ...]

    def holds(self, page: Page) -> bool:
        """As soon as one does not, the rest is not looked at."""
        return all(node.holds(page) for node in self.nodes)

    def terms(self) -> Iterator[Term]:
        """Of all."""
        return (term for node in self.nodes for term in node.terms())

    def needs_a_word(self) -> bool:
        """One that does is enough."""
        return any(node.needs_a_word() for node in self.nodes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Either:
    """At least one of these."""

    nodes: tuple[Node, ...]

    def holds(self, page: Page) -> bool:
        """As soon as one does, the rest is not looked at."""
        return any(node.holds(page) for node in self.nodes)

    def terms(self) -> Iterator[Term]:
        """Of all."""
        return (term for node in self.nodes for term in node.terms())

    def needs_a_word(self) -> bool:
        """One that does not is enough to need none."""
        return all(node.needs_a_word() for node in self.nodes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Without:
    """Not this."""

    node: Node

    def holds(self, page: Page) -> bool:
        """The contrary."""
        return not self.node.holds(page)

    def terms(self) -> Iterator[Term]:
        """None: they speak against an article."""
        return iter(())

    def needs_a_word(self) -> bool:
        """None."""
        return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """A search; with the boundary `part` its words count inside longer ones, too."""

    root: Node
    boundary: Boundary = "auto"

    def holds(self, *, title: str, text: str, outlet: str) -> bool:
        """Whether an article is found."""
        return self.root.holds(Page(title=title, text=text, outlet=outlet, boundary=self.boundary))

    def marks(self, *, title: str, text: str) -> tuple[list[Span], list[Span]]:
        """Where its words stand in headline and text, as printed."""
        page = Page(title=title, text=text, boundary=self.boundary)
        terms = list(self.root.terms())
        return (
            sorted({span for term in terms for span in page.in_title(term)}),
            sorted({span for term in terms for span in page.in_text(term)}),
        )
