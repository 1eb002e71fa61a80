"""A flow list that YAML cut at every ASCII comma -> doubts: were these pieces one word?"""

import re
from collections.abc import Sequence
from itertools import pairwise

from monitor.rules.findings import Report
from monitor.rules.tree import Node, Scalar, Series

#: What stands behind a name and its comma.
_SUFFIX = re.compile(
    r"(?:Jr|Sr|I{2,3}|IV|Inc|Incorporated|Ltd|Limited|LLC|LLP|Corp|Co|Corporation|PLC|N\.?V|S\.?A|D\.?C|Ph\.?D|M\.?D|Esq)\.?",
    re.IGNORECASE,
)
_OPENING, _CLOSING = "「『（(【〈《“‘", "」』）)】〉》”’"
#: So many pieces one phrase may have been cut into.
_MOST_PIECES = 6


def warn_of_commas(series: Series, report: Report) -> None:
    """Report neighbours that look like one word with a comma in it."""
    if not series.flow:
        return
    for left, right in pairwise(series.items):
        if _plain(left) and _plain(right) and (_splits_number(left, right) or _SUFFIX.fullmatch(_text(right).strip())):
            _report(left, right, report)
    for start, item in enumerate(series.items):
        if _plain(item) and (end := _closing(series.items[start : start + _MOST_PIECES])) is not None:
            _report(item, end, report)


def _plain(node: Node) -> bool:
    return isinstance(node, Scalar) and node.plain


def _text(node: Node) -> str:
    return node.text if isinstance(node, Scalar) else ""


def _splits_number(left: Node, right: Node) -> bool:
    return (
        isinstance(left, Scalar)
        and (left.end_line, left.end_column + 1) == (right.line, right.column)
        and re.search(r"\d$", left.text) is not None
        and re.match(r"\d{3}(?!\d)", _text(right)) is not None
    )


def _closing(pieces: Sequence[Node]) -> Node | None:
    """The piece in which the bracket or quote ends that the first one opens; `None` where nothing is cut."""
    depth = _left_open(_text(pieces[0]))
    if depth <= 0:
        return None
    for piece in pieces[1:]:
        depth += _left_open(_text(piece))
        if depth <= 0:
            return piece
    return None


def _left_open(text: str) -> int:
    """Brackets and quotes that are opened and not closed; an English apostrophe closes nothing."""
    text = re.sub(r"(?<=\w)[’‘](?=\w)", "", text)
    return sum((character in _OPENING) - (character in _CLOSING) for character in text)


def _report(left: Node, right: Node, report: Report) -> None:
    """With the pieces as the editor typed them."""
    assert isinstance(right, Scalar)
    line = report.lines[left.line - 1] if 0 < left.line <= len(report.lines) else ""
    typed = line[left.column - 1 : right.end_column - 1] if left.line == right.end_line else ""
    report.warning("split-number", left, term=typed or f"{_text(left)}, {_text(right)}")
