"""RSS, RDF and Atom, well-formed and not."""

from datetime import UTC, datetime, timedelta

import pytest
from builders import make_page, make_source

from monitor.errors import ParseError
from monitor.model import FeedEntry, Listing
from monitor.sources import read_listing

ADDRESS = "https://example.jp/rss/feed.xml"
TEN_IN_TOKYO = datetime(2025, 11, 20, 1, 0, tzinfo=UTC)
NAMESPACES = (
    'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:content="http://purl.org/rss/1.0/modules/content/" '
    'xmlns:sy="http://purl.org/rss/1.0/modules/syndication/" xmlns:media="http://search.yahoo.com/mrss/" '
    'xmlns:feedburner="http://rssnamespace.org/feedburner/ext/1.0" xmlns:atom="http://www.w3.org/2005/Atom"'
)


def read(body: str | bytes, content_type: str | None = None, **source) -> Listing:
    body = body if isinstance(body, bytes) else body.encode()
    return read_listing(make_source(**source), make_page(body, final_url=ADDRESS, content_type=content_type))


def rss(item: str, channel: str = "") -> Listing:
    return read(
        f'<rss version="2.0" {NAMESPACES}><channel><title>朝の通信</title>{channel}<item>{item}</item></channel></rss>'
    )


def entry_of(item: str, channel: str = "") -> FeedEntry:
    (entry,) = rss(item, channel).entries
    return entry


def atom(entry: str, feed: str = "", root: str = "") -> Listing:
    return read(f'<feed xmlns="http://www.w3.org/2005/Atom" {root}>{feed}<entry>{entry}</entry></feed>')


# --- formats ----------------------------------------------------------------------------------------------------------


def test_rss_2_0():
    listing = rss(
        "<title>二次関税を<![CDATA[ & ]]>警告</title><link>/news/1</link><guid isPermaLink='false'>news-1</guid>"
        "<dc:creator>山田 太郎</dc:creator><dc:creator>佐藤</dc:creator><description>短い説明</description>"
        "<content:encoded><![CDATA[<p>一段落。</p><p>二段落。</p>]]></content:encoded>"
        "<pubDate>Thu, 20 Nov 2025 10:00:00 JST</pubDate>",
        "<link>https://example.jp/</link><language>ja_JP</language><ttl>30</ttl>",
    )
    assert (listing.title, listing.home_url, listing.language) == ("朝の通信", "https://example.jp/", "ja-jp")
    assert listing.ttl == timedelta(minutes=30)
    assert listing.entries == (
        FeedEntry(
            source_id="asahi-wire",
            url="https://example.jp/news/1",
            guid="news-1",
            title="二次関税を & 警告",
            text="一段落。\n\n二段落。",
            authors=("山田 太郎", "佐藤"),
            published_at=TEN_IN_TOKYO,
            language="ja-jp",
        ),
    )


def test_rss_0_91_with_its_doctype():
    listing = read(
        '<?xml version="1.0"?>\n<!DOCTYPE rss PUBLIC "-//Netscape Communications//DTD RSS 0.91//EN" "http://x/rss-0.91.dtd">'
        "<rss version='0.91'><channel><title>T</title><item><title>一&eacute;</title><link>http://x.jp/1</link></item>"
        "</channel></rss>"
    )
    assert [(entry.title, entry.url) for entry in listing.entries] == [("一é", "http://x.jp/1")]


RDF = f"""<?xml version="1.0" encoding="EUC-JP"?>
<rdf:RDF xmlns="http://purl.org/rss/1.0/" xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" {NAMESPACES}>
<channel rdf:about="http://x.jp/rdf"><title>総合ニュース</title><link>http://x.jp/</link>
<sy:updatePeriod>daily</sy:updatePeriod><sy:updateFrequency>4</sy:updateFrequency></channel>
<item rdf:about="http://x.jp/1"><title>新首相が会見</title><link>http://x.jp/1</link>
<description>初の会見。</description><dc:date>2025-11-20</dc:date></item>
<item rdf:about="http://x.jp/2"><title>地震</title></item></rdf:RDF>"""


def test_rss_1_0_in_euc_jp():
    listing = read(RDF.encode("euc_jp"))
    first, second = listing.entries
    assert listing.title == "総合ニュース"
    assert listing.ttl == timedelta(hours=6)
    assert (first.url, first.title, first.text) == ("http://x.jp/1", "新首相が会見", "初の会見。")
    # A date alone is midnight in Greenwich.
    assert (first.published_at, first.updated_at) == (datetime(2025, 11, 20, tzinfo=UTC), None)
    assert second.url == "http://x.jp/2"


