"""The doors to the world: Fetcher, Parser, Store, Sink, as Protocols with their obligations.

A job reaches the world only through these. Errors are those of `monitor.errors`, and no others.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import ParamSpec, Protocol, TypeVar

from monitor.model import (
    Article,
    Delivery,
    Digest,
    Fate,
    FeedEntry,
    KnownIncident,
    Listing,
    Match,
    Page,
    Receipt,
    Source,
    SourceState,
    Telling,
    Validators,
    Waiting,
)
from monitor.text.query import Query

P = ParamSpec("P")
T = TypeVar("T")


class Fetcher(Protocol):
    """URL -> Page. Guards addresses, waits its turn per host, bounds time and bytes."""

    async def get(
        self,
        url: str,
        *,
        validators: Validators | None = None,
        headers: Sequence[tuple[str, str]] = (),
        max_bytes: int | None = None,
    ) -> Page:
        """Fetch one page, redirects followed.

        Returns a Page of status 200 or, when `validators` were sent, 304. Raises FetchError for everything else, with
        `status` for an HTTP answer (a closed door: 401, 402, 403, 451; gone: 410) and `retry_after` where stated.
        `headers` go only to the host that was asked for, never to one it redirects to.
        """
        ...


class Parser(Protocol):
    """Foreign bytes -> our types, in a child process that can be killed. Raises ParseError."""

    async def listing(self, source: Source, page: Page) -> Listing:
        """Read a feed (or, by `source.kind`, another listing)."""
        ...

    async def article(self, source: Source, entry: FeedEntry, page: Page | None) -> Article:
        """Extract an article from its page, falling back to what the entry says; without a page, from the entry alone.

        `id` and `story` are set to the article's own id; `missing` is left `None`.
        """
        ...


class InStore(Protocol):
    """Runs one unit of work on the store's own thread: `await in_store(store.polls.claim_due, now=now, limit=20)`."""

    async def __call__(self, unit: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """One new article with its matches, to be remembered together."""

    article: Article
    matches: tuple[Match, ...]
    #: WAITING, or INITIAL where the first poll may not tell it; what the rules say of telling is not in it yet.
    telling: Telling
    #: What `article_key` made of the entry: remembered as seen.
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Backlog:
    """What waits for one channel in one way of telling ("now" or "digest")."""

    channel: str
    destination: str
    when: str
    matches: int
    first_matched_at: datetime
    #: Whether one of them has severity "breaking".
    breaking: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """A digest to be written down as deliveries before anything is sent."""

    digest: Digest
    #: One payload per message, the first one the parent.
    payloads: tuple[str, ...]
    #: Match ids that stand in the digest.
    told: tuple[int, ...]
    #: Match ids whose article or story this destination was told already.
    covered: tuple[int, ...]
    #: Those of `told` under whose rule a story stands as an entry of its own.
    entered: tuple[int, ...] = ()


class PollStore(Protocol):
    """What polling remembers. Every method is one transaction."""

    def sync_sources(self, sources: Sequence[Source], *, now: datetime) -> None:
        """Make the due-queue hold exactly these sources.

        A new one is due at once; one whose address changed starts afresh (validators, hash, gone); the state of one
        that left the configuration is kept for its return but is never claimed. Called at start-up: every lease is over,
        since its process is dead.
        """
        ...

    def claim_due(self, *, now: datetime, lease: timedelta, limit: int) -> list[SourceState]:
        """Take up to `limit` due sources, longest due first, and lease them until `now + lease`."""
        ...

    def clock_set_back(self, *, now: datetime) -> int:
        """Make due whatever was polled later than now, while the clock stood ahead; how many. `sync_sources` does so, too."""
        ...

    def next_due_at(self) -> datetime | None:
        """When the next source is due, leases counted."""
        ...

    def save_states(self, states: Sequence[SourceState]) -> None:
        """Remember how polls ended and give the leases back."""
        ...

    def unseen(self, source_id: str, keys: Sequence[str], *, now: datetime) -> set[str]:
        """Those of `keys` that no source ever brought; the others are noted as still listed, and as carried by this source."""
        ...

    def joined(self, source_id: str, keys: Sequence[str]) -> list[Article]:
        """Stored articles among `keys` that other sources brought and this one lists for the first time.

        To be asked for before `unseen`, which notes them as carried by this source.
        """
        ...

    def add_matches(self, taken: Sequence[Taken]) -> None:
        """Remember further matches of stored articles; what a rule has matched already is passed over."""
        ...

    def save_articles(self, taken: Sequence[Taken]) -> int:
        """Remember articles, matches, notices and "seen", all or nothing; the number that were new.

        The story of an article is that of the earliest article with the same folded title (`monitor.text.fold`) that was
        fetched within 48 hours of it; else its own id. One that is known already is passed over.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Revisit:
    """A stored article whose page could not be read, and is to be read again."""

    article: Article
    due_at: datetime
    #: Tries that were scheduled after the first reading.
    attempts: int


class RevisitStore(Protocol):
    """What is to be read again. Every method is one transaction and may be repeated.

    Whatever saves an article with `missing`, or holds a match, plans its first revisit ten minutes later.
    """

    def due_revisits(self, *, now: datetime, limit: int) -> list[Revisit]:
        """Longest due first. Nothing is leased: one process revisits."""
        ...

    def next_revisit_at(self) -> datetime | None:
        """When the next one is due."""
        ...

    def schedule(self, article_id: str, *, due_at: datetime) -> None:
        """Note a try, and when to try again."""
        ...

    def finish(self, article_ids: Collection[str]) -> None:
        """Try no more. Where matches may be held for the body, `give_up` instead."""
        ...

    def rejudge(self, article: Article, matches: Sequence[Match], *, rules: Collection[str], now: datetime) -> None:
        """Remember the body that was had at last (`stages.revisit.with_body`), and what the rules in force say of it.

        `matches` are all matches of the article as it is now, `rules` the ids of all rules that judged it. What was held
        or skipped and matches now goes the way of a new match; what rested on the missing body and does not match is
        skipped, unless it was told; matches of rules that had not matched are added. The revisit is finished.
        """
        ...

    def give_up(self, article_ids: Collection[str], *, now: datetime) -> int:
        """Let wait what is held for these bodies, to be told with the mark; how many tellings. Their revisits are finished."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Mute:
    """A rule whose matches are stored and not told."""

    rule_id: str
    rule_name: str
    #: `None`: until somebody unmutes it.
    until: datetime | None


class MuteStore(Protocol):
    """Which rules are muted. Every method is one short transaction, so that it may be called beside the daemon."""

    def mute(self, mute: Mute, *, now: datetime) -> int:
        """Mute a rule, or move its end; how many matches that waited are not told now."""
        ...

    def unmute(self, rule_id: str) -> bool:
        """Tell what the rule finds from now on; False where it was not muted. What was muted stays so."""
        ...

    def muted(self, *, now: datetime) -> list[Mute]:
        """The muted rules, the next to end first."""
        ...


class DeliverStore(Protocol):
    """What telling remembers. Every method is one transaction; a claim is on disk (fsync) before it returns."""

    def backlog(self) -> list[Backlog]:
        """What waits, per channel and way of telling."""
        ...

    def last_slots(self) -> Mapping[str, datetime]:
        """Per channel, the last digest slot that was done."""
        ...

    def set_slots(self, slots: Mapping[str, datetime]) -> None:
        """Note slots as done: empty ones, and the moment a channel is first seen."""
        ...

    def waiting(self, channel: str, when: str) -> tuple[list[Waiting], set[str]]:
        """What waits, oldest first, and the stories among them that the destination was told already."""
        ...

    def entered(self, destination: str, *, since: datetime) -> Mapping[str, Sequence[datetime]]:
        """Per rule, when stories were told in a destination as entries of their own, later than `since`."""
        ...

    def promise(self, promise: Promise, *, now: datetime, slot: datetime | None) -> list[Delivery]:
        """Write a digest down as pending deliveries, mark its matches promised and covered, and note the slot as done.

        A second promise for the same destination and period is a no-op that returns the first one's deliveries.
        """
        ...

    def due(self, *, now: datetime) -> list[Delivery]:
        """Pending and unknown deliveries that are due, oldest digest first; a later part only after the one before it was sent."""
        ...

    def claim(self, delivery_id: str, *, now: datetime, send_started_at: datetime) -> bool:
        """pending -> sending, attempts + 1, on disk; False when it was not pending."""
        ...

    def close(self, delivery: Delivery, *, now: datetime, note: str) -> None:
        """Write the outcome of an attempt or look-up, with one line in the delivery log."""
        ...

    def recover(self, *, now: datetime) -> int:
        """At start-up: sending -> unknown, since the process that sent is dead. Returns how many."""
        ...

    def pause(self, destination: str, *, until: datetime | None, reason: str | None) -> None:
        """Hold a destination (or "slack", the whole workspace): until an instant, or with `until=None` until a person acts; reason `None` lifts it."""
        ...

    def paused(self) -> Mapping[str, tuple[datetime | None, str]]:
        """Held destinations: until when, and why."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """What is told to the operator, to be written down as a delivery before it is sent."""

    channel: str
    destination: str
    #: One payload per message, the first one the parent.
    payloads: tuple[str, ...]


class NoticeStore(Protocol):
    """What the operator was told of. Every method is one transaction."""

    def incidents(self) -> list[KnownIncident]:
        """What goes on as far as is remembered, in the order it began."""
        ...

    def note(
        self,
        notes: Sequence[Note],
        *,
        known: Sequence[KnownIncident],
        ended: Sequence[KnownIncident],
        now: datetime,
    ) -> list[Delivery]:
        """Write notes down as pending deliveries, remember incidents as `known`, and forget those that `ended`.

        All or nothing, so that an incident is told once, however often the process dies.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One hit of the archive search."""

    article: Article
    outlet: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Extent:
    """How much of the archive a scan goes through."""

    articles: int
    #: Articles are numbered in the order in which they were saved, with gaps: a part of the numbers is a part of the scan.
    numbers: range


@dataclass(frozen=True, slots=True, kw_only=True)
class PastRule:
    """A rule as its matches remember it."""

    id: str
    #: The newest name.
    name: str
    #: The terms that were found, as the rule wrote them.
    terms: frozenset[str]
    matches: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Carrier:
    """A source that lists an article, or did."""

    source_id: str
    first_listed_at: datetime
    #: Since when the source lists it no more.
    left_at: datetime | None


class Archive(Protocol):
    """What is read and never changed: search, look-ups, exports, health."""

    def search(self, query: Query, *, limit: int) -> list[Found]:
        """Articles that answer a search, newest first; words of one and two characters included."""
        ...

    def article(self, id_or_url: str) -> Article | None:
        """One stored article by id or address."""
        ...

    def extent(self, *, since: datetime | None = None, until: datetime | None = None) -> Extent:
        """How many articles were fetched from `since` on and before `until`, and their numbers; cheap."""
        ...

    def articles(
        self,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        numbers: range | None = None,
        newest_first: bool = False,
    ) -> Iterator[Article]:
        """The articles of `extent`, or those of them with these numbers, as they were saved; never all in memory."""
        ...

    def carriers(self, key: str) -> list[Carrier]:
        """The sources that list what `article_key` made this of, also where the article itself was forgotten since."""
        ...

    def sources_of(self, site: str) -> list[str]:
        """Ids of the sources that brought articles of a host ("example.jp", "example.jp:8080")."""
        ...

    def past_rules(self, *, since: datetime) -> list[PastRule]:
        """The rules that matched from `since` on, by id; of a large archive the newest matches alone are looked at."""
        ...

    def rows(self, what: str, *, since: datetime | None) -> Iterator[dict[str, object]]:
        """Rows of "articles", "matches" or "deliveries" with exactly the fields of the contract, oldest first."""
        ...

    def fates(self, article_id: str) -> list[Fate]:
        """What became of the matches of an article, in the order of the rules; none for one that is not stored."""
        ...

    def source_states(self) -> Mapping[str, SourceState]:
        """The state of every source in the queue."""
        ...

    def counts(self) -> Mapping[str, Mapping[str, int]]:
        """Numbers for the status screen: {"articles": {...}, "matches": {telling: n}, "deliveries": {state: n}}.

        Deliveries that are notes to the operator are counted apart, under "notes".
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """What a name means on the other side, and since when that is known."""

    #: "#news", "@pr-duty", or one of the names below.
    name: str
    value: str
    known_at: datetime


#: The workspace that the other contacts belong to.
TEAM = "team"
#: Seconds that a message took to show in a channel's history, as `monitor slack test` measured it.
LAG = "lag"


class ContactStore(Protocol):
    """What is known of Slack. Every method is one transaction."""

    def contacts(self) -> list[Contact]:
        """Everything that is known, the latest first: the first of several values of one name is the one in force."""
        ...

    def learn(self, name: str, value: str, *, now: datetime) -> None:
        """Put a value in force; an earlier one of that name stays known, since messages may stand there."""
        ...

    def replace(self, name: str, value: str, *, now: datetime) -> None:
        """Put a value in force and forget the earlier ones."""
        ...

    def forget(self, name: str | None = None) -> None:
        """Forget what one name meant, or everything."""
        ...


class Upkeep(Protocol):
    """Forgetting and tidying."""

    def prune(self, *, articles_before: datetime, bodies_before: datetime, batch: int) -> int:
        """Forget up to `batch` old articles and bodies; how many. An entry still listed by its source stays "seen"."""
        ...

    def checkpoint(self) -> None:
        """Fold the write-ahead log into the database."""
        ...


class Store(Protocol):
    """Everything that is remembered, by the job that needs it."""

    @property
    def path(self) -> Path | None:
        """The file of the database, where it is one."""
        ...

    @property
    def polls(self) -> PollStore: ...
    @property
    def revisits(self) -> RevisitStore: ...
    @property
    def mutes(self) -> MuteStore: ...
    @property
    def deliveries(self) -> DeliverStore: ...
    @property
    def archive(self) -> Archive: ...
    @property
    def notices(self) -> NoticeStore: ...
    @property
    def contacts(self) -> ContactStore: ...
    @property
    def upkeep(self) -> Upkeep: ...
    def close(self) -> None: ...


class Sink(Protocol):
    """Digest -> Receipt."""

    def render(self, digest: Digest) -> tuple[str, ...]:
        """The messages of a digest as JSON payloads, the parent first; pure. Each is within the limits of the medium."""
        ...

    def render_note(self, lines: Sequence[str], /) -> tuple[str, ...]:
        """The messages of a note to the operator, likewise; its first line is its heading."""
        ...

    async def send(self, delivery: Delivery) -> Receipt:
        """Send one message, once. The same delivery may come again after NotStoredError. Raises SendError's kinds."""
        ...

    async def find(self, delivery: Delivery) -> Receipt | None:
        """Look a delivery up on the other side; `None` when it certainly is not there. Raises SendError when it cannot be known."""
        ...

    async def check(self, mentions: Collection[str] = ()) -> tuple[str, ...]:
        """Ask whether the other side lets us in, and learn whom `mentions` mean there; those that nobody there has.

        Asked at the start, when mentions change, and now and then. Raises SendError.
        """
        ...

    def now(self) -> datetime:
        """The time by the other side's clock, as far as it is known: look-ups ask the other side for a span of its own time."""
        ...

    async def close(self) -> None: ...
