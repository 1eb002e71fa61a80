"""DigestEntry -> one rich text block and one line of text. Pure.

Rich text has no markup, so foreign words cannot mention, link or format whatever they hold.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from slack_sdk.models.blocks import (
    RichTextBlock,
    RichTextElement,
    RichTextElementParts,
    RichTextQuoteElement,
    RichTextSectionElement,
)

from monitor.model import DigestEntry, Snippet
from monitor.sinks.slack import marks
from monitor.stages.wording import Wording, inert, linkable, pieces, shortened, window

Text = RichTextElementParts.Text
Link = RichTextElementParts.Link
_BOLD = RichTextElementParts.TextStyle(bold=True)
_ITALIC = RichTextElementParts.TextStyle(italic=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Detail:
    """How much of a story is shown: lengths in characters, and numbers of things."""

    title: int
    snippet: int
    highlights: int
    outlets: int
    rules: int
    rule_snippets: int


#: From full to bare; the second and third are for a story that alone would be too large for a message.
DETAILS = (
    Detail(title=300, snippet=500, highlights=24, outlets=8, rules=10, rule_snippets=3),
    Detail(title=200, snippet=300, highlights=8, outlets=2, rules=3, rule_snippets=0),
    Detail(title=150, snippet=0, highlights=0, outlets=0, rules=0, rule_snippets=0),
)


def story_block(entry: DigestEntry, wording: Wording, now: datetime, detail: Detail) -> dict[str, Any]:
    """The story as one `rich_text` block: headline, snippet, who else carries it, what else it answers."""
    headline = _linked(entry.url, shortened(wording.title(entry), detail.title), bold=True)
    shown: list[RichTextElement] = [RichTextSectionElement(elements=[headline, *_byline(entry, wording, now)])]
    shown += _quote(entry.snippet, "", detail)
    shown += _outlets(entry, wording, detail)
    shown += _rules(entry, wording, detail)
    block: dict[str, Any] = RichTextBlock(elements=shown).to_dict()
    return block


def listed_block(entry: DigestEntry, wording: Wording, now: datetime) -> dict[str, Any]:
    """The story as one line of a list: its linked headline and where it stood."""
    headline = _linked(entry.url, shortened(wording.title(entry), DETAILS[-1].title))
    words = [Text(text="• "), headline, *_byline(entry, wording, now)]
    block: dict[str, Any] = RichTextBlock(elements=[RichTextSectionElement(elements=words)]).to_dict()
    return block


def story_line(entry: DigestEntry, wording: Wording, now: datetime) -> str:
    """The story as one line of mrkdwn, for screen readers, notifications and the plain form."""
    headline = marks.link(entry.url, wording.title(entry), 400)
    missing = wording.say("dot") + wording.missing(entry) if entry.body_missing else ""
    when = marks.date(entry.at, wording.moment(entry.at, now))
    return f"• {headline} — {marks.escaped(wording.outlet(entry.outlet), 120)} {when}{missing}"


def _linked(url: str, words: str, *, bold: bool = False) -> RichTextElement:
    style = _BOLD if bold else None
    safe = linkable(url)
    return Link(url=safe, text=words, style=style) if safe else Text(text=words, style=style)


def _byline(entry: DigestEntry, wording: Wording, now: datetime) -> Iterator[RichTextElement]:
    found = "" if entry.dated else wording.say("found") + " "
    dot = wording.say("dot")
    yield Text(text=f"  {wording.outlet(entry.outlet)}{dot}{found}")
    yield RichTextElementParts.Date(
        timestamp=int(entry.at.timestamp()), format=marks.DATE_FORMAT, fallback=wording.moment(entry.at, now)
    )
    if entry.body_missing:
        yield Text(text=dot + wording.missing(entry), style=_ITALIC)


def _quote(snippet: Snippet | None, before: str, detail: Detail) -> list[RichTextElement]:
    if snippet is None or not detail.snippet:
        return []
    parts = list(pieces(_plainer(window(snippet, detail.snippet), detail.highlights)))
    if not parts:
        return []
    words = [Text(text=text, style=_BOLD if matched else None) for text, matched in parts]
    return [RichTextQuoteElement(elements=[Text(text=before, style=_ITALIC), *words] if before else words)]


def _plainer(snippet: Snippet, highlights: int) -> Snippet:
    return Snippet(text=snippet.text, highlights=snippet.highlights[:highlights])


def _outlets(entry: DigestEntry, wording: Wording, detail: Detail) -> list[RichTextElement]:
    if not entry.also_outlets or not detail.outlets:
        return []
    shown = entry.also_outlets[: detail.outlets]
    links = [_linked(outlet.url, wording.outlet(outlet.name)) for outlet in shown]
    more = len(entry.also_outlets) - len(shown)
    rest = [Text(text=wording.say("also-outlets-rest", count=more))] if more else []
    lead = Text(text=wording.say("also-outlets", count=len(entry.also_outlets)))
    return [RichTextSectionElement(elements=[lead, *_joined(links, wording.say("list-comma")), *rest])]


def _joined(elements: Iterable[RichTextElement], comma: str) -> Iterator[RichTextElement]:
    for number, element in enumerate(elements):
        if number:
            yield Text(text=comma)
        yield element


def _rules(entry: DigestEntry, wording: Wording, detail: Detail) -> list[RichTextElement]:
    if not entry.also_rules or not detail.rules:
        return []
    shown = entry.also_rules[: detail.rules]
    more = len(entry.also_rules) - len(shown)
    names = wording.say("list-comma").join(shortened(inert(name), 60) for name, _ in shown)
    rest = wording.say("also-outlets-rest", count=more) if more else ""
    line = RichTextSectionElement(elements=[Text(text=f"{wording.say('also-rules')}{names}{rest}")])
    differing = [(name, snippet) for name, snippet in shown if snippet][: detail.rule_snippets]
    several = len(shown) > 1
    quoted = [(f"{shortened(inert(name), 60)}: " if several else "", snippet) for name, snippet in differing]
    return [line, *(quote for before, snippet in quoted for quote in _quote(snippet, before, detail))]
