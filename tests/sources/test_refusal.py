"""What is no feed is refused, and the message says what it is and what to do."""

import gzip
import pickle
import sys

import pytest
from builders import make_page, make_source

from monitor.errors import ParseError
from monitor.messages import LANGUAGES
from monitor.sources import read_listing

PAGE = """<!DOCTYPE html><html><head><title>朝の通信</title>{}</head><body><p>記事</p></body></html>"""
LINK = '<link href="/rss/news.xml" rel="Alternate home" type="application/rss+xml; charset=utf-8">'


def refusal(body: bytes, **changes) -> ParseError:
    with pytest.raises(ParseError) as caught:
        read_listing(make_source(), make_page(body, **changes))
    for language in LANGUAGES:
        assert "http://127.0.0.1/a/1" in caught.value.message(language)
    return caught.value


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "empty"),
        (b" \r\n", "empty"),
        (gzip.compress(b"<rss/>", mtime=0), "file"),
        (b"\x89PNG\r\n\x1a\n" + b"\x00" * 50, "file"),
        (b"%PDF-1.7", "file"),
        (bytes(range(32)) * 20, "binary"),
        (b"\x00" * 500, "binary"),
        (PAGE.format("").encode(), "html"),
        (b"<p>Object moved <a href='/rss'>here</a>", "html"),
        (PAGE.format(LINK).encode(), "html-with-feed"),
        (b"<?xml version='1.0'?><urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'/>", "sitemap"),
        (b"<sitemapindex/>", "sitemap"),
        (b'{"items": [{"a": 1}]}', "json"),
        (b"[1, 2]", "json"),
        (b'{"version": "https://jsonfeed.org/version/1"}', "json"),
        (b"{" * 20_000, "json"),
        (b'{"a":' * 20_000, "json"),
        (b"[" * 100_000, "json"),
        (b"<opml version='2.0'><body/></opml>", "xml"),
        (b"Not found", "text"),
        (b"/dev/zero", "text"),
        (b"/etc/passwd", "text"),
        (b"http://127.0.0.1/feed.xml", "text"),
        (b"<rss", "broken"),
        (b"<rss version='2.0'><channel", "broken"),
        (b"<rss version='2.0'><channel><item><gml_pos/></item></channel></rss>", "broken"),
    ],
)
def test_says_what_it_seems_to_be(body, code):
    assert refusal(body).code == f"sources.{code}"


def test_names_the_feed_of_a_page():
    error = refusal(PAGE.format(LINK).encode(), final_url="http://127.0.0.1/a/1/")
    assert "http://127.0.0.1/rss/news.xml" in error.message("ja")
    assert pickle.loads(pickle.dumps(error)).message("en") == error.message("en")


def test_does_not_name_what_is_no_web_address():
    link = LINK.replace("/rss/news.xml", "javascript:alert(1)")
    assert refusal(PAGE.format(link).encode()).code == "sources.html"


@pytest.mark.parametrize("kind", ["page", "sitemap", "dates_and_figs"])
def test_kinds_of_later_versions(kind):
    with pytest.raises(ParseError) as caught:
        read_listing(make_source(kind=kind), make_page(b"<rss/>"))
    assert caught.value.code == "sources.not-in-version"
    for language in LANGUAGES:
        assert kind in caught.value.message(language)


def test_a_library_that_is_missing_is_no_kind_that_is_missing(monkeypatch):
    monkeypatch.delitem(sys.modules, "monitor.sources.feed", raising=False)
    monkeypatch.setitem(sys.modules, "feedparser", None)
    with pytest.raises(ModuleNotFoundError, match="feedparser"):
        read_listing(make_source(kind="feed"), make_page(b"<rss/>"))
