from datetime import UTC, datetime, timedelta

import pytest
from builders import NOW, make_entry, make_page, make_source
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from monitor.model import TextFrom
from monitor.stages.extract import LONGEST_TEXT, LONGEST_TITLE, UNKNOWN_TIME, extract_article
from monitor.urls import article_key

SENTENCE = "トランプ大統領は、ロシア産石油の購入国に二次関税を課す可能性があると記者団に答えた。"
FILL = SENTENCE * 4
BARE = make_entry(title="", published_at=None)


def page_of(body="", *, head="", lang="ja", **changes):
    html = f"<!doctype html><html lang={lang}><head>{head}</head><body>{body}</body></html>"
    return make_page(html.encode(), **changes)


def story(inner, **changes):
    """A page whose article holds `inner` between paragraphs that make it long enough to be one."""
    return page_of(
        f"<nav><a href=/>トップ</a></nav><article><h1>見出し</h1><p>{FILL}</p>{inner}<p>{FILL}</p></article>", **changes
    )


def extract(page, *, source=None, entry=BARE):
    return extract_article(source or make_source(), entry, page)


def text_of(inner):
    return extract(story(inner)).text


# --- text -------------------------------------------------------------------------------------------------------------


def test_paragraphs_are_parted_by_a_blank_line():
    assert text_of("<p>第一段落です。</p><p>第二段落です。</p>").count("第一段落です。\n\n第二段落です。") == 1


def test_navigation_is_no_text():
    assert "トップ" not in text_of("")


@pytest.mark.parametrize(
    "inner",
    [
        "<p>ウクラ\nイナ</p>",
        "<p>ウクラ\r\n    イナ</p>",
        "<p>ウク<b>ライナ</b></p>",
        "<p><b>ウク</b>\n<b>ライナ</b></p>",
        "<p>ウク<!-- 広告 -->ライナ</p>",
        "<p>ウク<wbr>ライナ</p>",
        "<p>ウク&shy;ライ&#8203;ナ\ufeff</p>",
        "<p>&#12454;&#12463;&#12521;&#12452;&#12490;</p>",
        "<p><ruby>ウク<rp>(</rp><rt>うく</rt><rp>)</rp>ライナ<rt>らいな</rt></ruby></p>",
        "<p><ruby><rb>ウクラ</rb><rb>イナ</rb><rt>うくら</rt><rt>いな</rt></ruby></p>",
        "<p>ウク<script>x</script>ライナ</p>",
    ],
)
def test_a_word_stays_whole(inner):
    assert "ウクライナ" in text_of(inner)


@pytest.mark.parametrize(
    ("inner", "apart"),
    [
        ("<ul><li>東京</li><li>都庁</li></ul>", "東京都"),
        ("<p>本日</p><p>本会議</p>", "日本"),
        ("<table><tr><td>南</td><td>スーダン</td></tr></table>", "南スーダン"),
    ],
)
def test_what_stands_apart_makes_no_word(inner, apart):
    assert apart not in text_of(inner)


def test_a_break_that_the_page_meant_is_kept():
    assert "一行目\n二行目" in text_of("<p>一行目<br>二行目</p>")


def test_a_line_break_is_a_space_between_latin_words_and_in_korean():
    text = text_of("<p>New\nYork</p><p>한국\n은행</p>")
    assert "New York" in text
    assert "한국 은행" in text


def test_scripts_and_attributes_are_no_text():
    text = text_of('<script>var k = "秘密";</script><p><a href="/tag/秘密" title="秘密">記事一覧はこちらから。</a></p>')
    assert "秘密" not in text


def test_entities_are_decoded_once():
    assert "A&B証券と&amp;" in text_of("<p>A&amp;B証券と&amp;amp;</p>")


def test_the_operators_selector_wins():
    page = story("<div class=note><p>注記\nです</p></div><div class=note>二つ目</div>")
    article = extract(page, source=make_source(body=".note"))
    assert (article.text, article.text_from) == ("注記です\n\n二つ目", TextFrom.PAGE)


@pytest.mark.parametrize("selector", [".absent", "p[", ":unknown-thing", ""])
def test_a_selector_that_finds_nothing_leaves_the_ordinary_extraction(selector):
    assert FILL in extract(story(""), source=make_source(body=selector)).text


