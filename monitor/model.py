"""The data that walks: Source -> FeedEntry -> Page -> Article -> Match -> Story -> Digest -> Delivery. Imports nothing of ours.

Everything is frozen; a stage returns a new type and never fills in an old one. Instants are aware UTC and end in `_at`;
durations are `timedelta`; what is absent is `None`.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from http import HTTPStatus


class Word(StrEnum):
    """Base of our enumerations: pickled by its value, since Python 3.11.0 to 3.11.3 pickle a member as a call of getattr."""

    def __reduce_ex__(self, _protocol: object) -> tuple[type["Word"], tuple[str]]:
        return (type(self), (self.value,))


# --- what is polled ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A configured place that lists news."""

    id: str
    name: str
    #: "feed", "page" or "sitemap": the name of the file in `monitor/sources/` that reads it.
    kind: str
    url: str
    every: timedelta
    group: str | None = None
    #: As declared by the operator (BCP 47, lower case: "ja", "en"); it wins over what pages say.
    language: str | None = None
    #: Extra request headers, sent to this source's own host only.
    headers: tuple[tuple[str, str], ...] = ()
    #: How old an entry of the first successful poll may be to be told; zero: none, `timedelta.max`: all.
    initial: timedelta = timedelta(hours=24)
    #: Whether each article's own page is fetched.
    full_text: bool = True
    #: CSS selector that overrides the extraction of the body.
    body: str | None = None
    #: CSS selector of the links of a listing page.
    links: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Validators:
    """What a server gave us to ask "has it changed?" with (RFC 9110 section 13)."""

    etag: str | None = None
    last_modified: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceState:
    """What is remembered of a source between two polls."""

    source_id: str
    next_poll_at: datetime
    #: Where the source has moved for good (301, 308), if it has.
    moved_to: str | None = None
    validators: Validators = field(default_factory=Validators)
    #: sha256 of the last body that was read to its end.
    body_hash: str | None = None
    #: Polls that failed since the last one that did not.
    failures: int = 0
    last_poll_at: datetime | None = None
    last_ok_at: datetime | None = None
    #: When the first successful poll had been taken to its end; until then `Source.initial` decides what may be told.
    first_ok_at: datetime | None = None
    #: The last failure as `monitor.errors.recall` tells it, `None` after a success.
    last_error: str | None = None
    #: 410 Gone or a similar end: not polled again until the operator changes the source.
    gone: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What the web answered to one request, redirects followed. `body` is decompressed and within the byte limit."""

    #: The address that was asked for.
    url: str
    #: The address that answered.
    final_url: str
    #: Where the page has moved, when every redirect on the way was permanent.
    moved_to: str | None = None
    status: int
    #: The whole Content-Type header, if any.
    content_type: str | None = None
    validators: Validators = field(default_factory=Validators)
    #: From Cache-Control: max-age (or Expires): the site's wish for the next look.
    max_age: timedelta | None = None
    retry_after: timedelta | None = None
    body: bytes = b""
    fetched_at: datetime

    @property
    def unchanged(self) -> bool:
        """304 Not Modified."""
        return self.status == HTTPStatus.NOT_MODIFIED


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedEntry:
    """One line of a listing: a promise of an article. Texts are plain: no tags, entities decoded, white space collapsed."""

    source_id: str
    #: Absolute http(s) address, `None` where the entry has none.
    url: str | None
    guid: str | None = None
    title: str = ""
    #: The longest text the listing itself gives (summary or content), paragraphs parted by a blank line.
    text: str = ""
    authors: tuple[str, ...] = ()
    published_at: datetime | None = None
    updated_at: datetime | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """A feed, listing page or sitemap as read: its entries, newest first as far as it says."""

    title: str | None = None
    #: The site's own front page, absolute.
    home_url: str | None = None
    language: str | None = None
    #: The feed's own wish for the time between two polls (RSS ttl, sy:updatePeriod), if it states one.
    ttl: timedelta | None = None
    entries: tuple[FeedEntry, ...] = ()


# --- what was read ----------------------------------------------------------------------------------------------------


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


# --- what is told -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A match that waits to be told in one destination, with what telling needs to know of its article."""

    match_id: int
    match: Match
    mention: str | None
    url: str
    outlet: str
    published_at: datetime | None
    fetched_at: datetime
    story: str
    #: "page", "entry", "title", and whether the page was wanted but could not be had.
    text_from: TextFrom
    body_missing: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlet:
    """One more place that carries a story."""

    name: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestEntry:
    """One story in a digest: its lead article, once."""

    article_id: str
    title: Snippet
    url: str
    outlet: str
    #: Publication time, or the time it was found where the source states none.
    at: datetime
    dated: bool
    snippet: Snippet | None
    #: Names of the other rules it answers, with their snippets where these differ.
    also_rules: tuple[tuple[str, Snippet | None], ...] = ()
    also_outlets: tuple[Outlet, ...] = ()
    #: The page was wanted and could not be had: the rules have judged the text of the feed entry, or the headline alone.
    body_missing: bool = False
    text_from: TextFrom = TextFrom.PAGE


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestSection:
    """The stories of one rule."""

    rule_id: str
    rule_name: str
    entries: tuple[DigestEntry, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """The stories one destination is told at one time."""

    channel: str
    destination: str
    #: Names the turn, once per destination for ever: "digest/2026-11-23T08:30" or "now/<first match id>".
    period: str
    #: The time it covers, for its header.
    since_at: datetime | None
    until_at: datetime
    composed_at: datetime
    #: The slot it belongs to, when it comes later than that by more than a few minutes.
    late_for_at: datetime | None = None
    sections: tuple[DigestSection, ...] = ()
    mentions: tuple[str, ...] = ()
    #: The first message after set-up says hello: (sources, rules, next digest).
    hello: tuple[int, int, datetime | None] | None = None

    @property
    def stories(self) -> int:
        """How many stories it holds."""
        return sum(len(section.entries) for section in self.sections)


class DeliveryState(Word):
    """See the drawing in `docs/architecture.md`."""

    PENDING = "pending"
    #: Claimed and on the wire; found so at start-up it becomes UNKNOWN, since its process is dead.
    SENDING = "sending"
    #: May be stored on the other side: looked up before anything else.
    UNKNOWN = "unknown"
    SENT = "sent"
    #: Waits for a person: the destination is gone from the configuration, or look-up is impossible.
    HELD = "held"
    #: The message was refused in every form.
    DEAD = "dead"


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """The record of telling one message (a digest, or one part of a long one)."""

    id: str
    channel: str
    destination: str
    period: str
    #: 0 is the digest's first message; the parts after it stand in its thread.
    part: int
    #: The message, ready for the sink and frozen: JSON.
    payload: str
    state: DeliveryState
    attempts: int = 0
    created_at: datetime
    due_at: datetime
    #: When the last attempt began, by the other side's clock where it is known.
    send_started_at: datetime | None = None
    #: Complete look-ups that did not find it, since it became UNKNOWN.
    absent_reads: int = 0
    #: The other side's id of the message (Slack: ts), and of the thread it belongs to.
    receipt: str | None = None
    thread: str | None = None
    sent_at: datetime | None = None
    last_error: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """The other side's word that it has the message."""

    #: Slack: ts. `None` where the other side gives no id (console, webhook).
    id: str | None
    received_at: datetime


# --- what is reported -------------------------------------------------------------------------------------------------


class Severity(Word):
    """How bad a finding is."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something an editor or operator should mend. The sentence and the hint are `monitor.messages` codes with facts."""

    severity: Severity
    #: Message code ("rules.unknown-key"); the hint is the same code with "-hint" appended, where there is one.
    code: str
    facts: tuple[tuple[str, object], ...] = ()
    file: str | None = None
    #: Both count from 1.
    line: int | None = None
    column: int | None = None
    #: The line itself, for showing.
    source_line: str | None = None
    rule: str | None = None
