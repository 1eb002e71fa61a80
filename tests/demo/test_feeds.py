"""What feedparser and json make of the feeds that the site serves."""

import json
from calendar import timegm
from datetime import UTC, datetime, timedelta

import feedparser
import pytest

from monitor.demo import content

COUNTS = {"toto-top": 11, "toto-world": 5, "mizuho": 7, "harbor": 8, "atlas": 6, "minato": 7}


async def read(site, web, source_id):
    source = next(source for source in site.sources if source.id == source_id)
    async with web.get(source.url) as answer:
        assert answer.status == 200
        return await answer.read(), {name.lower(): value for name, value in answer.headers.items()}


async def parse(site, web, source_id):
    body, headers = await read(site, web, source_id)
    return feedparser.parse(body, response_headers=headers)


@pytest.mark.parametrize("source_id", COUNTS)
async def test_the_feed_has_its_entries_in_order(site, web, now, source_id):
    feed = next(feed for feed in content.feeds() if feed.id == source_id)
    listed = [
        article
        for article in content.articles(now)[feed.outlet]
        if not feed.sections or article.section in feed.sections
    ]
    entries = (await parse(site, web, source_id)).entries
    assert len(entries) == COUNTS[source_id]
    assert [entry.title for entry in entries] == [article.title for article in listed]
    for entry, article in zip(entries, listed, strict=True):
        assert article.summary in entry.summary
        assert entry.link.startswith(site.url + article.path)


@pytest.mark.parametrize(
    ("source_id", "kind", "declared"),
    [
        ("toto-top", ("rss20", "utf-8"), b'encoding="UTF-8"'),
        ("mizuho", ("rss10", "euc-jp"), b'encoding="EUC-JP"'),
        ("harbor", ("atom10", "utf-8"), b'encoding="utf-8"'),
        ("atlas", ("rss20", "cp932"), b'encoding="Shift_JIS"'),
    ],
)
async def test_the_feed_is_of_its_kind_and_encoding(site, web, source_id, kind, declared):
    body, _ = await read(site, web, source_id)
    parsed = await parse(site, web, source_id)
    assert (parsed.version, parsed.encoding.lower()) == kind
    assert declared in body


async def test_shift_jis_carries_characters_that_only_windows_has(site, web):
    body, _ = await read(site, web, "atlas")
    with pytest.raises(UnicodeDecodeError):
        body.decode("shift_jis")
    text = body.decode("cp932")
    assert all(character in text for character in "①～髙㈱ｾ")


async def test_the_malformed_feed_is_malformed(site, web):
    parsed = await parse(site, web, "minato")
    assert parsed.bozo
    assert "研究 & 試作の拠点を港に　深水ロボティクスが水中ドローン公開" in [entry.title for entry in parsed.entries]


async def test_the_json_feed(site, web, now):
    body, headers = await read(site, web, "ledger")
    feed = json.loads(body)
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert headers["content-type"].startswith("application/feed+json")
    assert [item["title"] for item in feed["items"]] == [article.title for article in content.articles(now)["ledger"]]
    undated = [item["id"] for item in feed["items"] if "date_published" not in item]
    assert undated == ["ledger:ball-bearings"]
    assert feed["items"][0]["date_published"] == (now - timedelta(hours=7.7)).isoformat(timespec="seconds")


async def test_one_source_is_no_feed(site, web):
    assert [source.id for source in site.sources if not source.readable] == ["hokurei"]
    parsed = await parse(site, web, "hokurei")
    assert not parsed.version
    assert not parsed.entries


@pytest.mark.parametrize("source_id", COUNTS)
async def test_dates_follow_the_clock(site, web, now, source_id):
    for entry in (await parse(site, web, source_id)).entries:
        stated = entry.get("published_parsed") or entry["updated_parsed"]
        at = datetime.fromtimestamp(timegm(stated), tz=UTC)
        assert timedelta() < now - at < timedelta(hours=30)


async def test_two_feeds_share_articles_under_different_addresses(site, web):
    top = {entry.title: entry.link for entry in (await parse(site, web, "toto-top")).entries}
    world = {entry.title: entry.link for entry in (await parse(site, web, "toto-world")).entries}
    assert world.keys() < top.keys()
    assert {top[title].partition("?")[0] for title in world} == set(world.values())
    assert all("utm_source=rss" in link for link in top.values())