def test_nested_finds_of_a_selector_are_taken_once():
    page = page_of("<div class=a>外<div class=a>内</div></div>")
    assert extract(page, source=make_source(body=".a")).text == "外\n\n内"


def test_a_page_without_paragraphs_is_read_from_its_main_part():
    page = page_of(f"<div id=main><section>{FILL}</section></div><footer>会社概要</footer>")
    assert extract(page).text == FILL


def test_text_and_title_are_cut():
    page = page_of(
        "<article>" + "".join(f"<p>{number}{FILL}</p>" for number in range(1300)) + "</article>",
        head=f"<title>{'題' * 600}</title>",
    )
    article = extract(page)
    assert (len(article.text), len(article.title)) == (LONGEST_TEXT, LONGEST_TITLE)


# --- where the text comes from ----------------------------------------------------------------------------------------


def test_without_a_page_the_entry_speaks():
    entry = make_entry(text="要約の\n\n\n\n二段落", authors=("記者",), updated_at=NOW)
    article = extract(None, entry=entry)
    assert (article.title, article.text, article.text_from) == (entry.title, "要約の\n\n二段落", TextFrom.ENTRY)
    assert (article.authors, article.published_at, article.updated_at) == (("記者",), entry.published_at, NOW)
    assert article.fetched_at == UNKNOWN_TIME


def test_without_any_text_the_title_is_left():
    article = extract(None, entry=make_entry())
    assert (article.text, article.text_from, article.language) == ("", TextFrom.TITLE, "ja")


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"%PDF-1.7 ...", "application/pdf"),
        (b"%PDF-1.7 ...", "text/html"),
        (b"\x89PNG\r\n\x1a\n", None),
        (b"GIF89a", "image/gif"),
        (b'{"a": 1}', "application/json"),
        (b"plain words", "text/plain"),
        (b"", "text/html"),
        (b"   \n", None),
    ],
)
def test_what_is_no_markup_leaves_the_entrys_text(body, content_type):
    article = extract(make_page(body, content_type=content_type), entry=make_entry(text="要約"))
    assert (article.text, article.text_from) == ("要約", TextFrom.ENTRY)
    assert article.fetched_at == NOW


def test_identity_and_address():
    entry = make_entry(url="http://127.0.0.1/a/1?utm_source=rss#top", guid="g")
    article = extract(story(""), entry=entry)
    assert article.url == "http://127.0.0.1/a/1"
    assert article.id == article.story == article_key(entry.url, source_id="asahi-wire", guid="g", title=entry.title)
    assert article.missing is None


# --- encodings --------------------------------------------------------------------------------------------------------

DECLARED = (
    "<html lang=ja><head><meta charset={}><title>題</title></head><body><article><p>{}①髙</p></article></body></html>"
)


@pytest.mark.parametrize(
    ("label", "codec"), [("Shift_JIS", "cp932"), ("x-sjis", "cp932"), ("utf-8", "utf-8"), ("windows-31j", "cp932")]
)
def test_the_pages_own_declaration_is_read(label, codec):
    page = make_page(DECLARED.format(label, FILL).encode(codec), content_type="text/html")
    assert extract(page).text == f"{FILL}①髙"


@pytest.mark.parametrize(("label", "codec"), [("EUC-JP", "euc_jp"), ("ISO-2022-JP", "iso2022_jp")])
def test_encodings_of_old(label, codec):
    page = make_page(DECLARED.format(label, FILL).replace("①髙", "").encode(codec), content_type="text/html")
    assert extract(page).text == FILL


def test_http_wins_over_meta_and_a_wrong_declaration_over_nothing():
    body = DECLARED.format("utf-8", FILL).encode("cp932")
    assert FILL in extract(make_page(body, content_type="text/html; charset=Shift_JIS")).text
    assert FILL in extract(make_page(body, content_type="text/html")).text
    assert FILL in extract(make_page(DECLARED.format("Shift_JIS", FILL).encode(), content_type="text/html")).text


