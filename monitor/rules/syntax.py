r"""A regular expression that RE2 accepts -> the same for every script, what it needs, where it asks in vain. Pure.

RE2's \w, \d and \b know ASCII alone. \w and \d are written as classes of Unicode; a \b beside another letter cannot be,
and is reported. Literals are written as `text.plain` writes a text.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from monitor.text.fold import fold
from monitor.text.letters import COUNTERS
from monitor.text.plain import marks, settled

#: So many different strings are followed through a pattern; more tell too little to be looked for.
_MOST = 16
_CLASSES = {"d": r"\p{Nd}", "D": r"\P{Nd}", "w": r"\pL\pM\pN_"}
#: Everything but \w; \pC is what prints nothing.
_NO_WORD = r"\pS\pZ\pC\p{Pd}\p{Ps}\p{Pe}\p{Pi}\p{Pf}\p{Po}\x{203f}\x{2040}\x{2054}\x{fe33}\x{fe34}\x{fe4d}-\x{fe4f}"
_SIGNS = {"n": "\n", "t": "\t", "r": "\r", "f": "\f", "v": "\v", "a": "\a"}
_ESCAPE = re.compile(
    r"\\(?:Q(.*?)(?:\\E|$)|([pP])(?:\{\^?\w+\}|\w)|x\{([0-9A-Fa-f]+)\}|x([0-9A-Fa-f]{2})|([0-7]{1,3})|([\s\S]))",
    re.DOTALL,
)
_GROUP = re.compile(r"\((?:\?P?<\w+>|\?[a-zA-Z-]*:|(\?[a-zA-Z-]+\)))?")
_REPEAT = re.compile(r"(?:[*+?]|\{(\d+)(,?)(\d*)\})\??")
_POSIX = re.compile(r"\[:\^?\w+:\]")
#: Letters that `fold` writes otherwise beside certain others.
_BY_NEIGHBOURS = frozenset("ーヴァィェォュ" + COUNTERS)


class SyntaxProblem(Exception):
    """What RE2 would take, but not as it is meant. `code` is a finding, `piece` the part of the pattern."""

    def __init__(self, code: str, piece: str) -> None:
        super().__init__(code)
        self.code = code
        self.piece = piece


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """What a part of a pattern can match."""

    #: All of it, where that is little.
    exact: frozenset[str] | None = None
    #: One of these, folded, stands in every text that it matches; `None`: nothing is known.
    needs: frozenset[str] | None = None
    empty: bool = False
    #: Letters that \b does not know, as written, with which it may begin and end.
    starts: frozenset[str] = frozenset()
    ends: frozenset[str] = frozenset()
    #: Whether a \b may stand at its beginning or end.
    border_first: bool = False
    border_last: bool = False

    def best(self) -> frozenset[str] | None:
        """What an article must hold, whatever else stands there."""
        if self.exact is None:
            return self.needs
        literals = [_literal(one) for one in self.exact]
        return frozenset(literals) if all(literals) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A pattern as RE2 gets it."""

    pattern: str
    shape: Shape


_NOTHING = Shape(exact=frozenset({""}), empty=True)


def read_syntax(pattern: str, *, width: bool) -> Reading:
    """Read a pattern that RE2 has accepted; raises `SyntaxProblem`."""
    reader = _Reader(pattern, width=width)
    shape = reader.choice()
    return Reading(pattern="".join(reader.out), shape=shape)


