"""Numbers for health and metrics: the same as those of the status screen, and cheap."""

import json
from dataclasses import replace
from datetime import timedelta

from builders import NOW, make_source
from stores.making import DESK, MINUTE, make_promise, make_taken

from monitor.model import DeliveryState, Incident, KnownIncident, SourceState, Trouble
from monitor.ports import Note


def test_an_empty_store_has_zeros(store):
    vitals = store.archive.vitals(now=NOW)
    assert vitals.sources == {"ok": 0, "failing": 0, "gone": 0, "never_polled": 0}
    assert (vitals.due, vitals.due_since, vitals.last_poll_at, vitals.revisits) == (0, None, None, 0)
    assert (
        vitals.deliveries == vitals.notes == vitals.oldest == vitals.waiting == vitals.paused == vitals.incidents == {}
    )


def test_sources_by_their_health_and_how_late_they_are(store):
    store.polls.sync_sources([make_source(id=name, url=f"http://127.0.0.1/{name}") for name in "abcd"], now=NOW)
    ok = SourceState(source_id="a", next_poll_at=NOW + 10 * MINUTE, last_poll_at=NOW, last_ok_at=NOW)
    failing = replace(ok, source_id="b", next_poll_at=NOW + MINUTE, last_error="x", failures=2)
    gone = replace(failing, source_id="c", gone=True)
    store.polls.save_states([ok, failing, gone])
    vitals = store.archive.vitals(now=NOW + 5 * MINUTE)
    assert vitals.sources == {"ok": 1, "failing": 1, "gone": 1, "never_polled": 1}
    # "d" is due since it is known; what is gone is never due.
    assert (vitals.due, vitals.due_since, vitals.last_poll_at) == (2, NOW, NOW)
    store.polls.claim_due(now=NOW + 5 * MINUTE, lease=10 * MINUTE, limit=9)
    assert store.archive.vitals(now=NOW + 5 * MINUTE).due == 0
    store.polls.sync_sources([], now=NOW)
    assert sum(store.archive.vitals(now=NOW).sources.values()) == 0


def test_messages_and_what_waits(store):
    store.polls.save_articles([make_taken("a1", rules=("r", "s")), make_taken("a2", rules=("r",), notices=(DESK,))])
    assert store.archive.vitals(now=NOW).waiting == {"now": 2, "digest": 1}
    [first] = store.deliveries.promise(make_promise(told=(1, 2)), now=NOW, slot=None)
    later = NOW + timedelta(hours=1)
    [second] = store.deliveries.promise(
        make_promise(told=(3,), period="now/3", channel="desk", destination="#desk"), now=later, slot=None
    )
    store.deliveries.claim(first.id, now=NOW, send_started_at=NOW)
    store.deliveries.close(replace(first, state=DeliveryState.UNKNOWN), now=NOW, note="broken")
    note = Note(channel="ops", destination="#ops", payloads=("{}",))
    incident = Incident(trouble=Trouble.RULES, subject="", since_at=NOW, lines=("x",))
    store.notices.note([note], known=[KnownIncident(incident=incident)], ended=[], now=later)
    vitals = store.archive.vitals(now=later)
    assert vitals.deliveries == {"pending": 1, "unknown": 1}
    assert vitals.notes == {"pending": 1}
    assert vitals.oldest == {"pending": later, "unknown": NOW}
    assert vitals.waiting == {}
    assert vitals.incidents == {"rules": 1}
    counts = store.archive.counts()
    assert (counts["deliveries"], counts["notes"]) == (vitals.deliveries, vitals.notes)
    assert second.state is DeliveryState.PENDING


def test_held_destinations(store):
    memo = json.dumps({"code": "sinks.token-refused", "facts": {"reason": "invalid_auth"}})
    store.deliveries.pause("slack", until=None, reason=memo)
    store.deliveries.pause("#news", until=NOW + MINUTE, reason=memo)
    assert store.archive.vitals(now=NOW).paused == {"slack": (None, memo), "#news": (NOW + MINUTE, memo)}