# --- title ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("head", "title"),
    [
        ('<meta property="og:title" content="見出しです | 朝の通信">', "見出しです"),
        ('<meta property="og:title" content="朝の通信：見出しです">', "見出しです"),
        ("<title>見出しです｜朝の通信</title>", "見出しです"),
        ("<title>見出しです - 政治 - 朝の通信</title>", "見出しです - 政治"),
        ("<title>A title - The Paper</title><meta property=og:site_name content='The Paper'>", "A title"),
        ("<title>Ukraine - what now?</title>", "Ukraine - what now?"),
        ("<title>会見 - 127</title>", "会見 - 127"),
        ('<script type="application/ld+json">{"@type": "NewsArticle", "headline": "A &amp; B"}</script>', "A & B"),
        ('<meta property="og:title" content="朝の通信"><title>見出しです</title>', "見出しです"),
        ("", ""),
    ],
)
def test_title_of_a_page_without_the_sites_name(head, title):
    assert extract(page_of(f"<p>{FILL}</p>", head=head)).title == title


@pytest.mark.parametrize(
    ("entry_title", "page_title", "title"),
    [
        ("ロシアに二次関税を警告", "トランプ氏、ロシアに二次関税を警告", "トランプ氏、ロシアに二次関税を警告"),
        ("ロシアに二次関税を警告", "ロシアに二次関税を警告 | 外信部", "ロシアに二次関税を警告"),
        ("ロシアに二次関税を警告", "Cookie の使用について", "ロシアに二次関税を警告"),
        ("ロシアに二次関税を警告", "", "ロシアに二次関税を警告"),
        ("ロシアに二次関税を警告 - 朝の通信", "", "ロシアに二次関税を警告"),
        ("", "ページの見出し", "ページの見出し"),
    ],
)
def test_title_of_entry_and_page(entry_title, page_title, title):
    page = page_of(f"<p>{FILL}</p>", head=f'<meta property="og:title" content="{page_title}">')
    assert extract(page, entry=make_entry(title=entry_title)).title == title


# --- dates ------------------------------------------------------------------------------------------------------------


def json_ld(**fields):
    pairs = ", ".join(f'"{key}": {value}' for key, value in fields.items())
    return f'<script type="application/ld+json">{{"@graph": [{{"@type": ["NewsArticle"], {pairs}}}]}}</script>'


def utc(*parts):
    return datetime(*parts, tzinfo=UTC)


@pytest.mark.parametrize(
    ("head", "body", "published", "updated"),
    [
        (
            json_ld(datePublished='"2025-08-16T10:30:00+09:00"', dateModified='"2025-08-17T01:00:00Z"'),
            "",
            utc(2025, 8, 16, 1, 30),
            utc(2025, 8, 17, 1),
        ),
        (json_ld(datePublished='"2025-08-16"'), "", utc(2025, 8, 15, 15), None),
        ('<meta property="article:published_time" content="2025-08-16T10:30">', "", utc(2025, 8, 16, 1, 30), None),
        ('<meta name="pubdate" content="20250816T103000Z">', "<time>2025年1月1日</time>", utc(2024, 12, 31, 15), None),
        ("", "<time datetime='2025-08-16T10:30:00+09:00'>8月16日</time>", utc(2025, 8, 16, 1, 30), None),
        ("", "<p class=date>2025年8月16日 10時30分</p>", utc(2025, 8, 16, 1, 30), None),
        ("", "<p class=date>2025年８月16日（土）午後３時05分</p>", utc(2025, 8, 16, 6, 5), None),
        ("", "<p class=date>2025/08/16 更新: 2025/08/17</p>", utc(2025, 8, 15, 15), utc(2025, 8, 16, 15)),
        ("", "<p class=x>公開日：2025.08.16 10:30</p>", utc(2025, 8, 16, 1, 30), None),
        ("", "<p class=x>令和7年8月16日</p>", utc(2025, 8, 15, 15), None),
        ("", "<p class=date>[08月16日 10時30分]</p>", utc(2026, 8, 16, 1, 30), None),
        ("", "<p class=date>[12月31日 10時30分]</p>", utc(2025, 12, 31, 1, 30), None),
        ("", "", None, None),
    ],
)
def test_dates_of_a_page(head, body, published, updated):
    page = page_of(f"<article><h1>見出しです</h1>{body}<p>{FILL}</p></article>", head=head)
    article = extract(page)
    assert (article.published_at, article.updated_at) == (published, updated)


def test_the_feeds_date_wins():
    page = story("", head=json_ld(datePublished='"2020-01-01T00:00:00Z"'))
    entry = make_entry()
    assert extract(page, entry=entry).published_at == entry.published_at


