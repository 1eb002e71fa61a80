"""YAML scalars -> terms and lists of terms, with what editors mistype in them."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from heapq import nsmallest

from monitor.rules.commas import warn_of_commas
from monitor.rules.doubts import Problem, bracket_problem, doubts, is_undoubted, typing_problem
from monitor.rules.findings import Report, suggestion
from monitor.rules.language import Place, Term
from monitor.rules.tree import Node, Scalar, Series
from monitor.text.fold import term_forms

MAX_TERM = 500
#: Lists that hold one another, one in the other; and words of all lists, written out.
MAX_LIST_DEPTH = 50
MAX_LISTED = 1_000_000


def read_term(node: Scalar, report: Report, key: str = "") -> Term | None:
    """One term; what makes it useless is reported and gives `None`, what is only doubtful is a warning.

    `key` is the one under which it stands, for what the hints say.
    """
    text = node.text.strip()
    if node.line == node.end_line and len(text) <= MAX_TERM and is_undoubted(text):
        return Term(written=text, literal=text, open_end=False, place=_place(node, report))
    problem = _problem(node, text, report, key)
    literal = text.removeprefix("$") if text.startswith("$$") else text
    written, open_end = literal, literal.endswith("*")
    literal = literal.rstrip("*").rstrip() if open_end else literal
    if problem is None and not any(term_forms(literal)):
        problem = ("empty-term", {"term": text})
    if problem is not None:
        report.error(problem[0], node, **problem[1])
        return None
    for code, facts in doubts(node, text, key):
        report.warning(code, node, **facts)
    return Term(written=written, literal=literal, open_end=open_end, place=_place(node, report))


def _place(node: Scalar, report: Report) -> Place:
    return Place(file=report.file, line=node.line, column=node.column)


def empty_problem(node: Scalar, report: Report) -> Problem:
    """Why nothing stands here: most often a # that YAML takes for a comment."""
    line = report.lines[node.line - 1] if 0 < node.line <= len(report.lines) else ""
    comment = re.search(r"(?:^|\s)(#\S+)", line[max(node.column - 2, 0) :])
    if node.plain and comment:
        return "hash-comment", {"text": comment[1]}
    return "empty-term", {"term": node.text}


def _problem(node: Scalar, text: str, report: Report, key: str) -> Problem | None:
    if not text:
        return empty_problem(node, report)
    if text.startswith("*"):
        return "leading-star", {"term": text}
    if len(text) > MAX_TERM:
        return "term-too-long", {"length": len(text), "limit": MAX_TERM}
    return (typing_problem(node) or bracket_problem(text, key)) if node.plain else None


def reference(node: Node) -> str | None:
    """The name in `$name`; `$$x` is the literal `$x`."""
    text = node.text.strip() if isinstance(node, Scalar) else ""
    return text[1:] if len(text) > 1 and text[0] == "$" and text[1] != "$" else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """One entry of `lists:` or `names:` as it stands in a file."""

    #: "lists" or "names".
    kind: str
    name: str
    node: Node
    report: Report


def resolve_lists(sheets: Mapping[str, Sheet], names: Mapping[str, tuple[Term, ...]]) -> dict[str, tuple[Term, ...]]:
    """Every list with the lists and names in it written out, each term once."""
    resolver = _Resolver(sheets, names)
    return {name: resolver.terms_of(name) for name in sheets}


class _Resolver:
    """Lists that hold lists; each is written out once."""

    def __init__(self, sheets: Mapping[str, Sheet], names: Mapping[str, tuple[Term, ...]]) -> None:
        self._sheets = sheets
        self._done = dict(names)
        self._written_out = 0

    def terms_of(self, name: str, path: tuple[str, ...] = ()) -> tuple[Term, ...]:
        if name not in self._done:
            sheet = self._sheets[name]
            terms = tuple(dict.fromkeys(self._terms(sheet, (*path, name))))
            self._written_out += len(terms)
            if self._written_out > MAX_LISTED:
                sheet.report.error("lists-too-long", sheet.node, name=name, limit=MAX_LISTED)
                terms = ()
            self._done[name] = terms
        return self._done[name]

    def _terms(self, sheet: Sheet, path: tuple[str, ...]) -> Iterator[Term]:
        for node in _sheet_items(sheet):
            wanted = reference(node)
            if wanted is None:
                term = read_term(node, sheet.report, sheet.name)
                if term is not None:
                    yield term
            elif self._may_hold(node, wanted, path, sheet.report):
                yield from self.terms_of(wanted, path)

    def _may_hold(self, node: Node, wanted: str, path: tuple[str, ...], report: Report) -> bool:
        if wanted in self._done:
            return True
        if wanted in path:
            cycle = " → ".join(f"${name}" for name in (*path[path.index(wanted) :], wanted))
            report.error("list-cycle", node, cycle=cycle)
        elif wanted not in self._sheets:
            unknown_list(node, wanted, {*self._sheets, *self._done}, report)
        elif len(path) >= MAX_LIST_DEPTH:
            report.error("lists-too-deep", node, name=wanted, depth=MAX_LIST_DEPTH)
        else:
            return True
        return False


def _sheet_items(sheet: Sheet) -> Iterator[Scalar]:
    node = sheet.node
    items: Iterable[Node] = node.items if isinstance(node, Series) else (node,)
    if isinstance(node, Series):
        warn_of_commas(node, sheet.report)
        if not node.items:
            sheet.report.error("empty-list", node, key=f"lists: {sheet.name}")
    for item in items:
        if isinstance(item, Scalar):
            yield item
        else:
            sheet.report.error("list-of-words", item, name=sheet.name)


def unknown_list(node: Node, name: str, known: Iterable[str], report: Report) -> None:
    """Report a `$name` that no file defines."""
    names = () if report.full else tuple(known)
    meant = suggestion(name, names)
    if several := _several(name):
        report.error("list-refs", node, name=name, words=several)
    elif meant is not None:
        report.error("unknown-list-meant", node, name=name, meant=meant)
    elif names:
        report.error("unknown-list", node, name=name, known=", ".join(nsmallest(20, names)))
    else:
        report.error("no-lists", node, name=name)


def _several(name: str) -> str | None:
    """`$a, $b` as a list, in which each would be found."""
    words = [word for word in re.split(r"[\s,、，;/|]+", f"${name}") if word]
    return (
        f"[{', '.join(words)}]" if len(words) > 1 and all(word[0] == "$" and len(word) > 1 for word in words) else None
    )
