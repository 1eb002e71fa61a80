"""A web server made of raw sockets, so that it can misbehave in every way, and fetchers to send there."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from ipaddress import ip_network
from typing import Any

import pytest
from aiohttp.abc import AbstractResolver, ResolveResult

from monitor.config import Fetch
from monitor.errors import FetchError
from monitor.fetch import HttpFetcher

Answer = bytes | Callable[["Asked", asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Asked:
    line: str
    headers: dict[str, str]


@dataclass
class Origin:
    """`answers` maps a path to the bytes of a whole answer, or to a coroutine function that writes it."""

    answers: dict[str, Answer] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    connections: int = 0
    now: int = 0
    most: int = 0
    port: int = 0
    host: str = "127.0.0.1"
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    serving: dict[asyncio.StreamWriter, asyncio.Task[Any]] = field(default_factory=dict)

    def url(self, path: str = "/", host: str = "") -> str:
        return f"http://{host or self.host}:{self.port}{path}"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.serving[writer] = asyncio.current_task()
        try:
            with suppress(OSError, asyncio.IncompleteReadError):
                while True:
                    await self._one((await reader.readuntil(b"\r\n\r\n")).decode(), writer)
        finally:
            writer.transport.abort()
            del self.serving[writer]
            self.ended.set()

    async def _one(self, head: str, writer: asyncio.StreamWriter) -> None:
        line, *rest = head.strip().split("\r\n")
        asked = Asked(line, {name.lower(): value for name, _, value in (each.partition(": ") for each in rest)})
        self.asked.append(asked)
        self.now += 1
        self.most = max(self.most, self.now)
        try:
            answer = self.answers[line.split(" ")[1]]
            if isinstance(answer, bytes):
                writer.write(answer)
                await writer.drain()
            else:
                await answer(asked, writer)
        finally:
            self.now -= 1
        if writer.is_closing():
            await writer.wait_closed()
            raise ConnectionResetError


def answer(status: int = 200, body: bytes = b"", **headers: str) -> bytes:
    """A whole HTTP answer; `content_type="x"` becomes `content-type: x`."""
    lines = [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    if status != 304 and "content_length" not in headers and "transfer_encoding" not in headers:
        lines.append(f"content-length: {len(body)}")
    return "\r\n".join([f"HTTP/1.1 {status} Because", *lines, "", ""]).encode("utf-8", "surrogateescape") + body


@asynccontextmanager
async def origin_at(**where: Any) -> AsyncIterator[Origin]:
    """`host` and `port`, or `sock`, as `asyncio.start_server` takes them."""
    origin = Origin(host=where.get("host", "127.0.0.1"))
    server = await asyncio.start_server(origin.serve, **where)
    origin.port = server.sockets[0].getsockname()[1]
    try:
        yield origin
    finally:
        server.close()
        for writer in origin.serving:
            writer.transport.abort()
        await asyncio.gather(*origin.serving.values())


@pytest.fixture
async def origin() -> AsyncIterator[Origin]:
    async with origin_at(host="127.0.0.1", port=0) as origin:
        yield origin


@pytest.fixture
async def other() -> AsyncIterator[Origin]:
    """A second server, on another host."""
    async with origin_at(host="127.0.0.2", port=0) as origin:
        yield origin


class StubResolver(AbstractResolver):
    """Gives its answers one after the other, the last one for ever."""

    def __init__(self, *answers: list[str]) -> None:
        self.answers = list(answers)
        self.asked = 0

    async def resolve(self, host: str, port: int = 0, family: int = 0) -> list[ResolveResult]:
        self.asked += 1
        addresses = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return [
            ResolveResult(hostname=host, host=each, port=port, family=family, proto=0, flags=0) for each in addresses
        ]

    async def close(self) -> None:
        pass


def make_fetcher(*, private: tuple[str, ...] = ("127.0.0.0/8",), resolver: Any = None, **changes: Any) -> HttpFetcher:
    settings = Fetch(allow_private=tuple(map(ip_network, private)))
    return HttpFetcher(
        settings.model_copy(update={"timeout": timedelta(seconds=20)} | changes),
        contact="mailto:desk@example.jp",
        version="0.1.0",
        resolver=resolver,
        clock=partial(datetime, 2026, 11, 22, 23, 30, tzinfo=UTC),
    )


@pytest.fixture
async def fetcher() -> AsyncIterator[HttpFetcher]:
    async with make_fetcher() as fetcher:
        yield fetcher


async def failure(fetcher: HttpFetcher, url: str, **options: Any) -> FetchError:
    """The error a request ends in; its sentences exist in both languages and give nothing away."""
    with pytest.raises(FetchError) as caught:
        await fetcher.get(url, **options)
    for language in ("ja", "en"):
        said = caught.value.message(language)
        assert len(said) > 20
        assert "secret" not in said
    return caught.value
