"""The site as a client meets it: pages, validators, closed doors, slowness, its end."""

import asyncio
import time
from datetime import timedelta
from http import HTTPStatus

import aiohttp
import pytest
import trafilatura
from bs4 import BeautifulSoup

from monitor.demo import NewsSite, content
from monitor.demo.documents import documents


def every_article(now):
    return [article for listed in content.articles(now).values() for article in listed]


def found(now, outlet, article_id):
    return next(article for article in content.articles(now)[outlet] if article.id == article_id)


async def test_every_article_page_is_served(site, web, now):
    articles = [article for article in every_article(now) if article.page == "normal"]
    assert len(articles) > 35
    for article in articles:
        async with web.get(site.url + article.path) as answer:
            assert answer.status == 200
            page = BeautifulSoup((await answer.read()).decode(article.outlet.codec), "lxml")
        assert page.h1.get_text() == article.title
        body = BeautifulSoup(article.body, "lxml").get_text()
        assert "".join(body.split()) in "".join(page.get_text().split())
        assert len(page.find_all("a")) > 5


async def test_links_on_the_site_lead_somewhere(site, web):
    for path in ["/", *(f"/{outlet}/" for outlet in content.outlets()), "/robots.txt"]:
        async with web.get(site.url + path) as answer:
            assert answer.status == 200, path
    async with web.get(site.url + "/toto/articles/none.html") as answer:
        assert answer.status == 404


async def test_pages_state_their_encoding_in_different_places(site, web, now):
    for outlet, stated in {"toto": "UTF-8", "mizuho": "EUC-JP", "atlas": None}.items():
        async with web.get(site.url + content.articles(now)[outlet][1].path) as answer:
            assert answer.charset == stated
            body = await answer.read()
    assert b"charset=Shift_JIS" in body
    assert "円安" in body.decode("cp932")


@pytest.mark.parametrize("outlet", ["toto", "mizuho", "harbor", "atlas", "ledger", "minato"])
async def test_extraction_keeps_to_the_article(site, web, now, outlet):
    siblings = [article for article in content.articles(now)[outlet] if article.page == "normal"]
    for article in siblings:
        async with web.get(site.url + article.path) as answer:
            page = (await answer.read()).decode(article.outlet.codec)
        read = trafilatura.bare_extraction(page, url=site.url + article.path, with_metadata=True)
        assert read.date == article.at.strftime("%Y-%m-%d")
        assert article.paragraphs[-1][:20] in read.text
        assert not [other.id for other in siblings if other is not article and other.title in read.text]


async def test_a_closed_door(site, web, now):
    article = found(now, "atlas", "freight")
    async with web.get(site.url + article.path) as answer:
        assert answer.status == HTTPStatus.FORBIDDEN
        assert "二次関税" not in (await answer.read()).decode("cp932")
    assert "二次関税" in article.summary


async def test_a_page_without_text(site, web, now):
    article = found(now, "harbor", "fuel-depots")
    async with web.get(site.url + article.path) as answer:
        page = await answer.text()
    assert answer.status == 200
    assert trafilatura.bare_extraction(page) is None
    assert "NATO" in article.summary


async def test_a_slow_page_outlasts_the_settings_of_the_demo(now):
    slow = [document for document in documents("http://127.0.0.1", now).values() if document.delay]
    assert [document.delay > timedelta(seconds=2) for document in slow] == [True]


async def test_the_site_closes_while_a_slow_page_is_asked_for(now, web):
    async with NewsSite(now) as site:
        asking = asyncio.create_task(web.get(site.url + found(now, "ledger", "hulls").path))
        async with web.get(site.url + "/robots.txt"):
            began = time.monotonic()
    assert time.monotonic() - began < 2
    (outcome,) = await asyncio.gather(asking, return_exceptions=True)
    if isinstance(outcome, aiohttp.ClientResponse):
        outcome.close()


@pytest.mark.parametrize("path", ["/mizuho/index.rdf", "/ledger/feed.json", "/toto/articles/japan-nato.html"])
async def test_validators_are_honoured(site, web, path):
    async with web.get(site.url + path) as answer:
        etag, modified = answer.headers["ETag"], answer.headers["Last-Modified"]
    for headers, status in [
        ({"If-None-Match": etag}, 304),
        ({"If-None-Match": "*"}, 304),
        ({"If-None-Match": '"other"'}, 200),
        ({"If-Modified-Since": modified}, 304),
        ({"If-Modified-Since": "Mon, 01 Jan 2024 00:00:00 GMT"}, 200),
        ({"If-None-Match": '"other"', "If-Modified-Since": modified}, 200),
    ]:
        async with web.get(site.url + path, headers=headers) as answer:
            assert answer.status == status, headers
            assert bool(await answer.read()) == (status == 200)
            assert answer.headers["ETag"] == etag


async def test_validators_change_with_the_content(now):
    before = documents("http://127.0.0.1", now)["/mizuho/index.rdf"]
    after = documents("http://127.0.0.1", now + timedelta(minutes=1))["/mizuho/index.rdf"]
    assert before.etag != after.etag
    assert before.modified_at < after.modified_at


async def test_two_sites_stand_side_by_side(now):
    async with NewsSite(now) as one, NewsSite(now) as other:
        assert one.url != other.url


def test_a_site_that_is_not_open_has_no_address(now):
    with pytest.raises(RuntimeError):
        _ = NewsSite(now).url
