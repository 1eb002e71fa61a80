"""What goes on, and what the operator was told of it. Implements `ports.NoticeStore`."""

import json
import secrets
from collections.abc import Sequence
from datetime import datetime
from sqlite3 import Row

from monitor.model import NOTE, Delivery, DeliveryState, Incident, KnownIncident, Trouble
from monitor.ports import Note
from monitor.stores.sqlite import records
from monitor.stores.sqlite.connection import Connection
from monitor.stores.sqlite.values import clean, instant, maybe_instant, maybe_seconds, seconds, texts, to_json

_ALL = "select * from incidents order by since_at, trouble, subject"
_KEEP = """
insert into incidents (trouble, subject, since_at, lines, gist, told, over_at)
values (:trouble, :subject, :since_at, :lines, :gist, :told, :over_at)
on conflict (trouble, subject) do update set since_at = excluded.since_at, lines = excluded.lines,
    gist = excluded.gist, told = excluded.told, over_at = excluded.over_at
"""
_FORGET = "delete from incidents where trouble = :trouble and subject = :subject"
_ADD = """
insert into deliveries (number, id, channel, destination, period, part, payload, state, created_at, due_at)
values (:number, :id, :channel, :destination, :period, :part, :payload, :state, :now, :now)
"""
_LOG = "insert into delivery_log (delivery_id, at, after, note) values (:id, :now, :state, 'noted')"
_WRITTEN = "select * from deliveries where id in (select value from json_each(:ids)) order by number"


class Noticing:
    """`ports.NoticeStore` on SQLite."""

    def __init__(self, connection: Connection) -> None:
        self._db = connection

    def incidents(self) -> list[KnownIncident]:
        with self._db.translating():
            return [_known(row) for row in self._db.rows(_ALL)]

    def note(
        self,
        notes: Sequence[Note],
        *,
        known: Sequence[KnownIncident],
        ended: Sequence[KnownIncident],
        now: datetime,
    ) -> list[Delivery]:
        with self._db.writing():
            self._db.run_many(_FORGET, [_row(one) for one in ended])
            self._db.run_many(_KEEP, [_row(one) for one in known])
            ids = [id_ for note in notes for id_ in self._add(note, now)]
            return [records.delivery(row) for row in self._db.rows(_WRITTEN, ids=json.dumps(ids))]

    def _add(self, note: Note, now: datetime) -> list[str]:
        """A note is named by its number, which is never given twice: what keeps it from being told twice is its incident."""
        numbers = self._db.numbers("deliveries", len(note.payloads))
        rows = [
            {
                "number": number,
                "id": secrets.token_hex(8),
                "channel": note.channel,
                "destination": note.destination,
                "period": f"{NOTE}{numbers[0]}",
                "part": part,
                "payload": clean(payload),
                "state": DeliveryState.PENDING.value,
                "now": seconds(now),
            }
            for part, (payload, number) in enumerate(zip(note.payloads, numbers, strict=True))
        ]
        self._db.run_many(_ADD, rows)
        self._db.run_many(_LOG, rows)
        return [str(row["id"]) for row in rows]


def _row(known: KnownIncident) -> dict[str, object]:
    incident = known.incident
    return {
        "trouble": incident.trouble.value,
        "subject": clean(incident.subject),
        "since_at": seconds(incident.since_at),
        "lines": to_json(incident.lines),
        "gist": clean(incident.gist),
        "told": None if known.told is None else clean(known.told),
        "over_at": maybe_seconds(known.over_at),
    }


def _known(row: Row) -> KnownIncident:
    return KnownIncident(
        incident=Incident(
            trouble=Trouble(row["trouble"]),
            subject=row["subject"],
            since_at=instant(row["since_at"]),
            lines=texts(row["lines"]),
            gist=row["gist"],
        ),
        told=row["told"],
        over_at=maybe_instant(row["over_at"]),
    )
