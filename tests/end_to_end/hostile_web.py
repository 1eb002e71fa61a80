"""Web servers that mean harm: paths that never end, never begin, explode or lie, on loopback."""

import gzip
import threading
from collections.abc import Callable
from contextlib import suppress
from http.server import BaseHTTPRequestHandler

from website import Loopback

XML = "application/rss+xml"
ATTRIBUTES = " ".join(f'a{number}="1"' for number in range(60_000))
LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))


def rss(inside: str, before: str = "") -> bytes:
    return f"{before}<rss version='2.0'><channel><title>f</title>{inside}</channel></rss>".encode()


class HostileWeb(Loopback):
    """Serves every attack under its name: `web.address("bomb")`."""

    def __init__(self) -> None:
        self.closing = threading.Event()
        self.bomb = b"".join(gzip.compress(bytes(10_000_000)) for _ in range(20))
        attacks: dict[str, Callable[[BaseHTTPRequestHandler], None]] = {
            "bomb": lambda on: self._answer(on, self.bomb, ("Content-Encoding", "gzip")),
            "endless": self._endless,
            "drip": self._drip,
            "silent": lambda _: self.closing.wait(),
            "boast": lambda on: self._answer(on, b"<rss", ("Content-Length", str(2**30))),
            "header": lambda on: self._answer(on, b"", ("X-Long", "x" * 200_000)),
            "attributes": lambda on: self._answer(on, rss(f"<item {ATTRIBUTES}><title>x</title></item>")),
            "laughs": lambda on: self._answer(on, rss("<item><title>&l9;</title></item>", f"<!DOCTYPE r [<!ENTITY l0 'ha'>{LAUGHS}]>")),
            "depth": lambda on: self._answer(on, rss("<div>" * 390_000)),
            "html": lambda on: self._answer(on, b"<!doctype html><html><body><p>Please log in</p></body></html>"),
            "path": lambda on: self._answer(on, b"/dev/zero"),
            "noise": lambda on: self._answer(on, bytes(range(256)) * 400),
            "missing": lambda on: self._answer(on, b"", status=404),
            "fault": lambda on: self._answer(on, b"", status=500),
            "gone": lambda on: self._answer(on, b"", status=410),
            "inside": lambda on: self._answer(on, b"", ("Location", "http://10.1.2.3/"), status=302),
            "metadata": lambda on: self._answer(on, b"", ("Location", "http://169.254.169.254/latest/"), status=302),
            "file": lambda on: self._answer(on, b"", ("Location", "file:///etc/passwd"), status=302),
            "ring": lambda on: self._answer(on, b"", ("Location", "/ring"), status=302),
        }  # fmt: skip

        class Request(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                # It comes when the reader has had enough.
                with suppress(ConnectionError):
                    attacks[self.path.strip("/")](self)
                self.close_connection = True

            def log_message(self, *_) -> None:
                pass

        super().__init__(Request)

    def address(self, attack: str) -> str:
        return f"{self.url}/{attack}"

    def close(self) -> None:
        self.closing.set()
        super().close()

    def _answer(self, on: BaseHTTPRequestHandler, body: bytes, *headers: tuple[str, str], status: int = 200) -> None:
        on.send_response(status)
        for name, value in {
            "Content-Type": XML,
            "Content-Length": str(len(body)),
            "Connection": "close",
            **dict(headers),
        }.items():
            on.send_header(name, value)
        on.end_headers()
        on.wfile.write(body)

    def _endless(self, on: BaseHTTPRequestHandler) -> None:
        self._begin(on)
        while not self.closing.is_set():
            on.wfile.write(b"<item><title>more and more and more and more</title></item>" * 500)

    def _drip(self, on: BaseHTTPRequestHandler) -> None:
        self._begin(on)
        while not self.closing.wait(0.2):
            on.wfile.write(b" ")
            on.wfile.flush()

    def _begin(self, on: BaseHTTPRequestHandler) -> None:
        """An answer of unknown length."""
        on.send_response(200)
        on.send_header("Content-Type", XML)
        on.send_header("Connection", "close")
        on.end_headers()
        on.wfile.write(rss("")[:50])
