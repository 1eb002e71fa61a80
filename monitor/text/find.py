"""Text + term -> where the term stands in it, as printed. Pure; said in the obvious way, to hold the fast engine against."""

from collections.abc import Iterator

from monitor.text.borders import Boundary, WordBorders, case_matches, stands
from monitor.text.fold import Folded, fold, term_forms, unread
from monitor.text.spelling import Case


class Printed:
    """A text, folded once, in which several terms are looked for."""

    __slots__ = ("_unread", "_words", "folded")

    def __init__(self, text: str) -> None:
        self.folded = fold(text)
        self._unread = unread(self.folded)
        self._words = WordBorders(self.folded.spelled)

    def places(
        self, word: str, *, open_end: bool = False, boundary: Boundary = "auto", case: Case = "auto"
    ) -> Iterator[tuple[int, int]]:
        """Offsets in the text of every hit of a word that counts, form by form."""
        for folded, start, end in self._letters(word):
            first, last = folded.span(start, end)
            standing = stands(folded, start, end, boundary=boundary, open_end=open_end, words=self._words)
            if standing.counts and case_matches(folded.original[first:last], word, case):
                yield first, last

    def _letters(self, word: str) -> Iterator[tuple[Folded, int, int]]:
        """Where the letters of a word stand in the text, and then across readings in it."""
        for form in term_forms(word):
            for found in _overlapping(self.folded.text, form):
                yield self.folded, *found
            for found in _overlapping(self._unread.text, form) if self._unread else ():
                if self._unread and self._unread.around_reading(*found):
                    yield self._unread, *found


def _overlapping(text: str, form: str) -> Iterator[tuple[int, int]]:
    start = text.find(form)
    while start >= 0:
        yield start, start + len(form)
        start = text.find(form, start + 1)


def find_term(text: str, term: str, *, boundary: Boundary = "auto", case: Case = "auto") -> list[tuple[int, int]]:
    """Offsets in `text` of every hit that counts, in order; `trailing*` is an open end."""
    word = term.rstrip("*")
    return sorted(set(Printed(text).places(word, open_end=word != term, boundary=boundary, case=case)))
