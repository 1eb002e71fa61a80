"""Pieces of a digest -> parts, each small enough for one Slack message. Pure.

What stays together is a piece; a piece is measured once, so that packing takes time in proportion to their number.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from slack_sdk.models.blocks import RichTextBlock, RichTextListElement


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """What Slack counts: blocks, characters of the top-level text, bytes of the blocks as JSON and of the texts in them."""

    blocks: int = 0
    line: int = 0
    json: int = 0
    words: int = 0

    def __add__(self, other: "Size") -> "Size":
        return Size(
            blocks=self.blocks + other.blocks,
            line=self.line + other.line,
            json=self.json + other.json,
            words=self.words + other.words,
        )

    def fits(self, room: "Size") -> bool:
        """Whether it is within another in every respect."""
        return (
            self.blocks <= room.blocks
            and self.line <= room.line
            and self.json <= room.json
            and self.words <= room.words
        )


#: docs.slack.dev: 50 blocks in a message; above 4,000 characters of text a message may be split or refused. For all blocks
#: Slack publishes no figure: 15,561 characters of JSON with 9,597 of text were accepted, 17,694 with 11,341 refused
#: (slackapi/bolt-js#2867). Bytes, since nobody knows which of the two it counts.
LARGEST = Size(blocks=50, line=3_000, json=14_000, words=9_000)


class Piece:
    """What stays together: its blocks, or its row of a list, and its line of the top-level text."""

    __slots__ = ("blocks", "line", "row", "section", "size")

    def __init__(
        self,
        line: str,
        *blocks: Mapping[str, Any],
        row: Mapping[str, Any] | None = None,
        section: int | None = None,
    ) -> None:
        self.line = line
        self.blocks = blocks
        #: A `rich_text_section`; rows that follow each other stand in one list.
        self.row = row
        #: The number of the digest's section that it tells a story of, in full.
        self.section = section
        shown = [*blocks, _listed([row])] if row else blocks
        self.size = Size(
            blocks=len(shown),
            line=len(line) + 1,
            json=sum(len(json.dumps(block, ensure_ascii=False).encode()) + 2 for block in shown),
            words=sum(len(text.encode()) for text in _texts(shown)),
        )


@dataclass(slots=True)
class Part:
    """A message in the making."""

    room: Size
    pieces: list[Piece] = field(default_factory=list)
    size: Size = Size()

    def take(self, pieces: Sequence[Piece]) -> bool:
        """Put these in if all of them fit."""
        grown = sum((piece.size for piece in pieces), self.size)
        if not grown.fits(self.room):
            return False
        self.pieces += pieces
        self.size = grown
        return True

    def told(self) -> list[int]:
        """The section of each story that it tells in full."""
        return [piece.section for piece in self.pieces if piece.section is not None]


def fill(parts: list[Part], pieces: Iterable[Piece], heading: Piece, further: Piece, room: Size) -> None:
    """Put the pieces of one rule behind what is there, its heading above them, and in further messages the other one.

    A piece that is too large for a message of its own stands in one all the same.
    """
    opening = [heading]
    for piece in pieces:
        if not parts or not parts[-1].take([*opening, piece]):
            opening = opening or [further]
            parts.append(Part(room, [*opening, piece], sum((one.size for one in (*opening, piece)), Size())))
        opening = []


def blocks_of(pieces: Iterable[Piece]) -> list[Mapping[str, Any]]:
    """The blocks of a message, rows gathered into lists."""
    blocks: list[Mapping[str, Any]] = []
    for is_row, group in groupby(pieces, lambda piece: piece.row is not None):
        if is_row:
            blocks.append(_listed([piece.row for piece in group if piece.row]))
        else:
            blocks += [block for piece in group for block in piece.blocks]
    return blocks


def _listed(rows: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    listed: dict[str, Any] = RichTextBlock(
        elements=[RichTextListElement(style="bullet", elements=[dict(row) for row in rows])]
    ).to_dict()
    return listed


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for name, inner in value.items():
            if name in {"text", "fallback"} and isinstance(inner, str):
                yield inner
            else:
                yield from _texts(inner)
    elif isinstance(value, (list, tuple)):
        for inner in value:
            yield from _texts(inner)
