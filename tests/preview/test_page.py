"""Digests as a page."""

from html.parser import HTMLParser

import pytest
from digests import HOSTILE, HOSTILE_URLS, TOKYO, full_digest, make_digest, make_digest_entry, make_section

from monitor.model import Digest, DigestSection, Outlet, Snippet
from monitor.preview.page import preview_html


class Reading(HTMLParser):
    """Tags, attributes and visible text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str, str | None]] = []
        self.words = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(tag, name, value) for name, value in attrs]

    def handle_data(self, data: str) -> None:
        self.words += data


def read(*digests: Digest, language: str = "ja") -> Reading:
    return Reading(preview_html(digests, language=language, zone=TOKYO))


def links(page: Reading) -> list[str | None]:
    return [value for tag, name, value in page.attributes if (tag, name) == ("a", "href")]


@pytest.mark.parametrize("language", ["ja", "en"])
def test_it_shows_what_slack_would(language):
    page = read(full_digest(), language=language)
    for words in (
        "トランプ氏、ロシアに二次関税を警告",
        "朝の通信",
        "NATO加盟国は反発した。",
        "asa",
        "@here",
        "@pr-duty",
        "■ 停戦協議",
    ):
        assert words in page.words
    assert ("html", "lang", language) in page.attributes
    assert "https://news.example/a/1?x=1&y=2" in links(page)


def test_matched_words_are_marked():
    assert "<blockquote>大統領は、ロシア産石油の購入国に<b>二次関税</b>を課す" in preview_html(
        [make_digest()], language="ja", zone=TOKYO
    )


def test_a_long_digest_has_its_thread():
    page = read(make_digest(make_section(*(make_digest_entry(number) for number in range(1, 40)))))
    assert "details" in page.tags
    assert "スレッドの返信" in page.words
    assert len(links(page)) == 39


def test_what_a_throttle_leaves_no_room_for_stands_in_the_thread():
    listed = (make_digest_entry(2, title=Snippet(text="停戦協議が再開")),)
    section = DigestSection(rule_id="r", rule_name="停戦", entries=(make_digest_entry(1),), more=listed)
    shown = read(make_digest(section)).words
    assert "ほか1件(スレッドに一覧)" in shown
    assert "停戦協議が再開" in shown.partition("ほか1件(スレッドに一覧)")[2]


def test_a_short_digest_has_none():
    assert "details" not in read(make_digest()).tags


def test_each_message_says_when_it_goes_out():
    html = preview_html([make_digest(), make_digest()], language="ja", zone=TOKYO, times=["18:00 <に>", "7:00"])
    assert '<p class="when">18:00 &lt;に&gt;</p>' in html
    assert '<p class="when">7:00</p>' in html
    assert 'class="when"' not in preview_html([make_digest()], language="ja", zone=TOKYO)


def test_nothing_waiting_says_so():
    assert "配信を待つ記事はありません" in read().words
    assert "Nothing waits" in read(language="en").words


def test_nothing_is_loaded_and_nothing_runs():
    page = read(full_digest())
    assert not {"script", "img", "link", "iframe", "object", "form"} & set(page.tags)
    assert not [name for _, name, _ in page.attributes if name in ("src", "srcset", "style") or name.startswith("on")]
    assert ("meta", "content", "default-src 'none'; style-src 'unsafe-inline'") in page.attributes
    assert "url(" not in preview_html([full_digest()], language="ja", zone=TOKYO)
    assert "@import" not in preview_html([full_digest()], language="ja", zone=TOKYO)


@pytest.mark.parametrize("words", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_words_are_words(words):
    spans = ((0, len(words)),) if words else ()
    tame, wild = (
        read(
            make_digest(
                make_section(
                    make_digest_entry(
                        title=Snippet(text=text),
                        snippet=Snippet(text=text, highlights=marked),
                        outlet=text,
                        also_outlets=(Outlet(name=text, url="https://a.example"),),
                    ),
                    name=text,
                ),
                channel=text,
                destination=text,
                mentions=(text,),
            )
        )
        for text, marked in (("tame", ((0, 4),)), (words, spans))
    )
    assert set(wild.tags) <= set(tame.tags)
    assert {(tag, name) for tag, name, _ in wild.attributes} <= {(tag, name) for tag, name, _ in tame.attributes}


@pytest.mark.parametrize("url", HOSTILE_URLS, ids=range(len(HOSTILE_URLS)))
def test_hostile_addresses_are_no_links(url):
    assert links(read(make_digest(make_section(make_digest_entry(url=url))))) == []
