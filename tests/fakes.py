"""The doors, faked; everything behind them is the real thing."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from builders import NOW

from monitor.errors import FetchError, SendError
from monitor.model import Article, Delivery, Digest, FeedEntry, Listing, Page, Receipt, Source, Validators
from monitor.sources import read_listing
from monitor.stages.extract import extract_article


class Clock:
    """Time that stands still until it is moved."""

    def __init__(self, now: datetime = NOW) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def move(self, **by: float) -> None:
        self.now += timedelta(**by)


class FakeFetcher:
    """Pages by address; a FetchError in their place is raised. ETags are made and honoured."""

    def __init__(self, clock: Clock) -> None:
        self.pages: dict[str, Page | FetchError | bytes] = {}
        self.asked: list[tuple[str, Validators | None, tuple[tuple[str, str], ...]]] = []
        self.clock = clock
        self.with_etags = True

    async def get(
        self,
        url: str,
        *,
        validators: Validators | None = None,
        headers: Sequence[tuple[str, str]] = (),
        max_bytes: int | None = None,
    ) -> Page:
        self.asked.append((url, validators, tuple(headers)))
        page = self.pages.get(url, FetchError("fetch.not-found", status=404, url=url))
        if isinstance(page, FetchError):
            raise page
        if isinstance(page, bytes):
            page = Page(
                url=url, final_url=url, status=200, content_type="text/html", body=page, fetched_at=self.clock()
            )
        etag = hashlib.sha256(page.body).hexdigest() if self.with_etags else None
        if etag and validators and validators.etag == etag:
            return Page(url=url, final_url=url, status=304, fetched_at=self.clock())
        return replace(page, validators=Validators(etag=etag), fetched_at=self.clock())

    def asked_for(self, url: str) -> int:
        return sum(asked == url for asked, _, _ in self.asked)


class InProcessParser:
    """The real reading and extraction, without the children."""

    def __init__(self) -> None:
        self.listings = 0

    async def listing(self, source: Source, page: Page) -> Listing:
        self.listings += 1
        return read_listing(source, page)

    async def article(self, source: Source, entry: FeedEntry, page: Page | None) -> Article:
        article = extract_article(source, entry, page)
        return article if page else replace(article, fetched_at=NOW)


async def in_store(unit, /, *args, **kwargs):
    """The store works right here."""
    return unit(*args, **kwargs)


class RecordingSink:
    """Keeps what it is sent; answers with the errors it is given first."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.sent: list[Delivery] = []
        self.answers: list[SendError | None] = []
        self.visible: dict[str, Receipt] = {}
        self.finds: list[SendError | None] = []
        self.lookups = 0
        self.links: list[str] = []

    def render(self, digest: Digest) -> tuple[str, ...]:
        return tuple(entry.title.text for section in digest.sections for entry in section.entries)

    def render_note(self, lines: Sequence[str]) -> tuple[str, ...]:
        return ("\n".join(lines),)

    async def send(self, delivery: Delivery) -> Receipt:
        self.sent.append(delivery)
        answer = self.answers.pop(0) if self.answers else None
        if answer is not None:
            raise answer
        return Receipt(id=f"{len(self.sent)}.0", received_at=self.clock())

    async def find(self, delivery: Delivery) -> Receipt | None:
        self.lookups += 1
        answer = self.finds.pop(0) if self.finds else None
        if answer is not None:
            raise answer
        return self.visible.get(delivery.id)

    async def told_since(self, destination: str, at: datetime) -> frozenset[str]:
        return frozenset(self.links)

    async def places(self, destinations):
        return {destination: destination for destination in destinations}

    async def check(self, mentions=()) -> tuple[str, ...]:
        return ()

    def now(self) -> datetime:
        return self.clock()

    async def close(self) -> None:
        pass
