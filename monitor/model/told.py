"""What is told: stories, digests, deliveries."""

from dataclasses import dataclass
from datetime import datetime

from monitor.model.read import Match, Snippet, Telling, TextFrom
from monitor.model.word import Word


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
    #: What the rule's throttle leaves no room for: told as a line each.
    more: tuple[DigestEntry, ...] = ()
    #: Whether the rule's severity is "breaking".
    breaking: bool = False

    @property
    def stories(self) -> int:
        """How many stories it tells."""
        return len(self.entries) + len(self.more)


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
        return sum(section.stories for section in self.sections)


@dataclass(frozen=True, slots=True, kw_only=True)
class Upcoming:
    """A digest that is still to be sent."""

    digest: Digest
    #: When it goes out; `None`: never, as its channel has no time of day.
    at: datetime | None
    #: When that was asked.
    seen_at: datetime
    #: It goes out alone, though quiet hours hold the rest.
    breaking_only: bool = False
    #: Quiet hours hold it until then.
    held: bool = False


#: Begins the period of every delivery that is a note to the operator.
NOTE = "ops/"


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
    #: What was kept of the last error; see `monitor.errors.recall`.
    last_error: str | None = None

    @property
    def is_note(self) -> bool:
        """Whether it is a note to the operator, and no digest."""
        return self.period.startswith(NOTE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """The other side's word that it has the message."""

    #: Slack: ts. `None` where the other side gives no id (console, webhook).
    id: str | None
    received_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Fate:
    """What became of one match of an article in one destination."""

    rule_id: str
    rule_name: str
    channel: str
    destination: str
    #: "now" or "digest".
    when: str
    telling: Telling
    #: Of the message that tells it, where there is one.
    delivery: DeliveryState | None = None
    #: When the destination was told it, or the story of which it is a part.
    told_at: datetime | None = None
    #: When the page is asked for again, whose body is waited for.
    revisit_at: datetime | None = None
