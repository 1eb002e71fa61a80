import pytest
from builders import make_source
from hypothesis import given
from hypothesis import strategies as st

from monitor.urls import article_key, canonical_url, headers_for, host_of, is_web_url, slug, without_user


def key(url: str | None, *, guid: str | None = None, title: str = "", source_id: str = "nhk") -> str:
    return article_key(url, source_id=source_id, guid=guid, title=title)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://example.jp/a?utm_source=rss&utm_medium=feed", "https://example.jp/a"),
        ("https://example.jp/a?id=1&fbclid=x&page=2", "https://example.jp/a?id=1&page=2"),
        ("https://www.bbc.com/news/1?at_medium=RSS&at_campaign=KARANGA", "https://www.bbc.com/news/1"),
        ("https://www.asahi.com/articles/A.html?ref=rss", "https://www.asahi.com/articles/A.html"),
        ("https://www.asahi.com/articles/A.html?iref=comtop_01", "https://www.asahi.com/articles/A.html"),
        ("https://www.nytimes.com/a.html?partner=rss&emc=rss", "https://www.nytimes.com/a.html"),
        ("https://example.com/a?mod=rss_markets&UTM_Source=x", "https://example.com/a"),
        ("https://example.com/a?id=1&amp;utm_source=x&amp;p=2", "https://example.com/a?id=1&p=2"),
        ("https://example.com/a;jsessionid=0A1B?id=1", "https://example.com/a?id=1"),
        ("https://example.com/a;JSESSIONID=0A1B/b;v=1", "https://example.com/a/b;v=1"),
        ("HTTPS://Example.JP:443/A", "https://example.jp/A"),
        ("http://example.jp:80", "http://example.jp/"),
        ("http://example.jp:443/", "http://example.jp:443/"),
        ("https://example.jp./a", "https://example.jp/a"),
        ("https://example.jp/a#section", "https://example.jp/a"),
        ("https://example.jp/a#:~:text=x", "https://example.jp/a"),
        ("https://example.jp/#!/news/1", "https://example.jp/#!/news/1"),
        ("https://example.jp/#/news/1", "https://example.jp/#/news/1"),
        (
            "https://example.jp/ニュース?q=二次 関税",
            "https://example.jp/%E3%83%8B%E3%83%A5%E3%83%BC%E3%82%B9?q=%E4%BA%8C%E6%AC%A1%20%E9%96%A2%E7%A8%8E",
        ),
        ("https://example.jp/%e3%83%8b?a=%7e%2f", "https://example.jp/%E3%83%8B?a=~%2F"),
        ("https://example.jp/100%?a=%%341&utm%5fsource=1&amp;amp;b", "https://example.jp/100%25?a=%2541&b"),
        ("https://日本.jp/a", "https://xn--wgv71a.jp/a"),
        (f"https://{'日' * 64}.JP/a", f"https://{'日' * 64}.jp/a"),
        ("https://user:pw@example.jp/a", "https://user:pw@example.jp/a"),
        ("http://[::1]:8080/a", "http://[::1]:8080/a"),
        ("\n https://example.jp/a\u3000", "https://example.jp/a"),
        ("https://example.jp/a\n/b", "https://example.jp/a/b"),
        (
            "https://web.archive.org/web/2026/https://example.jp/a",
            "https://web.archive.org/web/2026/https://example.jp/a",
        ),
    ],
)
def test_canonical(url, expected):
    assert canonical_url(url) == expected
    assert canonical_url(expected) == expected


@pytest.mark.parametrize(
    "parameter",
    [
        "cid=123", "id=1", "uid=7", "eid=7", "source=reuters", "ref=2", "ref=rssfeeds", "session=4", "keyword=NATO",
        "game=9", "gallery=3", "client=5", "campaign=2", "medium=oil", "from=20261123", "ad_id=5", "mc_id=5", "p=",
        "12345", "feed=rss2", "sid=8", "aff=1", "partner=5", "mod=view", "cmp=acme", "s=1", "c=2", "share=1",
    ],
)  # fmt: skip
def test_a_parameter_that_may_carry_identity_stays(parameter):
    url = f"https://example.jp/read.php?{parameter}"
    assert canonical_url(url) == url
    assert key(url) != key("https://example.jp/read.php")


def test_escapes_of_japanese_encodings_stay_apart():
    # Neither is UTF-8: read as such both would become replacement characters.
    shift_jis, euc_jp = "https://example.jp/?q=%93%F1%8E%9F", "https://example.jp/?q=%C6%F3%BC%A1"
    assert canonical_url(shift_jis) == shift_jis
    assert key(shift_jis) != key(euc_jp)


