"""First polls that a clock ahead had taken for late -> what they found is told after all. In the caller's transaction.

By such a clock everything is older than `initial` allows, and what was written down so would never be told.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from sqlite3 import Row

from monitor.model import Source, Telling
from monitor.schedule import tellable_since
from monitor.stages.coverage import first_telling
from monitor.stores.sqlite import records
from monitor.stores.sqlite.connection import Connection
from monitor.stores.sqlite.standing import muted_rules, reach
from monitor.stores.sqlite.values import instant, keys_json, seconds

_TAKEN_AHEAD = """
select id, source_id, fetched_at, coalesce(published_at, updated_at) as dated_at from articles
where fetched_at > :now and coalesce(published_at, updated_at) is not null
"""
_MATCHES = """
select * from matches where article_id in (select value from json_each(:ids)) and exists (
    select 1 from tellings where tellings.match_id = matches.id and tellings.telling = 'initial'
)
"""
_TELL = "update tellings set telling = :telling where match_id = :id and telling = 'initial'"
_TELL_LATER = """
update revisits set telling = 'waiting'
where telling = 'initial' and article_id in (select value from json_each(:ids))
"""


def reconsider(db: Connection, sources: Iterable[Source], *, now: datetime, by: timedelta | None) -> None:
    """Judge by the right clock what may be told of the articles that were taken by one ahead; `by` so much, if that is known."""
    rows = db.rows(_TAKEN_AHEAD, now=seconds(now))
    ids = list(_tellable(rows, {source.id: source.initial for source in sources}, now, by)) if rows else []
    if not ids:
        return
    muted = muted_rules(db, now)
    for row in db.rows(_MATCHES, ids=keys_json(ids)):
        telling = first_telling(Telling.WAITING, records.match(row), muted=muted)
        db.run(_TELL, id=row["id"], telling=telling.value)
    db.run(_TELL_LATER, ids=keys_json(ids))
    reach(db, ids)


def _tellable(
    rows: Iterable[Row], initials: dict[str, timedelta], now: datetime, by: timedelta | None
) -> Iterator[str]:
    for row in rows:
        if row["source_id"] not in initials:
            continue
        taken_at = now if by is None else min(instant(row["fetched_at"]) - by, now)
        since = tellable_since(initials[row["source_id"]], first_ok_at=None, now=taken_at)
        if since is None or instant(row["dated_at"]) >= since:
            yield row["id"]
