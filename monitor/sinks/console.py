"""Digest -> lines on standard output, as an editor would like to read them.

On a terminal: colours, links that can be clicked, lines that break where Japanese may break. In a pipe: plain lines.
"""

import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from rich.cells import cell_len
from rich.console import Console
from rich.style import Style
from rich.text import Text

from monitor.errors import NotStoredError, UnknowableError
from monitor.model import Delivery, Digest, DigestEntry, Receipt, Snippet
from monitor.sinks import SinkSettings
from monitor.stages.wording import (
    OUTLETS,
    SNIPPET,
    TITLE,
    Wording,
    brief,
    inert,
    linkable,
    pieces,
    rule_snippets,
    shortened,
    window,
)

#: Longer lines are hard to read, however wide the terminal.
_WIDEST = 100
#: Never at the beginning of a line (JIS X 4051, the common ones).
_NOT_FIRST = frozenset(" 、。，．,.・:;：；!?！？)]}）］｝〕〉》」』】ー゛゜々ぁぃぅぇぉっゃゅょァィゥェォッャュョ…")
#: Never at the end of one.
_NOT_LAST = frozenset("([{（［｛〔〈《「『【“‘")
_MATCHED = Style(bold=True, color="yellow")
_QUIET = Style(dim=True)


def open_sink(settings: SinkSettings) -> "ConsoleSink":
    """Print to standard output."""
    return ConsoleSink(Screen(highlight=False, emoji=False), language=settings.language, zone=settings.zone)


def _utc_now() -> datetime:
    return datetime.now(UTC)


class Screen(Console):
    """A console that leaves it to us what a closed pipe means; rich would end the program."""

    def on_broken_pipe(self) -> None:
        """See `Console`."""
        raise BrokenPipeError


class ConsoleSink:
    """Tells whoever looks at the terminal; what is printed counts as told."""

    def __init__(
        self, console: Screen, *, language: str, zone: ZoneInfo, clock: Callable[[], datetime] = _utc_now
    ) -> None:
        self._console = console
        self._wording = Wording(language=language, zone=zone)
        self._clock = clock

    def render(self, digest: Digest) -> tuple[str, ...]:
        """One payload: the words of the digest, without their look."""
        wording = self._wording
        sheet = {
            "heading": wording.heading(digest),
            "notes": wording.notes(digest),
            "mentions": " ".join(shortened(inert(mention), 60) for mention in digest.mentions),
            "sections": [
                {
                    "rule": wording.rule(section),
                    "count": wording.stories(section.stories),
                    "stories": [_story(entry, wording, digest.composed_at) for entry in section.entries],
                    "more": wording.more(section),
                    "listed": [_story(entry, wording, digest.composed_at) for entry in section.more],
                }
                for section in digest.sections
            ],
        }
        return (json.dumps(sheet, ensure_ascii=False),)

    def render_note(self, lines: Sequence[str]) -> tuple[str, ...]:
        """As a digest without stories."""
        heading, *notes = (shortened(inert(line).strip(), SNIPPET) for line in lines)
        sheet = {"heading": heading, "notes": notes, "mentions": "", "sections": []}
        return (json.dumps(sheet, ensure_ascii=False),)

    async def send(self, delivery: Delivery) -> Receipt:
        """Print once, whole: the text is made before the first byte is written."""
        sheet = json.loads(delivery.payload)
        if "heading" not in sheet:
            # Made for Slack while there was a token: it waits until there is one again.
            raise NotStoredError("sinks.no-token", destination=delivery.destination)
        stream = self._console.file
        encoding = getattr(stream, "encoding", None) or "utf-8"
        try:
            with self._console.capture() as printed:
                for line in _lines(sheet):
                    self._print(*line)
            stream.write(printed.get().encode(encoding, "replace").decode(encoding))
            stream.flush()
        except (OSError, ValueError) as error:  # ValueError: the stream was closed
            raise NotStoredError("sinks.console-closed", reason=type(error).__name__) from error
        return Receipt(id=None, received_at=self._clock())

    async def find(self, _delivery: Delivery, /) -> None:
        """It is not there: what a process that died had printed is gone with its terminal."""

    async def told_since(self, destination: str, at: datetime) -> frozenset[str]:  # noqa: ARG002 - `Sink` names it
        """Cannot be known: raises UnknowableError."""
        raise UnknowableError("sinks.console-blind", destination=destination)

    async def places(self, destinations: Collection[str]) -> Mapping[str, str]:
        """Each is itself."""
        return {destination: destination for destination in destinations}

    async def check(self, mentions: Collection[str] = ()) -> tuple[str, ...]:  # noqa: ARG002 - nobody can be alerted here
        """The terminal is there."""
        return ()

    def now(self) -> datetime:
        """See `Sink`."""
        return self._clock()

    async def close(self) -> None:
        """Standard output is not ours to close."""

    def _print(self, indent: str, text: Text) -> None:
        if self._console.is_terminal:
            width = min(self._console.width, _WIDEST) - cell_len(indent)
            rows = text.divide(_breaks(text.plain, max(width, 20)))
            # A bullet stands at the first row alone.
            indents = [indent, *[indent.replace("•", " ")] * len(rows)]
            text = Text("\n").join(Text.assemble((one, _QUIET), row) for one, row in zip(indents, rows, strict=False))
        else:
            text = Text.assemble(indent, text)
        self._console.print(text, soft_wrap=True)


