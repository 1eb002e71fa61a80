"""What is polled: sources, what is remembered of them, pages, listings."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http import HTTPStatus


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
    #: False where the document was cut off, and entries may have been lost with its end.
    is_whole: bool = True
