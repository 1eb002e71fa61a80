"""Deliveries that nothing sends by itself, and their release. Implements `ports.HaltStore`."""

import json
from collections.abc import Sequence
from datetime import datetime
from sqlite3 import Row

from monitor.model import Delivery, DeliveryState
from monitor.stores.sqlite import records
from monitor.stores.sqlite.connection import Connection
from monitor.stores.sqlite.values import maybe_seconds, seconds

_HALTED = """
select * from deliveries
where state in ('held', 'dead')
    or state in ('pending', 'unknown') and attempts > 0 and created_at < :before
order by number
"""
# A delivery is held by a line in the log, which tells what it was before.
_TO_RELEASE = """
select id, state, destination, absent_reads, (
    select delivery_log.before from delivery_log
    where delivery_log.delivery_id = deliveries.id and delivery_log.after = 'held'
    order by delivery_log.at desc limit 1
) as was
from deliveries where id in (select value from json_each(:ids)) and state in ('held', 'dead')
"""
_RELEASE = "update deliveries set state = :state, absent_reads = :absent_reads, due_at = :now where id = :id"
_LOG = """
insert into delivery_log (delivery_id, at, before, after, note) values (:id, :now, :before, :state, :note)
"""


class Halting:
    """`ports.HaltStore` on SQLite."""

    def __init__(self, connection: Connection) -> None:
        self._db = connection

    def halted(self, *, before: datetime | None) -> list[Delivery]:
        with self._db.translating():
            return [records.delivery(row) for row in self._db.rows(_HALTED, before=maybe_seconds(before))]

    def release(self, ids: Sequence[str], *, now: datetime, by_hand: bool) -> int:
        with self._db.writing():
            rows = [_released(row, by_hand=by_hand) for row in self._db.rows(_TO_RELEASE, ids=json.dumps(list(ids)))]
            facts = [row | {"now": seconds(now)} for row in rows]
            self._db.run_many(_RELEASE, facts)
            self._db.run_many(_LOG, facts)
        return len(rows)


def _released(row: Row, *, by_hand: bool) -> dict[str, object]:
    """What was held while it was unknown is looked up; where nobody can look, a person has, and it goes out as a repeat."""
    was_unknown = row["state"] == DeliveryState.HELD and row["was"] == DeliveryState.UNKNOWN
    is_repeat = was_unknown and by_hand and row["destination"].startswith("webhook:")
    state = DeliveryState.UNKNOWN if was_unknown and not is_repeat else DeliveryState.PENDING
    return {
        "id": row["id"],
        "before": row["state"],
        "state": state.value,
        "absent_reads": max(row["absent_reads"], 1) if is_repeat else row["absent_reads"],
        "note": "released by hand" if by_hand else "its destination is back",
    }
