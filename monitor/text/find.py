"""Text + term -> where the term stands in it, as printed. Pure; said in the obvious way, to hold the fast engine against."""

from monitor.text.borders import Boundary, WordBorders, case_matches, stands
from monitor.text.fold import fold, term_forms
from monitor.text.spelling import Case


def find_term(text: str, term: str, *, boundary: Boundary = "auto", case: Case = "auto") -> list[tuple[int, int]]:
    """Offsets in `text` of every hit that counts, in order; `trailing*` is an open end."""
    open_end = term.endswith("*")
    word = term.rstrip("*")
    folded = fold(text)
    words = WordBorders(folded.spelled)
    found = set()
    for form in term_forms(word):
        start = folded.text.find(form)
        while start >= 0:
            end = start + len(form)
            first, last = folded.span(start, end)
            standing = stands(folded, start, end, boundary=boundary, open_end=open_end, words=words)
            if standing.counts and case_matches(text[first:last], word, case):
                found.add((first, last))
            start = folded.text.find(form, start + 1)
    return sorted(found)
