"""Which rules are muted. Implements `ports.MuteStore`."""

from datetime import datetime

from monitor.ports import Mute
from monitor.stores.sqlite.connection import Connection
from monitor.stores.sqlite.values import clean, maybe_instant, maybe_seconds, seconds

_MUTE = """
insert into mutes (rule_id, rule_name, muted_at, until) values (:rule_id, :rule_name, :now, :until)
on conflict (rule_id) do update
set rule_name = excluded.rule_name, muted_at = excluded.muted_at, until = excluded.until
"""
_SILENCE = """
update tellings set telling = 'muted'
where telling in ('waiting', 'gathering', 'held') and match_id in (select id from matches where rule_id = :rule_id)
"""
_UNMUTE = "delete from mutes where rule_id = :rule_id"
_FORGET_ENDED = "delete from mutes where until <= :now"
_MUTED = """
select rule_id, rule_name, until from mutes where until is null or until > :now
order by until is null, until, rule_id
"""


class Muting:
    """`ports.MuteStore` on SQLite."""

    def __init__(self, connection: Connection) -> None:
        self._db = connection

    def mute(self, mute: Mute, *, now: datetime) -> int:
        rule_id = clean(mute.rule_id)
        with self._db.writing():
            self._db.run(_FORGET_ENDED, now=seconds(now))
            self._db.run(
                _MUTE,
                rule_id=rule_id,
                rule_name=clean(mute.rule_name),
                now=seconds(now),
                until=maybe_seconds(mute.until),
            )
            return self._db.run(_SILENCE, rule_id=rule_id)

    def unmute(self, rule_id: str) -> bool:
        with self._db.writing():
            return self._db.run(_UNMUTE, rule_id=clean(rule_id)) == 1

    def muted(self, *, now: datetime) -> list[Mute]:
        with self._db.translating():
            rows = self._db.rows(_MUTED, now=seconds(now))
        return [
            Mute(rule_id=row["rule_id"], rule_name=row["rule_name"], until=maybe_instant(row["until"])) for row in rows
        ]
