"""Digest -> Slack messages as JSON payloads {text, blocks, parse, unfurl_links, unfurl_media}, the parent first. Pure.

A digest that does not fit into one message goes on in further ones; a story is never cut in the middle. What a rule's
throttle leaves no room for is listed, a line a story, in messages behind all others. `text` names every story of its
message, so that dropping `blocks` leaves a plainer form of the same message.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
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
from monitor.sinks.slack.packing import LARGEST, Part, Piece, Size, blocks_of, fill
from monitor.sinks.slack.story import DETAILS, listed_row, story_block, story_line
from monitor.stages.wording import Wording, brief, shortened

#: docs.slack.dev: characters of a header.
MAX_HEADER = 150
#: More would crowd out the stories.
_MENTIONS = 20
#: Rules that are named where the parent says what follows; mentions, where it says who is left out.
_NAMED = 8
#: What `marked_as_repeat` may add.
_MARK = Size(blocks=1, line=301, json=700, words=500)
#: No digest has more messages, so that its number takes no more room than this one's.
_MOST_PARTS = 9_999


def render(digest: Digest, *, language: str, zone: ZoneInfo, threaded: bool = True) -> tuple[str, ...]:
    """The messages of a digest. `threaded`: whether those after the first will stand in its thread."""
    return tuple(_Sheet(digest, Wording(language=language, zone=zone), threaded).payloads())


def marked_as_repeat(message: Mapping[str, Any], delivery_id: str, language: str) -> dict[str, Any]:
    """A message that begins by saying that it may have been sent before."""
    note = say("compose.possible-repeat", language, delivery=delivery_id)
    block = ContextBlock(elements=[PlainTextObject(text=note, emoji=False)]).to_dict()
    marked = {**message, "text": f"{marks.escaped(note, 300)}\n{message['text']}"}
    return {**marked, "blocks": [block, *message["blocks"]]}


@dataclass(frozen=True)
class _Sheet:
    """A digest on its way into messages."""

    digest: Digest
    wording: Wording
    threaded: bool

    def payloads(self) -> Iterator[str]:
        parts = self._packed()
        left = Counter(section for part in parts[1:] for section in part.told())
        for number, part in enumerate(parts):
            top = self._part_top(number, len(parts)) if number else self._top
            bottom = self._bottom(left) if left and not number else ()
            pieces = [top, *part.pieces, *bottom]
            yield _payload(pieces, self._order(pieces))

    def _order(self, pieces: Sequence[Piece]) -> list[str]:
        """The lines of `text`: the only story of a digest comes first, since a phone that is locked shows no more.

        Mentions alert wherever they stand.
        """
        story = [piece.line for piece in pieces if piece.section is not None]
        if self.digest.stories != 1 or not story:
            return [piece.line for piece in pieces]
        return [story[0].removeprefix("• "), *(piece.line for piece in pieces if piece.section is None)]

    # --- filling messages ---

    def _packed(self) -> list[Part]:
        all_left = Counter({number: section.stories for number, section in enumerate(self.digest.sections)})
        first = Part(_room(self._top, *self._bottom(all_left)))
        first.take([*self._head()])
        parts = [first]
        for number, section in enumerate(self.digest.sections):
            name = self.wording.rule(section)
            pieces = [self._story(entry, number) for entry in section.entries]
            more = self.wording.more(section, "in-thread" if self.threaded else "below")
            pieces += [_small(more)] if more else []
            heading = _rule(name, f"  {self.wording.stories(section.stories)}")
            fill(parts, pieces, heading, _rule(self.wording.say("continued", rule=name)), self._further)
        return [*parts, *self._lists()]

    def _lists(self) -> list[Part]:
        parts: list[Part] = []
        for section in self.digest.sections:
            facts = {"rule": self.wording.rule(section), "count": len(section.more)}
            heading, further = (_rule(self.wording.say(code, **facts)) for code in ("listed", "listed-continued"))
            fill(parts, [self._row(entry) for entry in section.more], heading, further, self._further)
        return parts

    def _story(self, entry: DigestEntry, section: int) -> Piece:
        """As full as a message of its own would allow: a heading of a rule must stand above it."""
        now = self.digest.composed_at
        line = story_line(entry, self.wording, now)
        for detail in DETAILS:
            piece = Piece(line, story_block(entry, self.wording, now, detail), section=section)
            if (piece.size + _HEADING).fits(self._further):
                break
        return piece

    def _row(self, entry: DigestEntry) -> Piece:
        now = self.digest.composed_at
        return Piece(story_line(entry, self.wording, now), row=listed_row(entry, self.wording, now))

    # --- what stands around the stories ---

    @cached_property
    def _heading(self) -> str:
        return shortened(self.wording.heading(self.digest), MAX_HEADER)

    @cached_property
    def _top(self) -> Piece:
        header = HeaderBlock(text=PlainTextObject(text=self._heading, emoji=False))
        return Piece(marks.escaped(self._heading, 300), header.to_dict())

    def _part_top(self, number: int, parts: int) -> Piece:
        return _small(self.wording.say("part", heading=self._heading, part=number + 1, parts=parts))

    @cached_property
    def _further(self) -> Size:
        """The room of a message after the first."""
        return _room(self._part_top(_MOST_PARTS - 1, _MOST_PARTS))

    def _head(self) -> Iterator[Piece]:
        # Two names may mean the same people.
        mentions = {marks.mention_mark(mention): mention for mention in self.digest.mentions}
        shown = list(mentions.items())[:_MENTIONS]
        if shown:
            elements = [part for _, mention in shown for part in (marks.mention_element(mention), _space())]
            block = RichTextBlock(elements=[RichTextSectionElement(elements=elements[:-1])])
            yield Piece(" ".join(mark for mark, _ in shown), block.to_dict())
        if left := list(mentions.values())[_MENTIONS:]:
            yield _small(self._unmentioned(left))
        if notes := self.wording.notes(self.digest):
            yield _small(*notes)

    def _unmentioned(self, left: Sequence[str]) -> str:
        """Who is alerted by nothing: it must be seen, and the rules be made to say less."""
        named = self.wording.say("list-comma").join(shortened(mention, 60) for mention in left[:_NAMED])
        rest = self.wording.say("more-mentions", count=len(left) - _NAMED) if len(left) > _NAMED else ""
        return self.wording.say("unmentioned", most=_MENTIONS, names=named + rest)

    def _bottom(self, left: Counter[int]) -> Iterator[Piece]:
        """How many stories follow, and of which rules. `left`: their number by that of their section."""
        lines = [self.wording.say("more-in-thread" if self.threaded else "more-below", count=left.total())]
        if len(self.digest.sections) > 1:
            lines.append(self._rules_left(left))
        yield _small(*lines)

    def _rules_left(self, left: Counter[int]) -> str:
        named = [
            self.wording.say("more-by-rule", rule=brief(section.rule_name), count=left[number])
            for number, section in enumerate(self.digest.sections)
            if left[number]
        ]
        rest = self.wording.say("more-rules", count=len(named) - _NAMED) if len(named) > _NAMED else ""
        return self.wording.say("list-comma").join(named[:_NAMED]) + rest


def _room(*frame: Piece) -> Size:
    """What a message holds beside its frame and the mark of a repeat."""
    taken = sum((piece.size for piece in frame), _MARK)
    return Size(
        blocks=LARGEST.blocks - taken.blocks,
        line=LARGEST.line - taken.line,
        json=LARGEST.json - taken.json,
        words=LARGEST.words - taken.words,
    )


def _payload(pieces: Sequence[Piece], lines: Sequence[str]) -> str:
    message = {
        "text": "\n".join(filter(None, lines)),
        "blocks": blocks_of(pieces),
        # Else Slack makes links of whatever looks like an address in `text`.
        "parse": "none",
        "unfurl_links": False,
        "unfurl_media": False,
    }
    return json.dumps(message, ensure_ascii=False)


def _rule(title: str, count: str = "") -> Piece:
    words = [RichTextElementParts.Text(text=f"■ {title}", style=RichTextElementParts.TextStyle(bold=True))]
    words += [RichTextElementParts.Text(text=count)] if count else []
    heading = RichTextBlock(elements=[RichTextSectionElement(elements=words)])
    return Piece(f"■ {marks.escaped(title, 200)}{count}", DividerBlock().to_dict(), heading.to_dict())


#: The largest heading of a rule.
_HEADING = _rule("\U0001f600" * 150, " " * 30).size


def _space() -> RichTextElementParts.Text:
    return RichTextElementParts.Text(text=" ")


def _small(*lines: str) -> Piece:
    block = ContextBlock(elements=[PlainTextObject(text="\n".join(lines), emoji=False)])
    return Piece("\n".join(marks.escaped(line, 300) for line in lines), block.to_dict())
