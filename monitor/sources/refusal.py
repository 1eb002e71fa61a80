"""What was sent in place of a feed -> the ParseError that says what it seems to be and what to do. Pure."""

from lxml import etree

from monitor.errors import ParseError
from monitor.model import Page, Source
from monitor.sources.drafts import absolute

_FEED_TYPES = frozenset({"application/rss+xml", "application/atom+xml", "application/feed+json", "application/rdf+xml"})
_HTML_NAMES = "html head body title meta link script style div p span h1 h2 a b i br center font form iframe img table"
_HTML_ROOTS = frozenset(_HTML_NAMES.split())
_SITEMAP_ROOTS = frozenset({"urlset", "sitemapindex"})
_MAGIC = (
    (b"\x1f\x8b", "gzip"),
    (b"PK\x03\x04", "ZIP"),
    (b"%PDF", "PDF"),
    (b"\x89PNG", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"GIF8", "GIF"),
    (b"\x00\x00\x01\x00", "ICO"),
)
_TEXT_CONTROLS = frozenset(b"\t\n\r\f\x1b")
#: Of a page, so much is read in search of its feed; the links stand in the head.
_HEAD = 300_000
_LONGEST_NAME = 40


def refuse_bytes(body: bytes, source: Source, page: Page) -> None:
    """Raise ParseError for nothing at all, and for what is no text in any encoding."""
    if not body.strip():
        raise _error("empty", source, page)
    looks = next((name for magic, name in _MAGIC if body.startswith(magic)), None)
    if looks:
        raise _error("file", source, page, looks=looks)
    start = body[:2000]
    controls = sum(byte < 0x20 and byte not in _TEXT_CONTROLS for byte in start)  # noqa: PLR2004 - C0 ends at the space
    zeros = start.count(0)
    # The zeros of UTF-16 and UTF-32 are text, and nearly the only control characters there.
    if (controls - zeros) * 20 > len(start) or (zeros and b"<" not in start and b"{" not in start):
        raise _error("binary", source, page)


def no_feed(text: str, root: str, source: Source, page: Page) -> ParseError:
    """The error for a text whose first element is `root` ("" for none)."""
    if root in _SITEMAP_ROOTS:
        return _error("sitemap", source, page)
    if root in _HTML_ROOTS:
        feed = _feed_named_in(text, page.final_url)
        return _error("html-with-feed", source, page, feed=feed) if feed else _error("html", source, page)
    if root:
        return _error("xml", source, page, root=root[:_LONGEST_NAME])
    return _error("text", source, page)


def no_json_feed(source: Source, page: Page) -> ParseError:
    """The error for JSON of another kind."""
    return _error("json", source, page)


def broken(source: Source, page: Page) -> ParseError:
    """The error for a feed of which nothing can be read."""
    return _error("broken", source, page)


def _error(name: str, source: Source, page: Page, **facts: str) -> ParseError:
    return ParseError(f"sources.{name}", source=source.name, url=page.final_url, **facts)


def _feed_named_in(text: str, address: str) -> str | None:
    page = etree.HTML(text[:_HEAD].encode(), parser=etree.HTMLParser(encoding="utf-8"))
    for link in page.iter("link") if page is not None else ():
        kind = (link.get("type") or "").partition(";")[0].strip().lower()
        if "alternate" in (link.get("rel") or "").lower().split() and kind in _FEED_TYPES:
            return absolute(link.get("href") or "", address)
    return None
