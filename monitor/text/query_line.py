"""A search line as typed -> Query. Pure.

    line   = clause+                        all of them
    clause = unit ("OR" unit)*              any of them: A B OR C is A and (B or C)
    unit   = "-" unit | FIELD unit | "(" line ")" | word | phrase

Signs and the words OR, AND, NOT may be full-width; quotes of any script make a phrase.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from monitor.text.borders import Boundary
from monitor.text.fold import term_forms
from monitor.text.query import Either, Every, Node, Outlet, Part, Query, Term, Without

_MOST_TERMS = 64
_DEEPEST = 20
_FIELDS = {
    "title": Part.TITLE,
    "見出し": Part.TITLE,
    "body": Part.BODY,
    "本文": Part.BODY,
    "source": None,
    "媒体": None,
}
_QUOTES = '"“”„‟＂〝〞〟'
_PAIRS = {"「": "」", "『": "』", "«": "»"}
_APART = rf"\s{_QUOTES}{''.join(_PAIRS)}{''.join(_PAIRS.values())}()（）|｜"
#: Signs that exclude what follows them at once; inside a word (COVID-19) they are letters of it.
_MINUS = "－−‐-"
_TOKEN = re.compile(
    rf"""
    \s+
    | (?P<either>[|｜]+)
    | (?P<open>[(（])
    | (?P<close>[)）])
    | [{_QUOTES}](?P<quoted>[^{_QUOTES}]*)[{_QUOTES}](?P<star>[*＊]?)
    | 「(?P<hooked>[^」]*)」 | 『(?P<framed>[^』]*)』 | «(?P<angled>[^»]*)»
    | (?P<stray>[{_QUOTES}{"".join(_PAIRS)}{"".join(_PAIRS.values())}])
    | (?P<minus>[{_MINUS}])(?=[^\s{_MINUS}])
    | (?P<field>{"|".join(_FIELDS)})[:：]
    | (?P<word>[^{_APART}]+)
    """,
    re.VERBOSE | re.IGNORECASE,
)
_OPERATORS = {"OR": "either", "NOT": "minus", "AND": ""}


#: What a shell leaves of -"two words" and title:"two words".
_BEFORE_PHRASE = re.compile(rf"(?:[{_MINUS}]|(?:{'|'.join(_FIELDS)})[:：])+", re.IGNORECASE)
_SYNTAX = re.compile(rf"[{_QUOTES}()（）|｜]|(?:^|\s)(?:OR|ＯＲ|AND|ＡＮＤ|NOT|ＮＯＴ|[{_MINUS}]\S+)(?:\s|$)")


class QueryError(ValueError):
    """The line cannot be understood. `code` is a message of this room, `facts` what it tells."""

    def __init__(self, code: str, **facts: object) -> None:
        super().__init__(code)
        self.code = f"text.{code}"
        self.facts = facts


class _Token(NamedTuple):
    kind: str
    text: str


_END = _Token("end", "")


def parse_query(line: str, *, boundary: Boundary = "auto") -> Query:
    """Raises `QueryError` where the line asks for nothing that can be looked up."""
    tokens = list(_tokens(line))
    if sum(token.kind == "word" for token in tokens) > _MOST_TERMS:
        raise QueryError("query-too-long", limit=_MOST_TERMS)
    reader = _Reader(tokens)
    root = reader.line(Part.ANY)
    if reader.next.kind == "close":
        raise QueryError("query-unbalanced", sign=reader.next.text)
    if not tokens:
        raise QueryError("query-empty")
    if not root.needs_a_word():
        raise QueryError("query-needs-word")
    return Query(root=root, boundary=boundary)


def rejoin(arguments: Iterable[str]) -> str:
    """Arguments of a command -> the line that was typed: the shell has taken the quotes of its phrases.

    An argument with a space in it was a phrase, unless there are signs in it: then a whole line was quoted.
    """
    return " ".join(map(_requoted, arguments))


def _requoted(argument: str) -> str:
    before = _BEFORE_PHRASE.match(argument)
    start = before.end() if before else 0
    words = argument[start:]
    if " " not in words.strip():
        return argument
    return f"({argument})" if _SYNTAX.search(words) else f'{argument[:start]}"{words}"'


def _tokens(line: str) -> Iterator[_Token]:
    """What stands in a line; words that hold nothing to look for are left out."""
    for found in _TOKEN.finditer(line):
        kind = found.lastgroup
        if kind == "stray":
            raise QueryError("query-unbalanced", sign=found[0])
        if kind in {"either", "open", "close", "minus", "field"}:
            yield _Token(kind, found[kind])
        elif kind == "word":
            yield from _word(found["word"])
        elif kind is not None:
            phrase = next(filter(None, map(found.group, ("quoted", "hooked", "framed", "angled"))), "")
            yield from _said(phrase + (found["star"] or ""))


def _word(text: str) -> Iterator[_Token]:
    kind = _OPERATORS.get(unicodedata.normalize("NFKC", text))
    if kind:
        yield _Token(kind, text)
    elif kind is None and text.strip(_MINUS):
        yield from _said(text)


def _said(text: str) -> Iterator[_Token]:
    if any(term_forms(text)):
        yield _Token("word", text.strip())


class _Reader:
    """Reads tokens from left to right, one look ahead."""

    def __init__(self, tokens: list[_Token]) -> None:
        self._tokens = iter([*tokens, _END])
        self._depth = 0
        self.next = next(self._tokens)

    def _take(self) -> _Token:
        token = self.next
        self.next = next(self._tokens, _END)
        return token

    def line(self, part: Part | None) -> Node:
        """As far as the closing parenthesis or the end."""
        nodes = []
        while self.next.kind not in {"close", "end"}:
            nodes.append(self._clause(part))
        # Names of sources cost no reading of the text.
        nodes.sort(key=lambda node: not isinstance(node, Outlet))
        return nodes[0] if len(nodes) == 1 else Every(nodes=tuple(nodes))

    def _clause(self, part: Part | None) -> Node:
        nodes = [self._unit(part, after="")]
        while self.next.kind == "either":
            sign = self._take().text
            nodes.append(self._unit(part, after=sign))
        return nodes[0] if len(nodes) == 1 else Either(nodes=tuple(nodes))

    def _unit(self, part: Part | None, *, after: str) -> Node:
        token = self._take()
        if token.kind == "word":
            return _leaf(token.text, part)
        if token.kind == "either":
            raise QueryError("query-dangling", sign=token.text)
        if token.kind in {"close", "end"}:
            raise QueryError("query-dangling", sign=after)
        self._depth += 1
        if self._depth > _DEEPEST:
            raise QueryError("query-too-deep", limit=_DEEPEST)
        node = self._inner(token, part)
        self._depth -= 1
        return node

    def _inner(self, token: _Token, part: Part | None) -> Node:
        if token.kind == "minus":
            return Without(node=self._unit(part, after=token.text))
        if token.kind == "field":
            return self._unit(_FIELDS[token.text.lower()], after=f"{token.text}:")
        node = self.line(part)
        if self._take().kind != "close":
            raise QueryError("query-unbalanced", sign=token.text)
        return node


def _leaf(text: str, part: Part | None) -> Node:
    word = text.rstrip("*＊")
    if text[0] in "*＊":
        raise QueryError("query-leading-star", term=text)
    if part is None:
        return Outlet(name=word)
    return Term(word=word, open_end=word != text, part=part)
