"""Watch -> /livez, /readyz and /metrics over HTTP, on a thread of its own. A slow or silly client holds nothing up."""

import asyncio
import json
import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import ip_address

import structlog
from aiohttp import web
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

from monitor.app import App
from monitor.errors import ListenError
from monitor.eyes.watch import Watch
from monitor.log import without_secrets

log = structlog.get_logger()

#: Seconds after which a connection is cut, whatever it is at; and how many there may be at once.
LIFETIME, MOST = 10.0, 32
#: Bytes of the request line and of each header field, and how many of these.
_LINE, _FIELDS = 2048, 32
_CLOSING = 2.0


@contextmanager
def open_eyes(app: App) -> Iterator[Watch]:
    """Watch an app, and show what is seen where `[http]` says; ListenError where that cannot be."""
    watch = Watch(app)
    app.witness = watch.note
    listener = _listen(app.config.http.address)
    if listener is None:
        yield watch
        return
    server = _Server(listener, watch, app.config.language)
    server.start()
    host, port = listener.getsockname()[:2]
    watch.shown_at = host, port
    log.info("listening", host=host, port=port)
    try:
        yield watch
    finally:
        server.close()


def _listen(address: tuple[str, int] | None) -> socket.socket | None:
    if address is None:
        return None
    family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
    try:
        return socket.create_server(address, family=family, backlog=MOST)
    except OSError as error:
        why = os.strerror(error.errno) if error.errno else str(error)
        raise ListenError("eyes.cannot-listen", host=address[0], port=address[1], why=why) from error


class _Server:
    """The thread, and its loop."""

    def __init__(self, listener: socket.socket, watch: Watch, language: str) -> None:
        self._listener, self._watch, self._language = listener, watch, language
        self._private = ip_address(listener.getsockname()[0]).is_loopback
        self._thread = threading.Thread(target=asyncio.run, args=(self._serve(),), name="eyes", daemon=True)
        self._started = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop = asyncio.Event()

    def start(self) -> None:
        """Answer from now on."""
        self._thread.start()
        self._started.wait()

    def close(self) -> None:
        """Answer no more."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(_CLOSING)

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        server = web.Server(self._answer)
        listening = await self._loop.create_server(lambda: _Brief(server), sock=self._listener)
        self._started.set()
        await self._stop.wait()
        listening.close()
        await server.shutdown(0)

    async def _answer(self, request: web.BaseRequest) -> web.Response:
        """No answer names another path: whoever does not know them need not."""
        if request.method not in {"GET", "HEAD"}:
            answer = web.Response(status=405, headers={"Allow": "GET, HEAD"}, text="GET\n")
        elif self._private and not _is_own_name(request.host):
            # A page in a browser on this machine could otherwise read it, by a name that it has made to mean 127.0.0.1.
            answer = web.Response(status=421, text="ask for 127.0.0.1 or localhost\n")
        elif request.path == "/livez":
            answer = self._livez()
        elif request.path == "/readyz":
            answer = await self._readyz(as_json="json" in request.headers.get("Accept", "") + request.query_string)
        elif request.path == "/metrics":
            body = await self._watch.metrics()
            answer = web.Response(body=body, headers={"Content-Type": CONTENT_TYPE_PLAIN_0_0_4})
        else:
            answer = web.Response(status=404, text="not here\n")
        answer.headers.update({"Cache-Control": "no-store", "Server": "monitor"})
        answer.force_close()
        return answer

    def _livez(self) -> web.Response:
        alive = self._watch.is_alive
        return web.Response(status=200 if alive else 503, text="alive\n" if alive else "standstill\n")

    async def _readyz(self, *, as_json: bool) -> web.Response:
        found = [(one.code, without_secrets(one.message(self._language))) for one in await self._watch.doubts()]
        if as_json:
            reasons = [{"code": code, "message": message} for code, message in found]
            text = json.dumps({"ready": not found, "reasons": reasons}, ensure_ascii=False) + "\n"
        else:
            text = "".join(f"{line}\n" for line in [f"{code}: {message}" for code, message in found] or ["ready"])
        kind = "application/json" if as_json else "text/plain"
        return web.Response(status=503 if found else 200, text=text, content_type=kind, charset="utf-8")


class _Brief(web.RequestHandler):
    """A connection that lasts for one request and not long."""

    __slots__ = ("_server", "_timer")

    def __init__(self, server: web.Server) -> None:
        loop = asyncio.get_running_loop()
        super().__init__(
            server,
            loop=loop,
            keepalive_timeout=LIFETIME,
            max_line_size=_LINE,
            max_field_size=_LINE,
            max_headers=_FIELDS,
            lingering_time=0,
            tcp_keepalive=False,
        )
        self._server = server
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        assert isinstance(transport, asyncio.Transport)
        if len(self._server.connections) > MOST:
            transport.abort()
        else:
            self._timer = asyncio.get_running_loop().call_later(LIFETIME, transport.abort)

    def connection_lost(self, exc: BaseException | None) -> None:
        if self._timer is not None:
            self._timer.cancel()
        super().connection_lost(exc)


def _is_own_name(host: str) -> bool:
    """Of the Host header: an address, or localhost."""
    name = host.rpartition(":")[0] if not host.endswith("]") and ":" in host else host
    if name == "localhost":
        return True
    try:
        ip_address(name.strip("[]"))
    except ValueError:
        return False
    return True