@pytest.mark.parametrize("date", ["1912-01-01", "2031-01-01", "9999-99-99", "0000-00-00T99", "9" * 10, "-", "x" * 9999])
def test_dates_that_no_news_page_has_are_not_believed(date):
    found = extract(story("", head=json_ld(datePublished=f'"{date}"'))).published_at
    assert found is None or utc(1995, 1, 1) <= found <= NOW + timedelta(days=1)


def test_a_zoneless_time_of_a_page_in_another_language_is_utc():
    page = page_of("<p>" + "Talks go on. " * 40, head='<meta name="date" content="2025-08-16 10:30">', lang="en")
    assert extract(page).published_at == utc(2025, 8, 16, 10, 30)


# --- authors and language ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("author", "names"),
    [
        ('{"@type": "Person", "name": "川村 咲平"}', ("川村 咲平",)),
        ('[{"name": "A. Writer"}, "B. Writer", {"name": "A. Writer"}]', ("A. Writer", "B. Writer")),
        ('{"name": ["A. Writer", 7]}', ("A. Writer",)),
        ('"https://example.com/x"', ()),
        ("17", ()),
    ],
)
def test_authors(author, names):
    assert extract(story("", head=json_ld(author=author))).authors == names


def test_the_entrys_authors_win():
    page = story("", head=json_ld(author='"ページの人"'))
    assert extract(page, entry=make_entry(authors=("配信の人",))).authors == ("配信の人",)


@pytest.mark.parametrize(
    ("operator", "lang", "feed", "text", "language"),
    [
        ("en-US", "ja", None, FILL, "en"),
        (None, "en", "en", FILL, "ja"),
        (None, "de-DE", "en", "Die Gespräche gehen weiter. " * 9, "de"),
        (None, "''", "fr", "Les négociations continuent. " * 9, "fr"),
        (None, "''", None, "Les négociations continuent aujourd'hui à Paris, selon le gouvernement. " * 3, "fr"),
        (None, "ja", None, "The talks about tariffs go on, and nobody knows how they will end. " * 3, "en"),
    ],
)
def test_language(operator, lang, feed, text, language):
    page = page_of(f"<article><p>{text}</p></article>", lang=lang)
    source = make_source(language=operator)
    assert extract(page, source=source, entry=make_entry(title="", language=feed)).language == language


# --- hostile pages ----------------------------------------------------------------------------------------------------

PIECES = st.sampled_from(
    [
        b"<div>", b"</div>", b"<p>", b"<br>", b"<table><tr>", b"<!--", b"-->", b"<script type=application/ld+json>",
        b'{"@type": "NewsArticle", "datePublished": [', b'"headline": {}}', b"</script>", b"<ruby><rt>", b"<time datetime=",
        b"'2025-13-45'>", b"<meta charset=utf-16>", b"<meta property=og:title content=", b"<h1>", b"&#0;&#xffff;&#xd800;",
        b"\xff\xfe\x00", b"\x1b$B", "ウクライナ\n".encode(), b"\x00", b"<svg><title>", b"<![CDATA[", b"<html/>", b" " * 50,
    ]
)  # fmt: skip


def test_characters_that_no_text_has_are_dropped_however_they_are_written():
    text = text_of("<p>ウク&#6;ラ&#x1F;イ&#00127\x07ナ\n&#xFDD0;は&#65;&#x41;</p>")
    assert "ウクライナはAA" in text


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.one_of(PIECES, st.binary(max_size=20)), max_size=40))
def test_no_page_makes_it_fail(pieces):
    article = extract(make_page(b"".join(pieces), content_type="text/html"), entry=make_entry())
    assert article.title
    article.text.encode()


@pytest.mark.parametrize(
    "body",
    [
        b"<div>" * 20_000 + b"x",
        b"<p>" + "あ".encode() + b" " * 500_000 + b"x",
        b"<script type='application/ld+json'>" + b"[" * 100_000 + b"</script><p>abc",
        b"<title>" + b" |" * 100_000 + b"</title>",
        b"&" * 200_000,
        b"x" * 300_000 + b"\x83\x46",
        b"<script type='application/ld+json'>{" + b'"@type": "Article", ' * 50_000 + b"</script>",
    ],
    ids=["deep", "spaces", "json", "separators", "ampersands", "one-line", "torn"],
)
def test_cost_grows_with_the_size_alone(body):
    """Quadratic work on these would run into the minutes."""
    began = datetime.now(UTC)
    extract(make_page(body, content_type="text/html"))
    assert datetime.now(UTC) - began < timedelta(seconds=4)