def test_atom():
    listing = atom(
        '<title type="html">say &lt;b&gt;what&lt;/b&gt; &amp;amp; why</title><id>tag:x.jp,2025:1</id>'
        '<link rel="self" href="self"/><link rel="enclosure" href="a.mp3"/><link href="a/1"/><author><name>N</name></author>'
        "<published>2025-11-20T10:00:00+09:00</published><updated>2025-11-20T02:00:00Z</updated>"
        '<summary>short</summary><content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>one</p><p>two</p></div></content>',
        '<title>T</title><link rel="alternate" href="/"/>',
        'xml:lang="en-GB" xml:base="/blog/"',
    )
    (entry,) = listing.entries
    assert (listing.home_url, listing.language) == ("https://example.jp/", "en-gb")
    assert (entry.url, entry.guid) == ("https://example.jp/blog/a/1", "tag:x.jp,2025:1")
    assert (entry.title, entry.text, entry.authors) == ("say what & why", "one\n\ntwo", ("N",))
    assert (entry.published_at, entry.updated_at) == (TEN_IN_TOKYO, TEN_IN_TOKYO + timedelta(hours=1))
    assert entry.language == "en-gb"


def test_the_language_of_an_entry_wins():
    (entry,) = atom('<title xml:lang="ja">速報</title><id>x</id>', root='xml:lang="en"').entries
    assert entry.language == "ja"


def test_a_text_title_of_atom_is_text():
    assert atom("<title>&lt;b&gt; explained</title>").entries[0].title == "<b> explained"


def test_media_description():
    item = "<title>動画</title><media:group><media:title>M</media:title><media:description>長い説明文</media:description></media:group>"
    assert entry_of(item).text == "長い説明文"


@pytest.mark.parametrize("content", ["", "<content:encoded/>", "<content:encoded>短い</content:encoded>"])
def test_the_caption_of_a_photo_does_not_replace_the_description(content):
    caption = "<media:group><media:description>写真</media:description></media:group>"
    assert entry_of(f"<description>二次関税を警告した。</description>{content}{caption}").text == "二次関税を警告した。"


def test_an_empty_feed_is_a_feed():
    assert read("<rss version='2.0'><channel><title>T</title></channel></rss>") == Listing(title="T")


# --- encodings --------------------------------------------------------------------------------------------------------

DOCUMENT = (
    "<rss version='2.0'><channel><title>①～髙島屋</title><item><title>㈱髙島屋が発表～①</title></item></channel></rss>"
)


@pytest.mark.parametrize(
    ("declaration", "codec", "content_type"),
    [
        ('<?xml version="1.0" encoding="Shift_JIS"?>', "cp932", None),
        ("", "cp932", None),
        ("", "cp932", "text/xml; charset=Shift_JIS"),
        ('<?xml version="1.0" encoding="utf-8"?>', "cp932", "text/xml; charset=utf-8"),
        ("", "utf-8", "text/xml"),
        ('<?xml version="1.0" encoding="Shift_JIS"?>', "utf-8", "text/xml; charset=Shift_JIS"),
        ('<?xml version="1.0" encoding="utf-16"?>', "utf-16", None),
        ('<?xml version="1.0" encoding="utf-16"?>', "utf-16-le", None),
        ("", "utf-16-be", None),
        ('<?xml version="1.0" encoding="utf-16"?>', "utf-8", None),
    ],
)
def test_encodings(declaration, codec, content_type):
    listing = read((declaration + DOCUMENT).encode(codec), content_type)
    assert listing.title == "①～髙島屋"
    assert listing.entries[0].title == "㈱髙島屋が発表～①"


# --- links ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("item", "url", "guid"),
    [
        ("<guid>https://x.jp/1</guid>", "https://x.jp/1", "https://x.jp/1"),
        ("<guid isPermaLink='true'>https://x.jp/1</guid>", "https://x.jp/1", "https://x.jp/1"),
        ("<guid isPermaLink='false'>https://x.jp/1</guid>", None, "https://x.jp/1"),
        ("<guid>12345</guid>", None, "12345"),
        ("<guid>x</guid><link>https://x.jp/2</link>", "https://x.jp/2", "x"),
        ("<link>\n https://x.jp/?a=1&amp;b=2 \n</link>", "https://x.jp/?a=1&b=2", None),
        ("<link>https://x.jp/?a=1&b=2&copy=3</link>", "https://x.jp/?a=1&b=2&copy=3", None),
        ("<link>//x.jp/1</link>", "https://x.jp/1", None),
        ("<link>?id=1</link>", "https://example.jp/rss/feed.xml?id=1", None),
        ("<link>javascript:alert(1)</link>", None, None),
        ("<link>file:///etc/passwd</link>", None, None),
        ("<link>http://[::1</link>", None, None),
        ("<atom:link rel='alternate' href='https://x.jp/3'/>", "https://x.jp/3", None),
        (
            "<link>https://fb/~r/1</link><feedburner:origLink>https://x.jp/4</feedburner:origLink>",
            "https://fb/~r/1",
            None,
        ),
        ("<feedburner:origLink>https://x.jp/4</feedburner:origLink>", "https://x.jp/4", None),
        ("<link>https://x.jp/" + "a" * 10_000 + "</link>", None, None),
    ],
)
def test_links(item, url, guid):
    entry = entry_of(f"<title>T</title>{item}")
    assert (entry.url, entry.guid) == (url, guid)


