"""Damaged feeds: whatever is done to the bytes, there is a Listing or a ParseError."""

import unicodedata

from builders import make_page, make_source
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from monitor.errors import ParseError
from monitor.model import Listing
from monitor.sources import read_listing

ATOM = """<?xml version="1.0" encoding="utf-8"?><feed xmlns="http://www.w3.org/2005/Atom" xml:lang="ja"><title>朝の通信</title>
<link href="/"/><entry><title type="html">二次&lt;b&gt;関税&lt;/b&gt;</title><link href="a/1"/><id>urn:1</id>
<updated>2025-11-20T10:00:00+09:00</updated><content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">文</div></content>
</entry></feed>""".encode()
RSS = """<?xml version="1.0" encoding="Shift_JIS"?><rss version="2.0" xmlns:media="http://search.yahoo.com/mrss/"
xmlns:georss="http://www.georss.org/georss"><channel><title>通信</title><ttl>5</ttl><image><url>/i</url><width>9</width></image>
<item><title><![CDATA[速報①]]></title><link>/1</link><guid>1</guid><pubDate>Thu, 20 Nov 2025 10:00:00 JST</pubDate>
<media:player url="x"/><georss:point>45 1</georss:point><description>&lt;p&gt;本文&amp;nbsp;</description></item>
</channel></rss>""".encode("cp932")
JSON = (
    b'{"version":"https://jsonfeed.org/version/1.1","title":"T","items":[{"id":"1","url":"/1","content_html":"<p>x"}]}'
)
PIECES = (
    b"<", b">", b"&", b"\x00", b"\xff\xfe", b"<![CDATA[", b"]]>", b"<!--", b"-->", b"<!DOCTYPE x [", b"<?", b"&#xD800;",
    b"&#99999999;", b"&x;", b"<item>", b"</item>", b"<title>", b"</title>", b"</image>", b"<textinput>", b"</link>",
    b"</media:player>", b"<georss:where>", b"</georss:point>", b"</cc:license>", b' xml:base="http://["', b"\x1b$B", b"{", b"]",
)  # fmt: skip

damage = st.lists(
    st.tuples(st.integers(0, 900), st.integers(0, 60), st.sampled_from(PIECES) | st.binary(max_size=4)),
    min_size=1,
    max_size=6,
)
charset = st.sampled_from(
    [None, "text/xml", "text/xml; charset=euc-jp", "x; charset=utf-16", "application/json", "charset=\udcff"]
)


@settings(max_examples=150, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from([ATOM, RSS, JSON]), damage, st.none() | st.integers(0, 900), charset)
@example(RSS, [(0, 0, b"")], None, None)
def test_damaged_feeds(feed, damages, end, content_type):
    body = feed
    for position, length, piece in damages:
        body = body[:position] + piece + body[position + length :]
    read(body[:end], content_type)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.binary(max_size=300), charset)
def test_anything(body, content_type):
    read(body, content_type)
    read(b"<rss>" + body, content_type)


def read(body: bytes, content_type: str | None) -> None:
    outcome = listing_or_error(body, content_type)
    if isinstance(outcome, ParseError):
        assert outcome.message("ja") != outcome.message("en")
        return
    # Everything can be stored and sent on: no lone surrogates, no control characters.
    for entry in outcome.entries:
        f"{entry.title}{entry.text}{entry.guid}{entry.url}{entry.authors}".encode()
        assert not any(unicodedata.category(character) == "Cc" for character in entry.title)


def listing_or_error(body: bytes, content_type: str | None) -> Listing | ParseError:
    try:
        return read_listing(make_source(), make_page(body, content_type=content_type))
    except ParseError as error:
        return error
