"""A digest -> pending deliveries and everything that becomes true with them, in the caller's transaction."""

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime

from monitor.model import Delivery, DeliveryState
from monitor.ports import Promise
from monitor.stores.sqlite import records
from monitor.stores.sqlite.connection import Connection
from monitor.stores.sqlite.values import clean, keys_json, seconds

_STILL_WAITING = """
select 1 from tellings
where match_id in (select value from json_each(:ids)) and destination = :destination and telling = 'waiting' limit 1
"""
_OF_PERIOD = "select * from deliveries where destination = :destination and period = :period order by part"
_ADD = """
insert into deliveries (number, id, channel, destination, period, part, payload, state, created_at, due_at)
values (:number, :id, :channel, :destination, :period, :part, :payload, :state, :now, :now)
"""
_LOG = "insert into delivery_log (delivery_id, at, after, note) values (:id, :now, :state, 'promised')"
# The channel may have got another destination since the match: its waiting matches have gone there now. And what was muted
# or lost its reason after the digest was composed stands in it all the same.
_TELL = """
update tellings set telling = :telling, delivery_id = :delivery_id
where match_id in (select value from json_each(:ids)) and (
    telling = 'waiting' and (destination = :destination or channel = :channel)
    or telling in ('muted', 'skipped') and destination = :destination and :delivery_id is not null
)
"""
_ENTER = """
update tellings set entered_at = :now
where match_id in (select value from json_each(:ids)) and destination = :destination
"""
_REMEMBER = """
insert into told (destination, story, told_at)
select distinct :destination, articles.story, :now
from matches join articles on articles.id = matches.article_id
where matches.id in (select value from json_each(:ids))
on conflict (destination, story) do nothing
"""
_SET_SLOT = """
insert into slots (channel, done_at) values (:channel, :done_at)
on conflict (channel) do update set done_at = excluded.done_at
"""


def set_slots(db: Connection, slots: Mapping[str, datetime]) -> None:
    db.run_many(_SET_SLOT, [{"channel": channel, "done_at": seconds(at)} for channel, at in slots.items()])


def promise(db: Connection, promise: Promise, *, now: datetime, slot: datetime | None) -> list[Delivery]:
    """The deliveries of the digest's destination and period, written now or by an earlier promise of the same.

    The slot is noted either way: a slot whose digest exists is done.
    """
    digest = promise.digest
    if slot is not None:
        set_slots(db, {digest.channel: slot})
    period = digest.period
    if written := _written(db, digest.destination, period):
        if not _still_wait(db, promise):
            return written
        # It was told of this time already, by a clock that stood ahead. A match is promised once per destination.
        period = f"{period}/{min(promise.told)}"
    _add(db, promise, period, now)
    written = _written(db, digest.destination, period)
    parent = written[0].id if written else None
    _tell(db, promise, promise.told, telling="promised", delivery_id=parent)
    _tell(db, promise, promise.covered, telling="covered", delivery_id=None)
    db.run(_ENTER, ids=keys_json(promise.entered), destination=digest.destination, now=seconds(now))
    db.run(_REMEMBER, destination=digest.destination, now=seconds(now), ids=keys_json(promise.told))
    return written


def _still_wait(db: Connection, promise: Promise) -> bool:
    return bool(db.rows(_STILL_WAITING, ids=keys_json(promise.told), destination=promise.digest.destination))


def _written(db: Connection, destination: str, period: str) -> list[Delivery]:
    return [records.delivery(row) for row in db.rows(_OF_PERIOD, destination=destination, period=period)]


def _add(db: Connection, promise: Promise, period: str, now: datetime) -> None:
    rows = [
        {
            "number": number,
            "id": secrets.token_hex(8),
            "channel": promise.digest.channel,
            "destination": promise.digest.destination,
            "period": period,
            "part": part,
            "payload": clean(payload),
            "state": DeliveryState.PENDING.value,
            "now": seconds(now),
        }
        for part, (payload, number) in enumerate(
            zip(promise.payloads, db.numbers("deliveries", len(promise.payloads)), strict=True)
        )
    ]
    db.run_many(_ADD, rows)
    db.run_many(_LOG, rows)


def _tell(db: Connection, promise: Promise, ids: Sequence[int], *, telling: str, delivery_id: str | None) -> None:
    db.run(
        _TELL,
        ids=keys_json(ids),
        destination=promise.digest.destination,
        channel=promise.digest.channel,
        telling=telling,
        delivery_id=delivery_id,
    )