class _Reader:
    """Goes through a pattern once, from left to right."""

    def __init__(self, pattern: str, *, width: bool) -> None:
        self.pattern = pattern
        self.at = 0
        self.width = width
        self.out: list[str] = []
        self.cluster = re.compile(f"[\\s\\S][{marks()}]*")

    def choice(self) -> Shape:
        """Up to the end or a closing bracket."""
        branches = [self._sequence()]
        while self._ahead("|"):
            self._copy(1)
            branches.append(self._sequence())
        return _any_of(branches)

    def _ahead(self, sign: str) -> bool:
        return self.pattern.startswith(sign, self.at)

    def _copy(self, length: int) -> str:
        piece = self.pattern[self.at : self.at + length]
        self.out.append(piece)
        self.at += length
        return piece

    def _sequence(self) -> Shape:
        parts: list[Shape] = []
        while self.at < len(self.pattern) and self.pattern[self.at] not in "|)":
            parts += self._repeated()
        return _joined(parts)

    def _repeated(self) -> list[Shape]:
        atoms = self._atom()
        repeat = _REPEAT.match(self.pattern, self.at)
        if repeat is None:
            return atoms
        self._copy(len(repeat.group()))
        last = _many(atoms[-1], repeat)
        if repeat.group()[0] != "?":
            _check_border(last, last)
        return [*atoms[:-1], last]

    def _atom(self) -> list[Shape]:
        sign = self.pattern[self.at]
        if sign == "(":
            return [self._group()]
        if sign == "[":
            return [self._class()]
        if sign == "\\":
            return self._escape()
        if sign in "^$":
            self._copy(1)
            return [_NOTHING]
        if sign == ".":
            self._copy(1)
            return [Shape()]
        found = self.cluster.match(self.pattern, self.at)
        assert found is not None  # a character stands here
        self.at = found.end()
        return [self._literal(found.group())]

    def _group(self) -> Shape:
        opening = _GROUP.match(self.pattern, self.at)
        assert opening is not None  # a bracket stands here
        self._copy(len(opening.group()))
        if opening[1]:
            return _NOTHING
        shape = self.choice()
        self._copy(1)
        return shape

    def _literal(self, cluster: str) -> Shape:
        """One printed character. What it is written as may be several: ㈱ is (株)."""
        written = settled(cluster, width=self.width)
        plain = "".join(re.escape(c) if c.isascii() else c for c in written)
        self.out.append(plain if len(written) == 1 else f"(?:{plain})")
        letters = frozenset(c for c in written if _is_foreign(c))
        return Shape(exact=frozenset({written}), empty=not written, starts=letters, ends=letters)

    def _escape(self) -> list[Shape]:
        found = _ESCAPE.match(self.pattern, self.at)
        assert found is not None  # RE2 takes no backslash alone
        self.at = found.end()
        quoted, property_, wide, byte, octal, sign = found.groups()
        if quoted is not None:
            return [self._literal(one) for one in self.cluster.findall(quoted)] or [_NOTHING]
        if wide or byte or octal:
            return [self._literal(chr(int(wide or byte, 16) if not octal else int(octal, 8)))]
        if property_:
            self.out.append(found.group())
            return [_letters(found.group())]
        return [self._sign(sign)]

    def _sign(self, sign: str) -> Shape:
        written = f"\\{sign}"
        if sign == "C":
            raise SyntaxProblem("regex-byte", written)
        if sign in "bB":
            self.out.append(written)
            return replace(_NOTHING, border_first=True, border_last=True)
        if sign in "wW":
            self.out.append(f"[{'^' if sign == 'W' else ''}{_CLASSES['w']}]")
            return _letters(written) if sign == "w" else Shape()
        if sign in "Az":
            self.out.append(written)
            return _NOTHING
        if sign in "dDsS":
            self.out.append(_CLASSES.get(sign, written))
            return Shape()
        if sign in _SIGNS:
            # A tab, and a line break that is no blank line, is a space in what is read.
            self.out.append(r"\s")
            return Shape()
        return self._literal(sign)

    def _class(self) -> Shape:
        """[...]: the characters in it may be several, which is more than is followed where there are many."""
        start = self.at
        self._copy(2 if self.pattern.startswith("[^", self.at) else 1)
        negated = self.pattern[self.at - 1] == "^"
        single: list[str] = []
        letters = few = True
        while self.at == start + 1 + negated or not self._ahead("]"):
            one = self._member(negated)
            few = few and len(one) == 1 and not self._ahead("-")
            single.append(one)
        self._copy(1)
        written = self.pattern[start : self.at]
        letters = not negated and any(_is_foreign(one[:1]) or one == r"\w" or one[:2] == r"\p" for one in single)
        shape = _letters(written) if letters else Shape()
        if negated or not few or len(single) > _MOST // 4 or "-" in single:
            return shape
        return replace(shape, exact=frozenset(single))

    def _member(self, negated: bool) -> str:
        """One character of a class, or one class in it as written; ranges come as their ends and the - between."""
        if posix := _POSIX.match(self.pattern, self.at):
            raise SyntaxProblem("regex-posix", posix.group())
        if not self._ahead("\\"):
            found = self.cluster.match(self.pattern, self.at)
            assert found is not None  # RE2 takes no class that is not closed
            self.at = found.end()
            return self._in_class(found.group(), typed=True)
        found = _ESCAPE.match(self.pattern, self.at)
        assert found is not None  # likewise
        self.at = found.end()
        _, property_, wide, byte, octal, sign = found.groups()
        if wide or byte or octal:
            return self._in_class(chr(int(wide or byte, 16) if not octal else int(octal, 8)))
        if property_ or sign in {*_CLASSES, "W", "s", "S"}:
            self.out.append(_NO_WORD if sign == "W" else _CLASSES.get(sign or "", found.group()))
            return found.group()
        if sign in _SIGNS:
            self.out.append(found.group() if negated else r"\s")
            return r"\s"
        return self._in_class(sign)

    def _in_class(self, cluster: str, *, typed: bool = False) -> str:
        written = settled(cluster, width=self.width)
        if len(written) != 1:
            raise SyntaxProblem("regex-class", cluster)
        bare = written.isalnum() or not written.isascii() or (typed and written == cluster and written in "-^")
        self.out.append(written if bare else f"\\{written}")
        return written


