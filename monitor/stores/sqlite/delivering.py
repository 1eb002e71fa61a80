"""What telling remembers: what waits, the outbox, pauses and slots. Implements `ports.DeliverStore`."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial

from monitor.model import Delivery, DeliveryState, Waiting
from monitor.ports import Backlog, Promise
from monitor.stores.sqlite import pausing, reconciling, records
from monitor.stores.sqlite.connection import Connection
from monitor.stores.sqlite.joining import join
from monitor.stores.sqlite.promising import promise as write_promise
from monitor.stores.sqlite.promising import set_slots
from monitor.stores.sqlite.values import clean, instant, maybe_instant, seconds

_MAX_AHEAD = timedelta(hours=1)

_BACKLOG = """
select tellings.channel, tellings.destination, tellings.way, count(*) as waiting, min(matches.matched_at) as first_at,
    min(case when matches.severity = 'breaking' then matches.matched_at end) as first_breaking_at
from tellings join matches on matches.id = tellings.match_id
where tellings.telling = 'waiting'
group by tellings.channel, tellings.destination, tellings.way
order by tellings.channel, tellings.destination, tellings.way
"""
_WAITING = """
select matches.*, tellings.destination, tellings.channel, tellings.way, tellings.mention, articles.url,
    articles.published_at, articles.fetched_at, articles.story, articles.text_from, articles.missing,
    coalesce(sources.name, articles.source_id) as outlet,
    case when told.story is null then 0 else 1 end as was_told
from tellings
join matches on matches.id = tellings.match_id
join articles on articles.id = matches.article_id
left join sources on sources.id = articles.source_id
left join told on told.destination = tellings.destination and told.story = articles.story
where tellings.telling = 'waiting' and tellings.channel = :channel and tellings.way = :way
order by matches.matched_at, matches.id
"""
# A part that was refused in every form does not keep those behind it from being told.
# A row that is due later than the longest back-off was written while the clock stood too far ahead.
_DUE = """
select deliveries.*, parent.receipt as parent_receipt
from deliveries
left join deliveries parent on deliveries.part > 0 and parent.part = 0
    and parent.destination = deliveries.destination and parent.period = deliveries.period
where deliveries.state in ('pending', 'unknown')
    and (deliveries.due_at <= :now or deliveries.due_at > :latest)
    and not exists (
        select 1 from deliveries before
        where before.destination = deliveries.destination and before.period = deliveries.period
            and before.part = deliveries.part - 1 and before.state not in ('sent', 'dead')
    )
order by deliveries.number
"""
_ENTERED = """
select matches.rule_id, tellings.entered_at from tellings join matches on matches.id = tellings.match_id
where tellings.destination = :destination and tellings.entered_at > :since
"""
_CLAIM = """
update deliveries set state = 'sending', attempts = attempts + 1, send_started_at = :started
where id = :id and state = 'pending'
"""
# What the claim wrote (attempts, when the sending began) stands in no copy that was read before it.
_CLOSE = """
update deliveries set state = :state, payload = :payload, due_at = :due_at, absent_reads = :absent_reads,
    receipt = :receipt, thread = :thread, sent_at = :sent_at, last_error = :last_error
