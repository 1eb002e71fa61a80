"""YAML text -> nodes that know their place and hold every word as typed. Raises TreeError.

Built from the parser's events and not from its values: NO, 0120 and 1:30 stay what the editor typed, every node knows
its line and column, and a hostile file (nesting, alias bombs) is refused before it costs anything.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import yaml

MAX_DEPTH = 50
#: Per file, aliases counted as often as they are used.
MAX_NODES = 1_000_000

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
# YAML's own list of what may stand in a stream (YAML 1.1, section 4.1), turned round.
_FORBIDDEN = re.compile(r"[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


# Not frozen: making a frozen one costs three times as much, and a folder of rules has hundreds of thousands of them.
@dataclass(slots=True, eq=False)
class Node:
    """Where a piece of YAML stands; both count from 1. Never changed."""

    line: int
    column: int


@dataclass(slots=True, eq=False)
class Scalar(Node):
    """A word as typed. `plain`: without quotes; `end_line` and `end_column` name the place after its last character."""

    text: str
    plain: bool
    end_line: int
    end_column: int


@dataclass(slots=True, eq=False)
class Series(Node):
    """A list. `flow`: written [a, b]."""

    items: tuple[Node, ...]
    flow: bool


@dataclass(slots=True, eq=False)
class Table(Node):
    """Keys and values as they stand, doubled keys included."""

    entries: tuple[tuple[Node, Node], ...]
    flow: bool


class TreeError(Exception):
    """The text is no YAML that we read: a message code of the rules room, its place and facts."""

    def __init__(self, code: str, line: int, column: int, **facts: object) -> None:
        super().__init__(code)
        self.code = code
        self.line = line
        self.column = column
        self.facts = facts


def read_tree(text: str) -> Node | None:
    """The one document of a file; `None` when nothing stands in it but comments."""
    _refuse_control_characters(text)
    try:
        return _Composer(text).document()
    except yaml.MarkedYAMLError as error:
        raise _told(error, text) from error


def _refuse_control_characters(text: str) -> None:
    found = _FORBIDDEN.search(text)
    if found is None:
        return
    line = text.count("\n", 0, found.start()) + 1
    column = found.start() - text.rfind("\n", 0, found.start())
    raise TreeError("control-character", line, column, character=f"U+{ord(found[0]):04X}")


class _Composer:
    """Events -> nodes, with limits."""

    def __init__(self, text: str) -> None:
        self._next: Callable[[], Any] = _LOADER(text).get_event
        #: Anchored nodes with the number of nodes in them; `None` while they are being read.
        self._anchors: dict[str, tuple[Node, int] | None] = {}
        self._count = 0

    def document(self) -> Node | None:
        self._next()
        if isinstance(self._next(), yaml.StreamEndEvent):
            return None
        root = self._node(self._next(), 1)
        self._next()
        after = self._next()
        if isinstance(after, yaml.DocumentStartEvent):
            raise TreeError("many-documents", *_place(after))
        if isinstance(root, Scalar) and root.plain and not root.text:
            return None
        return root

    def _node(self, event: Any, depth: int) -> Node:
        """The node that begins with this event, which is of one of the types that yaml does not declare as such."""
        kind = type(event)
        if depth > MAX_DEPTH:
            raise TreeError("too-deep", *_place(event), depth=MAX_DEPTH)
        if kind is yaml.AliasEvent:
            return self._alias(event)
        before = self._count
        self._counted(1, event)
        if event.tag is not None and event.tag != "!":
            raise TreeError("tag", *_place(event), tag=event.tag)
        if event.anchor is None:
            return _word(event) if kind is yaml.ScalarEvent else self._collection(event, depth)
        self._anchors[event.anchor] = None
        node = _word(event) if kind is yaml.ScalarEvent else self._collection(event, depth)
        self._anchors[event.anchor] = (node, self._count - before)
        return node

    def _alias(self, event: yaml.AliasEvent) -> Node:
        line, column = _place(event)
        if event.anchor not in self._anchors:
            raise TreeError("leading-star", line, column, term=f"*{event.anchor}")
        known = self._anchors[event.anchor]
        if known is None:
            raise TreeError("alias-loop", line, column, alias=event.anchor)
        node, size = known
        self._counted(size, event)
        return node

    def _counted(self, nodes: int, event: yaml.Event) -> None:
        self._count += nodes
        if self._count > MAX_NODES:
            raise TreeError("too-many-nodes", *_place(event), limit=MAX_NODES)

    def _collection(self, event: Any, depth: int) -> Series | Table:
        line, column = _place(event)
        flow = bool(event.flow_style)
        if type(event) is yaml.SequenceStartEvent:
            return Series(line, column, tuple(self._until(yaml.SequenceEndEvent, depth)), flow)
        parts = self._until(yaml.MappingEndEvent, depth)
        return Table(line, column, tuple(zip(parts[::2], parts[1::2], strict=True)), flow)

    def _until(self, end: type[yaml.Event], depth: int) -> list[Node]:
        nodes = []
        while type(event := self._next()) is not end:
            nodes.append(self._node(event, depth + 1))
        return nodes


def _word(event: Any) -> Scalar:
    start, end = event.start_mark, event.end_mark
    return Scalar(start.line + 1, start.column + 1, event.value, not event.style, end.line + 1, end.column + 1)


def _place(event: Any) -> tuple[int, int]:
    mark = event.start_mark
    return mark.line + 1, mark.column + 1


# libyaml's sentence -> our code, and whether the mistake stands where the construct began.
_PROBLEMS = (
    ("mapping values are not allowed", "yaml-colon", False),
    ("could not find expected ':'", "yaml-no-colon", True),
    ("found unexpected end of stream", "yaml-quote", True),
    ("did not find expected ',' or ']'", "yaml-bracket", True),
    ("did not find expected ',' or '}'", "yaml-bracket", True),
    ("did not find expected '-' indicator", "yaml-indent", False),
    ("did not find expected key", "yaml-indent", False),
    ("did not find expected <block end>", "yaml-indent", False),
)
#: So many lines back a mistake may stand that the parser notices only here.
_NEAR = 3
_INDENT = re.compile("[ \u3000]*\u3000[ \u3000]*")
_WIDE_COLON = re.compile(r"\s*(?:- +)?[a-z_]+(：)")
_WIDE_DASH = re.compile(r"\s*([－ー―–—‐−])\s")


def _told(error: yaml.MarkedYAMLError, text: str) -> TreeError:
    """The editor's mistake behind the parser's sentence."""
    problem = error.problem_mark
    assert problem is not None  # the parser always says where
    begin = error.context_mark or problem
    lines = text.splitlines() or [""]
    return (
        _typing_mistake(lines, begin.line if error.context_mark else 0, problem.line)
        or _wrong_start(lines, problem)
        or _known_problem(error.problem or "", begin, problem)
    )


def _typing_mistake(lines: list[str], first: int, last: int) -> TreeError | None:
    """Full-width signs in the lines that the parser stumbled over."""
    for number in range(max(last - _NEAR, first), min(last + 1, len(lines))):
        line = lines[number]
        if wide := _WIDE_DASH.match(line):
            return TreeError("fullwidth-dash", number + 1, wide.start(1) + 1, sign=wide[1])
        if wide := _WIDE_COLON.match(line):
            return TreeError("fullwidth-colon", number + 1, wide.start(1) + 1)
        if _INDENT.match(line):
            return TreeError("fullwidth-space", number + 1, line.index("\u3000") + 1)
    return None


def _wrong_start(lines: list[str], mark: yaml.Mark) -> TreeError | None:
    line = lines[mark.line] if mark.line < len(lines) else ""
    sign = line[mark.column : mark.column + 1]
    # YAML takes * and & for the beginning of a name, which must be ASCII.
    before = line[mark.column - 1 : mark.column]
    if sign.strip() and before and before in "*&":
        word = re.split(r"[\s,\]}]", line[mark.column - 1 :])[0]
        code = "leading-star" if before == "*" else "quote-sign"
        return TreeError(code, mark.line + 1, mark.column, term=word, sign=before, text=word)
    if "\t" in (sign, line[: mark.column + 1][-1:]) or line[: len(line) - len(line.lstrip())].count("\t"):
        return TreeError("tab", mark.line + 1, line.index("\t") + 1)
    if sign == ",":
        return TreeError("stray-comma", mark.line + 1, mark.column + 1)
    if sign and sign in "@`%":
        rest = line[mark.column :].split(" #")[0].strip()
        if rest.startswith("```"):
            return TreeError("fence", mark.line + 1, mark.column + 1, text=rest)
        return TreeError("quote-sign", mark.line + 1, mark.column + 1, sign=sign, text=rest)
    return None


def _known_problem(problem: str, begin: yaml.Mark, mark: yaml.Mark) -> TreeError:
    for sentence, code, at_begin in _PROBLEMS:
        if sentence in problem:
            place = begin if at_begin else mark
            return TreeError(code, place.line + 1, place.column + 1)
    return TreeError("yaml-syntax", mark.line + 1, mark.column + 1, problem=problem)
