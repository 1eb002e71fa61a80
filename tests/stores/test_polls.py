"""PollStore: the due-queue and what was seen."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from builders import NOW, make_source
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from stores.making import MINUTE, make_taken

from monitor.model import SourceState, Validators

LEASE = 5 * MINUTE
SOURCES = [make_source(id=f"s{number}", url=f"http://127.0.0.1/{number}") for number in range(5)]


def polled(source_id="s0", **changes) -> SourceState:
    values = {
        "source_id": source_id,
        "next_poll_at": NOW + 10 * MINUTE,
        "moved_to": "http://127.0.0.1/moved",
        "validators": Validators(etag='W/"1"', last_modified="Mon, 23 Nov 2026 08:00:00 GMT"),
        "body_hash": "ab" * 32,
        "failures": 3,
        "last_poll_at": NOW,
        "last_ok_at": NOW - MINUTE,
        "first_ok_at": NOW - 2 * MINUTE,
        "last_error": "fetch.timeout: 時間切れ",
        "gone": False,
    }
    return SourceState(**values | changes)


def claimed(store, now, limit=100) -> list[str]:
    return [state.source_id for state in store.polls.claim_due(now=now, lease=LEASE, limit=limit)]


def test_a_new_source_is_due_at_once(store):
    assert store.polls.next_due_at() is None
    store.polls.sync_sources(SOURCES[:1], now=NOW)
    assert store.polls.next_due_at() == NOW
    assert store.polls.claim_due(now=NOW, lease=LEASE, limit=1) == [SourceState(source_id="s0", next_poll_at=NOW)]


def test_a_claimed_source_is_not_claimed_again_until_its_lease_ends(store):
    store.polls.sync_sources(SOURCES, now=NOW)
    assert claimed(store, NOW, limit=3) == ["s0", "s1", "s2"]
    assert claimed(store, NOW) == ["s3", "s4"]
    assert claimed(store, NOW + LEASE - MINUTE) == []
    assert store.polls.next_due_at() == NOW + LEASE
    assert claimed(store, NOW + LEASE) == ["s0", "s1", "s2", "s3", "s4"]


def test_a_start_gives_back_what_a_dead_process_had_leased_and_nothing_else(store):
    store.polls.sync_sources(SOURCES[:2], now=NOW)
    claimed(store, NOW)
    store.polls.save_states([polled("s0")])
    store.polls.sync_sources(SOURCES[:2], now=NOW + MINUTE)
    assert claimed(store, NOW + MINUTE) == ["s1"]


def test_an_edit_breaks_no_lease(store):
    store.polls.sync_sources(SOURCES[:3], now=NOW)
    assert claimed(store, NOW, limit=2) == ["s0", "s1"]
    edited = [SOURCES[0], replace(SOURCES[2], name="another"), SOURCES[3]]
    store.polls.sync_sources(edited, now=NOW + MINUTE, release=False)
    assert claimed(store, NOW + MINUTE) == ["s2", "s3"]
    store.polls.save_states([polled("s0", next_poll_at=NOW + 2 * MINUTE), polled("s1", next_poll_at=NOW + 2 * MINUTE)])
    assert claimed(store, NOW + 2 * MINUTE) == ["s0"]
    store.polls.sync_sources(SOURCES[:2], now=NOW + 2 * MINUTE, release=False)
    assert claimed(store, NOW + 2 * MINUTE) == ["s1"]


def test_the_longest_due_comes_first(store):
    store.polls.sync_sources(SOURCES[:3], now=NOW)
    claimed(store, NOW)
    store.polls.save_states(
        [polled(f"s{number}", next_poll_at=NOW + late * MINUTE) for number, late in enumerate((3, 1, 2))]
    )
    assert claimed(store, NOW + 3 * MINUTE, limit=2) == ["s1", "s2"]


def test_a_state_comes_back_as_it_was_saved_and_gives_its_lease_back(store, opened):
    store.polls.sync_sources(SOURCES[:1], now=NOW)
    claimed(store, NOW)
    store.polls.save_states([polled()])
    assert store.polls.next_due_at() == NOW + 10 * MINUTE
    assert store.archive.source_states() == {"s0": polled()}
    assert opened().polls.claim_due(now=NOW + 10 * MINUTE, lease=LEASE, limit=1) == [polled()]


def test_a_source_that_is_gone_is_kept_and_never_claimed(store):
    store.polls.sync_sources(SOURCES[:1], now=NOW)
    claimed(store, NOW)
    store.polls.save_states([polled(gone=True)])
    assert claimed(store, NOW + timedelta(days=400)) == []
    assert store.polls.next_due_at() is None
    assert store.archive.source_states()["s0"].gone


def test_another_address_starts_afresh(store):
    store.polls.sync_sources(SOURCES[:1], now=NOW)
    claimed(store, NOW)
    store.polls.save_states([polled(gone=True)])
    later = NOW + MINUTE
    store.polls.sync_sources([replace(SOURCES[0], url="http://127.0.0.1/new")], now=later)
    assert store.polls.claim_due(now=later, lease=LEASE, limit=1) == [SourceState(source_id="s0", next_poll_at=later)]


def test_a_poll_of_the_old_address_says_nothing_about_the_new_one(store):
    store.polls.sync_sources(SOURCES[:1], now=NOW)
    claimed(store, NOW)
    store.polls.sync_sources([replace(SOURCES[0], url="http://127.0.0.1/new")], now=NOW + MINUTE)
    store.polls.save_states([polled(last_poll_at=NOW)])
    assert store.archive.source_states()["s0"].validators == Validators()
    store.polls.save_states([polled(last_poll_at=NOW + 2 * MINUTE)])
    assert store.archive.source_states()["s0"].validators.etag == 'W/"1"'


def test_a_clock_that_stood_ahead_parks_no_source(store):
    ahead = NOW + timedelta(days=90)
    store.polls.sync_sources(SOURCES[:1], now=ahead)
    claimed(store, ahead)
    store.polls.save_states([polled(last_poll_at=ahead, next_poll_at=ahead + MINUTE)])
    assert claimed(store, NOW) == []
    store.upkeep.clock_set_back(now=NOW + MINUTE, by=timedelta(days=90))
    assert claimed(store, NOW + MINUTE) == ["s0"]
    state = store.archive.source_states()["s0"]
    assert (state.last_poll_at, state.next_poll_at) == (NOW + MINUTE, NOW + MINUTE)


def test_what_a_source_waits_for_is_moved_with_the_clock(store):
    store.polls.sync_sources(SOURCES[:2], now=NOW)
    claimed(store, NOW)
    far, near = (polled(last_poll_at=NOW, next_poll_at=NOW + minutes * MINUTE) for minutes in (180, 2))
    store.polls.save_states([far, replace(near, source_id="s1")])
    back = NOW - 10 * MINUTE
    store.upkeep.clock_set_back(now=back, by=10 * MINUTE)
    states = store.archive.source_states()
    assert [states[name].next_poll_at - back for name in ("s0", "s1")] == [180 * MINUTE, 2 * MINUTE]
    assert claimed(store, back + MINUTE) == []
    assert claimed(store, back + 2 * MINUTE) == ["s1"]


def test_a_source_that_joined_the_queue_while_the_clock_stood_ahead_is_due(store):
    store.polls.sync_sources(SOURCES[:1], now=NOW + timedelta(days=90))
    store.polls.sync_sources(SOURCES[:1], now=NOW)
    assert claimed(store, NOW) == ["s0"]


def test_a_start_after_the_clock_stood_ahead_polls_at_once(store):
    ahead = NOW + timedelta(days=90)
    store.polls.sync_sources(SOURCES[:1], now=ahead)
    claimed(store, ahead)
    store.polls.save_states([polled(last_poll_at=ahead, next_poll_at=ahead + MINUTE)])
    store.polls.sync_sources(SOURCES[:1], now=NOW)
    assert claimed(store, NOW) == ["s0"]
    store.polls.save_states([polled(last_poll_at=NOW, next_poll_at=NOW + MINUTE)])
    assert store.archive.source_states()["s0"].next_poll_at == NOW + MINUTE


def test_an_address_that_changed_while_the_clock_stood_ahead_is_remembered_all_the_same(store):
    store.polls.sync_sources(SOURCES[:1], now=NOW)
    store.polls.sync_sources([replace(SOURCES[0], url="http://127.0.0.1/new")], now=NOW + timedelta(days=90))
    store.polls.save_states([polled(last_poll_at=NOW + MINUTE)])
    assert store.archive.source_states()["s0"].validators.etag == 'W/"1"'


def test_another_name_changes_nothing_else(store):
    store.polls.sync_sources(SOURCES[:1], now=NOW)
    claimed(store, NOW)
    store.polls.save_states([polled()])
    store.polls.sync_sources([replace(SOURCES[0], name="夕べの通信")], now=NOW + MINUTE)
    assert store.archive.source_states() == {"s0": polled()}
    store.polls.save_articles([make_taken(source_id="s0", rules=("NATO",))])
    [waiting], _ = store.deliveries.waiting("crisis", "now")
    assert waiting.outlet == "夕べの通信"


def test_a_source_that_left_is_kept_for_its_return(store):
    store.polls.sync_sources(SOURCES[:2], now=NOW)
    claimed(store, NOW)
    store.polls.save_states([polled("s0"), polled("s1")])
    store.polls.sync_sources(SOURCES[1:2], now=NOW + MINUTE)
    assert list(store.archive.source_states()) == ["s1"]
    assert claimed(store, NOW + 60 * MINUTE) == ["s1"]
    store.polls.save_states([polled("s1", next_poll_at=NOW + 70 * MINUTE)])
    store.polls.sync_sources(SOURCES[:2], now=NOW + 60 * MINUTE)
    assert claimed(store, NOW + 60 * MINUTE) == ["s0"]
    assert store.archive.source_states()["s0"] == polled()


def test_no_sources_at_all(store):
    store.polls.sync_sources(SOURCES, now=NOW)
    store.polls.sync_sources([], now=NOW)
    store.polls.save_states([])
    assert claimed(store, NOW) == []


def test_two_stores_never_claim_the_same_source(store, opened):
    store.polls.sync_sources(SOURCES, now=NOW)
    other = opened()
    assert claimed(store, NOW, limit=2) + claimed(other, NOW, limit=2) + claimed(store, NOW) == [
        "s0", "s1", "s2", "s3", "s4",
    ]  # fmt: skip


def test_keys_are_unseen_until_their_articles_are_saved(store):
    assert store.polls.unseen("s0", ["k1", "k2"], now=NOW) == {"k1", "k2"}
    assert store.polls.unseen("s0", ["k1", "k2"], now=NOW) == {"k1", "k2"}
    store.polls.save_articles([make_taken(source_id="s0", key="k1")])
    assert store.polls.unseen("s0", ["k1", "k2"], now=NOW) == {"k2"}
    assert store.polls.unseen("s1", ["k1", "k2"], now=NOW) == {"k2"}
    assert store.polls.unseen("s1", [], now=NOW) == set()


def test_an_article_is_seen_by_its_id_too(store):
    store.polls.save_articles([make_taken("a1", key="other")])
    assert store.polls.unseen("s0", ["a1"], now=NOW) == set()


def test_what_is_hastened_is_due_sooner_and_never_later(store):
    store.polls.sync_sources(SOURCES[:3], now=NOW)
    store.polls.save_states([polled(source.id) for source in SOURCES[:3]])
    due = {"s0": NOW + MINUTE, "s1": NOW + 30 * MINUTE, "unknown": NOW}
    assert store.polls.hasten(due) == 1
    assert claimed(store, NOW + MINUTE) == ["s0"]
    assert claimed(store, NOW + 10 * MINUTE) == ["s0", "s1", "s2"]


def test_a_lease_is_kept_when_its_source_is_hastened(store):
    store.polls.sync_sources(SOURCES[:1], now=NOW)
    store.polls.save_states([polled(next_poll_at=NOW)])
    assert claimed(store, NOW) == ["s0"]
    assert store.polls.hasten({"s0": NOW - MINUTE}) == 1
    assert claimed(store, NOW) == []
    assert claimed(store, NOW + LEASE) == ["s0"]


INSTANTS = st.datetimes(timezones=st.just(UTC))
TEXTS = st.text() | st.none()


@given(
    at=INSTANTS,
    etag=TEXTS,
    error=TEXTS,
    surrogates=st.text(st.characters(min_codepoint=0xD800, max_codepoint=0xDBFF, categories=["Cs"])),
)
@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_state_comes_back(store, at, etag, error, surrogates):
    store.polls.sync_sources(SOURCES[:1], now=NOW)
    state = SourceState(
        source_id="s0",
        next_poll_at=at,
        last_ok_at=at,
        validators=Validators(etag=etag, last_modified=surrogates),
        last_error=error,
    )
    store.polls.save_states([state])
    found = store.archive.source_states()["s0"]
    assert (found.validators.etag, found.last_error) == (etag, error)
    assert set(found.validators.last_modified or "") <= {"\ufffd"}
    assert found.next_poll_at == found.last_ok_at
    # The latest instant of all is kept without its microseconds, and doubles tell microseconds apart until 2242.
    assert abs(found.next_poll_at - at) < timedelta(seconds=1)
    if datetime(1828, 1, 1, tzinfo=UTC) < at < datetime(2112, 1, 1, tzinfo=UTC):
        assert found.next_poll_at == at
