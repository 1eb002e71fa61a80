"""YAML with a mistake whose meaning is plain -> the text as it was meant, so that what comes after it is read, too. Pure.

The mistake stays an error; only what else is wrong in the file is told in the same run. Nothing moves to another line, and
hardly anything to another column.
"""

import re
from collections.abc import Callable

from monitor.rules.blunders import TreeError, in_quotes

_BEHIND_WORD = re.compile(r"(?=\s+#|\s*[,\]}]|\s*$)")
_END = re.compile(r"(?=\s+#|\s*$)")
_BLOCK_VALUE = re.compile(r"(?P<lead>\s*(?:- +)*(?:[^\s\"'\[{:][^\"'\[{:]*: +)?)(?P<value>\S.*)")


def mended(text: str, error: TreeError) -> str | None:
    """The text without this mistake; `None` where it is not plain what was meant."""
    mend = _MENDS.get(error.code)
    lines = text.splitlines(keepends=True)
    if mend is None or not 0 < error.line <= len(lines):
        return None
    line = lines[error.line - 1].rstrip("\r\n")
    ending = lines[error.line - 1][len(line) :]
    meant = mend(line[: error.column - 1], line[error.column - 1 :])
    lines[error.line - 1] = meant + ending
    return None if meant == line else "".join(lines)


def _star(before: str, rest: str) -> str:
    return f"{before} {rest[1:]}"


def _comma(before: str, rest: str) -> str:
    return f"{before}{' ' if rest[0] == ',' else ', '}{rest[1:]}"


def _colon(before: str, rest: str) -> str:
    return f"{before}: {rest[1:]}"


def _brace(before: str, rest: str) -> str:
    return before + rest.replace("｛", "{").replace("｝", "}")


def _quote(before: str, rest: str) -> str:
    """The word that begins here, to its comma where it stands in a list. At the margin no word is meant."""
    if not before:
        return rest
    ends = _BEHIND_WORD if re.search(r"[\[{][^\]}]*$", before) else _END
    found = ends.search(rest)
    end = found.start() if found else len(rest)
    return f"{before}{in_quotes(rest[:end])}{rest[end:]}"


def _quote_value(before: str, rest: str) -> str:
    """All behind the hyphen or the key."""
    value = _BLOCK_VALUE.fullmatch((before + rest).rstrip())
    return f"{value['lead']}{in_quotes(value['value'])}" if value else before + rest


def _single(before: str, rest: str) -> str:
    """Single quotes in place of double ones, in which the backslash means nothing."""
    begin, end = before.rfind('"'), rest.find('"')
    if begin < 0 or end < 0 or "'" in before[begin:] + rest[:end]:
        return before + rest
    return f"{before[:begin]}'{before[begin + 1 :]}{rest[:end]}'{rest[end + 1 :]}"


#: Code of the mistake -> (line before its column, the rest from there) -> the line as it was meant.
_MENDS: dict[str, Callable[[str, str], str]] = {
    "leading-star": _star,
    "fullwidth-brace": _brace,
    "wide-separator": _comma,
    "no-space-after-colon": _colon,
    "hash-in-list": _quote,
    "quote-sign": _quote,
    "tag": _quote,
    "quoted-words": _quote_value,
    "text-after-quote": _quote_value,
    "text-after-bracket": _quote_value,
    "escape": _single,
}
