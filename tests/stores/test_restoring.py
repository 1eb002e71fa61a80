"""A backup in the place of the database: all of it or nothing, and the other one kept aside."""

import hashlib
import os
import sqlite3
from contextlib import closing
from datetime import timedelta

import pytest
from builders import NOW
from stores.making import exported, make_taken

from monitor.errors import StoreError
from monitor.stores import open_store, restore_copy, write_copy

LATER = NOW + timedelta(hours=5)


@pytest.fixture
def database(tmp_path):
    database = tmp_path / "monitor.db"
    add(database, "old")
    return database


@pytest.fixture
def copy(database, tmp_path):
    (tmp_path / "backups").mkdir()
    return write_copy(database, tmp_path / "backups" / "copy.db", now=NOW).path


def add(path, *names):
    store = open_store(str(path))
    store.polls.save_articles([make_taken(name) for name in names])
    store.close()


def names(path):
    store = open_store(str(path), check=True)
    found = [row["id"] for row in exported(store, "articles")]
    store.close()
    return found


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def refused(database, file):
    before = {path.name: digest(path) for path in database.parent.iterdir() if path.is_file()}
    with pytest.raises(StoreError) as caught:
        restore_copy(database, file, now=LATER)
    assert {path.name: digest(path) for path in database.parent.iterdir() if path.is_file()} == before
    assert caught.value.message("ja") != caught.value.message("en")
    return caught.value.code


def test_a_backup_takes_the_place_and_the_other_is_kept_aside(database, copy):
    add(database, "new")
    taken_at, aside = restore_copy(database, copy, now=LATER)
    assert taken_at == NOW
    assert aside.name.startswith("monitor.db.before-restore-2026")
    assert names(database) == ["old"]
    assert names(aside) == ["old", "new"]
    assert copy.exists()
    assert not [path for path in database.parent.iterdir() if "incoming" in path.name or path.name.endswith(".part")]


def test_two_restores_within_a_second_keep_both_databases(database, copy):
    add(database, "new")
    _, first = restore_copy(database, copy, now=LATER)
    _, second = restore_copy(database, copy, now=LATER)
    assert (names(first), names(second)) == (["old", "new"], ["old"])


def test_the_newest_three_are_kept_aside_and_nothing_else_is_touched(database, copy, tmp_path):
    others = [
        "monitor.db.before-restore-",
        "monitor.db.before-restore-mine",
        "other.db.before-restore-20200101T000000Z",
    ]
    for name in others:
        (tmp_path / name).touch()
    asides = []
    for hours in (1, 3, 2, 4):
        asides.append(restore_copy(database, copy, now=NOW + timedelta(hours=hours))[1])
        (tmp_path / f"{asides[-1].name}-wal").touch()
    # A clock that was set back makes the last one no older.
    asides.append(restore_copy(database, copy, now=NOW)[1])
    there = {path.name for path in tmp_path.iterdir() if "before-restore" in path.name} - set(others)
    kept = [asides[number] for number in (1, 3, 4)]
    assert there == {path.name for path in kept} | {f"{path.name}-wal" for path in kept[:2]}
    assert all((tmp_path / name).exists() for name in others)


def test_a_restore_that_fails_forgets_nothing(database, copy, tmp_path):
    for day in range(1, 6):
        (tmp_path / f"monitor.db.before-restore-2020010{day}T000000Z").touch()
    copy.write_bytes(b"no database")
    assert refused(database, copy) == "stores.foreign-copy"


def test_a_backup_where_there_is_no_database(database, copy):
    database.unlink()
    assert restore_copy(database, copy, now=LATER) == (NOW, None)
    assert names(database) == ["old"]


def test_the_log_of_the_old_one_never_meets_the_new_one(database, copy):
    """A killed process leaves its log: it goes aside with its database."""
    store = open_store(str(database))
    store.polls.save_articles([make_taken("new")])
    main, log = database.read_bytes(), database.with_name("monitor.db-wal").read_bytes()
    store.close()
    database.write_bytes(main)
    database.with_name("monitor.db-wal").write_bytes(log)
    _, aside = restore_copy(database, copy, now=LATER)
    assert names(database) == ["old"]
    assert names(aside) == ["old", "new"]


