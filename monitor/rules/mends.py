"""YAML with a mistake whose meaning is plain -> the text as it was meant, so that what comes after it is read, too. Pure.

The mistake stays an error; only what else is wrong in the file is told in the same run. Nothing moves to another line, and
hardly anything to another column.
"""

from collections.abc import Callable

from monitor.rules.tree import TreeError

_WIDE_SPACE = "\u3000"
#: What may stand behind a colon, the end of the file included.
_BLANK = frozenset((" ", "\r", "\n", ""))


def mended(text: str, error: TreeError) -> str | None:
    """The text without this mistake; `None` where it is not plain what was meant."""
    mend = _MENDS.get(error.code)
    lines = text.splitlines(keepends=True)
    if mend is None or not 0 < error.line <= len(lines):
        return None
    line = lines[error.line - 1]
    lines[error.line - 1] = mend(line[: error.column - 1], line[error.column - 1 :])
    return "".join(lines)


def _colon(before: str, rest: str) -> str:
    after = rest[1:]
    return f"{before}:{after}" if after[:1] in _BLANK else f"{before}: {after.removeprefix(_WIDE_SPACE)}"


def _dash(before: str, rest: str) -> str:
    after = rest[1:]
    return f"{before}- {after[1:]}" if after.startswith(_WIDE_SPACE) else f"{before}-{after}"


def _star(before: str, rest: str) -> str:
    return f"{before} {rest[1:]}"


#: Code of the mistake -> (line before its column, the rest from there) -> the line as it was meant.
_MENDS: dict[str, Callable[[str, str], str]] = {
    "fullwidth-colon": _colon,
    "fullwidth-dash": _dash,
    "leading-star": _star,
}
