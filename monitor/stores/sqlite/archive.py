"""What is read and never changed: search, look-ups, exports, numbers. Implements `ports.Archive`."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from sqlite3 import Row

from monitor.model import Article, Fate, SourceState
from monitor.ports import Carrier, Extent, Found, PastRule, Vitals
from monitor.stores.sqlite import indexing, records
from monitor.stores.sqlite.connection import Connection
from monitor.stores.sqlite.exports import export_rows
from monitor.stores.sqlite.fates import fates_of
from monitor.stores.sqlite.scanning import extent, scan
from monitor.stores.sqlite.values import keys_json, seconds, texts
from monitor.stores.sqlite.vitals import vitals
from monitor.stores.sqlite.whereabouts import carriers, sources_of
from monitor.stores.sqlite.words import query_of
from monitor.text.query import Query

_LARGEST_NUMBER = 2**62
_SMALLEST_PAGE = 200
#: So many times what is asked for is found, for the newest among them.
_REACH = 4

_CANDIDATES = """
select rowid from article_words where article_words match :query and rowid < :below order by rowid desc limit :size
"""
# For what no pair stands for, such as "&" alone.
_ALL = "select number from articles where number < :below order by number desc limit :size"
_ARTICLES = """
select articles.*, coalesce(sources.name, articles.source_id) as outlet
from articles left join sources on sources.id = articles.source_id
where articles.number in (select value from json_each(:numbers))
order by articles.number desc
"""
_ARTICLE = "select * from articles where id = :wanted or url = :wanted order by number desc limit 1"
_MATCHED = """
select rule_id, rule_name, terms, count(*) as matches, max(id) as newest from matches
where id > (select max(id) from matches) - :most and matched_at >= :since
group by rule_id, rule_name, terms order by rule_id, newest
"""
#: Matches that are looked at in search of rules; so many are read in some tenths of a second.
_MOST_MATCHES = 100_000
_STATES = "select * from sources where active = 1 order by id"
_COUNTS = """
select 'articles' as subject, 'stored' as name, count(*) as number from articles
union all select 'matches', telling, count(*) from tellings group by telling
union all select 'revisits' as subject, 'waiting', count(*) from revisits group by subject
union all select case when period like 'ops/%' then 'notes' else 'deliveries' end as subject, state, count(*)
from deliveries group by subject, state
"""


def _past_rule(id_: str, rows: list[Row]) -> PastRule:
    """From the rows of one rule, the newest last."""
    terms = frozenset(term for row in rows for term in texts(row["terms"]))
    return PastRule(id=id_, name=rows[-1]["rule_name"], terms=terms, matches=sum(row["matches"] for row in rows))


def _time_of_news(found: Found) -> datetime:
    article = found.article
    return min(article.published_at or article.fetched_at, article.fetched_at)


class Reading:
    """`ports.Archive` on SQLite."""

    def __init__(self, connection: Connection) -> None:
        self._db = connection

    def search(self, query: Query, *, limit: int) -> list[Found]:
        found: list[Found] = []
        # The order of the index is that of storing, in which the news of one poll stand anyhow.
        most = max(_REACH * limit, _SMALLEST_PAGE)
        with self._db.reading():
            for row in self._candidates(query_of(query.root), most):
                if len(found) >= most:
                    break
                if query.holds(title=row["title"], text=row["text"], outlet=row["outlet"]):
                    found.append(Found(article=records.article(row), outlet=row["outlet"]))
        return sorted(found, key=_time_of_news, reverse=True)[:limit]

    def _candidates(self, query: str, size: int) -> Iterator[Row]:
        """What the index leaves, and what is not in it: an article that waits for its place there is read."""
        first = indexing.first_indexed(self._db) if query else _LARGEST_NUMBER
        if first < indexing.NOTHING:
            yield from self._pages(_CANDIDATES, size, query=query, below=_LARGEST_NUMBER)
        if first > 0:
            yield from self._pages(_ALL, size, below=first)

    def _pages(self, statement: str, size: int, *, below: int, **facts: str) -> Iterator[Row]:
        while numbers := [row[0] for row in self._db.rows(statement, below=below, size=size, **facts)]:
            yield from self._db.rows(_ARTICLES, numbers=keys_json(numbers))
            below = numbers[-1]

    def article(self, id_or_url: str) -> Article | None:
        with self._db.translating():
            rows = self._db.rows(_ARTICLE, wanted=id_or_url)
        return records.article(rows[0]) if rows else None

    def extent(self, *, since: datetime | None = None, until: datetime | None = None) -> Extent:
        return extent(self._db, since, until)

    def articles(
        self,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        numbers: range | None = None,
        newest_first: bool = False,
    ) -> Iterator[Article]:
        return scan(self._db, since, until, numbers, newest_first=newest_first)

    def carriers(self, key: str) -> list[Carrier]:
        return carriers(self._db, key)

    def sources_of(self, site: str) -> list[str]:
        return sources_of(self._db, site)

    def past_rules(self, *, since: datetime) -> list[PastRule]:
        with self._db.translating():
            rows = self._db.rows(_MATCHED, since=seconds(since), most=_MOST_MATCHES)
        return [_past_rule(id_, list(found)) for id_, found in groupby(rows, key=itemgetter("rule_id"))]

    def rows(self, what: str, *, since: datetime | None) -> Iterator[dict[str, object]]:
        return export_rows(self._db, what, since)

    def fates(self, article_id: str) -> list[Fate]:
        return fates_of(self._db, article_id)

    def source_states(self) -> Mapping[str, SourceState]:
        with self._db.translating():
            return {row["id"]: records.state(row) for row in self._db.rows(_STATES)}

    def counts(self) -> Mapping[str, Mapping[str, int]]:
        counts: dict[str, dict[str, int]] = {
            "articles": {},
            "matches": {},
            "deliveries": {},
            "notes": {},
            "revisits": {},
        }
        with self._db.translating():
            for subject, name, number in self._db.rows(_COUNTS):
                counts[subject][name] = number
        return counts

    def vitals(self, *, now: datetime) -> Vitals:
        return vitals(self._db, now)
