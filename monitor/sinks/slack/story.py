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
from monitor.stages.wording import (
    OUTLETS,
    RULE_SNIPPETS,
    RULES,
    SNIPPET,
    TITLE,
    Wording,
    brief,
    linkable,
    pieces,
    rule_snippets,
    shortened,
    window,
)

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
    Detail(title=TITLE, snippet=SNIPPET, highlights=24, outlets=OUTLETS, rules=RULES, rule_snippets=RULE_SNIPPETS),
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


def listed_row(entry: DigestEntry, wording: Wording, now: datetime) -> dict[str, Any]:
    """The story as one row of a list: its linked headline and where it stood."""
    headline = _linked(entry.url, shortened(wording.title(entry), DETAILS[-1].title))
    row: dict[str, Any] = RichTextSectionElement(elements=[headline, *_byline(entry, wording, now)]).to_dict()
    return row


def story_line(entry: DigestEntry, wording: Wording, now: datetime) -> str:
    """The story as one line of mrkdwn, for screen readers, notifications and the plain form."""
    headline = marks.link(entry.url, wording.title(entry), 400)
    missing = wording.say("dot") + wording.missing(entry) if entry.body_missing else ""
    when = marks.date(entry.at, wording.moment(entry.at, now))
    return f"• {headline} — {marks.escaped(brief(entry.outlet), 120)} {when}{missing}"


def _linked(url: str, words: str, *, bold: bool = False) -> RichTextElement:
    style = _BOLD if bold else None
    safe = linkable(url)
    return Link(url=safe, text=words, style=style) if safe else Text(text=words, style=style)


def _byline(entry: DigestEntry, wording: Wording, now: datetime) -> Iterator[RichTextElement]:
    found = "" if entry.dated else wording.say("found") + " "
    dot = wording.say("dot")
    yield Text(text=f"  {brief(entry.outlet)}{dot}{found}")
    yield marks.date_element(entry.at, wording.moment(entry.at, now))
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
    links = [_linked(outlet.url, brief(outlet.name)) for outlet in entry.also_outlets[: detail.outlets]]
    before, behind = wording.also_outlets(entry, detail.outlets)
    rest = [Text(text=behind)] if behind else []
    return [RichTextSectionElement(elements=[Text(text=before), *_joined(links, wording.say("list-comma")), *rest])]


def _joined(elements: Iterable[RichTextElement], comma: str) -> Iterator[RichTextElement]:
    for number, element in enumerate(elements):
        if number:
            yield Text(text=comma)
        yield element


def _rules(entry: DigestEntry, wording: Wording, detail: Detail) -> list[RichTextElement]:
    if not entry.also_rules or not detail.rules:
        return []
    line = RichTextSectionElement(elements=[Text(text=wording.also_rules(entry, detail.rules))])
    quoted = rule_snippets(entry)[: detail.rule_snippets]
    return [line, *(quote for before, snippet in quoted for quote in _quote(snippet, before, detail))]
