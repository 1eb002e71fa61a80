"""A Slack on loopback: the Web API over a `Workspace`, an incoming webhook, and faults to order.

In a test:

    async with slack_standin.serve() as slack:
        client = AsyncWebClient(token=slack.token, base_url=slack.api_url)
        slack.fail(Fault(store=True, answer="reset"))

As a program of its own, `python tests/slack_standin.py --port 8999`; then by HTTP:

    POST /_control/faults    [{"method": "chat.postMessage", "store": true, "answer": "reset"}]
    POST /_control/settings  {"pace": 1.0, "lag": 3, "clock_offset": 7200, "page": 50, "missing_scopes": [], "tiers": true}
    POST /_control/channel   {"name": "news", "member": false, "archived": false, "rename": "news-jp"}
    POST /_control/foreign   {"channel": "news", "count": 1000}
    POST /_control/reset
    GET  /_control/state     every channel with its messages, every request, refused haste
"""

import argparse
import asyncio
import json
import os
import signal
import socket
import struct
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, fields
from email.utils import formatdate
from typing import Any

from aiohttp import web
from slack_workspace import TOKEN, Refused, Settings, Workspace

WEBHOOK = "/services/T0STANDIN/B0STANDIN/secretsecretsecret"
WEBHOOK_CHANNEL = "news"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What happens to one call instead of its answer: whether it takes effect, and what the caller gets to see."""

    method: str = "chat.postMessage"
    #: Whether the call takes effect before things go wrong.
    store: bool = False
    #: "reset" (RST), "close" (FIN), "hang" (until the caller gives up), "truncate" (half an answer), "garbage" (200,
    #: not JSON), "status" (an HTML page with `status`), "error" (`ok: false` with `error`), "limit" (429 with
    #: `retry_after`), "kill" (SIGKILL to `pid`), "body" (200 with `body` as it is), "slow" (the true answer after
    #: `seconds`).
    answer: str = "reset"
    status: int = 500
    error: str = "internal_error"
    #: Header value as sent; `None`: no header.
    retry_after: str | None = "1"
    body: str = ""
    content_type: str = "application/json"
    #: Whether the answer names the scopes of the token.
    scopes: bool = True
    seconds: float = 1.0
    pid: int = 0
    #: What happens in the world before the answer.
    meanwhile: Callable[[], None] | None = None
    times: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One call as it came."""

    method: str
    at: float
    args: Mapping[str, Any]


@dataclass(slots=True, kw_only=True)
class SlackStandIn:
    """The stand-in as a test holds it."""

    workspace: Workspace = field(default_factory=Workspace)
    address: str = ""
    requests: list[Request] = field(default_factory=list)
    token: str = TOKEN
    _faults: list[Fault] = field(default_factory=list)
    _stopped: asyncio.Event = field(default_factory=asyncio.Event)
    _came: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def api_url(self) -> str:
        return f"{self.address}/api/"

    @property
    def webhook_url(self) -> str:
        return f"{self.address}{WEBHOOK}"

    def fail(self, *faults: Fault) -> None:
        """Order faults; each method's come in turn, one per call."""
        self._faults += [fault for fault in faults for _ in range(fault.times)]

    def calls(self, method: str) -> list[Request]:
        return [request for request in self.requests if request.method == method]

    async def wait_for(self, method: str) -> None:
        """Until a call of this method has come in."""
        while not self.calls(method):
            self._came.clear()
            await self._came.wait()

    def messages(self, channel: str) -> list[dict[str, Any]]:
        return self.workspace.channel(channel).messages

    def reset(self) -> None:
        """Everything as at the start."""
        self.workspace = Workspace()
        self.requests.clear()
        self._faults.clear()

    def stop(self) -> None:
        """Let hanging calls go."""
        self._stopped.set()

    # --- calls --------------------------------------------------------------------------------------------------------

    async def on_call(self, request: web.Request) -> web.StreamResponse:
        method, args = request.match_info["method"], await _arguments(request)
        token = request.headers.get("Authorization", "").removeprefix("Bearer ") or args.get("token")

        def run() -> web.Response:
            return _json(self.workspace.call(method, token, args))

        return await self._answer(method, args, request, run)

    async def on_webhook(self, request: web.Request) -> web.StreamResponse:
        args = await _arguments(request)

        def run() -> web.Response:
            self.workspace.post({**args, "channel": WEBHOOK_CHANNEL})
            return web.Response(text="ok")

        return await self._answer("webhook", args, request, run)

    async def _answer(self, method: str, args: Mapping[str, Any], request: web.Request, run: Any) -> web.StreamResponse:
        self.requests.append(Request(method=method, at=self.workspace.now(), args=args))
        self._came.set()
        fault = next((fault for fault in self._faults if fault.method == method), None)
        if fault is None:
            return self._dated(self._run(method, run))
        self._faults.remove(fault)
        true_answer = self._run(method, run) if fault.store or fault.answer == "slow" else None
        return await self._break(fault, request, true_answer)

    def _run(self, method: str, run: Any) -> web.Response:
        try:
            return run()
        except Refused as refused:
            if refused.retry_after is not None:
                return _limited(str(max(1, round(refused.retry_after + 0.5))))
            if method == "webhook":
                return web.Response(status=400, text=refused.error)
            return _json({"ok": False, "error": refused.error, **refused.more})

    async def _break(self, fault: Fault, request: web.Request, true_answer: web.Response | None) -> web.StreamResponse:
        if fault.meanwhile is not None:
            fault.meanwhile()
        if fault.answer == "kill":
            os.kill(fault.pid, signal.SIGKILL)
        if fault.answer == "hang":
            await self._stopped.wait()
        if fault.answer in ("reset", "close", "kill", "hang"):
            return _cut(request, reset=fault.answer == "reset")
        if fault.answer == "truncate":
            return await _truncated(request)
        if fault.answer == "slow":
            await asyncio.sleep(fault.seconds)
            return self._dated(true_answer or web.Response())
        if fault.answer == "limit" and fault.retry_after is not None and fault.retry_after.isdecimal():
            self.workspace.limit_for(float(fault.retry_after))
        return self._dated(_told(fault), scopes=fault.scopes)

    def _dated(self, response: web.Response, *, scopes: bool = True) -> web.Response:
        response.headers["Date"] = formatdate(self.workspace.now(), usegmt=True)
        if scopes:
            response.headers["X-OAuth-Scopes"] = ",".join(self.workspace.granted)
        return response

    # --- control ------------------------------------------------------------------------------------------------------

    async def on_faults(self, request: web.Request) -> web.Response:
        self.fail(*(Fault(**one) for one in await request.json()))
        return _json({"ok": True})

    async def on_settings(self, request: web.Request) -> web.Response:
        known = {one.name for one in fields(Settings)}
        for name, value in (await request.json()).items():
            if name not in known:
                raise web.HTTPBadRequest(text=f"no setting {name}")
            setattr(self.workspace.settings, name, value)
        return _json({"ok": True})

    async def on_channel(self, request: web.Request) -> web.Response:
        wanted = await request.json()
        channel = self.workspace.channel(wanted.pop("name"))
        for name, value in wanted.items():
            if name == "rename":
                channel.name = value
            else:
                setattr(channel, name, bool(value))
        return _json({"ok": True})

    async def on_foreign(self, request: web.Request) -> web.Response:
        wanted = await request.json()
        self.workspace.add_foreign(wanted["channel"], wanted["count"])
        return _json({"ok": True})

    async def on_reset(self, _request: web.Request) -> web.Response:
        self.reset()
        return _json({"ok": True})

    async def on_state(self, _request: web.Request) -> web.Response:
        state = {
            "channels": {channel.name: channel.messages for channel in self.workspace.channels},
            "requests": [{"method": one.method, "at": one.at, "args": dict(one.args)} for one in self.requests],
            "impatient": self.workspace.impatient,
            "faults": len(self._faults),
        }
        return _json(state)

    def app(self) -> web.Application:
        app = web.Application(client_max_size=10_000_000)
        app.router.add_route("*", "/api/{method}", self.on_call)
        app.router.add_post(WEBHOOK, self.on_webhook)
        app.router.add_post("/_control/faults", self.on_faults)
        app.router.add_post("/_control/settings", self.on_settings)
        app.router.add_post("/_control/channel", self.on_channel)
        app.router.add_post("/_control/foreign", self.on_foreign)
        app.router.add_post("/_control/reset", self.on_reset)
        app.router.add_get("/_control/state", self.on_state)
        return app