def _is_foreign(character: str) -> bool:
    r"""A letter or digit that \b takes for none."""
    return not character.isascii() and character.isalnum()


def _letters(written: str) -> Shape:
    known = frozenset({written})
    return Shape(starts=known, ends=known)


def _joined(parts: Iterable[Shape]) -> Shape:
    whole, run = _NOTHING, _NOTHING
    exact, needs = True, None
    for part in parts:
        _check_border(whole, part)
        whole = _side_by_side(whole, part)
        longer = _product(run, part)
        if longer is None:
            exact = False
            needs = _better(needs, run.best(), part.best() if part.exact is None else None)
            longer = part.exact if part.exact is not None else _NOTHING.exact
        run = replace(run, exact=longer)
    if exact:
        return replace(whole, exact=run.exact, needs=None)
    return replace(whole, exact=None, needs=_better(needs, run.best()))


def _side_by_side(left: Shape, right: Shape) -> Shape:
    """The edges of two parts together; what they match and need is not of interest here."""
    return Shape(
        empty=left.empty and right.empty,
        starts=left.starts | (right.starts if left.empty else frozenset()),
        ends=right.ends | (left.ends if right.empty else frozenset()),
        border_first=left.border_first or (left.empty and right.border_first),
        border_last=right.border_last or (right.empty and left.border_last),
    )


def _product(left: Shape, right: Shape) -> frozenset[str] | None:
    if left.exact is None or right.exact is None or len(left.exact) * len(right.exact) > _MOST:
        return None
    return frozenset(one + other for one in left.exact for other in right.exact)


def _any_of(branches: list[Shape]) -> Shape:
    if len(branches) == 1:
        return branches[0]
    exact = frozenset[str]().union(*(one.exact for one in branches if one.exact is not None))
    known = all(one.exact is not None for one in branches) and len(exact) <= _MOST
    best = [one.best() for one in branches]
    needs = frozenset[str]().union(*(one for one in best if one is not None))
    return Shape(
        exact=exact if known else None,
        needs=needs if all(best) and len(needs) <= _MOST else None,
        empty=any(one.empty for one in branches),
        starts=frozenset[str]().union(*(one.starts for one in branches)),
        ends=frozenset[str]().union(*(one.ends for one in branches)),
        border_first=any(one.border_first for one in branches),
        border_last=any(one.border_last for one in branches),
    )


def _many(one: Shape, repeat: re.Match[str]) -> Shape:
    sign = repeat.group()[0]
    if sign == "?":
        exact = None if one.exact is None or len(one.exact) >= _MOST else one.exact | {""}
        return replace(one, exact=exact, needs=None, empty=True)
    if sign == "*" or repeat[1] == "0":
        return replace(one, exact=None, needs=None, empty=True)
    return replace(one, exact=None, needs=one.best())


def _check_border(left: Shape, right: Shape) -> None:
    r"""Raise where a \b can meet a letter that it does not know."""
    before = left.ends if right.border_first else frozenset[str]()
    behind = right.starts if left.border_last else frozenset[str]()
    if before | behind:
        raise SyntaxProblem("regex-border", min(before | behind))


def _better(*choices: frozenset[str] | None) -> frozenset[str] | None:
    """The rarer of what must be there: longer, then fewer."""
    known = [one for one in choices if one]
    return max(known, key=lambda one: (min(map(len, one)), -len(one)), default=None)


def _literal(text: str) -> str:
    """The longest part of a string that stands in a folded text wherever the string stands in the plain one."""
    safe = "".join(c if c.isalnum() and c not in _BY_NEIGHBOURS else " " for c in text)
    return max((fold(piece).text for piece in safe.split()), key=len, default="")
