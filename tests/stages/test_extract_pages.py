"""Pages of kinds that extractors stumble over: flashes, teasers, AMP, old tables, text that only machines are given."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from builders import make_entry, make_page, make_source

from monitor.model import TextFrom
from monitor.stages.extract import extract_article

TITLE = "東京都、受け入れ施設を3割増へ"
FIRST = "東京都は、帰宅できない人を受け入れる施設を、3年で3割増やす計画をまとめた。備蓄の費用を補助する。"
SECOND = "計画では、新たに約180の施設を確保する。水や食料、簡易トイレのほか、充電設備をそろえる。"
TEXT = f"{FIRST}\n\n{SECOND}"
LONG = FIRST * 8
MENU = "<nav><ul><li><a href=/>トップ</a></li><li><a href=/s>社会</a></li></ul></nav>"
ENTRY = make_entry(title=TITLE, text="要約")


def read(body, *, head="", root="<html lang=ja>", entry=ENTRY):
    html = f"<!doctype html>{root}<head><meta charset=utf-8>{head}</head><body>{body}</body></html>"
    return extract_article(make_source(), entry, make_page(html.encode(), content_type="text/html"))


def stated(**fields):
    return f'<script type="application/ld+json">{json.dumps({"@type": "NewsArticle", **fields})}</script>'


# --- short pages ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [
        f"<article><h1>{TITLE}</h1><p class=d>2026年11月23日 14:36</p><p>{FIRST}</p><p>{SECOND}</p></article>",
        f"<article><h1>{TITLE}</h1><time>11月23日 14時36分</time><div><p>{FIRST}<br><br>\n{SECOND}</p></div></article>",
        f"<div id=main><h1>{TITLE}</h1><div class=article><p>　{FIRST}</p><p>　{SECOND}</p></div></div>",
        f"<header><a href=/>朝の通信</a></header><main><h1>{TITLE}</h1><p>{FIRST}</p><p>{SECOND}</p></main>",
        f"<div class=article-body><p>{FIRST}</p><p>{SECOND}</p></div>",
    ],
)
def test_a_flash_is_its_paragraphs(body):
    article = read(f"{MENU}{body}<footer><p>会社案内</p></footer>")
    assert (article.text, article.text_from) == (TEXT, TextFrom.PAGE)


def test_a_flash_of_one_sentence_holds_no_menu_and_no_second_headline():
    said = "東京都は、受け入れ施設を増やす計画をまとめた。"
    around = "<header><a href=/>朝の通信</a></header><nav><a href=/p>政治</a> <a href=/e>経済</a></nav>"
    after = "<aside>ランキング 関税 選挙</aside><footer>会社概要</footer>"
    assert read(f"{around}<main><article><h1>{TITLE}</h1><p>{said}</p></article></main>{after}").text == said
    # A menu alone says nothing: what the last resort has read stays.
    assert "開催中" in read(f"{around}<main><p>展覧会 開催中</p></main>{after}").text


def test_a_sentence_outside_of_paragraphs_is_not_lost():
    text = read(f"<article><h1>{TITLE}</h1><div>{FIRST}</div><p>{SECOND}</p></article>").text
    assert FIRST in text
    assert SECOND in text


def test_an_english_flash():
    one, two = "The museum lamp floats on mercury no more.", "Entry is free until the end of this cold month."
    title = "Lighthouse museum reopens"
    entry = make_entry(title=title)
    body = f"<article><h1>{title}</h1><p class=m>Nov 23, 2026</p><p>{one}</p><p>{two}</p></article>"
    assert read(body, root="<html lang=en>", entry=entry).text == f"{one}\n\n{two}"


def test_two_breaks_part_paragraphs_and_one_parts_lines():
    text = read(f"<article><p>{LONG}<br><br>{SECOND}<br> <br><br>終わり。<br>{FIRST}</p></article>").text
    assert text == f"{LONG}\n\n{SECOND}\n\n終わり。\n{FIRST}"


def test_a_table_of_links_is_a_menu_and_one_of_words_is_not():
    menu = "<table><tr><td><a href=/>表紙</a></td><td><a href=/m>市場</a></td></tr></table>"
    results = "<table><tr><td><a href=/x>青木</a></td><td>3勝</td></tr><tr><td>井上</td><td>2勝</td></tr></table>"
    text = read(f"{menu}<div class=article><p>{FIRST}</p>{results}<p>{SECOND}</p></div>").text
    assert "市場" not in text
    assert "青木" in text
    assert "2勝" in text


#: In a place that the extractor takes for no article.
MISSED = "<div id=main><div class=comment>{}</div></div>"


def test_a_place_that_the_extractor_misses_is_taken_alone():
    assert read(f"<p>広告</p>{MISSED.format(LONG)}<p>会社案内</p>").text == LONG


@pytest.mark.parametrize(
    "unseen",
    [
        "<div role=navigation>社会面</div>",
        "<p hidden>社会面</p>",
        "<div hidden>社<p hidden>会</p>面</div>",
        "<aside>社会面</aside>",
    ],
)
@pytest.mark.parametrize("root", ["<html lang=ja>", "<html lang=ja hidden>"])
def test_what_a_page_does_not_show_is_no_text_of_such_a_place(unseen, root):
    assert read(MISSED.format(LONG + unseen), root=root).text == LONG


# --- text that the page does not show ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "stated_text",
    [f"{LONG}\n\n{SECOND}", f"<p>{LONG}</p><p>{SECOND}</p>", f"&lt;p&gt;{LONG}&lt;/p&gt;&lt;p&gt;{SECOND}"],
)
@pytest.mark.parametrize(
    "shown", ["<div id=root></div>", "<p>この記事を読むには JavaScript を有効にしてください。</p>"]
)
def test_the_text_that_is_stated_where_none_is_shown(shown, stated_text):
    article = read(shown, head=stated(headline=TITLE, articleBody=stated_text))
    assert (article.text, article.text_from) == (f"{LONG}\n\n{SECOND}", TextFrom.PAGE)


def test_the_text_that_is_shown_wins_over_a_part_of_it():
    assert read(f"<article><p>{LONG}</p><p>{SECOND}</p></article>", head=stated(articleBody=LONG)).text.endswith(SECOND)


@pytest.mark.parametrize("value", [7, None, [], {"@value": LONG}, "", "<", "<p>"])
def test_stated_text_that_is_none(value):
    assert read(f"<article><p>{FIRST}</p><p>{SECOND}</p></article>", head=stated(articleBody=value)).text == TEXT


def test_a_page_without_text_leaves_the_entrys():
    article = read("<div id=root></div>")
    assert (article.text, article.text_from) == ("要約", TextFrom.ENTRY)


# --- other kinds ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("root", ["<html amp lang=ja>", "<html ⚡ lang=ja>"])
def test_amp(root):
    body = f"""
    <amp-sidebar id=side><ul><li><a href=/>トップ</a></li></ul></amp-sidebar>
    <article><h1>{TITLE}</h1><amp-img src=x.jpg width=1 height=1 alt="写真"></amp-img><p>{FIRST}</p>
    <amp-ad width=1 height=1 type=x><div fallback></div></amp-ad><p>{SECOND}</p></article>
    <amp-analytics><script type="application/json">{{"vars": {{"k": "計測"}}}}</script></amp-analytics>
    """
    boilerplate = "<style amp-boilerplate>body{visibility:hidden}</style><script async src=v0.js></script>"
    assert read(body, root=root, head=boilerplate).text == TEXT


def test_a_teaser_before_a_wall_is_the_pages_text():
    wall = "<div class=paywall><p>この記事は会員限定です。</p><a href=/login>ログイン</a></div>"
    article = read(
        f"<article><h1>{TITLE}</h1><div class=teaser-body><p>{FIRST}</p></div>{wall}</article>",
        head=stated(headline=TITLE, isAccessibleForFree=False),
    )
    assert FIRST in article.text
    assert article.text_from == TextFrom.PAGE


def test_an_author_that_is_stated_elsewhere_in_the_page():
    graph = {
        "@graph": [
            {"@type": "NewsArticle", "headline": TITLE, "author": {"@id": "#/person/1"}},
            {"@type": "Person", "@id": "#/person/1", "name": "川村 咲平"},
        ]
    }
    head = f'<script type="application/ld+json">{json.dumps(graph)}</script>'
    article = read(f"<article><p>川村 咲平</p><p>{FIRST}</p><p>{SECOND}</p></article>", head=head)
    assert (article.authors, article.text) == (("川村 咲平",), TEXT)


@pytest.mark.slow
@pytest.mark.parametrize(
    "body",
    [
        f"<article>{f'<p>{LONG}</p>' * 4200}</article>",
        f"<article><p>{LONG}</p></article><script>{'var a = 1;' * 500_000}</script>",
        f"<article><p>{LONG}</p></article>" + "<ul><li><a href=/x>リンク</a></li></ul>" * 20_000 + " " * 4_000_000,
        f"<article><p>{FIRST}{'<br>' * 100_000}</p></article>",
        f"<article><p>{'あ' * 1_700_000}</p></article>",
    ],
    ids=["paragraphs", "script", "links", "breaks", "one-line"],
)
def test_five_megabytes_cost_seconds(body):
    began = datetime.now(UTC)
    article = read(body)
    assert article.text
    assert datetime.now(UTC) - began < timedelta(seconds=20)
