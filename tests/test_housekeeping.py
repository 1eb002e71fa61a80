"""The chores of a store, as the daemon turns them: what is done, and what is said of it."""

import sqlite3
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from builders import NOW, make_source
from fakes import Clock, RecordingSink, in_store
from stores.making import make_taken
from structlog.testing import capture_logs

from monitor.config.settings import Config
from monitor.errors import UncertainError, UnknowableError
from monitor.eyes.standing import look
from monitor.housekeeping import Housekeeping
from monitor.jobs.prune import LONG_LOG
from monitor.ports import Reading
from monitor.schedule import Timetable
from monitor.stores import open_store, restore_copy, write_copy


@pytest.fixture
def database(tmp_path):
    return tmp_path / "monitor.db"


@pytest.fixture
def store(database):
    store = open_store(str(database))
    store.polls.sync_sources([make_source()], now=NOW)
    store.polls.save_articles([make_taken(f"a{n}", rules=("一",)) for n in range(3)])
    yield store
    store.close()


def chores(store, folder=None, clock=None):
    settings = {"timezone": "Asia/Tokyo", "language": "en", "database": str(store.path)}
    config = Config.model_validate(settings | ({"backup": {"folder": str(folder)}} if folder else {}))
    return Housekeeping(config, store, in_store, Timetable(ZoneInfo("Asia/Tokyo"), lambda _: False), clock or Clock())


def events(logs):
    return [entry["event"] for entry in logs]


async def test_a_turn_writes_a_backup_and_says_so(store, tmp_path):
    with capture_logs() as logs:
        house = chores(store, tmp_path / "backups")
        await house.turn()
        await house.turn()
    [entry] = [entry for entry in logs if entry["event"] == "backed_up"]
    assert entry["forgotten"] == 0
    assert [str(path) for path in (tmp_path / "backups").iterdir()] == [entry["path"]]
    assert house.incidents([]) == []


async def test_a_backup_that_fails_is_said_and_an_incident(store, tmp_path):
    (tmp_path / "backups").write_text("in the way")
    house = chores(store, tmp_path / "backups")
    with capture_logs() as logs:
        await house.turn()
    assert events(logs) == ["backup_failed"]
    assert len(house.incidents([])) == 1


async def test_without_a_folder_there_is_none(store):
    house = chores(store)
    with capture_logs() as logs:
        await house.turn()
        await house.prune()
    assert (events(logs), house.incidents([])) == (["pruned"], [])


async def test_the_index_tells_how_far_it_has_come(store):
    store._connection.run("update search_index set folding = 'other'")
    with capture_logs() as logs:
        await chores(store).turn()
    assert [(entry["event"], entry["articles_left"]) for entry in logs] == [
        ("search_index_made_anew", 3), ("search_index_made_anew", 0)
    ]  # fmt: skip


@pytest.mark.fault(34)
@pytest.mark.slow
async def test_a_reader_that_stays_open_for_ten_minutes_of_writes(store):
    clock = Clock()
    house = chores(store, clock=clock)
    reader = sqlite3.connect(store.path)
    unfinished = reader.execute("select * from articles")
    unfinished.fetchone()
    lengths = []
    with capture_logs() as logs:
        for minute in range(10):
            clock.move(minutes=1)
            store.polls.save_articles([make_taken(f"m{minute}n{n}", text="長い文" * 5000) for n in range(100)])
            await house.tidy()
            lengths.append(look(store, house._config, now=clock()).write_ahead_log)
        assert lengths == sorted(lengths)
        assert (lengths[-1] > LONG_LOG, events(logs)) == (True, ["log_grows"])
        unfinished.close()
        reader.close()
        await house.tidy()
    assert look(store, house._config, now=clock()).write_ahead_log < 8_000_000
    assert events(logs) == ["log_grows", "log_folded"]


@pytest.mark.fault(34)
async def test_a_log_that_grows_is_said_once(store, monkeypatch):
    sizes = iter((10, 99_000_000, 99_000_000, 20))

    async def tidied(*_):
        return next(sizes)

    monkeypatch.setattr("monitor.housekeeping.tidy", tidied)
    house = chores(store)
    with capture_logs() as logs:
        for _ in range(4):
            await house.tidy()
    assert events(logs) == ["log_grows", "log_folded"]
    assert "99 MB" in logs[0]["note"]


@pytest.mark.parametrize(
    ("answer", "event", "closed"),
    [
        (None, "reconciled", frozenset()),
        (UnknowableError("sinks.webhook-blind", destination="x"), "repeats_possible", frozenset()),
        (UncertainError("sinks.lookup-failed", destination="x", reason="y"), "not_reconciled", {"#pr-crisis"}),
    ],
)
async def test_after_a_restored_backup_destinations_are_asked(store, database, tmp_path, answer, event, closed):
    copy = write_copy(database, tmp_path / "copy.db", now=NOW)
    store.close()
    restore_copy(database, copy.path, now=NOW)
    restored = open_store(str(database))
    restored.deliveries.recover(now=NOW)
    sink = RecordingSink(Clock())

    async def told_since(_destination, _at):
        if answer:
            raise answer
        return frozenset({"http://127.0.0.1/a1"})

    sink.told_since = told_since
    with capture_logs() as logs:
        assert await chores(restored).closed(lambda _: sink) == closed
    assert events(logs) == [event]
    assert restored.deliveries.waiting("crisis", "now")[1] == (set() if answer else {"a1"})
    restored.close()


async def test_a_channel_in_two_spellings_is_said_once_and_told_as_one(store):
    sink, house = RecordingSink(Clock()), chores(store)

    async def places(destinations):
        return dict.fromkeys(destinations, "C0CRISIS01")

    sink.places = places
    with capture_logs() as logs:
        for _ in range(2):
            assert await house.closed(lambda _: sink, {"#pr-crisis", "C0CRISIS01"}) == {"#pr-crisis"}
    assert events(logs) == ["same_channel"]
    assert "#pr-crisis and C0CRISIS01" in logs[0]["note"]
    assert {one.destination for one in store.deliveries.backlog()} == {"C0CRISIS01"}


async def test_a_clock_that_stands_ahead_for_a_while_erases_nothing(store):
    clock = Clock()
    house = chores(store, clock=clock)
    await house.prune()
    clock.move(days=5000)
    with capture_logs() as logs:
        await house.prune()
        await chores(store, clock=clock).prune()
    assert [entry["rows"] for entry in logs if entry["event"] == "pruned"] == [0, 0]
    assert {entry["by"] for entry in logs} == {NOW.astimezone(ZoneInfo("Asia/Tokyo")).isoformat(timespec="minutes")}
    assert all(row["text"] for row in store.archive.rows("articles", since=None))


async def test_what_is_old_is_forgotten_when_the_time_has_been_seen_to_pass(store):
    clock = Clock()
    house = Housekeeping(
        Config.model_validate({"timezone": "Asia/Tokyo", "database": str(store.path)}),
        store,
        in_store,
        Timetable(ZoneInfo("Asia/Tokyo"), lambda _: False),
        clock,
        clocks=lambda now: Reading(wall_at=now, steady=now - NOW + timedelta(days=1), boot=None),
    )
    await house.prune()
    clock.move(days=100)
    await house.prune()
    assert not any(row["text"] for row in store.archive.rows("articles", since=None))