@pytest.mark.parametrize(
    ("links", "url"),
    [
        ('<link rel="self" href="https://x.jp/s"/>', "https://x.jp/id"),
        ('<link rel="alternate" href="https://x.jp/1"/>', "https://x.jp/1"),
        ('<link rel="alternate" type="text/plain" href="https://x.jp/2"/>', "https://x.jp/id"),
        ("", "https://x.jp/id"),
    ],
)
def test_an_atom_id_is_a_link_where_there_is_no_other(links, url):
    assert atom(f"<title>T</title><id>https://x.jp/id</id>{links}").entries[0].url == url


# --- dates ------------------------------------------------------------------------------------------------------------


def test_a_date_without_a_zone_is_read_where_it_was_written():
    date = "<pubDate>2025-11-20 10:00</pubDate>"
    assert entry_of(f"<title>首相が会見</title>{date}").published_at == TEN_IN_TOKYO
    assert entry_of(f"<title>News</title>{date}").published_at == TEN_IN_TOKYO + timedelta(hours=9)
    assert entry_of(f"<title>News</title>{date}", "<language>ja</language>").published_at == TEN_IN_TOKYO


def test_the_operators_language_places_a_date():
    feed = (
        "<rss version='2.0'><channel><item><title>N</title><pubDate>2025-11-20 10:00</pubDate></item></channel></rss>"
    )
    assert read(feed, language="ja").entries[0].published_at == TEN_IN_TOKYO


def test_no_date_is_invented():
    entry = entry_of("<title>T</title><pubDate>昨日</pubDate>")
    assert (entry.published_at, entry.updated_at) == (None, None)


@pytest.mark.parametrize(
    ("channel", "ttl"),
    [
        ("", None),
        ("<ttl>60</ttl>", timedelta(hours=1)),
        ("<ttl>0</ttl>", None),
        ("<ttl>-5</ttl>", None),
        ("<ttl>soon</ttl>", None),
        ("<ttl>99999999999999</ttl>", None),
        ("<sy:updatePeriod>hourly</sy:updatePeriod>", timedelta(hours=1)),
        ("<sy:updatePeriod> Daily </sy:updatePeriod><sy:updateFrequency>2</sy:updateFrequency>", timedelta(hours=12)),
        ("<sy:updatePeriod>always</sy:updatePeriod>", None),
    ],
)
def test_ttl(channel, ttl):
    assert rss("<title>T</title>", channel).ttl == ttl


# --- malformed --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("broken", "title", "url"),
    [
        ("<title>A&B社、C&D & E</title><link>https://x.jp/?a=1&b=2</link>", "A&B社、C&D & E", "https://x.jp/?a=1&b=2"),
        ("<title>A&nbsp;B &mdash; &unknown; C</title><link>https://x.jp/</link>", "A B — &unknown; C", "https://x.jp/"),
        ("<title>5 < 6</title><link>https://x.jp/</link>", "5 < 6", "https://x.jp/"),
        (
            "<title>T</title><description>a<br>b<img src=x>c</description><link>https://x.jp/</link>",
            "T",
            "https://x.jp/",
        ),
        ("<title>T\x0b\x00U</title><link>https://x.jp/</link>", "TU", "https://x.jp/"),
        ("<title>T&#0;&#x1F;&#xD800;&#x110000;U</title><link>https://x.jp/</link>", "TU", "https://x.jp/"),
        ("<nope:x>1</nope:x><title>T</title><link>https://x.jp/</link>", "T", "https://x.jp/"),
        ("<title>T</title><link>https://x.jp/</link><description><![CDATA[abc", "T", "https://x.jp/"),
        ("<title>T</title><link>https://x.jp/</link><pubDa", "T", "https://x.jp/"),
        (
            "<title>T</title><link>https://x.jp/</link><georss:point>x</georss:point><gml:pos srsName='x'>1</gml:pos>",
            "T",
            "https://x.jp/",
        ),
        ("<title>T</title><link>https://x.jp/</link></media:player></cc:license>", "T", "https://x.jp/"),
    ],
)
def test_malformed(broken, title, url):
    entry = read(f"<rss version='2.0'><channel><title>F</title><item>{broken}</item></channel></rss>").entries[0]
    assert (entry.title.replace("\ufffd", ""), entry.url) == (title, url)


