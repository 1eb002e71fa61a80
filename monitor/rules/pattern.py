"""A regular expression as typed -> Regex; Regex x plain text -> places. RE2 does the work: its time grows with the text alone."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice

import re2

from monitor.rules.syntax import Reading, SyntaxProblem, read_syntax
from monitor.text.fold import Folded

MAX_PATTERN = 1_000
#: Bytes that one expression may take, its states while searching included.
_MEMORY = 4_000_000
_CONTROLS = re.compile(r"[\x00-\x1f\x7f]")
_WHITE = re.compile(r"\s{2}")
_WORDS = re.compile(r"[^?*+{}()\[\]\\.^$]+")
#: RE2's sentence -> our code.
_PROBLEMS = {
    "missing )": "regex-unclosed",
    "missing ]": "regex-unclosed",
    "unexpected )": "regex-unopened",
    "no argument for repetition operator": "regex-repeats-nothing",
    "bad repetition operator": "regex-repeats-twice",
    "invalid repetition size": "regex-repeats-much",
    "invalid perl operator": "regex-group",
    "invalid escape sequence": "regex-no-escape",
    "invalid character class range": "regex-no-class",
    "trailing \\": "regex-ends-open",
}


class RegexError(Exception):
    """What is wrong with an expression. `code` is a finding of the rules, `facts` what it says."""

    def __init__(self, code: str, **facts: object) -> None:
        super().__init__(code)
        self.code = code
        self.facts = facts


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Regex:
    """One compiled expression."""

    #: One of these stands in every folded text in which it finds anything; empty: nothing is known.
    needs: frozenset[str]
    #: Whether full and half width are one.
    width: bool
    _compiled: "re2._Regexp" = field(repr=False)

    def places(self, text: Folded, most: int) -> Iterator[tuple[int, int]]:
        """Offsets in the original text, from left to right, none over another; `text` is `plain(..., width=width)`."""
        for found in islice(self._compiled.finditer(text.text), most):
            yield text.span(*found.span())


def read_regex(written: str, *, exact: bool, width: bool) -> Regex:
    """Compile an expression; raises `RegexError`. `exact`: capitals count."""
    _check_typing(written)
    _compile(written, exact=exact)
    try:
        reading = read_syntax(written, width=width)
    except SyntaxProblem as problem:
        raise RegexError(problem.code, piece=problem.piece) from None
    if reading.shape.empty:
        raise RegexError("regex-empty", term=written)
    compiled = _compile(reading.pattern, exact=exact, written=written)
    return Regex(needs=_needs(reading) if width else frozenset(), width=width, _compiled=compiled)


def doubt(written: str) -> str | None:
    """The code of a warning about an expression that works, but hardly as meant."""
    if len(written) > 1 and written[0] == written[-1] == "/":
        return "regex-slashes"
    return "regex-word" if _WORDS.fullmatch(written) else None


def _needs(reading: Reading) -> frozenset[str]:
    return reading.shape.best() or frozenset()


def _check_typing(written: str) -> None:
    if len(written) > MAX_PATTERN:
        raise RegexError("regex-too-long", length=len(written), limit=MAX_PATTERN)
    if control := _CONTROLS.search(written):
        raise RegexError("regex-escape", sign=ascii(control.group())[1:-1])
    if _WHITE.search(written):
        raise RegexError("regex-spaces", term=written)


def _compile(pattern: str, *, exact: bool, written: str | None = None) -> "re2._Regexp":
    options = re2.Options()
    options.max_mem = _MEMORY
    options.case_sensitive = exact
    options.log_errors = False
    try:
        return re2.compile(pattern, options)
    except re2.error as error:
        problem = error.args[0].decode("utf-8", "replace")
    if problem.startswith("pattern too large"):
        raise RegexError("regex-too-large", term=written or pattern)
    said, _, piece = problem.partition(": ")
    if said in _PROBLEMS:
        raise RegexError(_PROBLEMS[said], piece=piece)
    raise RegexError("regex-syntax", problem=problem)
