"""What was read: articles, and the matches of rules in them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from monitor.model.word import Word

#: What a rule says of an article that answers it as far as it could be read, while its body could not be had.
WhenBodyMissing = Literal["tell", "hold", "skip"]


class TextFrom(Word):
    """Where the text of an article comes from."""

    PAGE = "page"
    ENTRY = "entry"
    TITLE = "title"


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """The text of one page, or of its feed entry where the page could not be had."""

    #: First 16 hex digits of the sha256 of what identifies it (`monitor.urls.article_key`).
    id: str
    url: str
    source_id: str
    title: str
    authors: tuple[str, ...] = ()
    published_at: datetime | None = None
    updated_at: datetime | None = None
    fetched_at: datetime
    language: str | None = None
    #: Paragraphs parted by a blank line; a single "\n" is a line break that the page meant.
    text: str
    text_from: TextFrom
    #: Articles with one story id tell one thing; the id of the first of them.
    story: str
    #: Why the page could not be read, as a message code ("fetch.closed"), when it was wanted.
    missing: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Snippet:
    """Matched words in their context, as printed. `highlights` are (start, end) in `text`, sorted, not overlapping."""

    text: str
    highlights: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Threshold:
    """So much coverage of one rule within a time; before it is reached nothing is told."""

    stories: int = 1
    #: Different outlets.
    sources: int = 1
    within: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Throttle:
    """At most so many stories of one rule are told one by one in one destination within a time; the rest is counted."""

    max: int
    per: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """Where one match goes: a channel with what the rule itself says about telling."""

    #: Name of a configured channel ("crisis") or "#slack-channel".
    channel: str
    #: What a channel comes down to ("#pr-crisis", "webhook:NAME"): an article is told once per destination.
    destination: str
    #: "now" or "digest": the rule's own `when`, else the channel's.
    when: str
    mention: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """One article answers one rule."""

    article_id: str
    rule_id: str
    rule_name: str
    #: Place of the rule among all rules, in file order.
    rule_order: int
    #: The terms that were found, as the rule writes them, in order of appearance.
    terms: tuple[str, ...]
    #: The headline with its matched words.
    title: Snippet
    #: The best place in the body; `None` when only the headline matched.
    snippet: Snippet | None
    weight: int = 0
    severity: str = "normal"
    matched_at: datetime
    notices: tuple[Notice, ...] = ()
    #: The body could not be had, and with it the verdict might be another one.
    needs_body: bool = False
    when_body_missing: WhenBodyMissing = "tell"
    threshold: Threshold | None = None
    throttle: Throttle | None = None


class Telling(Word):
    """What becomes of one match in one destination."""

    WAITING = "waiting"
    #: It stands in a delivery.
    PROMISED = "promised"
    #: The article, or its story, was told there already.
    COVERED = "covered"
    #: Found by the first poll of a new source and older than `initial` allows.
    INITIAL = "initial"
    MUTED = "muted"
    #: The rule's threshold is not reached yet.
    GATHERING = "gathering"
    #: The rule waits for the body (`when_body_missing: hold`).
    HELD = "held"
    #: The rule does not tell without the body (`when_body_missing: skip`), or the body spoke against the match.
    SKIPPED = "skipped"
