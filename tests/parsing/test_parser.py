import asyncio
import subprocess
import sys
from datetime import UTC, datetime

import pytest
from builders import make_entry, make_page, make_source

from monitor.errors import ParseError
from monitor.model import TextFrom
from monitor.parsing.children import Limits
from monitor.parsing.parser import ChildParser

LATER = datetime(2026, 11, 24, tzinfo=UTC)
TEXT = "トランプ大統領は、ロシア産石油の購入国に二次関税を課す可能性があると記者団に答えた。" * 5
ARTICLE = f"<html lang=ja><body><article><h1>見出し</h1><p>{TEXT}</p></article></body></html>".encode()
FEED = """<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>朝の通信</title><link>http://127.0.0.1/</link>
<item><title>二次関税を警告</title><link>http://127.0.0.1/a/1</link></item></channel></rss>""".encode()


@pytest.fixture
async def parser():
    made = ChildParser(limits=Limits(seconds=5.0), now=lambda: LATER)
    yield made
    await made.close()


async def test_reads_a_feed_and_its_article_in_children(parser):
    source = make_source()
    listing = await parser.listing(source, make_page(FEED, content_type="application/rss+xml"))
    assert [entry.title for entry in listing.entries] == ["二次関税を警告"]
    article = await parser.article(source, listing.entries[0], make_page(ARTICLE))
    assert TEXT in article.text
    assert article.text_from is TextFrom.PAGE


async def test_an_article_without_a_page_was_looked_for_now(parser):
    article = await parser.article(make_source(), make_entry(text="本文"), None)
    assert (article.text, article.fetched_at) == ("本文", LATER)


async def test_what_is_no_feed_is_a_parse_error(parser):
    with pytest.raises(ParseError):
        await parser.listing(make_source(), make_page(b"\x89PNG\r\n", content_type="image/png"))


@pytest.mark.fault(55)
@pytest.mark.slow
async def test_a_hostile_feed_costs_its_time_limit_and_nothing_more():
    attributes = " ".join(f'attribute{number}="x"' for number in range(40_000))
    hostile = make_page(f"<?xml version='1.0'?><rss {attributes}><channel/></rss>".encode(), content_type="text/xml")
    parser = ChildParser(count=2, limits=Limits(seconds=2.0))
    await parser.listing(make_source(), make_page(FEED))
    began = asyncio.get_running_loop().time()
    results = await asyncio.gather(
        parser.listing(make_source(), hostile),
        *(parser.listing(make_source(), make_page(FEED)) for _ in range(20)),
        return_exceptions=True,
    )
    await parser.close()
    assert asyncio.get_running_loop().time() - began < 6
    # A reader that is not quadratic may live through it.
    assert not isinstance(results[0], BaseException) or results[0].code in ("parsing.timeout", "sources.not-a-feed")
    assert all(len(listing.entries) == 1 for listing in results[1:])


def test_the_parsers_are_not_imported_here():
    script = "import monitor.parsing.parser, sys; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.split()
    assert not {"feedparser", "trafilatura", "bs4", "lxml", "py3langid", "numpy"} & set(loaded)


@pytest.mark.parametrize("code", ["timeout", "memory", "died", "failed", "start", "closed", "no-text"])
@pytest.mark.parametrize("language", ["ja", "en"])
def test_every_message_can_be_said(code, language):
    facts = {"url": "http://127.0.0.1/", "seconds": 5.0, "megabytes": 768, "error": "KeyError", "python": "python3"}
    assert "{" not in ParseError(f"parsing.{code}", **facts).message(language)
