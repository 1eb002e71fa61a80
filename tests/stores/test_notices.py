"""What goes on and what was told of it: remembered and written down in one transaction."""

import sqlite3
from datetime import timedelta

import pytest
from builders import NOW
from stores.making import exported, make_promise

from monitor.errors import StoreError
from monitor.model import DeliveryState, Incident, KnownIncident, Trouble
from monitor.ports import Note


def incident(trouble=Trouble.SOURCE, subject="s1", **changes):
    values = {"since_at": NOW, "lines": ("朝の通信: HTTP 503", "次"), "gist": "fetch.busy"}
    return Incident(trouble=trouble, subject=subject, **values | changes)


def note(*payloads):
    return Note(channel="#ops", destination="#ops", payloads=payloads or ('{"text": "一"}',))


def test_incidents_come_back_as_they_were(store):
    known = [
        KnownIncident(incident=incident(Trouble.RULES, ""), told="abc"),
        KnownIncident(incident=incident(since_at=NOW + timedelta(seconds=1)), over_at=NOW + timedelta(hours=1)),
    ]
    assert store.notices.note((), known=known, ended=(), now=NOW) == []
    assert store.notices.incidents() == known


def test_an_incident_is_kept_once_and_forgotten(store):
    first = KnownIncident(incident=incident())
    store.notices.note((), known=[first], ended=(), now=NOW)
    again = KnownIncident(incident=incident(lines=("anders",), gist="fetch.dns"), told="fetch.dns")
    store.notices.note((), known=[again], ended=(), now=NOW)
    assert store.notices.incidents() == [again]
    store.notices.note((), known=(), ended=[again], now=NOW)
    assert store.notices.incidents() == []


def test_notes_are_pending_deliveries_in_order_each_with_its_own_period(store):
    first, second, third = store.notices.note([note("{}", "[]"), note()], known=(), ended=(), now=NOW)
    assert store.deliveries.due(now=NOW) == [first, third]
    assert first.state is DeliveryState.PENDING
    assert [one.part for one in (first, second, third)] == [0, 1, 0]
    assert first.period == second.period != third.period
    assert {one.channel for one in (first, second, third)} == {"#ops"}
    [fourth] = store.notices.note([note()], known=(), ended=(), now=NOW)
    assert fourth.period not in {first.period, third.period}


def test_a_note_is_no_digest_for_anybody_who_counts(store):
    store.notices.note([note()], known=(), ended=(), now=NOW)
    store.deliveries.promise(make_promise(), now=NOW, slot=None)
    assert store.archive.counts()["deliveries"] == {"pending": 1}
    assert store.archive.counts()["notes"] == {"pending": 1}
    assert [row["matches"] for row in exported(store, "deliveries")] == [[], []]


def test_all_or_nothing(store, database):
    known = KnownIncident(incident=incident())
    other = sqlite3.connect(database)
    other.execute("create trigger no before insert on deliveries begin select raise(abort, 'no'); end")
    other.close()
    with pytest.raises(StoreError):
        store.notices.note([note()], known=[known], ended=(), now=NOW)
    assert store.notices.incidents() == []
    assert exported(store, "deliveries") == []


def test_text_that_no_utf8_holds_is_kept(store):
    known = KnownIncident(incident=incident(subject="\ud800", lines=("\udfff",)))
    store.notices.note([note("\ud800")], known=[known], ended=(), now=NOW)
    [kept] = store.notices.incidents()
    assert kept.incident.lines == ("\ufffd",)
