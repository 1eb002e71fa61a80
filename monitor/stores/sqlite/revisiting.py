"""Articles whose page could not be read -> when to read it again, and what its body changes. Implements `ports.RevisitStore`."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from sqlite3 import Row

from monitor.model import Article, Match, Telling
from monitor.ports import Revisit, Taken
from monitor.stages.coverage import first_telling
from monitor.stores.sqlite import records
from monitor.stores.sqlite.articles import reindex
from monitor.stores.sqlite.connection import Connection
from monitor.stores.sqlite.standing import muted_rules, reach, save_matches
from monitor.stores.sqlite.values import instant, keys_json, seconds

# What is due later than the longest wait was written while the clock stood ahead.
_DUE = """
select articles.*, revisits.due_at, revisits.attempts
from revisits join articles on articles.id = revisits.article_id
where revisits.due_at <= :now or revisits.due_at > :latest order by revisits.due_at, revisits.article_id limit :limit
"""
_LONGEST = timedelta(days=2)
_NEXT = "select min(due_at) from revisits"
_SCHEDULE = "update revisits set due_at = :due_at, attempts = attempts + 1 where article_id = :id"
_FINISH = "delete from revisits where article_id in (select value from json_each(:ids))"
_STORED = """
select articles.*, coalesce(revisits.telling, 'waiting') as first_telling
from articles left join revisits on revisits.article_id = articles.id
where articles.id = :id
"""
# The address, the story and when it was found stay those it was told by.
_KEEP_BODY = """
update articles set title = :title, authors = :authors, published_at = :published_at, updated_at = :updated_at,
    language = :language, text = :text, text_from = :text_from, missing = :missing
where id = :id
"""
_MATCHES = "select * from matches where article_id in (select value from json_each(:ids))"
# What was told stays as it was told.
_REFRESH = """
update matches set terms = :terms, title = :title, snippet = :snippet, weight = :weight, severity = :severity,
    needs_body = :needs_body, when_body_missing = :when_body_missing, threshold_stories = :threshold_stories,
    threshold_sources = :threshold_sources, threshold_within = :threshold_within, throttle_max = :throttle_max,
    throttle_per = :throttle_per
where id = :id and exists (
    select 1 from tellings
    where tellings.match_id = matches.id and tellings.telling in ('waiting', 'gathering', 'held', 'skipped')
)
"""
_RELEASE = "update tellings set telling = :telling where match_id = :id and telling in ('held', 'skipped')"
_GIVE_UP = "update tellings set telling = :telling where match_id = :id and telling = 'held'"
_DROP = """
update tellings set telling = 'skipped' where match_id = :id and telling in ('waiting', 'gathering', 'held')
"""


class Revisiting:
    """`ports.RevisitStore` on SQLite."""

    def __init__(self, connection: Connection) -> None:
        self._db = connection

    def due_revisits(self, *, now: datetime, limit: int) -> list[Revisit]:
        with self._db.translating():
            rows = self._db.rows(_DUE, now=seconds(now), latest=seconds(now + _LONGEST), limit=limit)
        return [
            Revisit(article=records.article(row), due_at=instant(row["due_at"]), attempts=row["attempts"])
            for row in rows
        ]

    def next_revisit_at(self) -> datetime | None:
        with self._db.translating():
            [(due_at,)] = self._db.rows(_NEXT)
        return None if due_at is None else instant(due_at)

    def schedule(self, article_id: str, *, due_at: datetime) -> None:
        with self._db.writing():
            self._db.run(_SCHEDULE, id=article_id, due_at=seconds(due_at))

    def finish(self, article_ids: Collection[str]) -> None:
        with self._db.writing():
            self._db.run(_FINISH, ids=keys_json(article_ids))

    def rejudge(self, article: Article, matches: Sequence[Match], *, rules: Collection[str], now: datetime) -> None:
        with self._db.writing():
            stored = self._db.rows(_STORED, id=article.id)
            if stored:
                _keep_body(self._db, stored[0], article)
                self._judge(article, stored[0], {match.rule_id: match for match in matches}, rules, now)
                self._db.run(_FINISH, ids=keys_json([article.id]))
                reach(self._db, [article.id])

    def _judge(
        self, article: Article, stored: Row, matches: dict[str, Match], rules: Collection[str], now: datetime
    ) -> None:
        known = {row["rule_id"]: row for row in self._db.rows(_MATCHES, ids=keys_json([article.id]))}
        muted = muted_rules(self._db, now)
        for rule_id, row in known.items():
            if rule_id in matches:
                self._confirm(row, matches[rule_id], muted)
            elif row["needs_body"] and rule_id in rules:
                self._db.run(_DROP, id=row["id"])
            else:
                # A rule that is no longer there speaks against nothing: what it found is told, as all that waits is.
                self._release(_GIVE_UP, row["id"], _without_doubt(records.match(row), muted))
        fresh = tuple(match for rule_id, match in matches.items() if rule_id not in known)
        telling = Telling(stored["first_telling"])
        save_matches(self._db, [Taken(article=article, matches=fresh, telling=telling, key=article.id)])

    def _confirm(self, row: Row, match: Match, muted: Collection[str]) -> None:
        self._db.run(_REFRESH, **records.match_row(match, row["id"]))
        self._release(_RELEASE, row["id"], first_telling(Telling.WAITING, match, muted=muted))

    def _release(self, statement: str, match_id: int, telling: Telling) -> int:
        return self._db.run(statement, id=match_id, telling=telling.value)

    def give_up(self, article_ids: Collection[str], *, now: datetime) -> int:
        with self._db.writing():
            muted = muted_rules(self._db, now)
            released = sum(
                self._release(_GIVE_UP, row["id"], _without_doubt(records.match(row), muted))
                for row in self._db.rows(_MATCHES, ids=keys_json(article_ids))
            )
            self._db.run(_FINISH, ids=keys_json(article_ids))
            reach(self._db, article_ids)
        return released


def _without_doubt(match: Match, muted: Collection[str]) -> Telling:
    """What becomes of a held match for which no body will come."""
    if match.rule_id in muted:
        return Telling.MUTED
    return Telling.GATHERING if match.threshold else Telling.WAITING


def _keep_body(db: Connection, stored: Row, article: Article) -> None:
    db.run(_KEEP_BODY, **records.article_row(article))
    reindex(
        db,
        stored["number"],
        before=(stored["title"], stored["text"]),
        after=(article.title, article.text),
    )
