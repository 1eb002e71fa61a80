"""Small values of our own types, everything defaulted, for tests."""

from datetime import UTC, datetime, timedelta
from typing import Any

from monitor.model import Article, FeedEntry, Page, Source, TextFrom

NOW = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)


def make_source(**changes: Any) -> Source:
    values: dict[str, Any] = {
        "id": "asahi-wire",
        "name": "朝の通信",
        "kind": "feed",
        "url": "http://127.0.0.1/feed.xml",
        "every": timedelta(minutes=10),
    }
    return Source(**values | changes)


def make_entry(**changes: Any) -> FeedEntry:
    values: dict[str, Any] = {
        "source_id": "asahi-wire",
        "url": "http://127.0.0.1/a/1",
        "title": "トランプ氏、ロシアに二次関税を警告",
        "published_at": NOW - timedelta(hours=1),
    }
    return FeedEntry(**values | changes)


def make_page(body: bytes = b"", **changes: Any) -> Page:
    values: dict[str, Any] = {
        "url": "http://127.0.0.1/a/1",
        "final_url": "http://127.0.0.1/a/1",
        "status": 200,
        "content_type": "text/html; charset=utf-8",
        "body": body,
        "fetched_at": NOW,
    }
    return Page(**values | changes)


def make_article(**changes: Any) -> Article:
    values: dict[str, Any] = {
        "id": "0123456789abcdef",
        "url": "http://127.0.0.1/a/1",
        "source_id": "asahi-wire",
        "title": "トランプ氏、ロシアに二次関税を警告",
        "published_at": NOW - timedelta(hours=1),
        "fetched_at": NOW,
        "language": "ja",
        "text": "トランプ大統領は、ロシア産石油の購入国に二次関税を課す可能性があると答えた。",
        "text_from": TextFrom.PAGE,
        "story": "0123456789abcdef",
    }
    return Article(**values | changes)
