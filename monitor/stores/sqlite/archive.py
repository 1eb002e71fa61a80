"""What is read and never changed: search, look-ups, exports, numbers. Implements `ports.Archive`."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from itertools import groupby
from operator import itemgetter
from sqlite3 import Row

from monitor.model import Article, Fate, SourceState
from monitor.ports import PATIENCE, Carrier, Extent, Hits, PastRule, Vitals
from monitor.stores.sqlite import records
from monitor.stores.sqlite.connection import Connection
from monitor.stores.sqlite.exports import export_rows
from monitor.stores.sqlite.fates import fates_of
from monitor.stores.sqlite.scanning import extent, scan
from monitor.stores.sqlite.searching import search
from monitor.stores.sqlite.values import clean, seconds, texts
from monitor.stores.sqlite.vitals import vitals
from monitor.stores.sqlite.whereabouts import carriers, sources_of
from monitor.text.query import Query

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
union all select 'told', 'matches', count(*) from matches
union all select 'told', 'unsent', count(*) from deliveries join tellings on tellings.delivery_id = deliveries.id
where deliveries.state <> 'sent'
union all select 'revisits' as subject, 'waiting', count(*) from revisits group by subject
union all select case when period like 'ops/%' then 'notes' else 'deliveries' end as subject, state, count(*)
from deliveries group by subject, state
"""


def _past_rule(id_: str, rows: list[Row]) -> PastRule:
    """From the rows of one rule, the newest last."""
    terms = frozenset(term for row in rows for term in texts(row["terms"]))
    return PastRule(id=id_, name=rows[-1]["rule_name"], terms=terms, matches=sum(row["matches"] for row in rows))


class Reading:
    """`ports.Archive` on SQLite."""

    def __init__(self, connection: Connection) -> None:
        self._db = connection

    def search(self, query: Query, *, limit: int, patience: timedelta = PATIENCE) -> Hits:
        return search(self._db, query, limit=limit, patience=patience)

    def article(self, id_or_url: str) -> Article | None:
        with self._db.translating():
            rows = self._db.rows(_ARTICLE, wanted=clean(id_or_url))
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
            "told": {},
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
