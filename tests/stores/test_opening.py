"""Opening: what is refused, in which words, and that it is left as it was."""

import hashlib
import os
import sqlite3
import threading
import tomllib
from dataclasses import replace
from datetime import timedelta
from importlib import resources

import pytest
from builders import NOW, make_source
from sqlite_utils import Database, Migrations
from stores.making import exported, find, make_taken

from monitor.errors import StoreError
from monitor.messages import say
from monitor.model import Threshold
from monitor.ports import Mute
from monitor.stores import hold_lock, open_store
from monitor.stores.sqlite import opening
from monitor.stores.sqlite.schema import STEPS


@pytest.fixture
def path(tmp_path):
    return tmp_path / "monitor.db"


def refused(path, **options):
    with pytest.raises(StoreError) as caught:
        open_store(str(path), **options)
    assert caught.value.message("ja") != caught.value.message("en")
    return caught.value


def digest_of(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def filled(path, articles=200):
    store = open_store(str(path))
    store.polls.sync_sources([make_source()], now=NOW)
    store.polls.save_articles([make_taken(f"a{number}", rules=("一",)) for number in range(articles)])
    store.close()


def test_a_store_is_opened_again_with_what_it_held(path):
    filled(path)
    for create in (True, False):
        store = open_store(str(path), create=create, check=True)
        assert len(exported(store, "articles")) == 200
        assert store.path == path
        store.close()


def test_the_settings_that_months_of_running_ask_for(path):
    filled(path)
    store = open_store(str(path))
    names = ("journal_mode", "synchronous", "busy_timeout", "foreign_keys", "journal_size_limit", "auto_vacuum")
    settings = {name: store._connection.rows(f"pragma {name}")[0][0] for name in names}
    assert settings == {
        "journal_mode": "wal",
        "synchronous": 2,
        "busy_timeout": 5000,
        "foreign_keys": 1,
        "journal_size_limit": 64 * 1024 * 1024,
        "auto_vacuum": 2,
    }
    store.close()


@pytest.mark.parametrize("database", ["postgresql://bot:secret@db/monitor", "mysql://bot:secret@db/monitor"])
@pytest.mark.parametrize("use", [open_store, lambda database: hold_lock(database).__enter__()])
def test_other_databases_are_refused_without_their_password(database, use):
    with pytest.raises(StoreError) as caught:
        use(database)
    assert "secret" not in caught.value.message("en") + caught.value.message("ja")
    assert "not in this version" in str(caught.value)


def test_a_reading_command_makes_no_database(path):
    assert refused(path, create=False).code == "stores.missing"
    assert not path.exists()
    path.touch()
    assert refused(path, create=False).code == "stores.missing"


def test_a_missing_folder(tmp_path):
    assert refused(tmp_path / "no" / "monitor.db").code == "stores.no-folder"


def test_a_folder_in_place_of_the_file(tmp_path):
    assert refused(tmp_path).code == "stores.unreadable"


def test_an_odd_name_is_taken_as_it_is(tmp_path):
    for name in ("100%?mode=memory#.db", "監視 データ.db", "file:x.db"):
        open_store(str(tmp_path / name)).close()
        assert (tmp_path / name).stat().st_size > 0


@pytest.mark.parametrize("content", [b"name,url\n", b"\x00" * 4096, "設定".encode() * 5000])
@pytest.mark.parametrize("create", [True, False])
def test_a_file_that_is_no_database_is_left_as_it_is(path, content, create):
    path.write_bytes(content)
    assert refused(path, create=create).code == "stores.not-a-database"
    assert path.read_bytes() == content


def test_a_database_of_another_program_is_left_as_it_is(path):
    with sqlite3.connect(path) as other:
        other.execute("create table moz_places (id integer)")
    other.close()
    before = digest_of(path)
    assert refused(path).code == "stores.foreign"
    assert digest_of(path) == before


@pytest.mark.fault(37)
def test_a_newer_schema_is_left_as_it_is(path):
    filled(path)
    with sqlite3.connect(path) as newer:
        newer.execute(
            "insert into _sqlite_migrations (migration_set, name, applied_at) values ('monitor', '999-later', 'then')"
        )
    newer.close()
    before = digest_of(path)
    assert refused(path).code == "stores.newer"
    assert digest_of(path) == before


def test_an_empty_file_with_a_full_log_is_damage_not_a_new_database(path):
    store = open_store(str(path))
    store.polls.save_articles([make_taken()])
    path.with_name("monitor.db-wal").rename(path.with_name("kept"))
    store.close()
    path.write_bytes(b"")
    path.with_name("kept").rename(path.with_name("monitor.db-wal"))
    assert refused(path).code == "stores.damaged"
    assert path.with_name("monitor.db-wal").stat().st_size > 0


def test_damage_is_found_before_anything_is_written(path):
    filled(path)
    content = bytearray(path.read_bytes())
    # The head of a page in the middle: its type and its cell offsets.
    middle = len(content) // 2 // 4096 * 4096
    content[middle : middle + 100] = b"\xa5" * 100
    path.write_bytes(content)
    before = digest_of(path)
    error = refused(path, check=True)
    assert error.code == "stores.damaged"
    assert "integrity" in error.message("en")
    assert "バックアップ" in error.message("ja")
    assert digest_of(path) == before


def test_a_cut_file_is_damage(path):
    filled(path)
    os.truncate(path, path.stat().st_size // 2)
    assert refused(path, check=True).code == "stores.damaged"


def test_an_old_sqlite(path, monkeypatch):
    monkeypatch.setattr(opening, "OLDEST_SQLITE", (99, 1, 0))
    error = refused(path)
    assert error.code == "stores.old-sqlite"
    assert "99.1.0" in error.message("ja")


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is closed to root")
def test_a_file_that_may_not_be_read(path):
    filled(path)
    path.chmod(0)
    assert refused(path).code == "stores.unreadable"


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is closed to root")
def test_a_file_that_may_only_be_read_is_for_those_who_only_read(path):
    filled(path)
    path.chmod(0o444)
    open_store(str(path), create=False).close()
    assert refused(path, check=True).code == "stores.read-only"


def test_who_is_going_to_write_is_told_at_once_that_it_cannot(path, monkeypatch):
    filled(path)
    prepare = opening._prepare

    def as_if_read_only(connection):
        prepare(connection)
        connection.raw.execute("pragma query_only = on")

    monkeypatch.setattr(opening, "_prepare", as_if_read_only)
    open_store(str(path)).close()
    assert refused(path, check=True).code == "stores.read-only"


def test_a_file_that_may_not_be_written_says_so_at_the_first_write(path):
    filled(path)
    store = open_store(str(path))
    store._connection.raw.execute("pragma query_only = on")
    with pytest.raises(StoreError) as caught:
        store.polls.sync_sources([], now=NOW)
    assert caught.value.code == "stores.read-only"
    assert len(exported(store, "articles")) == 200
    store.close()


def test_a_full_disk_stores_nothing_and_can_be_tried_again(path):
    store = open_store(str(path))
    [(pages,)] = store._connection.rows("pragma page_count")
    store._connection.rows(f"pragma max_page_count = {pages + 2}")
    batch = [make_taken(f"a{number}", text="長い文" * 5000) for number in range(20)]
    with pytest.raises(StoreError) as caught:
        store.polls.save_articles(batch)
    assert (caught.value.code, caught.value.temporary) == ("stores.full", True)
    assert exported(store, "articles") == []
    store._connection.rows("pragma max_page_count = 1000000")
    assert store.polls.save_articles(batch) == 20
    store.close()


def test_a_closed_store_says_so_as_our_error(path):
    store = open_store(str(path))
    store.close()
    with pytest.raises(StoreError):
        store.polls.next_due_at()


def test_the_connection_may_be_used_on_another_thread(path):
    store = open_store(str(path))
    worker = threading.Thread(target=lambda: store.polls.save_articles([make_taken()]))
    worker.start()
    worker.join()
    assert len(exported(store, "articles")) == 1
    store.close()


def test_two_processes_may_open_a_new_database_together(path):
    errors = []

    def open_one():
        try:
            open_store(str(path)).close()
        except StoreError as error:
            errors.append(error)

    threads = [threading.Thread(target=open_one) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    store = open_store(str(path), check=True)
    assert len(store._connection.rows("select * from _sqlite_migrations")) == len(STEPS)
    store.close()


def test_every_message_is_there_in_both_languages():
    facts = {
        "path": "p",
        "detail": "d",
        "seconds": 5,
        "scheme": "s",
        "needed": "1",
        "found": "0",
        "pid": 1,
        "host": "h",
        "copy": "c",
    }
    names = tomllib.loads(resources.files("monitor.messages").joinpath("stores.toml").read_text(encoding="utf-8"))
    for name in names:
        assert say(f"stores.{name}", "ja", **facts) != say(f"stores.{name}", "en", **facts)


def first_release(path):
    """A database as the first release left it: an article that waits in two channels, and was told in one."""
    raw = sqlite3.connect(path)
    first = Migrations("monitor")
    first(name="001-first-release")(lambda db: [db.execute(one) for one in STEPS["001-first-release"]])
    first.apply(Database(raw))
    raw.executescript("""
        insert into articles (number, id, url, source_id, title, folded_title, authors, fetched_at, text, text_from, story,
            missing) values (1, 'a1', 'http://127.0.0.1/a1', 's0', '停戦', '停戦', '[]', 1795390000, '本文', 'entry', 'a1',
            'fetch.timeout');
        insert into matches values (1, 'a1', '停戦', '停戦', 0, '["停戦"]', '["停戦",[[0,2]]]', null, 3, 'normal', 1795390000);
        insert into deliveries (number, id, channel, destination, period, part, payload, state, created_at, due_at)
            values (1, 'd1', 'desk', '#desk', 'now/1', 0, '{}', 'sent', 1795390000, 1795390000);
        insert into tellings values (1, '#desk', 'desk', 'now', null, 'promised', 'd1');
        insert into tellings values (1, '#pr-crisis', 'crisis', 'now', '@pr', 'waiting', null);
        update counters set value = 1;
    """)
    raw.close()


def test_a_database_of_the_first_release_goes_on(path):
    first_release(path)
    store = open_store(str(path), check=True)
    [waiting], _ = store.deliveries.waiting("crisis", "now")
    match = waiting.match
    assert (match.weight, match.needs_body, match.when_body_missing) == (3, False, "tell")
    assert (match.threshold, match.throttle) == (None, None)
    assert store.archive.counts()["matches"] == {"promised": 1, "waiting": 1}
    assert store.deliveries.entered("#desk", since=NOW - timedelta(days=9_999)) == {}
    assert store.revisits.due_revisits(now=NOW, limit=5) == store.mutes.muted(now=NOW) == []
    # What was found before counts as coverage of a rule that has a threshold now.
    at = match.matched_at + timedelta(minutes=1)
    taken = find("a2", rule="停戦", threshold=Threshold(stories=2, within=timedelta(hours=1)))
    store.polls.save_articles([replace(taken, matches=(replace(taken.matches[0], matched_at=at),))])
    assert len(store.deliveries.waiting("crisis", "now")[0]) == 2
    assert store.mutes.mute(Mute(rule_id="停戦", rule_name="停戦", until=None), now=NOW) == 2
    store.close()
