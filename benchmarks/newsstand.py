"""Orders on standard input -> a web server with thousands of hosts on loopback; only its clients' CPU is of interest.

Started as `python newsstand.py SOURCES CHANGING`. Every address of 127.1.0.0/16 is ours: source n answers at
`host_of(n)`. All have ETags; each order (one line) publishes one more article in each of the first CHANGING sources.
"""

import asyncio
import sys
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

ENTRIES = 20
CHARACTERS = 2_000
SENTENCE = (
    "政府は{0}日、関係閣僚会議を開き、輸出規制の見直しについて協議したと発表した。対象となる品目は第{0}次の案で決まる。"
)
HOT = "米政府はロシア産石油を買う国に二次関税を課す方針を明らかにした。"
START = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
#: What news sites put around an article: 30 KB of navigation.
FRAME = "".join(f'<li class="nav"><a href="/c/{n}">分野{n}の一覧を見る</a></li>' for n in range(500))


def host_of(source: int) -> str:
    """Each source is a host of its own, as far as any client can tell."""
    return f"127.1.{source // 250}.{source % 250 + 1}"


def source_of(host: bytes) -> int:
    """The inverse of `host_of`."""
    _, _, third, fourth = host.partition(b":")[0].split(b".")
    return int(third) * 250 + int(fourth) - 1


def text_of(number: int) -> str:
    """A lead of some 150 characters; one article in seven is about what the rules look for."""
    return (HOT if number % 7 == 0 else "") + SENTENCE.format(number % 28 + 1) * 2


def feed_of(source: int, published: int, port: int) -> bytes:
    """RSS 2.0 with the latest 20 articles, about 12 KB; a source that never publishes has one."""
    here = f"http://{host_of(source)}:{port}"
    entries = []
    for number in range(published, max(published - ENTRIES, 0), -1):
        at = format_datetime(START + timedelta(minutes=number))
        entries.append(
            f"<item><title>第{number}報 輸出規制の見直しを協議</title><link>{here}/a/{number}</link>"
            f'<guid isPermaLink="false">{source}-{number}</guid><pubDate>{at}</pubDate>'
            f"<description><![CDATA[<p>{text_of(number)}</p>]]></description></item>"
        )
    head = f"<title>朝の通信 {source}</title><link>{here}/</link><language>ja</language>"
    return f'<?xml version="1.0"?><rss version="2.0"><channel>{head}{"".join(entries)}</channel></rss>'.encode()


def page_of(source: int, number: int) -> bytes:
    """An article's page, about 40 KB: navigation, 2,000 characters in paragraphs, a footer."""
    paragraphs, size = [], 0
    while size < CHARACTERS:
        paragraphs.append(text_of(number + len(paragraphs)))
        size += len(paragraphs[-1])
    title = f"第{number}報 輸出規制の見直しを協議"
    body = "".join(f"<p>{one}</p>" for one in paragraphs)
    return (
        f'<!doctype html><html lang="ja"><head><meta charset="utf-8"><title>{title}｜朝の通信 {source}</title></head><body>'
        f"<nav><ul>{FRAME}</ul></nav><main><article><h1>{title}</h1>{body}</article></main><footer>朝の通信</footer></body></html>"
    ).encode()


class Newsstand:
    """What is published where."""

    def __init__(self, sources: int, changing: int) -> None:
        self.port = 0
        self.published = [ENTRIES if source < changing else 1 for source in range(sources)]
        self.changing = changing
        self.close = True
        self._feeds: dict[tuple[int, int], bytes] = {}

    def publish(self) -> None:
        """One more article in each source that changes."""
        for source in range(self.changing):
            self.published[source] += 1

    def answer(self, request: bytes) -> bytes:
        """One request -> one response."""
        path = request.split(b" ", 2)[1]
        source = source_of(_header(request, b"host"))
        if path.startswith(b"/a/"):
            return self._response("200 OK", "text/html; charset=utf-8", page_of(source, int(path[3:])))
        etag = f'"{source:x}-{self.published[source]:x}"'
        if _header(request, b"if-none-match") == etag.encode():
            return self._response("304 Not Modified", None, b"", etag)
        key = source, self.published[source]
        if key not in self._feeds:
            self._feeds[key] = feed_of(*key, self.port)
        return self._response("200 OK", "application/rss+xml", self._feeds[key], etag)

    def _response(self, status: str, kind: str | None, body: bytes, etag: str | None = None) -> bytes:
        lines = [f"HTTP/1.1 {status}", "Server: newsstand", "Date: Mon, 23 Nov 2026 03:00:00 GMT"]
        lines += [f"Content-Type: {kind}", f"Content-Length: {len(body)}"] if kind else []
        lines += [f"ETag: {etag}"] if etag else []
        lines += ["Connection: close"] if self.close else []
        return "\r\n".join([*lines, "", ""]).encode() + body


def _header(request: bytes, name: bytes) -> bytes:
    at = request.lower().find(b"\r\n" + name + b":")
    return request[at + len(name) + 3 : request.index(b"\r\n", at + 2)].strip() if at >= 0 else b""


class Connection(asyncio.Protocol):
    """One client's connection."""

    def __init__(self, stand: Newsstand) -> None:
        self._stand = stand
        self._waiting = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._waiting += data
        while b"\r\n\r\n" in self._waiting:
            request, _, self._waiting = self._waiting.partition(b"\r\n\r\n")
            self._transport.write(self._stand.answer(request + b"\r\n"))
            if self._stand.close:
                self._transport.close()


async def serve(sources: int, changing: int) -> None:
    """Serve until the input ends. Prints the port, then a line for each order carried out."""
    stand = Newsstand(sources, changing)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Connection(stand), "0.0.0.0", 0, backlog=4096)
    stand.port = server.sockets[0].getsockname()[1]
    print(stand.port, flush=True)
    orders = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(orders), sys.stdin)
    while order := (await orders.readline()).strip():
        if order == b"publish":
            stand.publish()
        else:
            stand.close = order == b"new"
        print("done", flush=True)


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), int(sys.argv[2])))
