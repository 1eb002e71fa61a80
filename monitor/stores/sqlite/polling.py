"""What polling remembers: the due-queue, what was seen, new articles with their matches. Implements `ports.PollStore`."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from monitor.model import Article, Source, SourceState
from monitor.ports import Taken
from monitor.stores.sqlite import ahead, records
from monitor.stores.sqlite.articles import add_matches, save
from monitor.stores.sqlite.connection import Connection
from monitor.stores.sqlite.reconsidering import reconsider
from monitor.stores.sqlite.standing import reach
from monitor.stores.sqlite.values import instant, keys_json, seconds

# A source that is new to the queue is due at once.
_ADD = """
insert into sources (id, name, url, due_at, next_poll_at) values (:id, :name, :url, :now, :now)
on conflict (id) do nothing
"""
# Another address is another listing: nothing that was remembered of the old one holds.
_RESET = """
update sources set due_at = :now, reset_at = :now, next_poll_at = :now, moved_to = null, etag = null,
    last_modified = null, body_hash = null, failures = 0, last_poll_at = null, last_ok_at = null, first_ok_at = null,
    last_error = null, gone = 0
where id = :id and url <> :url
"""
_REFRESH = """
update sources set name = :name, url = :url, active = 1
where id = :id and (name <> :name or url <> :url or active = 0)
"""
_RETIRE = """
update sources set active = 0, due_at = next_poll_at
where active = 1 and id not in (select value from json_each(:ids))
"""
# Sources are made known at start-up, and whoever had leased one then is dead: the lock proves it.
_RELEASE = "update sources set due_at = next_poll_at where active = 1 and due_at <> next_poll_at"
_DUE = """
select * from sources where active = 1 and gone = 0 and due_at <= :now order by due_at, id limit :limit
"""
_LEASE = "update sources set due_at = :until where id in (select value from json_each(:ids))"
_HASTEN = """
update sources set next_poll_at = :at, due_at = case when due_at = next_poll_at then :at else due_at end
where id = :id and next_poll_at > :at
"""
_NEXT_DUE = "select min(due_at) from sources where active = 1 and gone = 0"
# A poll that began before the address changed has nothing to say about the new one; a change that lies more than a
# lease ahead was noted while the clock stood ahead.
_SAVE_STATE = """
update sources set due_at = :next_poll_at, next_poll_at = :next_poll_at, moved_to = :moved_to, etag = :etag,
    last_modified = :last_modified, body_hash = :body_hash, failures = :failures, last_poll_at = :last_poll_at,
    last_ok_at = :last_ok_at, first_ok_at = :first_ok_at, last_error = :last_error, gone = :gone
where id = :id
    and (reset_at is null or :last_poll_at is null or reset_at <= :last_poll_at or reset_at > :last_poll_at + 3600)
"""
# An article may have outlived its place in the listing.
_SEEN = """
select key, max(case when source_id = :source_id and left_at is null then 1 else 0 end) as listed
from carriers where key in (select value from json_each(:keys)) group by key
union all
select id, 0 from articles where id in (select value from json_each(:keys))
"""
_JOINED = """
select * from articles where id in (select value from json_each(:keys))
    and not exists (select 1 from carriers where carriers.key = articles.id and carriers.source_id = :source_id)
"""
_CARRY = """
insert into carriers (key, source_id, first_listed_at) values (:key, :source_id, :now)
on conflict (key, source_id) do update set left_at = null
"""
_LEAVE = """
update carriers set left_at = :now
where source_id = :source_id and left_at is null and key not in (select value from json_each(:keys))
"""


class Polling:
    """`ports.PollStore` on SQLite."""

    def __init__(self, connection: Connection) -> None:
        self._db = connection

    def sync_sources(self, sources: Sequence[Source], *, now: datetime, release: bool = True) -> None:
        rows = [records.source_row(source, seconds(now)) for source in sources]
        with self._db.writing():
            self._db.run(_RETIRE, ids=keys_json(source.id for source in sources))
            if release:
                self._db.run(_RELEASE)
            for statement in (_RESET, _REFRESH, _ADD):
                self._db.run_many(statement, rows)
            if release:
                reconsider(self._db, sources, now=now, by=None)
                ahead.free(self._db, now=now)

    def claim_due(self, *, now: datetime, lease: timedelta, limit: int) -> list[SourceState]:
        with self._db.writing():
            due = [records.state(row) for row in self._db.rows(_DUE, now=seconds(now), limit=limit)]
            if due:
                self._db.run(_LEASE, until=seconds(now + lease), ids=keys_json(state.source_id for state in due))
        return due

    def hasten(self, due: Mapping[str, datetime]) -> int:
        with self._db.writing():
            return sum(self._db.run(_HASTEN, id=id_, at=seconds(at)) for id_, at in due.items())

    def next_due_at(self) -> datetime | None:
        with self._db.translating():
            [(due_at,)] = self._db.rows(_NEXT_DUE)
        return None if due_at is None else instant(due_at)

    def save_states(self, states: Sequence[SourceState]) -> None:
        rows = [records.state_row(state) for state in states]
        with self._db.writing():
            self._db.run_many(_SAVE_STATE, rows)

    def unseen(self, source_id: str, keys: Sequence[str], *, now: datetime) -> set[str]:
        asked = keys_json(keys)
        with self._db.writing():
            listed: dict[str, int] = {}
            for key, by_this_source in self._db.rows(_SEEN, source_id=source_id, keys=asked):
                listed[key] = max(by_this_source, listed.get(key, 0))
            joined = [key for key, done in listed.items() if not done]
            rows = [{"key": key, "source_id": source_id, "now": seconds(now)} for key in joined]
            self._db.run_many(_CARRY, rows)
            # One more outlet carries them, which may be what a threshold waited for.
            reach(self._db, joined)
            self._db.run(_LEAVE, source_id=source_id, keys=asked, now=seconds(now))
        return set(keys) - listed.keys()

    def joined(self, source_id: str, keys: Sequence[str]) -> list[Article]:
        with self._db.translating():
            return [records.article(row) for row in self._db.rows(_JOINED, source_id=source_id, keys=keys_json(keys))]

    def add_matches(self, taken: Sequence[Taken]) -> None:
        if taken:
            with self._db.writing():
                add_matches(self._db, taken)

    def save_articles(self, taken: Sequence[Taken]) -> int:
        if not taken:
            return 0
        with self._db.writing():
            return save(self._db, taken)
