"""JSON Feed 1.0 and 1.1."""

import json
from datetime import UTC, datetime

import pytest
from builders import make_page, make_source

from monitor.model import Listing
from monitor.sources import read_listing

VERSION = "https://jsonfeed.org/version/1.1"
ENTRY = {
    "id": "tag:example.jp,2025:1",
    "url": "/news/1",
    "title": "二次関税を警告 — A &amp; B",
    "content_html": "<p>一段落。</p><p>二段落<script>x</script>。</p>",
    "summary": "短い",
    "date_published": "2025-11-20T10:00:00+09:00",
    "date_modified": "2025-11-20 12:00",
    "authors": [{"name": "山田"}, {"name": "佐藤"}, {"url": "x"}],
    "language": "ja",
}


def read(*entries: object, **feed: object) -> Listing:
    body = json.dumps({"version": VERSION, "title": "朝の通信", "items": list(entries)} | feed).encode()
    return read_listing(make_source(), make_page(body, final_url="https://example.jp/feed.json"))


def test_reads_everything():
    listing = read(ENTRY, language="ja_JP", home_page_url="https://example.jp/")
    assert (listing.title, listing.home_url, listing.language) == ("朝の通信", "https://example.jp/", "ja-jp")
    (entry,) = listing.entries
    assert (entry.url, entry.guid) == ("https://example.jp/news/1", "tag:example.jp,2025:1")
    assert (entry.title, entry.text) == ("二次関税を警告 — A & B", "一段落。\n\n二段落。")
    assert entry.authors == ("山田", "佐藤")
    assert entry.published_at == datetime(2025, 11, 20, 1, tzinfo=UTC)
    assert entry.updated_at == datetime(2025, 11, 20, 3, tzinfo=UTC)
    assert entry.language == "ja"


def test_version_1_0_and_numbers_for_ids():
    (entry,) = read(
        {"id": 7, "content_text": "a <b>", "author": {"name": "N"}}, version="https://jsonfeed.org/version/1"
    ).entries
    assert (entry.guid, entry.url, entry.text, entry.authors) == ("7", None, "a <b>", ("N",))


@pytest.mark.parametrize("version", ["1.0", "1"])
def test_a_bare_version_number(version):
    assert read(ENTRY, version=version).entries


def test_an_id_that_is_an_address():
    assert read({"id": "https://example.jp/2", "title": "x"}).entries[0].url == "https://example.jp/2"


@pytest.mark.parametrize(
    "entry",
    [
        None,
        1,
        "x",
        [],
        {},
        {"title": ["x"]},
        {"url": {"a": 1}, "authors": "x"},
    ],
)
def test_what_is_no_entry_is_left_out(entry):
    assert [entry.title for entry in read(entry, ENTRY).entries] == ["二次関税を警告 — A & B"]


@pytest.mark.parametrize("entry", [{"id": "only"}, {"url": "javascript:x"}])
def test_an_entry_that_says_nothing_is_listed_as_it_is(entry):
    first, second = read(entry, ENTRY).entries
    assert (first.url, first.title, first.text) == (None, "", "")
    assert second.title == "二次関税を警告 — A & B"


def test_lone_surrogates_are_dropped():
    (entry,) = read(ENTRY | {"title": "a\ud800b", "id": "\udfff1"}).entries
    assert (entry.title, entry.guid) == ("ab", "1")
