"""Digest -> the words around its stories, in one language and time zone; and foreign text -> text that is only text. Pure.

Sinks and the preview differ in form and agree in words: the words are here.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

from monitor.messages import say
from monitor.model import Digest, DigestEntry, DigestSection, Snippet, TextFrom

#: The addresses that may become a link: nothing that could end the link or the line, or pass for another scheme.
_LINK = re.compile(r"https?://[^\s<>|\"\\^`{}\x00-\x20\x7f-\xa0]+", re.IGNORECASE)
#: Longer than any address that a reader would meet, shorter than any limit of Slack.
_LINK_LENGTH = 1_300
#: Cf: bidi controls can turn a headline round, tags hide text; the joiners that scripts and emoji need stay.
_DROPPED = frozenset(("Cc", "Cf", "Cs", "Co"))
_JOINERS = frozenset("\u200c\u200d")
_NONCHARACTERS = frozenset(range(0xFDD0, 0xFDF0)) | {
    plane << 16 | low for plane in range(17) for low in (0xFFFE, 0xFFFF)
}


def inert(text: str) -> str:
    """Foreign text on one line, without control, direction and other invisible characters. Escapes nothing."""
    spaced = re.sub(r"[\s\u2028\u2029]+", " ", text)
    return "".join(char for char in spaced if char in _JOINERS or not _invisible(char))


def _invisible(char: str) -> bool:
    # What is unassigned stays, since this Python may be older than the emoji.
    return unicodedata.category(char) in _DROPPED or ord(char) in _NONCHARACTERS


def shortened(text: str, limit: int) -> str:
    """At most `limit` characters, the last one an ellipsis if something was cut."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def linkable(url: str) -> str | None:
    """The address, if it is a plain http(s) one that cannot break out of a link."""
    length = len(url) + 4 * url.count("&")  # written as &amp;
    return url if length <= _LINK_LENGTH and _LINK.fullmatch(url) and inert(url) == url else None


def window(snippet: Snippet, limit: int) -> Snippet:
    """At most about `limit` characters of a snippet, with its first highlight in them."""
    if len(snippet.text) <= limit:
        return snippet
    first = snippet.highlights[0][0] if snippet.highlights else 0
    start = max(0, min(first - limit // 4, len(snippet.text) - limit))
    end = start + limit
    lead, tail = "…" * (start > 0), "…" * (end < len(snippet.text))
    shift = len(lead) - start
    kept = tuple(
        (max(left, start) + shift, min(right, end) + shift)
        for left, right in snippet.highlights
        if start < right and left < end
    )
    return Snippet(text=lead + snippet.text[start:end] + tail, highlights=kept)


def pieces(snippet: Snippet) -> Iterator[tuple[str, bool]]:
    """The snippet as (inert text, highlighted), white space at both ends stripped, nothing empty."""
    bounds = [0, *(edge for span in snippet.highlights for edge in span), len(snippet.text)]
    cut = [(inert(snippet.text[left:right]), number % 2 == 1) for number, (left, right) in enumerate(pairwise(bounds))]
    solid = [(text, bold) for text, bold in cut if text]
    if solid:
        solid[0] = (solid[0][0].lstrip(), solid[0][1])
        solid[-1] = (solid[-1][0].rstrip(), solid[-1][1])
    return ((text, bold) for text, bold in solid if text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """Says what stands around the stories."""

    language: str
    zone: ZoneInfo

    def say(self, code: str, **facts: object) -> str:
        """The sentence `compose.<code>`."""
        return say(f"compose.{code}", self.language, **facts)

    def heading(self, digest: Digest) -> str:
        """As in: #news ダイジェスト 11月23日(月) 8:30 ・ 5件"""
        code = "heading-now" if digest.period.startswith(("now/", "breaking/")) else "heading-digest"
        when = self.moment(digest.late_for_at or digest.until_at, digest.composed_at)
        return self.say(
            code, channel=shortened(inert(digest.channel), 60), when=when, stories=self.stories(digest.stories)
        )

    def notes(self, digest: Digest) -> tuple[str, ...]:
        """The lines under the heading: hello, what time it covers, and whether it is late."""
        notes = []
        if digest.hello:
            sources, rules, following = digest.hello
            facts: dict[str, object] = {"sources": sources, "rules": rules}
            if following:
                facts["next"] = self.moment(following, digest.composed_at)
            notes.append(self.say("hello-next" if following else "hello", **facts))
        if digest.late_for_at:
            notes.append(self.say("late", slot=self.moment(digest.late_for_at, digest.composed_at)))
        if digest.since_at:
            since, until = (self.moment(at, digest.composed_at) for at in (digest.since_at, digest.until_at))
            notes.append(self.say("span", since=since, until=until))
        return tuple(notes)

    def stories(self, count: int) -> str:
        """As in: 5 stories, 1 story, 5件"""
        return self.say("stories-one" if count == 1 else "stories", count=count)

    def more(self, section: DigestSection, where: str = "") -> str:
        """That some of a rule's stories are only listed, "in-thread" or "below"; "" where none is."""
        if not section.more:
            return ""
        code = "and-more" if section.entries else "all-listed"
        return self.say(f"{code}-{where}" if where else code, count=len(section.more))

    def missing(self, entry: DigestEntry) -> str:
        """What the rules have judged instead of a page that could not be had; "" where it could."""
        if not entry.body_missing:
            return ""
        return self.say("body-missing" if entry.text_from is TextFrom.TITLE else "body-missing-entry")

    def title(self, entry: DigestEntry) -> str:
        """The headline on one line, however hostile; never empty."""
        return inert(entry.title.text).strip() or self.say("untitled")

    def outlet(self, name: str) -> str:
        """An outlet's name, short enough for a line."""
        return shortened(inert(name).strip(), 60) or "?"

    def moment(self, at: datetime, beside: datetime) -> str:
        """Day and time in the zone; the year only where it is not that of `beside`."""
        return f"{self.day(at, beside)} {self.clock(at)}"

    def day(self, at: datetime, beside: datetime) -> str:
        """As in: 11月23日(月), Mon 23 Nov; 2025年11月23日, 23 Nov 2025"""
        local = at.astimezone(self.zone)
        return self.say(
            "day" if local.year == beside.astimezone(self.zone).year else "day-of-year",
            year=local.year,
            month=self.say("months").split()[local.month - 1],
            day=local.day,
            weekday=self.say("weekdays").split()[local.weekday()],
        )

    def clock(self, at: datetime) -> str:
        """As in: 8:30, 08:30"""
        local = at.astimezone(self.zone)
        return self.say("clock", hour=local.hour, minute=local.minute)
