"""YAML text -> the slips of a Japanese keyboard at its colons, hyphens and margins, and the text as it was meant. Pure.

YAML takes most of them for a part of a word, or stumbles over them lines later; here they are found where they stand, all
in one run.
"""

import re
from bisect import bisect_right
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace
from itertools import accumulate
from unicodedata import normalize

from monitor.rules.synonyms import SYNONYMS
from monitor.rules.tree import Node, Scalar, Series, Table

_KEYS = (
    "rules lists names notify when mention sources name id any all none at_least near regex min_hits title body author"
    " url unless_part_of boundary case fold severity weight age threshold throttle when_body_missing enabled note tests"
    " match ignore only except groups languages stories within max per left right order unit n of source language"
    " published family given latin titles alone width dashes dots variants"
)
#: Every key of the language, wherever it may stand.
KEYS = frozenset(_KEYS.split())
#: What looks like a hyphen, and what begins the lines of a list elsewhere.
DASHES = "－ー―–—‐−"
_BULLETS = "・•●○■◆"
_SPACES = {"\u3000": "wide", "\u00a0": "nbsp"}
_FOREIGN = re.compile("[\u3000\u00a0]")
_BLANK = "[ \u3000\u00a0]"
_HEAD = rf"^{_BLANK}*+(?:[-{DASHES}]{_BLANK}++)*+[-{DASHES}{_BULLETS}]?+"
_COLON = re.compile(
    rf"(?:{_HEAD}|[\[{{,、，]{_BLANK}*+)(?P<key>[A-Za-z_ａ-ｚ\u3041-\u30ff\u4e00-\u9fff]++)"
    rf"""(?P<sign>{_BLANK}*：{_BLANK}*|:{_FOREIGN.pattern}{_BLANK}*|: +{_FOREIGN.pattern}{_BLANK}*(?=[\[{{"'])|:(?=[^\s:/]))""",
    re.MULTILINE,
)
_HYPHEN = re.compile(
    rf"^ *(?P<sign>[{DASHES}]{_BLANK}+|[{_BULLETS}]{_BLANK}*|-{_FOREIGN.pattern}{_BLANK}*|-(?![\s-]|\d+$))(?=\S)",
    re.MULTILINE,
)
_MARGIN = re.compile(rf"^ *(?P<sign>{_FOREIGN.pattern}{_BLANK}*)(?=[^\s＃])", re.MULTILINE)
_COMMENT = re.compile(rf"^{_BLANK}*(?P<sign>＃|//)", re.MULTILINE)
#: Below a key they stand farther in than the key, below a hyphen farther in than the hyphen.
_BLOCK = re.compile(r"( *(?:- +)*)[^\s#-].*: +[|>][-+0-9]* *(?:#.*)?$|( *(?:- +)*?)- +[|>][-+0-9]* *(?:#.*)?$")
_HYPHENS = f"-{DASHES}{_BULLETS}"
#: Found within a word of several lines, too.
_INNER = frozenset(("fullwidth-space", "nbsp", "wide-comment"))
_BEGINS_LINE = re.compile(rf"[-{DASHES}]{_BLANK}|[a-z_]+[:：]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Slip:
    """One of them. Line and column count from 1, the others are offsets in the text."""

    code: str
    #: Where it stands.
    at: int
    #: Where the word begins that YAML makes of it.
    start: int
    #: What is to be written in place of what; `None`: that is not plain.
    begin: int
    end: int
    meant: str | None
    #: Whether it opens its line, but for hyphens.
    leads: bool = True
    facts: dict[str, object] = field(default_factory=dict)
    line: int = 0
    column: int = 0


def find_slips(text: str) -> tuple[Slip, ...]:
    """All that look like slips, from the top down. They are where YAML stumbles; else `in_words` knows."""
    found = [*_colons(text), *_hyphens(text), *_margins(text), *_comments(text)]
    return tuple(_placed(sorted(found, key=lambda slip: slip.at), text)) if found else ()


def _colons(text: str) -> Iterator[Slip]:
    for found in _COLON.finditer(text):
        sign, key = found["sign"], normalize("NFKC", found["key"]).lower()
        foreign = _FOREIGN.search(sign)
        if "：" in sign:
            code, at = "fullwidth-colon", sign.index("：")
        elif foreign:
            code, at = f"{_SPACES[foreign[0]]}-after-colon", foreign.start()
        elif key in KEYS:
            code, at = "no-space-after-colon", 0
        else:
            continue
        begin, end = found.span("sign")
        yield Slip(
            code=code,
            at=begin + at,
            start=found.start("key"),
            begin=begin,
            end=end,
            meant=":" if text[end : end + 1] in {"", "\r", "\n"} else ": ",
            leads=text[found.start() : found.start() + 1] not in set("[{,、，"),
            facts={"key": key},
        )


def _hyphens(text: str) -> Iterator[Slip]:
    for found in _HYPHEN.finditer(text):
        sign, (begin, end) = found["sign"], found.span("sign")
        if sign[0] != "-":
            code, at = "fullwidth-dash", 0
        elif len(sign) > 1:
            code, at = f"{_SPACES[sign[1]]}-after-dash", 1
        else:
            code, at = "no-space-after-dash", 0
        yield Slip(code=code, at=begin + at, start=begin, begin=begin, end=end, meant="- ", facts={"sign": sign[0]})


def _margins(text: str) -> Iterator[Slip]:
    for found in _MARGIN.finditer(text):
        begin, end = found.span("sign")
        code = "fullwidth-space" if "\u3000" in found["sign"] else "nbsp"
        leads = _BEGINS_LINE.match(text, end) is not None
        yield Slip(code=code, at=begin, start=end, begin=found.start(), end=end, meant=None, leads=leads)


def _comments(text: str) -> Iterator[Slip]:
    for found in _COMMENT.finditer(text):
        begin, end = found.span("sign")
        yield Slip(
            code="wide-comment",
            at=begin,
            start=begin,
            begin=begin,
            end=end,
            meant="#",
            leads=text[end : end + 1].isspace(),
            facts={"sign": found["sign"]},
        )


def _placed(found: list[Slip], text: str) -> Iterator[Slip]:
    """With line and column; none in comments and in texts that stand as they are, below | and >."""
    lines = text.splitlines(keepends=True)
    starts = [0, *accumulate(map(len, lines))]
    silent = _silent(lines)
    margins = _Margins(lines)
    for slip in found:
        number = bisect_right(starts, slip.at) - 1
        before = lines[number][: slip.at - starts[number]]
        if number in silent or before.lstrip().startswith("#") or " #" in before:
            continue
        placed = replace(slip, line=number + 1, column=len(before) + 1)
        margin = slip.code in {"fullwidth-space", "nbsp"}
        yield replace(placed, meant=margins.meant(number)) if margin else placed


def _silent(lines: list[str]) -> set[int]:
    """The numbers of the lines below a | or >, counted from 0."""
    silent: set[int] = set()
    margin: int | None = None
    for number, line in enumerate(lines):
        if margin is not None and (not line.strip() or len(line) - len(line.lstrip(" ")) > margin):
            silent.add(number)
            continue
        block = _BLOCK.match(line.rstrip("\r\n"))
        margin = len(block[1] or block[2] or "") if block else None
    return silent


class _Margins:
    """How far the lines are meant to be indented."""

    def __init__(self, lines: list[str]) -> None:
        self._lines = lines

    def meant(self, number: int) -> str | None:
        """ASCII spaces for a margin with others in it: as many as one of the lines above has."""
        blank = re.match(rf"{_BLANK}*", self._lines[number])
        assert blank is not None  # it may be empty
        widths = (len(blank[0]), len(blank[0]) + blank[0].count("\u3000"))
        for above in reversed(self._lines[max(number - 20, 0) : number]):
            levels = re.match(r"( *)(- +)?", above)
            known = {levels.end(1), levels.end()} if levels and above.strip() else set()
            if width := next((width for width in widths if width in known), None):
                return " " * width
        return None


def in_words(slips: Collection[Slip], tree: Node | None) -> tuple[Slip, ...]:
    """Those that YAML took for a part of a word without quotes, and that nobody means."""
    lines = {slip.line for slip in slips}
    words: dict[int, list[Scalar]] = {}
    for word in _words(tree):
        for line in lines.intersection(range(word.line, word.end_line + 1)) if word.plain else ():
            words.setdefault(line, []).append(word)
    return tuple(slip for slip in slips if any(_is_slip(slip, word) for word in words.get(slip.line, ())))


def _words(node: Node | None) -> Iterator[Scalar]:
    if isinstance(node, Scalar):
        yield node
    elif isinstance(node, Series):
        for one in node.items:
            yield from _words(one)
    elif isinstance(node, Table):
        for entry in node.entries:
            for one in entry:
                yield from _words(one)


def _is_slip(slip: Slip, word: Scalar) -> bool:
    first, place, end = (word.line, word.column), (slip.line, slip.column), (word.end_line, word.end_column)
    start = (slip.line, slip.column - slip.at + slip.start)
    if place == first:
        return True
    if not first <= start < end:
        return False
    key = slip.facts.get("key")
    if key is None:
        return slip.leads and (slip.code in _INNER or word.text[0] in _HYPHENS)
    return (start == first or slip.leads) and (key in KEYS or (key in SYNONYMS and word.end_line > word.line))


def without(text: str, slips: Collection[Slip]) -> str:
    """The text as it was meant; no line moves."""
    parts, done = [], 0
    for slip in slips:
        if slip.meant is not None and slip.begin >= done:
            parts += [text[done : slip.begin], slip.meant]
            done = slip.end
    return "".join((*parts, text[done:]))