where id = :id
"""
_LOG_CLAIM = """
insert into delivery_log (delivery_id, at, before, after, note)
select id, :now, state, 'sending', 'claimed' from deliveries where id = :id and state = 'pending'
"""
_LOG_CLOSE = """
insert into delivery_log (delivery_id, at, before, after, note)
select id, :now, state, :after, :note from deliveries where id = :id
"""
_LOG_RECOVER = """
insert into delivery_log (delivery_id, at, before, after, note)
select id, :now, 'sending', 'unknown', 'its process ended' from deliveries where state = 'sending'
"""
_RECOVER = "update deliveries set state = 'unknown', due_at = :now, absent_reads = 0 where state = 'sending'"
_SLOTS = "select channel, done_at from slots"


class Delivering:
    """`ports.DeliverStore` on SQLite. Every commit is on disk (`synchronous = full`) before it returns."""

    def __init__(self, connection: Connection) -> None:
        self._db = connection
        #: How attempts ended, until it is written down: the one thing that cannot be found out again.
        self._outcomes: list[Callable[[], None]] = []

    def backlog(self) -> list[Backlog]:
        with self._db.translating():
            rows = self._db.rows(_BACKLOG)
        return [
            Backlog(
                channel=row["channel"],
                destination=row["destination"],
                when=row["way"],
                matches=row["waiting"],
                first_matched_at=instant(row["first_at"]),
                first_breaking_at=maybe_instant(row["first_breaking_at"]),
            )
            for row in rows
        ]

    def last_slots(self) -> Mapping[str, datetime]:
        with self._db.translating():
            return {channel: instant(done_at) for channel, done_at in self._db.rows(_SLOTS)}

    def set_slots(self, slots: Mapping[str, datetime]) -> None:
        with self._db.writing():
            set_slots(self._db, slots)

    def waiting(self, channel: str, when: str) -> tuple[list[Waiting], set[str]]:
        with self._db.translating():
            rows = self._db.rows(_WAITING, channel=channel, way=when)
            told = reconciling.told_by_links(self._db, rows)
        return [records.waiting(row) for row in rows], told | {row["story"] for row in rows if row["was_told"]}

    def entered(self, destination: str, *, since: datetime) -> Mapping[str, Sequence[datetime]]:
        with self._db.translating():
            rows = self._db.rows(_ENTERED, destination=destination, since=seconds(since))
        entered: dict[str, list[datetime]] = {}
        for rule_id, at in rows:
            entered.setdefault(rule_id, []).append(instant(at))
        return entered

    def join(self, destination: str, place: str) -> None:
        join(self._db, destination, place)

    def promise(self, promise: Promise, *, now: datetime, slot: datetime | None) -> list[Delivery]:
        with self._db.writing():
            return write_promise(self._db, promise, now=now, slot=slot)

    def due(self, *, now: datetime, max_ahead: timedelta = _MAX_AHEAD) -> list[Delivery]:
        """`max_ahead` is the longest back-off there is."""
        self._write_outcomes()
        with self._db.reading():
            rows = self._db.rows(_DUE, now=seconds(now), latest=seconds(now + max_ahead))
            held = pausing.held(self._db, now)
        return [
            records.delivery(row, thread=row["parent_receipt"])
            for row in rows
            if not pausing.is_held(row["destination"], held)
        ]

    def claim(self, delivery_id: str, *, now: datetime, send_started_at: datetime) -> bool:
        with self._db.writing():
            [*of] = self._db.rows("select destination from deliveries where id = :id", id=delivery_id)
            # Since it was found to be due, Slack may have asked for a pause in answer to another message.
            if not of or pausing.is_held(of[0]["destination"], pausing.held(self._db, now)):
                return False
            self._db.run(_LOG_CLAIM, id=delivery_id, now=seconds(now))
            return self._db.run(_CLAIM, id=delivery_id, started=seconds(send_started_at)) == 1

    def close(self, delivery: Delivery, *, now: datetime, note: str) -> None:
        self._outcomes.append(partial(self._close, delivery, now=now, note=note))
        self._write_outcomes()

    def _write_outcomes(self) -> None:
        """What could not be written when it came is written before anything else is sent."""
        while self._outcomes:
            self._db.by_all_means(self._outcomes[0])
            del self._outcomes[0]

    def _close(self, delivery: Delivery, *, now: datetime, note: str) -> None:
        row = records.outcome_row(delivery)
        with self._db.writing():
            if delivery.state is DeliveryState.SENT:
                pausing.unblock_reached(self._db, delivery.id, delivery.destination)
            self._db.run(_LOG_CLOSE, id=delivery.id, now=seconds(now), after=delivery.state.value, note=clean(note))
            self._db.run(_CLOSE, **row)

    def recover(self, *, now: datetime) -> int:
        with self._db.writing():
            reconciling.take_up(self._db, now=now)
            self._db.run(_LOG_RECOVER, now=seconds(now))
            return self._db.run(_RECOVER, now=seconds(now))

    def pause(
        self,
        destination: str,
        *,
        until: datetime | None,
        reason: str | None,
        now: datetime | None = None,
        probe_at: datetime | None = None,
    ) -> None:
        with self._db.writing():
            if reason is None:
                pausing.lift(self._db, destination)
            else:
                pausing.pause(self._db, destination, until=until, reason=reason, probe_at=probe_at, now=now)

    def paused(self) -> Mapping[str, tuple[datetime | None, str]]:
        with self._db.translating():
            return pausing.paused(self._db)