@pytest.mark.parametrize(
    "junk",
    ["", " ", "http://", "http://[::1", "http://h:99999/", "//x/y", "urn:x:1", "a b", "\ud800", "http://\ud800/"],
)
def test_junk_comes_back_trimmed(junk):
    assert canonical_url(f" {junk} ") == junk.strip()
    assert not is_web_url(junk)
    assert host_of(junk) == ""


@given(st.text() | st.text().map("http://{}".format) | st.text().map("https://example.jp/{}".format))
def test_nothing_raises_and_canonical_is_stable(url):
    once = canonical_url(url)
    assert canonical_url(once) == once
    assert len(key(url, guid=url, title=url)) == 16
    assert slug(url)
    host_of(url)
    is_web_url(url)


@pytest.mark.parametrize(
    ("url", "same"),
    [
        ("https://example.jp/a", True),
        ("http://EXAMPLE.jp:80/a?utm_source=rss#comments", True),
        ("https://example.jp/a#xtor=RSS-1", True),
        ("https://example.jp/a#ref=rss", True),
        ("https://example.jp/a/", False),
        ("https://www.example.jp/a", False),
        ("https://example.jp/A", False),
        ("https://example.jp/a?id=1", False),
        ("https://example.jp/a#20261123", False),
        ("https://example.jp:8443/a", False),
    ],
)
def test_one_address_is_one_article_whichever_source_carries_it(url, same):
    assert (key(url, source_id="asahi", guid="x", title="y") == key("http://example.jp/a")) is same


def test_the_order_of_parameters_makes_no_new_article():
    assert key("https://example.jp/?a=1&b=2") == key("https://example.jp/?b=2&a=1")
    assert key("https://example.jp/?a=1&a=2") != key("https://example.jp/?a=2&a=1")


def test_without_an_address_guid_and_then_title_identify_within_the_source():
    assert key(None, guid="tag:1", title="x") == key("urn:y", guid=" tag:1 ", title="changed")
    assert key(None, guid="tag:1") != key(None, guid="tag:1", source_id="asahi")
    assert key(None, guid="", title="停戦  協議") == key(None, guid=None, title=" 停戦 協議 ")
    assert key(None, title="停戦") != key(None, guid="停戦")
    assert key(None, title="停戦") != key(None, title="和平")


def test_the_key_is_fixed_since_it_is_stored():
    assert key("https://example.jp/a?id=1") == "0a3452340ffbbb35"


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://News.Example.JP:8443/a", "news.example.jp"),
        ("http://user@example.jp/", "example.jp"),
        ("http://[2001:DB8::1]/", "2001:db8::1"),
        ("http://日本.jp/", "xn--wgv71a.jp"),
        ("ftp://example.jp/", ""),
    ],
)
def test_host(url, host):
    assert host_of(url) == host


@pytest.mark.parametrize(
    "url",
    [
        "http://exa mple.jp/",
        "javascript:alert(1)",
        "file:///etc/passwd",
        "http:///a",
        "http://a:0/",
        "example.jp",
        "http://a%00b/",
    ],
)
def test_not_a_web_address(url):
    assert not is_web_url(url)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("二次関税", "二次関税"),
        ("https://www.nhk.or.jp/rss/news/cat0.xml", "www-nhk-or-jp-rss-news-cat0-xml"),
        ("ゼレンスキー大統領と停戦協議", "ゼレンスキー大統領と停戦協議"),
        ("トヨタ・品質問題", "トヨタ-品質問題"),
        ("中国(国名)", "中国-国名"),
        ("ＮＡＴＯ　ﾆｭｰｽ", "nato-ニュース"),
        ("Die Straße / Ödland", "die-straße-ödland"),
        ("हिन्दी समाचार", "हिन्दी-समाचार"),
        ("がぎ", "がぎ"),
        ("5G_news", "5g-news"),
        ("--", slug("--")),
    ],
)
def test_slug(text, expected):
    assert slug(text) == expected


def test_a_name_without_letters_still_gets_an_id_of_its_own():
    assert slug("🚀") != slug("🔥")
    assert slug("🚀").isalnum()


def test_headers_of_a_source_are_for_its_own_host_only():
    source = make_source(url="https://news.example/feed", headers=(("X-Key", "k"),))
    assert headers_for(source, "https://NEWS.example/a") == (("X-Key", "k"),)
    assert headers_for(source, "https://evil.example/a") == ()
    assert headers_for(make_source(), make_source().url) == ()


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://desk:letmein@example.jp/feed.xml", "https://example.jp/feed.xml"),
        ("https://desk@example.jp:8443", "https://example.jp:8443"),
        ("HTTP://a:b@c@example.jp/?x=@y", "HTTP://example.jp/?x=@y"),
        ("https://example.jp/@desk/feed.xml", "https://example.jp/@desk/feed.xml"),
        ("https://example.jp?a@b", "https://example.jp?a@b"),
        ("", ""),
    ],
)
def test_an_address_as_others_may_see_it(url, shown):
    assert without_user(url) == shown
