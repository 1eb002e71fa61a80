"""A search -> its hits, by the time of the news: what the search index leaves, sorted out on the text."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from time import monotonic

from monitor.ports import Found, Hits
from monitor.stores.sqlite import indexing, records
from monitor.stores.sqlite.connection import Connection
from monitor.stores.sqlite.values import instant, keys_json
from monitor.stores.sqlite.words import query_of, sure_query_of
from monitor.text.query import Query

_LARGEST_NUMBER = 2**62
#: The index goes by the order of storing, in which the news of one poll stand anyhow: so many times what is asked for is
#: put in order at a time.
_REACH, _SMALLEST_PAGE = 4, 200
#: Articles whose text is read at a time.
_CHUNK = 50
#: So many articles are looked at in vain however long it takes.
LEAST_MISSES = 200

_CANDIDATES = """
select rowid from article_words where article_words match :query and rowid < :below order by rowid desc limit :size
"""
# For what no pair stands for, such as "&" alone.
_ALL = "select number from articles where number < :below order by number desc limit :size"
_TIME = "min(coalesce(articles.published_at, articles.fetched_at), articles.fetched_at) desc, articles.number desc"
_IN_ORDER = f"""
select number from articles where number in (select value from json_each(:numbers)) order by {_TIME}
"""  # noqa: S608 - a constant of ours
_ARTICLES = f"""
select articles.*, coalesce(sources.name, articles.source_id) as outlet
from articles left join sources on sources.id = articles.source_id
where articles.number in (select value from json_each(:numbers)) order by {_TIME}
"""  # noqa: S608 - likewise
_FETCHED = "select fetched_at from articles where number = :number"


def search(db: Connection, query: Query, *, limit: int, patience: timedelta) -> Hits:
    """See `ports.Archive.search`."""
    look = _Look(db, query, limit)
    size = max(_REACH * limit, _SMALLEST_PAGE)
    hits = Hits()
    with db.reading():
        left_at = look.through(_candidates(db, query_of(query), size), patience / 2)
        if left_at is not None:
            [(fetched_at,)] = db.rows(_FETCHED, number=left_at)
            hits.looked_back_to = instant(fetched_at)
            sure = sure_query_of(query)
            if sure and left_at >= indexing.first_indexed(db):
                # Of what is older, articles that hold the letters of an excluded word, if only inside another one, are
                # passed over.
                look.through(_pages(db, _CANDIDATES, size, query=sure, below=left_at + 1), patience / 2)
    hits += sorted(look.found, key=_time_of_news, reverse=True)
    return hits


class _Look:
    """What was looked at so far, and what of it answers."""

    def __init__(self, db: Connection, query: Query, limit: int) -> None:
        self._db, self._query, self._limit = db, query, limit
        self._seen: set[int] = set()
        self._misses = 0
        self.found: list[Found] = []

    def through(self, pages: Iterator[list[int]], patience: timedelta) -> int | None:
        """Look at numbers page by page until enough is found; the largest of the page in which it was given up."""
        ends_at, self._misses = monotonic() + patience.total_seconds(), 0
        for page in pages:
            for chunk in self._chunks(page):
                self._at(chunk)
                if len(self.found) >= self._limit:
                    return None
                if self._misses >= LEAST_MISSES and monotonic() > ends_at:
                    return page[0]
        return None

    def _chunks(self, page: list[int]) -> Iterator[list[int]]:
        numbers = [row["number"] for row in self._db.rows(_IN_ORDER, numbers=keys_json(page))]
        unseen = [number for number in numbers if number not in self._seen]
        for start in range(0, len(unseen), _CHUNK):
            yield unseen[start : start + _CHUNK]

    def _at(self, numbers: list[int]) -> None:
        for row in self._db.rows(_ARTICLES, numbers=keys_json(numbers)):
            if len(self.found) >= self._limit:
                return
            self._seen.add(row["number"])
            if self._query.holds(title=row["title"], text=row["text"], outlet=row["outlet"]):
                self.found.append(Found(article=records.article(row), outlet=row["outlet"]))
            else:
                self._misses += 1


def _candidates(db: Connection, query: str, size: int) -> Iterator[list[int]]:
    """What the index leaves, and what is not in it: an article that waits for its place there is read."""
    first = indexing.first_indexed(db) if query else _LARGEST_NUMBER
    if first < indexing.NOTHING:
        yield from _pages(db, _CANDIDATES, size, query=query, below=_LARGEST_NUMBER)
    if first > 0:
        yield from _pages(db, _ALL, size, below=first)


def _pages(db: Connection, statement: str, size: int, *, below: int, **facts: str) -> Iterator[list[int]]:
    while numbers := [row[0] for row in db.rows(statement, below=below, size=size, **facts)]:
        yield numbers
        below = numbers[-1]


def _time_of_news(found: Found) -> datetime:
    article = found.article
    return min(article.published_at or article.fetched_at, article.fetched_at)
