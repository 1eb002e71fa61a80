"""Pages and parsed articles: Fetcher and Parser, the doors to what is read."""

from collections.abc import Sequence
from typing import Protocol

from monitor.model import (
    Article,
    FeedEntry,
    Listing,
    Page,
    Source,
    Validators,
)


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
