"""Source x Page -> Listing or Article, in children that can be killed: this process never parses foreign bytes."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime

from monitor.model import Article, FeedEntry, Listing, Page, Source
from monitor.parsing.children import Children, Limits

READ_LISTING = "monitor.sources:read_listing"
EXTRACT_ARTICLE = "monitor.stages.extract:extract_article"


class ChildParser:
    """The Parser of `monitor.ports`. Make one per event loop and close it.

    `now` dates the articles that are made without a page; without it these keep the extraction's UNKNOWN_TIME.
    """

    def __init__(
        self, *, count: int | None = None, limits: Limits | None = None, now: Callable[[], datetime] | None = None
    ) -> None:
        self._now = now
        self._children = Children((READ_LISTING, EXTRACT_ARTICLE), count=count, limits=limits)

    @property
    def kills(self) -> Mapping[str, int]:
        """Why children were ended at their work (ParseError's codes) -> how many."""
        return self._children.kills

    async def listing(self, source: Source, page: Page) -> Listing:
        """Read a feed, or by `source.kind` another listing."""
        listing: Listing = await self._children.call(READ_LISTING, source, page, url=page.url)
        return listing

    async def article(self, source: Source, entry: FeedEntry, page: Page | None) -> Article:
        """Extract an article from its page, or without one from its entry."""
        url = page.url if page else entry.url or source.url
        article: Article = await self._children.call(EXTRACT_ARTICLE, source, entry, page, url=url)
        # The extraction knows no clock but the page's.
        return article if page or not self._now else replace(article, fetched_at=self._now())

    async def close(self) -> None:
        """End all children."""
        await self._children.close()
