"""YAML text -> nodes that know their place and hold every word as typed. Raises TreeError.

Built from the parser's events and not from its values: NO, 0120 and 1:30 stay what the editor typed, every node knows
its line and column, and a hostile file (nesting, alias bombs) is refused before it costs anything.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import yaml

from monitor.rules.blunders import TreeError, told

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


def read_tree(text: str) -> Node | None:
    """The one document of a file; `None` when nothing stands in it but comments."""
    _refuse_control_characters(text)
    try:
        return _Composer(text).document()
    except yaml.MarkedYAMLError as error:
        raise told(error, text) from error


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
