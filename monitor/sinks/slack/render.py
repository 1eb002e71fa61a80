"""Digest -> Slack messages as JSON payloads {text, blocks, unfurl_links, unfurl_media}, the parent first. Pure.

A digest that does not fit into one message goes on in further ones; a story is never cut in the middle. What a rule's
throttle leaves no room for is listed, a line a story, in messages behind all others. `text` names every story of its message, so that dropping `blocks` leaves a plainer form of the same message.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from slack_sdk.models.blocks import (
    ContextBlock,
    DividerBlock,
    HeaderBlock,
    PlainTextObject,
    RichTextBlock,
    RichTextElementParts,
    RichTextSectionElement,
)

from monitor.messages import say
from monitor.model import Digest, DigestEntry
from monitor.sinks.slack import marks
from monitor.sinks.slack.story import DETAILS, listed_block, story_block, story_line
from monitor.stages.wording import Wording, inert, shortened

#: docs.slack.dev: 50 blocks in a message, 150 characters in a header, 3,000 in a text.
MAX_BLOCKS = 50
MAX_HEADER = 150
MAX_TEXT = 3_000
#: All blocks as JSON, in bytes. Slack publishes no figure: 15,561 characters were accepted and 17,694 refused
#: (slackapi/bolt-js#2867). Bytes, since nobody knows which of the two it counts.
MAX_BYTES = 12_000
#: Kept free for the heading, or "part 2 of 3", at the top and "4 more in the thread" at the bottom, and the mark of a repeat.
_FRAME_BLOCKS = 3
_FRAME_TEXT = 650
_FRAME_BYTES = 2_000
_MENTIONS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class _Piece:
    """What stays together: the heading of a rule, or one story."""

    blocks: tuple[dict[str, Any], ...]
    line: str
    stories: int = 0

    @property
    def size(self) -> int:
        """Bytes as JSON, commas included."""
        return sum(len(json.dumps(block, ensure_ascii=False).encode()) + 2 for block in self.blocks)


@dataclass(slots=True, kw_only=True)
class _Part:
    """A message in the making."""

    pieces: list[_Piece] = field(default_factory=list)

    def holds(self, pieces: Sequence[_Piece]) -> bool:
        """Whether these still fit."""
        all_of_them = [*self.pieces, *pieces]
        return (
            sum(len(piece.blocks) for piece in all_of_them) <= MAX_BLOCKS - _FRAME_BLOCKS
            and sum(len(piece.line) + 1 for piece in all_of_them) <= MAX_TEXT - _FRAME_TEXT
            and sum(piece.size for piece in all_of_them) <= MAX_BYTES - _FRAME_BYTES
        )

    @property
    def stories(self) -> int:
        """How many stories it holds."""
        return sum(piece.stories for piece in self.pieces)


def render(digest: Digest, *, language: str, zone: ZoneInfo, threaded: bool = True) -> tuple[str, ...]:
    """The messages of a digest. `threaded`: whether those after the first will stand in its thread."""
    wording = Wording(language=language, zone=zone)
    parts = [*_packed(digest, wording, threaded=threaded), *_listed(digest, wording)]
    left_over = sum(part.stories for part in parts[1:])
    payloads = []
    for number, part in enumerate(parts):
        left = left_over if number == 0 else 0
        framed = [_top(digest, wording, number, len(parts)), *part.pieces, *_bottom(wording, left, threaded)]
        payloads.append(_payload(framed))
    return tuple(payloads)


def marked_as_repeat(message: Mapping[str, Any], delivery_id: str, language: str) -> dict[str, Any]:
    """A message that begins by saying that it may have been sent before."""
    note = say("compose.possible-repeat", language, delivery=delivery_id)
    block = ContextBlock(elements=[PlainTextObject(text=note, emoji=False)]).to_dict()
    marked = {**message, "text": f"{marks.escaped(note, 300)}\n{message['text']}"}
    return {**marked, "blocks": [block, *message["blocks"]]}


def _payload(pieces: Sequence[_Piece]) -> str:
    message = {
        "text": "\n".join(piece.line for piece in pieces if piece.line),
        "blocks": [block for piece in pieces for block in piece.blocks],
        "unfurl_links": False,
        "unfurl_media": False,
    }
    return json.dumps(message, ensure_ascii=False)


# --- filling messages -------------------------------------------------------------------------------------------------


def _packed(digest: Digest, wording: Wording, *, threaded: bool) -> list[_Part]:
    parts = [_Part(pieces=list(_head(digest, wording)))]
    for section in digest.sections:
        name = shortened(inert(section.rule_name).strip(), 120)
        count = f"  {wording.stories(section.stories)}"
        pieces = [_story(entry, wording, digest) for entry in section.entries]
        pieces += [_small(more)] if (more := wording.more(section, "in-thread" if threaded else "below")) else []
        _fill(parts, pieces, _rule(name, count), _rule(wording.say("continued", rule=name)))
    return parts


def _listed(digest: Digest, wording: Wording) -> list[_Part]:
    parts: list[_Part] = []
    for section in digest.sections:
        facts = {"rule": shortened(inert(section.rule_name).strip(), 120), "count": len(section.more)}
        pieces = [_line(entry, wording, digest) for entry in section.more]
        parts += [_Part()] if pieces and not parts else []
        _fill(parts, pieces, _rule(wording.say("listed", **facts)), _rule(wording.say("listed-continued", **facts)))
    return parts


def _fill(parts: list[_Part], pieces: Sequence[_Piece], heading: _Piece, further: _Piece) -> None:
    """Put the pieces of one rule behind what is there, its heading above them, and in further messages the other one."""
    for number, piece in enumerate(pieces):
        opening = [] if number else [heading]
        if not parts[-1].holds([*opening, piece]):
            parts.append(_Part())
            opening = [further if number else heading]
        parts[-1].pieces += [*opening, piece]


def _line(entry: DigestEntry, wording: Wording, digest: Digest) -> _Piece:
    """It counts as no story of its message: what is left for the thread is what would have been told in full."""
    now = digest.composed_at
    return _Piece(blocks=(listed_block(entry, wording, now),), line=story_line(entry, wording, now))


def _story(entry: DigestEntry, wording: Wording, digest: Digest) -> _Piece:
    """As full as a message of its own would allow: a heading of a rule must stand above it."""
    line = story_line(entry, wording, digest.composed_at)
    room = MAX_BYTES - _FRAME_BYTES - 1_000
    for detail in DETAILS:
        piece = _Piece(blocks=(story_block(entry, wording, digest.composed_at, detail),), line=line, stories=1)
        if piece.size <= room:
            break
    return piece


def _rule(title: str, count: str = "") -> _Piece:
    words = [RichTextElementParts.Text(text=f"■ {title}", style=RichTextElementParts.TextStyle(bold=True))]
    words += [RichTextElementParts.Text(text=count)] if count else []
    heading = RichTextBlock(elements=[RichTextSectionElement(elements=words)])
    return _Piece(blocks=(DividerBlock().to_dict(), heading.to_dict()), line=f"■ {marks.escaped(title, 200)}{count}")


# --- what stands around the stories -----------------------------------------------------------------------------------


def _head(digest: Digest, wording: Wording) -> Iterator[_Piece]:
    if notes := wording.notes(digest):
        yield _small(*notes)
    if mentions := digest.mentions[:_MENTIONS]:
        marked = [part for mention in mentions for part in (marks.mention_element(mention), _space())]
        block = RichTextBlock(elements=[RichTextSectionElement(elements=marked[:-1])])
        yield _Piece(blocks=(block.to_dict(),), line=" ".join(marks.mention_mark(mention) for mention in mentions))


def _space() -> RichTextElementParts.Text:
    return RichTextElementParts.Text(text=" ")


def _small(*lines: str) -> _Piece:
    elements = [PlainTextObject(text=line, emoji=False) for line in lines]
    text = "\n".join(marks.escaped(line, 300) for line in lines)
    return _Piece(blocks=(ContextBlock(elements=elements).to_dict(),), line=text)


def _top(digest: Digest, wording: Wording, number: int, parts: int) -> _Piece:
    heading = shortened(wording.heading(digest), MAX_HEADER)
    if number:
        return _small(wording.say("part", heading=heading, part=number + 1, parts=parts))
    header = HeaderBlock(text=PlainTextObject(text=heading, emoji=False))
    return _Piece(blocks=(header.to_dict(),), line=marks.escaped(heading, 300))


def _bottom(wording: Wording, left: int, threaded: bool) -> Iterator[_Piece]:
    if left:
        yield _small(wording.say("more-in-thread" if threaded else "more-below", stories=wording.stories(left)))