# --- words ------------------------------------------------------------------------------------------------------------


def _story(entry: DigestEntry, wording: Wording, now: datetime) -> dict[str, Any]:
    found = "" if entry.dated else wording.say("found") + " "
    byline = [brief(entry.outlet), found + wording.moment(entry.at, now)]
    byline += [missing] if (missing := wording.missing(entry)) else []
    before, behind = wording.also_outlets(entry)
    return {
        "title": _title(entry, wording),
        "url": linkable(entry.url),
        "byline": wording.say("dot").join(byline),
        "snippet": _quotes([("", entry.snippet)]),
        "outlets": [(brief(outlet.name), linkable(outlet.url)) for outlet in entry.also_outlets[:OUTLETS]],
        "also_outlets": before,
        "more_outlets": behind,
        "also_rules": wording.also_rules(entry),
        "also_snippets": _quotes(rule_snippets(entry)),
        "comma": wording.say("list-comma"),
    }


def _title(entry: DigestEntry, wording: Wording) -> list[tuple[str, bool]]:
    """With its matched words, unless nothing of it would be seen."""
    is_seen = wording.title(entry) != wording.say("untitled")
    return _pieces(entry.title, TITLE) if is_seen else [(wording.say("untitled"), False)]


def _quotes(snippets: Iterable[tuple[str, Snippet | None]]) -> list[tuple[str, list[tuple[str, bool]]]]:
    return [(before, _pieces(snippet, SNIPPET)) for before, snippet in snippets if snippet]


def _pieces(snippet: Snippet, limit: int) -> list[tuple[str, bool]]:
    return list(pieces(window(snippet, limit)))


# --- look -------------------------------------------------------------------------------------------------------------


def _lines(sheet: Mapping[str, Any]) -> Iterable[tuple[str, Text]]:
    yield "", Text(sheet["heading"], Style(bold=True, reverse=True))
    for note in filter(None, (sheet["mentions"], *sheet["notes"])):
        yield "", Text(note, _QUIET)
    for section in sheet["sections"]:
        yield "", Text()
        yield (
            "",
            Text.assemble((f"■ {section['rule']}", Style(bold=True, color="cyan")), (f"  {section['count']}", _QUIET)),
        )
        for number, story in enumerate(section["stories"]):
            if number:
                yield "", Text()
            yield from _story_lines(story)
        yield from _listed_lines(section)
    yield "", Text()


def _story_lines(story: Mapping[str, Any]) -> Iterable[tuple[str, Text]]:
    link = Style(link=story["url"])
    yield "  ", _marked(story["title"], Style(bold=True) + link, _MATCHED + link)
    yield "  ", Text(story["byline"], _QUIET)
    yield from _quoted(story["snippet"])
    if story["outlets"]:
        links = [Text(name, Style(link=url)) for name, url in story["outlets"]]
        # Sheets that an earlier version wrote say nothing of more.
        rest = story.get("more_outlets", "")
        yield "  ", Text.assemble((story["also_outlets"], _QUIET), Text(story["comma"]).join(links), (rest, _QUIET))
    if story["also_rules"]:
        yield "  ", Text(story["also_rules"], _QUIET)
        yield from _quoted(story["also_snippets"])
    if story["url"]:
        yield "  ", Text(story["url"], _QUIET + link)


def _listed_lines(section: Mapping[str, Any]) -> Iterable[tuple[str, Text]]:
    """A line a story; sheets that an earlier version wrote list none."""
    if not section.get("listed"):
        return
    if section["stories"]:
        yield "", Text()
    yield "  ", Text(section["more"], _QUIET)
    for story in section["listed"]:
        link = Style(link=story["url"])
        dot = Text(f" — {story['byline']}", _QUIET)
        yield "  • ", Text.assemble(_marked(story["title"], link, _MATCHED + link), dot)
        if story["url"]:
            yield "    ", Text(story["url"], _QUIET + link)


def _quoted(quotes: Iterable[Sequence[Any]]) -> Iterable[tuple[str, Text]]:
    for before, words in quotes:
        yield "  │ ", Text.assemble((before, Style(italic=True)), _marked(words, Style(), _MATCHED))


def _marked(words: Sequence[Sequence[Any]], plain: Style, matched: Style) -> Text:
    return Text.assemble(*((text, matched if found else plain) for text, found in words))


def _breaks(text: str, width: int) -> list[int]:
    """Where lines begin: after a space or at a wide character, never behind an opening or before a closing mark."""
    starts = [0]
    used, chance = 0, None
    for index, char in enumerate(text):
        if used + cell_len(char) > width and index > starts[-1]:
            starts.append(chance or index)
            used, chance = cell_len(text[starts[-1] : index]), None
        used += cell_len(char)
        following = text[index + 1 : index + 2]
        is_wide = cell_len(char) + cell_len(following) > len(char + following)
        if char == " " or (is_wide and following not in _NOT_FIRST and char not in _NOT_LAST):
            chance = index + 1
    return starts[1:]