async def _arguments(request: web.Request) -> dict[str, Any]:
    """JSON, form or query; `blocks` and `metadata` of a form are JSON inside."""
    if request.content_type == "application/json":
        return dict(await request.json())
    given = {**request.query, **(await request.post())}
    return {name: json.loads(str(value)) if name in ("blocks", "metadata") else value for name, value in given.items()}


def _json(answer: Mapping[str, Any]) -> web.Response:
    return web.json_response(dict(answer))


def _limited(retry_after: str | None) -> web.Response:
    response = web.json_response({"ok": False, "error": "ratelimited"}, status=429)
    if retry_after is not None:
        response.headers["Retry-After"] = retry_after
    return response


def _told(fault: Fault) -> web.Response:
    if fault.answer == "limit":
        return _limited(fault.retry_after)
    if fault.answer == "error":
        return _json({"ok": False, "error": fault.error})
    if fault.answer == "garbage":
        return web.Response(text='{"ok": tru', content_type="application/json")
    if fault.answer == "body":
        return web.Response(status=fault.status, text=fault.body, content_type=fault.content_type)
    page = "<!DOCTYPE html><html><head><title>Server Error | Slack</title></head></html>"
    return web.Response(status=fault.status, text=page, content_type="text/html")


def _cut(request: web.Request, *, reset: bool) -> web.Response:
    transport = request.transport
    if transport is not None:
        if reset:
            # Linger on, zero seconds: the kernel sends RST.
            transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()
    return web.Response()


async def _truncated(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": "application/json", "Content-Length": "1000"})
    await response.prepare(request)
    await response.write(b'{"ok": true, "channel": "C0')
    _cut(request, reset=False)
    return response


@asynccontextmanager
async def serve(port: int = 0) -> AsyncIterator[SlackStandIn]:
    """A stand-in that listens on loopback until the block ends."""
    slack = SlackStandIn()
    runner = web.AppRunner(slack.app(), shutdown_timeout=0.5, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", port)
    await site.start()
    host, bound = runner.addresses[0][:2]
    slack.address = f"http://{host}:{bound}"
    try:
        yield slack
    finally:
        slack.stop()
        await runner.cleanup()


async def _run(port: int, pace: float) -> None:
    stop = asyncio.Event()
    for sign in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(sign, stop.set)
    async with serve(port) as slack:
        slack.workspace.settings.pace = pace
        print(slack.api_url, flush=True)  # noqa: T201 - whoever started the program reads the address here
        await stop.wait()


def main() -> None:
    """Serve until a signal; the address of the API is the first line of standard output."""
    parser = argparse.ArgumentParser(description="A Slack on loopback, for tests.")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--pace", type=float, default=1.0, help="seconds between two messages of a channel")
    given = parser.parse_args()
    asyncio.run(_run(given.port, given.pace))


if __name__ == "__main__":
    main()