def test_a_damaged_database_goes_aside_as_it_is_with_its_log(database, copy):
    store = open_store(str(database))
    store.polls.save_articles([make_taken("new")])
    log = database.with_name("monitor.db-wal").read_bytes()
    store.close()
    database.write_bytes(b"SQLite format 3\0" + b"\xa5" * 8176)
    database.with_name("monitor.db-wal").write_bytes(log)
    before = digest(database)
    _, aside = restore_copy(database, copy, now=LATER)
    assert names(database) == ["old"]
    assert digest(aside) == before
    assert aside.with_name(f"{aside.name}-wal").read_bytes() == log


def test_what_is_no_sound_backup_of_ours_changes_nothing(database, copy, tmp_path):
    assert refused(database, tmp_path / "none.db") == "stores.missing-copy"
    assert refused(database, database) == "stores.copy-is-the-database"
    letter = tmp_path / "letter"
    letter.write_bytes("手紙".encode() * 5000)
    empty = tmp_path / "empty"
    empty.touch()
    other = tmp_path / "other.db"
    with closing(sqlite3.connect(other)) as raw:
        raw.execute("create table moz_places (id integer)")
        raw.commit()
    assert {refused(database, file) for file in (letter, empty, other)} == {"stores.foreign-copy"}
    content = bytearray(copy.read_bytes())
    content[20 * 4096 : 40 * 4096] = b"\xa5" * 20 * 4096
    damaged = tmp_path / "damaged.db"
    damaged.write_bytes(content)
    assert refused(database, damaged) == "stores.damaged-copy"


def test_a_backup_of_a_newer_version_changes_nothing(database, copy):
    with closing(sqlite3.connect(copy)) as raw:
        raw.execute("insert into _sqlite_migrations (migration_set, name, applied_at) values ('monitor', '999', '')")
        raw.commit()
    assert refused(database, copy) == "stores.newer-copy"


def test_a_database_that_somebody_reads_stays(database, copy):
    reader = open_store(str(database))
    reader.archive.counts()
    with pytest.raises(StoreError) as caught:
        restore_copy(database, copy, now=LATER)
    assert caught.value.code == "stores.locked"
    reader.close()
    assert names(database) == ["old"]
    assert not list(database.parent.glob("*.incoming"))


def test_no_folder(copy, tmp_path):
    with pytest.raises(StoreError) as caught:
        restore_copy(tmp_path / "no" / "monitor.db", copy, now=LATER)
    assert caught.value.code == "stores.no-folder"


def test_a_copy_by_hand_is_as_old_as_the_youngest_of_it(database, tmp_path):
    by_hand = tmp_path / "by-hand.db"
    with closing(sqlite3.connect(database)) as raw, closing(sqlite3.connect(by_hand)) as target:
        raw.backup(target)
    add(by_hand, "last")
    taken_at, _ = restore_copy(database, by_hand, now=LATER)
    assert taken_at == make_taken("last").article.fetched_at


def test_file_systems_without_hard_links(database, copy, monkeypatch):
    def no_links(*_):
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr("monitor.stores.sqlite.restoring.os.link", no_links)
    add(database, "new")
    _, aside = restore_copy(database, copy, now=LATER)
    assert names(aside) == ["old", "new"]


def test_it_belongs_to_whom_the_database_belonged_and_is_as_open(database, copy):
    """Whoever restores as root, and from a copy that everybody may read, locks nobody out and opens nothing."""
    database.chmod(0o640)
    copy.chmod(0o644)
    restore_copy(database, copy, now=LATER)
    assert database.stat().st_mode & 0o777 == 0o640


@pytest.mark.skipif(os.geteuid() != 0, reason="root alone may give files away")
def test_what_root_restores_is_left_to_the_service(database, copy):
    os.chown(database, 12345, 12346)
    restore_copy(database, copy, now=LATER)
    assert (database.stat().st_uid, database.stat().st_gid) == (12345, 12346)


@pytest.mark.skipif(os.geteuid() != 0, reason="root alone may give files away")
def test_where_no_database_stood_it_belongs_to_whom_the_folder_belongs(tmp_path, copy):
    folder = tmp_path / "state"
    folder.mkdir()
    os.chown(folder, 12345, 12346)
    restore_copy(folder / "monitor.db", copy, now=LATER)
    restored = (folder / "monitor.db").stat()
    assert (restored.st_uid, restored.st_gid, restored.st_mode & 0o777) == (12345, 12346, 0o600)


def test_a_place_that_may_not_be_looked_at_is_said(database, copy, monkeypatch):
    def refuse(_path):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(type(copy), "is_file", refuse)
    assert refused_code(database, copy) == "stores.unreadable-copy"


def refused_code(database, file):
    with pytest.raises(StoreError) as caught:
        restore_copy(database, file, now=LATER)
    return caught.value.code
