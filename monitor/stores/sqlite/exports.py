"""Tables -> export rows with exactly the fields of the contract, oldest first, a page at a time.

No cursor and no transaction stays open between two pages, however slowly the rows are taken.
"""

from collections.abc import Iterator
from datetime import datetime
from sqlite3 import Row

from monitor.errors import recalled_code
from monitor.stores.sqlite.connection import Connection
from monitor.stores.sqlite.values import iso, keys_json, maybe_snippet, seconds, texts

_PAGE = 500
_EVER = float("-inf")

_ARTICLES = "select * from articles where number > :after and fetched_at >= :since order by number limit :size"
_MATCHES = """
select matches.id as number, matches.*, articles.url as article_url, articles.title as article_title,
    articles.source_id as article_source
from matches join articles on articles.id = matches.article_id
where matches.id > :after and matches.matched_at >= :since order by matches.id limit :size
"""
_DELIVERIES = "select * from deliveries where number > :after and created_at >= :since order by number limit :size"
_CHANNELS = """
select match_id, channel, delivery_id from tellings
where match_id in (select value from json_each(:ids)) order by match_id, channel, destination
"""
_TOLD = """
select delivery_id, match_id from tellings
where delivery_id in (select value from json_each(:ids)) order by match_id
"""


def export_rows(db: Connection, what: str, since: datetime | None) -> Iterator[dict[str, object]]:
    """Rows of "articles", "matches" or "deliveries"."""
    statement, shape = _KINDS[what]
    first = _EVER if since is None else seconds(since)
    after = 0
    while True:
        with db.reading():
            rows = db.rows(statement, after=after, since=first, size=_PAGE)
            page = list(shape(db, rows))
        if not rows:
            return
        yield from page
        after = rows[-1]["number"]


def _articles(_: Connection, rows: list[Row]) -> Iterator[dict[str, object]]:
    for row in rows:
        yield {
            "id": row["id"],
            "url": row["url"],
            "source": row["source_id"],
            "title": row["title"],
            "authors": list(texts(row["authors"])),
            "published_at": iso(row["published_at"]),
            "updated_at": iso(row["updated_at"]),
            "fetched_at": iso(row["fetched_at"]),
            "language": row["language"],
            "text": row["text"],
            "text_from": row["text_from"],
            "story": row["story"],
        }


def _matches(db: Connection, rows: list[Row]) -> Iterator[dict[str, object]]:
    channels: dict[int, list[Row]] = {}
    for told in db.rows(_CHANNELS, ids=keys_json(row["id"] for row in rows)):
        channels.setdefault(told["match_id"], []).append(told)
    for row in rows:
        snippet = maybe_snippet(row["snippet"])
        for told in channels.get(row["id"], ()):
            yield {
                "id": row["id"],
                "rule": row["rule_id"],
                "article": row["article_id"],
                "url": row["article_url"],
                "title": row["article_title"],
                "source": row["article_source"],
                "channel": told["channel"],
                "terms": list(texts(row["terms"])),
                "snippet": None if snippet is None else snippet.text,
                "matched_at": iso(row["matched_at"]),
                "delivery": told["delivery_id"],
            }


def _deliveries(db: Connection, rows: list[Row]) -> Iterator[dict[str, object]]:
    matches: dict[str, list[int]] = {}
    for delivery_id, match_id in db.rows(_TOLD, ids=keys_json(row["id"] for row in rows)):
        matches.setdefault(delivery_id, []).append(match_id)
    for row in rows:
        yield {
            "id": row["id"],
            "channel": row["channel"],
            "state": row["state"],
            "attempts": row["attempts"],
            "created_at": iso(row["created_at"]),
            "sent_at": iso(row["sent_at"]),
            "slack_ts": row["receipt"],
            "error": recalled_code(row["last_error"]) or row["last_error"],
            "matches": matches.get(row["id"], []),
        }


_KINDS = {"articles": (_ARTICLES, _articles), "matches": (_MATCHES, _matches), "deliveries": (_DELIVERIES, _deliveries)}
