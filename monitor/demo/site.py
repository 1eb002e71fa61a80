"""A moment -> a news site on a free port of loopback, with feeds, pages, 304, 403, slow pages and one false feed."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from types import TracebackType
from typing import Self

from aiohttp import web

from monitor.demo import content
from monitor.demo.documents import Document, documents

_HOST = "127.0.0.1"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewsSource:
    """One feed of the site as an operator would configure it."""

    id: str
    name: str
    url: str
    group: str
    #: False: the address answers with something that is no feed.
    readable: bool


class NewsSite:
    """`async with NewsSite(now) as site:` serves at `site.url` until the block ends. `now` is aware."""

    def __init__(self, now: datetime) -> None:
        self._now = now
        self._url: str | None = None
        self._documents: Mapping[str, Document] = {}
        self._closing = asyncio.Event()
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_get("/{path:.*}", self._answer)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
        await self._runner.setup()
        await web.TCPSite(self._runner, _HOST, 0).start()
        port = self._runner.addresses[0][1]
        self._url = f"http://{_HOST}:{port}"
        self._documents = documents(self._url, self._now)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing.set()
        if self._runner is not None:
            await self._runner.cleanup()

    @property
    def url(self) -> str:
        """The address of the site, without a slash at its end."""
        if self._url is None:
            raise RuntimeError("the site is not open")
        return self._url

    @property
    def sources(self) -> tuple[NewsSource, ...]:
        """What the site offers to be read, the false feed among them."""
        return tuple(
            NewsSource(id=feed.id, name=feed.name, url=self.url + feed.path, group=feed.group, readable=feed.readable)
            for feed in content.feeds()
        )

    async def _answer(self, request: web.Request) -> web.Response:
        document = self._documents.get(request.path)
        if document is None:
            return web.Response(status=HTTPStatus.NOT_FOUND, text="404 Not Found\n")
        await self._linger(document.delay.total_seconds())
        unchanged = document.status == HTTPStatus.OK and _unchanged(request, document)
        response = web.Response(
            status=HTTPStatus.NOT_MODIFIED if unchanged else document.status,
            body=None if unchanged else document.body,
            headers={"Content-Type": document.content_type, "Cache-Control": "no-cache"},
        )
        response.etag = document.etag
        response.last_modified = document.modified_at
        return response

    async def _linger(self, seconds: float) -> None:
        """Wait, but never longer than the site is open."""
        with suppress(TimeoutError):
            if seconds:
                await asyncio.wait_for(self._closing.wait(), seconds)


def _unchanged(request: web.Request, document: Document) -> bool:
    """RFC 9110 section 13.2.2: If-None-Match, where sent, decides alone."""
    if request.if_none_match is not None:
        return any(tag.value in (document.etag, "*") for tag in request.if_none_match)
    since = request.if_modified_since
    return since is not None and document.modified_at <= since
