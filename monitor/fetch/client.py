"""Address -> Page over aiohttp, redirects followed by hand; every failure is a FetchError."""

from asyncio import get_running_loop
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from http import HTTPStatus
from types import TracebackType
from typing import NamedTuple, Self

import aiohttp
from aiohttp import hdrs
from aiohttp.abc import AbstractResolver
from yarl import URL

from monitor.config import Fetch
from monitor.errors import FetchError
from monitor.fetch.failures import of_exception, of_status, shown
from monitor.fetch.guard import AddressGuard
from monitor.fetch.hints import content_type_of, max_age_of, retry_after_of, validators_of
from monitor.fetch.redirects import next_address, same_site, web_address
from monitor.fetch.turns import Turns
from monitor.model import Page, Validators

_MAX_REDIRECTS = 5
_PERMANENT = (HTTPStatus.MOVED_PERMANENTLY, HTTPStatus.PERMANENT_REDIRECT)
_REDIRECTS = (*_PERMANENT, HTTPStatus.FOUND, HTTPStatus.SEE_OTHER, HTTPStatus.TEMPORARY_REDIRECT)
_CONNECT_SECONDS = 10.0
# aiohttp's 8 KiB is less than the Content-Security-Policy of some news sites.
_LONGEST_HEADER = 64 * 1024

Headers = Sequence[tuple[str, str]]


class _Answer(NamedTuple):
    status: int
    headers: Mapping[str, str]
    body: bytes
    seconds: float


class HttpFetcher:
    """`monitor.ports.Fetcher`. To be opened in the loop it works in: `async with HttpFetcher(...) as fetcher`.

    The time-out covers a request with all its redirects, but not the waiting for a host's turn. With a proxy, the proxy
    does the guarding: only its own address is ever connected to.
    """

    def __init__(
        self,
        settings: Fetch,
        *,
        contact: str | None,
        version: str,
        resolver: AbstractResolver | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._settings = settings
        self._resolver = resolver
        self._clock = clock
        self._seconds = settings.timeout.total_seconds()
        self._timeout = _timeout(self._seconds)
        self._turns = Turns(per_host=settings.per_host, overall=settings.concurrency)
        self._headers = {
            hdrs.USER_AGENT: f"monitor/{version} (+{contact})" if contact else f"monitor/{version}",
            hdrs.ACCEPT_ENCODING: "gzip, deflate, br",
        }
        self._session: aiohttp.ClientSession | None = None

    def open(self) -> None:
        """Make ready. `concurrency` bounds the connections, so the connector itself has no limit."""
        settings = self._settings
        guard = AddressGuard(settings.allow_private, settings.allow_ports)
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                limit=0, resolver=self._resolver, socket_factory=None if settings.proxy else guard.open_socket
            ),
            cookie_jar=aiohttp.DummyCookieJar(),
            headers=self._headers,
            max_field_size=_LONGEST_HEADER,
            proxy=settings.proxy,
            trust_env=False,
        )

    async def close(self) -> None:
        """Drop every connection."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def __aenter__(self) -> Self:
        self.open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def get(
        self, url: str, *, validators: Validators | None = None, headers: Headers = (), max_bytes: int | None = None
    ) -> Page:
        """See `monitor.ports.Fetcher.get`."""
        asked = there = web_address(url)
        conditions = _conditions(validators)
        sent = [*conditions, *headers]
        limit = self._settings.max_bytes if max_bytes is None else max_bytes
        permanent, seconds = True, self._seconds
        for _ in range(_MAX_REDIRECTS + 1):
            answer = await self._ask(there, sent, limit, seconds)
            location = answer.headers.get(hdrs.LOCATION) if answer.status in _REDIRECTS else None
            if location is None:
                final = None if there is asked else there
                return self._page(url, final, answer, sent=validators if conditions else None, permanent=permanent)
            permanent = permanent and answer.status in _PERMANENT
            seconds -= answer.seconds
            there = next_address(there, location)
            if not same_site(asked, there):
                sent = conditions
        raise FetchError("fetch.redirects", url=shown(url), limit=_MAX_REDIRECTS)

    async def _ask(self, there: URL, headers: Headers, limit: int, seconds: float) -> _Answer:
        """One request in its host's turn, without redirects; `seconds` is what is left of the time-out."""
        session = self._session
        if session is None:
            raise RuntimeError("HttpFetcher is not open")
        timeout = self._timeout if seconds == self._seconds else _timeout(seconds)
        loop = get_running_loop()
        async with self._turns.turn(there.host or ""):
            began = loop.time()
            try:
                response = await session.get(there, headers=headers or None, timeout=timeout, allow_redirects=False)
                try:
                    body = await _body(response, limit) if response.status == HTTPStatus.OK else b""
                finally:
                    # Gives the connection back, or closes it when the body was not read to its end.
                    response.release()
            except (aiohttp.ClientError, OSError, ValueError) as error:
                raise of_exception(error, str(there), seconds=self._seconds) from error
            return _Answer(response.status, response.headers, body, loop.time() - began)

    def _page(self, url: str, final: URL | None, answer: _Answer, *, sent: Validators | None, permanent: bool) -> Page:
        """`final` is where redirects led, `sent` what a 304 refers to."""
        status, headers, body, _ = answer
        now = self._clock()
        retry_after = retry_after_of(headers, now=now)
        if status != HTTPStatus.OK and (status != HTTPStatus.NOT_MODIFIED or sent is None):
            raise of_status(status, url, retry_after)
        final_url = _told(final or URL(url)) if final or "@" in url else url
        return Page(
            url=url,
            final_url=final_url,
            moved_to=final_url if final and permanent else None,
            status=status,
            content_type=content_type_of(headers),
            validators=validators_of(headers, sent=sent if status == HTTPStatus.NOT_MODIFIED else None),
            max_age=max_age_of(headers, now=now),
            retry_after=retry_after,
            body=body,
            fetched_at=now,
        )


async def _body(response: aiohttp.ClientResponse, limit: int) -> bytes:
    """The decompressed body; aiohttp hands it out in pieces of at most 64 KiB, so a bomb is noticed at the limit."""
    if (response.content_length or 0) > limit:
        raise _too_large(response, limit)
    pieces, size = [], 0
    async for piece in response.content.iter_any():
        size += len(piece)
        if size > limit:
            raise _too_large(response, limit)
        pieces.append(piece)
    return b"".join(pieces)


def _too_large(response: aiohttp.ClientResponse, limit: int) -> FetchError:
    return FetchError("fetch.too-large", status=response.status, url=shown(str(response.url)), limit=limit)


def _timeout(seconds: float) -> aiohttp.ClientTimeout:
    # aiohttp takes 0 for "no time-out".
    left = max(seconds, 0.001)
    return aiohttp.ClientTimeout(total=left, connect=min(left, _CONNECT_SECONDS))


def _conditions(validators: Validators | None) -> list[tuple[str, str]]:
    if validators is None:
        return []
    stated = ((hdrs.IF_NONE_MATCH, validators.etag), (hdrs.IF_MODIFIED_SINCE, validators.last_modified))
    return [(name, value) for name, value in stated if value]


def _told(url: URL) -> str:
    """An address as others may see it: without user, password and fragment."""
    return str(url.with_user(None).with_fragment(None))
