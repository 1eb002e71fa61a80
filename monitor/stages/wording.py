"""Digest -> the words around its stories, in one language and time zone; and foreign text -> text that is only text. Pure.

Sinks and the preview differ in form and agree in words: the words are here.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo

from monitor.messages import say
from monitor.model import Digest, DigestEntry, DigestSection, Snippet, TextFrom, Upcoming

#: The addresses that may become a link: nothing that could end the link or the line, or pass for another scheme.
_LINK = re.compile(r"https?://[^\s<>|\"\\^`{}\x00-\x20\x7f-\xa0]+", re.IGNORECASE)
#: Longer than any address that a reader would meet, shorter than any limit of Slack.
_LINK_LENGTH = 1_300
#: How much of a story is shown in any form: characters of its headline and of a snippet, and numbers of things.
TITLE, SNIPPET, OUTLETS, RULES, RULE_SNIPPETS = 300, 500, 8, 10, 3
#: Cf: bidi controls can turn a headline round, tags hide text; the joiners that scripts and emoji need stay.
_DROPPED = frozenset(("Cc", "Cf", "Cs", "Co"))
_JOINERS = frozenset("\u200c\u200d")
#: Letters that are drawn as nothing (Unicode, Default_Ignorable_Code_Point).
_FILLERS = frozenset("\u115f\u1160\u3164\uffa0")
#: Signs set on one letter. Written scripts need three; floods of them cover the lines above and below.
_MOST_MARKS = 4
#: A sign (an emoji of several people, a flag, a letter with marks) is longer only in floods, which may be cut anywhere.
_LONGEST_SIGN = 24
_NONCHARACTERS = frozenset(range(0xFDD0, 0xFDF0)) | {
    plane << 16 | low for plane in range(17) for low in (0xFFFE, 0xFFFF)
}


def inert(text: str) -> str:
    """Foreign text on one line, without control, direction and other invisible characters. Escapes nothing."""
    return _inert(text, 0)[0]


def _inert(text: str, marks: int) -> tuple[str, int]:
    """`marks`: how many there are on the letter before the text; so many are on its last."""
    spaced = re.sub(r"[\s\u2028\u2029]+", " ", text)
    if spaced.isascii() and spaced.isprintable():
        return spaced, 0 if spaced else marks
    kept: list[str] = []
    for char in spaced:
        kind = _kind(char)
        if kind != "dropped":
            marks = marks + 1 if kind == "mark" else 0
            kept += char if marks <= _MOST_MARKS else ""
    return "".join(kept), marks


@lru_cache(maxsize=16_384)
def _kind(char: str) -> str:
    """One of "dropped", "mark" (drawn with the letter before it), "letter"."""
    category = unicodedata.category(char)
    if char in _JOINERS or category in {"Mn", "Me"}:
        return "mark"
    # What is unassigned stays, since this Python may be older than the emoji.
    gone = category in _DROPPED or char in _FILLERS or ord(char) in _NONCHARACTERS
    return "dropped" if gone else "letter"


def shortened(text: str, limit: int) -> str:
    """At most `limit` characters, the last one an ellipsis if something was cut."""
    return text if len(text) <= limit else text[: whole(text, limit - 1)].rstrip() + "…"


def whole(text: str, at: int, most: int = _LONGEST_SIGN) -> int:
    """Where to cut: at `at`, or at most so much before it that no sign is cut in two."""
    return next((one for one in range(at, max(at - most, 0), -1) if not _within_sign(text, one)), at)


def _within_sign(text: str, at: int) -> bool:
    if not 0 < at < len(text):
        return False
    before, after = text[at - 1], text[at]
    if _is_flag_letter(before) and _is_flag_letter(after):
        run = re.search(r"[\U0001f1e6-\U0001f1ff]*\Z", text[max(0, at - _LONGEST_SIGN) : at])
        return run is not None and len(run[0]) % 2 == 1
    joined = unicodedata.category(after).startswith("M") or after in _JOINERS or before == "\u200d"
    return joined or "\U0001f3fb" <= after <= "\U0001f3ff"


def _is_flag_letter(char: str) -> bool:
    return "\U0001f1e6" <= char <= "\U0001f1ff"


def _seen(text: str, otherwise: str = "?") -> str:
    """Foreign text without white space at its ends, or what stands for a text of which nothing would be seen."""
    plain = inert(text).strip()
    return plain if any(char not in " \u2800" and _kind(char) == "letter" for char in plain) else otherwise


def linkable(url: str) -> str | None:
    """The address, if it is a plain http(s) one that cannot break out of a link."""
    length = len(url) + 4 * url.count("&")  # written as &amp;
    return url if length <= _LINK_LENGTH and _LINK.fullmatch(url) and inert(url) == url else None


def window(snippet: Snippet, limit: int) -> Snippet:
    """At most about `limit` characters of a snippet, with its first highlight in them."""
    if len(snippet.text) <= limit:
        return snippet
    first = snippet.highlights[0][0] if snippet.highlights else 0
    most = min(_LONGEST_SIGN, limit // 4)
    at = max(0, min(first - limit // 4, len(snippet.text) - limit))
    start = next((one for one in range(at, at + most + 1) if not _within_sign(snippet.text, one)), at)
    end = whole(snippet.text, at + limit, most)
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
    marks = 0
    solid = []
    for number, (left, right) in enumerate(pairwise(bounds)):
        text, marks = _inert(snippet.text[left:right], marks)
        solid += [(text, number % 2 == 1)] if text else []
    if solid:
        solid[0] = (solid[0][0].lstrip(), solid[0][1])
        solid[-1] = (solid[-1][0].rstrip(), solid[-1][1])
    return ((text, bold) for text, bold in solid if text)


def brief(name: str) -> str:
    """The name of an outlet or a rule, short enough for a list."""
    return shortened(_seen(name), 60)


def rule_snippets(entry: DigestEntry) -> list[tuple[str, Snippet]]:
    """What other rules found where it differs, and before it whose it is unless it is the only one."""
    named = len(entry.also_rules) > 1
    quoted = [(name, snippet) for name, snippet in entry.also_rules if snippet]
    return [(f"{brief(name)}: " if named else "", snippet) for name, snippet in quoted[:RULE_SNIPPETS]]


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
        turn = digest.period.partition("/")[0]
        code = f"heading-{turn}" if turn in {"now", "breaking"} else "heading-digest"
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

    def upcoming(self, one: Upcoming) -> str:
        """When a digest goes out, as in: #news: goes out 18:00."""
        kind = "breaking" if one.breaking_only else "held" if one.held else "out"
        facts: dict[str, object] = {"channel": shortened(inert(one.digest.channel), 60)}
        if one.at is None:
            return self.say("upcoming-never", **facts)
        if one.at <= one.seen_at:
            return self.say(f"upcoming-{kind}-now", **facts)
        is_today = self.day(one.at, one.seen_at) == self.day(one.seen_at, one.seen_at)
        at = self.clock(one.at) if is_today else self.moment(one.at, one.seen_at)
        return self.say(f"upcoming-{kind}", at=at, **facts)

    def rule(self, section: DigestSection) -> str:
        """What a section is headed with."""
        name = shortened(_seen(section.rule_name), 120)
        return self.say("breaking", rule=name) if section.breaking else name

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
        return _seen(entry.title.text, self.say("untitled"))

    def also_outlets(self, entry: DigestEntry, shown: int = OUTLETS) -> tuple[str, str]:
        """What stands before the links to the other outlets, and behind the `shown` first of them."""
        more = len(entry.also_outlets) - shown
        rest = self.say("also-rest", count=more) if more > 0 else ""
        return self.say("also-outlets", count=len(entry.also_outlets)), rest

    def also_rules(self, entry: DigestEntry, shown: int = RULES) -> str:
        """The line that names the other rules which a story answers; "" where there is none."""
        if not entry.also_rules:
            return ""
        names = [brief(name) for name, _ in entry.also_rules[:shown]]
        more = len(entry.also_rules) - shown
        rest = self.say("also-rest", count=more) if more > 0 else ""
        return self.say("also-rules") + self.say("list-comma").join(names) + rest

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
