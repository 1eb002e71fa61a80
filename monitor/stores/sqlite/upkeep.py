"""Forgetting and tidying. Implements `ports.Upkeep`."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from monitor.model import Source
from monitor.ports import Reckoning
from monitor.stores.sqlite import ahead, ballast, indexing
from monitor.stores.sqlite.connection import BUSY_SECONDS, Connection
from monitor.stores.sqlite.reckoning import last_reckoning, note_reckoning
from monitor.stores.sqlite.reconsidering import reconsider
from monitor.stores.sqlite.values import keys_json, maybe_seconds, seconds

#: How long an entry that its source lists no more stays "seen": feeds drop entries and bring them back.
SEEN_SPAN = timedelta(days=30)
_VACUUM_PAGES = 2000

# What still waits to be told, or for its body, is not old.
_OLD_ARTICLES = """
select number, id, title, text from articles
where fetched_at < :before and not exists (
    select 1 from matches join tellings on tellings.match_id = matches.id
    where matches.article_id = articles.id and tellings.telling in ('waiting', 'held')
)
order by fetched_at limit :size
"""
_FORGET_ARTICLES = (
    "delete from revisits where article_id in (select value from json_each(:ids))",
    """
    delete from tellings where match_id in (
        select id from matches where article_id in (select value from json_each(:ids))
    )
    """,
    "delete from matches where article_id in (select value from json_each(:ids))",
    "delete from articles where id in (select value from json_each(:ids))",
)
_OLD_BODIES = "select number, title, text from articles where fetched_at < :before and text <> '' limit :size"
_EMPTY = "update articles set text = '' where number = :number"
_OLD_TOLD = "delete from told where told_at < :before"
_OLD_DELIVERIES = """
select id from deliveries
where created_at < :before and state in ('sent', 'dead')
    and not exists (select 1 from tellings where tellings.delivery_id = deliveries.id)
limit :size
"""
_FORGET_DELIVERIES = (
    "delete from delivery_log where delivery_id in (select value from json_each(:ids))",
    "delete from deliveries where id in (select value from json_each(:ids))",
)
_OLD_CARRIERS = """
delete from carriers where rowid in (
    select rowid from carriers
    where left_at is not null and left_at < (select max(last_poll_at) from sources) - :span
        and (:now is null or left_at < :now - :span)
    limit :size
)
"""


class Tidying:
    """`ports.Upkeep` on SQLite."""

    def __init__(self, connection: Connection) -> None:
        self._db = connection

    def prune(
        self, *, articles_before: datetime, bodies_before: datetime, batch: int, now: datetime | None = None
    ) -> int:
        """How many articles, bodies, old deliveries and "seen" marks were forgotten; fewer than `batch`: all of them."""
        with self._db.writing():
            forgotten = self._articles(seconds(articles_before), batch)
            forgotten += self._bodies(seconds(bodies_before), batch - forgotten)
            forgotten += self._deliveries(seconds(articles_before), batch - forgotten)
            forgotten += self._carriers(now, batch - forgotten)
        return forgotten

    def _articles(self, before: float, size: int) -> int:
        old = self._db.rows(_OLD_ARTICLES, before=before, size=size)
        indexing.remove(self._db, [(row["number"], row["title"], row["text"]) for row in old])
        ids = keys_json(row["id"] for row in old)
        for statement in _FORGET_ARTICLES:
            self._db.run(statement, ids=ids)
        return len(old)

    def _bodies(self, before: float, size: int) -> int:
        """The headline stays, and stays findable."""
        old = self._db.rows(_OLD_BODIES, before=before, size=size)
        indexing.remove(self._db, [(row["number"], row["title"], row["text"]) for row in old])
        indexing.add(self._db, [(row["number"], row["title"], "") for row in old])
        self._db.run_many(_EMPTY, [{"number": row["number"]} for row in old])
        return len(old)

    def _deliveries(self, before: float, size: int) -> int:
        self._db.run(_OLD_TOLD, before=before)
        old = keys_json(row["id"] for row in self._db.rows(_OLD_DELIVERIES, before=before, size=size))
        self._db.run(_FORGET_DELIVERIES[0], ids=old)
        return self._db.run(_FORGET_DELIVERIES[1], ids=old)

    def _carriers(self, now: datetime | None, size: int) -> int:
        return self._db.run(_OLD_CARRIERS, now=maybe_seconds(now), span=SEEN_SPAN.total_seconds(), size=size)

    def reckoning(self) -> Reckoning | None:
        with self._db.translating():
            return last_reckoning(self._db)

    def note_reckoning(self, reckoning: Reckoning) -> None:
        with self._db.writing():
            note_reckoning(self._db, reckoning)

    def clock_set_back(self, *, now: datetime, by: timedelta, sources: Iterable[Source] = ()) -> None:
        with self._db.writing():
            reconsider(self._db, sources, now=now, by=by)
            ahead.set_back(self._db, now=now, by=by)

    def checkpoint(self) -> int:
        """Also gives some free pages back to the disk. A reader at work makes it do less; the next one does the rest."""
        with self._db.translating():
            self._db.rows(f"pragma incremental_vacuum({_VACUUM_PAGES})")
            [(busy, frames, folded)] = self._db.rows("pragma wal_checkpoint(passive)")
            if not busy and frames == folded:
                self._truncate_log()
        return self.log_size()

    def _truncate_log(self) -> None:
        """Without waiting: whoever reads just now would keep all other work from being done."""
        self._db.rows("pragma busy_timeout = 0")
        try:
            self._db.rows("pragma wal_checkpoint(truncate)")
        finally:
            self._db.rows(f"pragma busy_timeout = {BUSY_SECONDS * 1000}")

    def log_size(self) -> int:
        try:
            return self._db.path.with_name(f"{self._db.path.name}-wal").stat().st_size
        except OSError:
            return 0

    def reindex(self, *, batch: int) -> int:
        with self._db.translating():
            if indexing.first_indexed(self._db) == 0:
                return 0
        with self._db.writing():
            return indexing.rebuild(self._db, batch)

    def lay_ballast(self) -> bool:
        return ballast.lay(self._db.path)
