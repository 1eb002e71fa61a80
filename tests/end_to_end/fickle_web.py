"""Outlets whose feeds grow, and which fail in every way for a while: what is published x the weather x a clock -> answers."""

import gzip
import random
import threading
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from email.utils import formatdate
from hashlib import sha256
from html import escape
from http.server import BaseHTTPRequestHandler

from end_to_end.hostile_web import ATTRIBUTES, LAUGHS, XML, rss
from website import Loopback

DAY = 86400
#: How long an entry stays listed: longer than any weather, and whatever a source that failed has to wait.
LISTED = 12 * DAY
HTML = "text/html; charset=utf-8"
#: Seconds until whoever has not gone by himself is let go.
PATIENCE = 20
MALFORMED = (
    "<item><title>天気 見出しだけ</title></item>"
    "<item><link>http://127.0.0.1:1/no-title</link></item>"
    "<item><title></title><link></link><guid></guid><pubDate></pubDate></item>"
    "<item><title>天気</title><link>javascript:alert(1)</link></item>"
    "<item><title>天気 &#0;&#xFFFF;&nosuch; & < </title><link>http://[::1/</link><pubDate>昨日</pubDate></item>"
    "<item><title>天気</title><link>file:///etc/passwd</link></item>"
    "<item>天気<item><item></item>"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    number: int
    title: str
    #: Words of the page alone.
    inside: str
    at: float
    #: As the feed says it; `None`: not at all.
    stated: str | None


@dataclass(slots=True, kw_only=True)
class Outlet:
    """A feed, and how it is served until some moment."""

    name: str
    articles: list[Article] = field(default_factory=list)
    #: What stays at the top for ever.
    pinned: Article | None = None
    #: What is behind each address.
    suffix: str = ""
    weather: str = "fair"
    until: float = 0.0
    #: Until when pages of articles answer 503.
    pages_until: float = 0.0
    #: The feed as it was when it became stale.
    stale: bytes = b""


class FickleWeb(Loopback):
    """Serves outlets; `weather` is drawn by whoever holds it."""

    def __init__(self, now: Callable[[], float], seed: int) -> None:
        self.now, self._chance = now, random.Random(seed)
        self.outlets: dict[str, Outlet] = {}
        self.pages: dict[int, tuple[Outlet, Article]] = {}
        #: Answers by kind.
        self.answered: Counter[str] = Counter()
        self.closing = threading.Event()
        self._bomb = b"".join(gzip.compress(bytes(10_000_000)) for _ in range(2))
        web = self

        class Request(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                # It comes when the reader has had enough.
                with suppress(ConnectionError):
                    web._serve(self)

            def date_time_string(self, timestamp: float | None = None) -> str:
                return formatdate(web.now() if timestamp is None else timestamp, usegmt=True)

            def log_message(self, *_) -> None:
                pass

        super().__init__(Request)

    def close(self) -> None:
        self.closing.set()
        super().close()

    # --- what is published ---

    def publish(self, article: Article, *outlets: str) -> None:
        for name in outlets:
            self.outlets[name].articles.insert(0, article)
        self.pages[article.number] = self.outlets[outlets[0]], article

    def feed(self, outlet: Outlet, encoding: str = "utf-8", more: str = "") -> bytes:
        outlet.articles = [one for one in outlet.articles if one.at > self.now() - LISTED]
        entries = "".join(self._entry(outlet, one) for one in [*filter(None, [outlet.pinned]), *outlet.articles])
        head = f"<?xml version='1.0' encoding='{encoding}'?><rss version='2.0'><channel><title>{outlet.name}</title>"
        return f"{head}{entries}{more}</channel></rss>".encode("utf-8", "replace")

    def _entry(self, outlet: Outlet, article: Article) -> str:
        stated = "" if article.stated is None else f"<pubDate>{article.stated}</pubDate>"
        # Titles of RSS are HTML, so they are escaped twice.
        title = escape(escape(article.title))
        return f"<item><title>{title}</title>{stated}<link>{self.url}/a/{article.number}{outlet.suffix}</link></item>"

    # --- answers ---

    def _serve(self, on: BaseHTTPRequestHandler) -> None:
        kind, _, name = on.path.strip("/").partition("?")[0].partition("/")
        if kind == "a" and name.isdecimal() and int(name) in self.pages:
            self._page(on, *self.pages[int(name)])
        elif kind in ("feed", "moved") and name in self.outlets:
            self._feed(on, kind, self.outlets[name])
        else:
            self.answered["missing"] += 1
            self._answer(on, b"not here", status=404)

    def _page(self, on: BaseHTTPRequestHandler, outlet: Outlet, article: Article) -> None:
        if self.now() < outlet.pages_until:
            self.answered["page 503"] += 1
            return self._answer(on, b"", status=503)
        page = f"<html lang=ja><head><meta charset=utf-8><title>{escape(article.title)}</title></head><body><article>"
        page += f"<h1>{escape(article.title)}</h1><p>第{article.number}の記事です。{article.inside}晴れるでしょう。"
        page += f"{'明日も晴れるでしょう。' * 30}</p></article></body></html>"
        self.answered["page"] += 1
        return self._answer(on, page.encode("utf-8", "replace"), ("Content-Type", HTML))

    def _feed(self, on: BaseHTTPRequestHandler, kind: str, outlet: Outlet) -> None:
        weather = outlet.weather if self.now() < outlet.until else "fair"
        if kind == "moved" and weather != "moved":
            # The new address is given up again.
            weather = "missing"
        self.answered[weather] += 1
        getattr(self, f"_{weather}")(on, outlet)

    def _answer(self, on: BaseHTTPRequestHandler, body: bytes, *headers: tuple[str, str], status: int = 200) -> None:
        on.send_response(status)
        for name, value in {"Content-Type": XML, "Content-Length": str(len(body)), **dict(headers)}.items():
            on.send_header(name, value)
        on.end_headers()
        on.wfile.write(body)

    def _fair(self, on: BaseHTTPRequestHandler, outlet: Outlet, more: str = "") -> None:
        body = self.feed(outlet, more=more)
        etag = f'"{sha256(body).hexdigest()[:16]}"'
        if on.headers.get("If-None-Match") == etag:
            self.answered["304"] += 1
            return self._answer(on, b"", ("ETag", etag), status=304)
        return self._answer(on, body, ("ETag", etag))

    # --- foul weather: each is a method by its name ---

    def _malformed(self, on: BaseHTTPRequestHandler, outlet: Outlet) -> None:
        self._fair(on, outlet, MALFORMED)

    def _truncated(self, on: BaseHTTPRequestHandler, outlet: Outlet) -> None:
        """Cut off at some byte; every second time nothing says that more was to come."""
        body = self.feed(outlet)
        cut = body[: self._chance.randrange(len(body))]
        if self._chance.random() < 0.5:
            return self._answer(on, cut, ("Content-Length", str(len(body))))
        on.send_response(200)
        on.send_header("Content-Type", XML)
        on.end_headers()
        return on.wfile.write(cut) and None

    def _stale(self, on: BaseHTTPRequestHandler, outlet: Outlet) -> None:
        self._answer(on, outlet.stale)

    def _unchanged(self, on: BaseHTTPRequestHandler, _outlet: Outlet) -> None:
        """Whatever was asked."""
        self._answer(on, b"", status=304)

    def _foreign(self, on: BaseHTTPRequestHandler, outlet: Outlet) -> None:
        """Shift_JIS under the name of UTF-8."""
        text = self.feed(outlet).decode()
        self._answer(on, text.encode("cp932", "xmlcharrefreplace"), ("Content-Type", "application/rss+xml"))

    def _moved(self, on: BaseHTTPRequestHandler, outlet: Outlet) -> None:
        if on.path.startswith("/moved"):
            return self._fair(on, outlet)
        return self._answer(on, b"", ("Location", f"/moved/{outlet.name}"), status=301)

    def _fault(self, on: BaseHTTPRequestHandler, _outlet: Outlet) -> None:
        self._answer(on, b"<html>oops</html>", ("Content-Type", HTML), status=self._chance.choice((500, 502, 503, 504)))

    def _busy(self, on: BaseHTTPRequestHandler, _outlet: Outlet) -> None:
        after = self._chance.choice(("600", "7200", "soon", "-5", formatdate(self.now() + 3600, usegmt=True)))
        self._answer(on, b"", ("Retry-After", after), status=self._chance.choice((429, 503)))

    def _missing(self, on: BaseHTTPRequestHandler, _outlet: Outlet) -> None:
        self._answer(on, b"", status=self._chance.choice((401, 403, 404, 451)))

    def _silent(self, _on: BaseHTTPRequestHandler, _outlet: Outlet) -> None:
        self.closing.wait(PATIENCE)

    def _reset(self, on: BaseHTTPRequestHandler, _outlet: Outlet) -> None:
        on.connection.close()

    def _bombed(self, on: BaseHTTPRequestHandler, _outlet: Outlet) -> None:
        self._answer(on, self._bomb, ("Content-Encoding", "gzip"))

    def _endless(self, on: BaseHTTPRequestHandler, _outlet: Outlet) -> None:
        on.send_response(200)
        on.send_header("Content-Type", XML)
        on.end_headers()
        while not self.closing.is_set():
            on.wfile.write(b"<item><title>more and more and more and more</title></item>" * 500)

    def _huge(self, on: BaseHTTPRequestHandler, _outlet: Outlet) -> None:
        self._answer(on, b"<rss", ("Content-Length", str(2**30)))

    def _ring(self, on: BaseHTTPRequestHandler, _outlet: Outlet) -> None:
        self._answer(on, b"", ("Location", on.path), status=self._chance.choice((301, 302, 307, 308)))

    def _inside(self, on: BaseHTTPRequestHandler, _outlet: Outlet) -> None:
        place = self._chance.choice(("http://169.254.169.254/latest/", "http://10.1.2.3/", "file:///etc/passwd"))
        self._answer(on, b"", ("Location", place), status=301)

    def _login(self, on: BaseHTTPRequestHandler, _outlet: Outlet) -> None:
        self._answer(on, b"<!doctype html><html><body><p>Please log in</p></body></html>", ("Content-Type", HTML))

    def _empty(self, on: BaseHTTPRequestHandler, _outlet: Outlet) -> None:
        self._answer(on, self._chance.choice((b"", rss(""))))

    def _noise(self, on: BaseHTTPRequestHandler, _outlet: Outlet) -> None:
        self._answer(on, bytes(range(256)) * 400)

    def _laughs(self, on: BaseHTTPRequestHandler, _outlet: Outlet) -> None:
        doctype = f"<!DOCTYPE r [<!ENTITY l0 'ha'>{LAUGHS}]>"
        self._answer(on, rss("<item><title>&l9;</title><link>http://127.0.0.1:1/laughs</link></item>", doctype))

    def _attributes(self, on: BaseHTTPRequestHandler, _outlet: Outlet) -> None:
        """Seconds of a parser's time, until it is ended."""
        self._answer(on, rss(f"<item {ATTRIBUTES}><title>x</title></item>"))


#: In which nothing new is to be had.
FOUL = (
    *("fault", "busy", "missing", "silent", "reset", "bombed", "endless", "huge", "ring", "inside", "login", "empty"),
    *("noise", "laughs", "stale", "unchanged", "truncated"),
)
#: In which everything is.
UNUSUAL = ("malformed", "foreign", "moved")