@pytest.mark.parametrize("comment", ["<!-- a -- b -->", "<!-- & <item> -->"])
def test_a_comment_says_nothing_however_it_is_written(comment):
    assert read(f"<rss version='2.0'>{comment}<channel></channel></rss>").entries == ()


def test_truncated_keeps_what_came():
    whole = "<rss version='2.0'><channel>" + "".join(
        f"<item><title>記事{number}</title><link>https://x.jp/{number}</link></item>" for number in range(5)
    )
    assert [entry.title for entry in read(whole[:-20]).entries] == ["記事0", "記事1", "記事2", "記事3"]


@pytest.mark.parametrize("root", ["rss", "feed"])
def test_wherever_it_is_cut_off_no_entry_is_taken_for_another(root):
    """A headline without its address would be an article of its own."""
    entry, link = ("item", "<link>{}</link>") if root == "rss" else ("entry", '<link href="{}"/>')
    entries = "".join(
        f"<{entry}><title>記事{n}</title>{link.format(f'https://x.jp/{n}00')}<id>{n}</id></{entry}>" for n in range(3)
    )
    text = f"<rss version='2.0'><channel>{entries}</channel></rss>"
    text = text if root == "rss" else f"<feed xmlns='http://www.w3.org/2005/Atom'>{entries}</feed>"
    whole = [(one.title, one.url) for one in read(text).entries]
    assert read(text).is_whole
    for cut in range(text.index(entries), len(text)):
        try:
            listing = read(text[:cut])
        except ParseError:
            continue
        found = [(one.title, one.url) for one in listing.entries]
        assert found == whole[: len(found)]
        assert len(found) == text[:cut].count(f"</{entry}>")
        assert listing.is_whole == (f"</{root}" in text[:cut])


@pytest.mark.parametrize(
    "text", ["<item><title>A</title><item><title>B</title>", "<item><title>A</title></channel></rss>"]
)
def test_entries_that_are_never_closed_are_not_torn(text):
    assert [one.title for one in read(f"<rss version='2.0'><channel>{text}").entries][:1] == ["A"]


@pytest.mark.parametrize(
    "before",
    [
        "\n\n  ",
        "<!-- x -->",
        "\ufeff",
        "<br />\n<b>Warning</b>: mysql_connect() in <b>/x.php</b><br />\n",
        "junk ",
        "<?xml version='1.0'?>" * 2,
    ],
)
def test_something_stands_before_the_feed(before):
    feed = "<?xml version='1.0'?><rss version='2.0'><channel><item><title>T</title></item></channel></rss>"
    assert [entry.title for entry in read(before + feed).entries] == ["T"]


# --- limits and attacks -----------------------------------------------------------------------------------------------


def test_entries_that_say_nothing_are_listed_as_they_are():
    (entry,) = rss("<guid isPermaLink='false'>x</guid><pubDate>Thu, 20 Nov 2025 10:00:00 GMT</pubDate>").entries
    assert (entry.url, entry.title, entry.text, entry.guid) == (None, "", "", "x")


def test_at_most_so_many_entries_and_so_long_texts():
    entries = read("<rss><channel>" + "<item><title>T</title></item>" * 5001 + "</channel></rss>").entries
    assert len(entries) == 5000
    assert len(entry_of(f"<description>{'字' * 250_000}</description>").text) == 200_000
    assert len(entry_of(f"<title>{'字' * 250_000}</title>").title) == 2000


@pytest.mark.parametrize("text", ["/dev/zero", "/etc/passwd", "file:///etc/passwd", "http://127.0.0.1:9/"])
def test_a_body_is_never_a_name_to_open(text, monkeypatch):
    monkeypatch.setattr("builtins.open", lambda *_: pytest.fail("opened a file"))
    assert entry_of(f"<title>{text}</title><description>{text}</description>").title == text


@pytest.mark.parametrize(
    "doctype",
    [
        '<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE r [<!ENTITY a "lol"><!ENTITY x "&a;&a;&a;&a;">]>',
        '<!DOCTYPE r SYSTEM "http://127.0.0.1:9/x.dtd" [<!ENTITY % p SYSTEM "http://127.0.0.1:9/"> %p;]>',
    ],
)
def test_entities_of_a_feeds_own_are_never_expanded(doctype):
    (entry,) = read(f"{doctype}<rss version='2.0'><channel><item><title>T&x;</title></item></channel></rss>").entries
    assert entry.title == "T&x;"


def test_text_is_never_markup():
    entry = entry_of(
        "<title>&lt;script&gt;alert(1)&lt;/script&gt;T</title><description>&lt;img src=x onerror=alert(1)&gt;D</description>"
        "<author>&lt;b&gt;A&lt;/b&gt;</author>"
    )
    assert (entry.title, entry.text, entry.authors) == ("T", "D", ("A",))
