"""Damage is found at the start, named with the way back, and left as it is."""

import hashlib
import shutil
import sqlite3
from contextlib import closing, suppress
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from builders import NOW
from stores.making import make_taken

from monitor.errors import StoreError
from monitor.stores import Folder, open_store
from monitor.stores.sqlite import soundness

PAGE = 4096


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "monitor.db"
    store = open_store(str(path))
    for start in range(0, 400, 100):
        store.polls.save_articles([
            make_taken(f"a{number}", title=f"第{number}報", text=f"{number}号の関税交渉" * 200, rules=("一",))
            for number in range(start, start + 100)
        ])  # fmt: skip
    store.close()
    return path


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def flip(path, offset, count=100):
    content = bytearray(path.read_bytes())
    content[offset : offset + count] = bytes(byte ^ 0xFF for byte in content[offset : offset + count])
    path.write_bytes(content)


def refused(path, copies=None):
    with pytest.raises(StoreError) as caught:
        open_store(str(path), check=True, copies=copies)
    return caught.value


def test_a_sound_database_passes(path):
    assert soundness.check(path, patience=60)
    open_store(str(path), check=True).close()


@pytest.mark.fault(35)
def test_flipped_bytes_are_found_and_left_as_they_are(path, tmp_path):
    """In the middle, and all over the file; what is not found stood in room that nothing uses."""
    pages = path.stat().st_size // PAGE
    found = 0
    places = [pages // 2 * PAGE, *range(PAGE, pages * PAGE, pages // 40 * PAGE)]
    for place in places:
        copy = tmp_path / "copy.db"
        shutil.copyfile(path, copy)
        flip(copy, place + 50)
        before = digest(copy)
        with suppress(StoreError):
            assert soundness.check(copy, patience=60)
            found -= 1
        found += 1
        assert digest(copy) == before
    assert found >= len(places) * 0.8


@pytest.mark.fault(35)
def test_the_middle_of_the_file(path):
    flip(path, path.stat().st_size // 2)
    before = digest(path)
    error = refused(path)
    assert "integrity" in error.message("en")
    assert "integrity" in error.message("ja")
    assert digest(path) == before


@pytest.mark.fault(35)
def test_the_newest_backup_and_the_way_back_are_named(path, tmp_path):
    vault = Folder(str(path), tmp_path / "backups", ZoneInfo("Asia/Tokyo"))
    copy = vault.write(NOW, lambda _left, _pages: None)
    vault.write(NOW - timedelta(days=1), lambda _left, _pages: None)
    flip(path, path.stat().st_size // 2)
    before = digest(path)
    error = refused(path, tmp_path / "backups")
    assert error.code == "stores.damaged-but-copied"
    for language, word in (("en", "integrity"), ("ja", "破損")):
        assert word in error.message(language)
        assert f"monitor restore {copy.path}" in error.message(language)
    assert digest(path) == before
    # Likewise where it is no database any more at all.
    path.write_bytes(b"\0" * 8192)
    assert "monitor restore" in refused(path, tmp_path / "backups").message("ja")


def test_the_log_of_a_process_that_was_killed_is_not_folded_into_a_damaged_file(path):
    store = open_store(str(path))
    store.polls.save_articles([make_taken("late")])
    log = path.with_name("monitor.db-wal")
    kept, main = log.read_bytes(), path.read_bytes()
    store.close()
    path.write_bytes(main)
    log.write_bytes(kept)
    flip(path, 100 * PAGE + 50)
    before = digest(path)
    refused(path)
    assert digest(path) == before


def test_an_index_that_disagrees_with_its_table(path):
    with closing(sqlite3.connect(path)) as raw:
        [(root,)] = raw.execute("select rootpage from sqlite_master where name = 'articles_url'").fetchall()
        raw.execute("pragma writable_schema = on")
        raw.execute("update sqlite_master set sql = replace(sql, 'url)', 'title)') where name = 'articles_url'")
        raw.commit()
    assert root
    assert refused(path).code == "stores.damaged"


def test_text_that_is_no_utf8(path):
    with closing(sqlite3.connect(path)) as raw:
        raw.execute("update articles set text = cast(x'e38182ff' as text) where number = 5")
        raw.commit()
    assert "UTF-8" in refused(path).message("en")


def test_patience_has_an_end(path, monkeypatch):
    assert soundness.check(path, patience=1e-9) is False
    monkeypatch.setattr(soundness, "_SPEED", 10**15)
    monkeypatch.setattr(soundness, "_OPCODES", 1)
    assert soundness.check(path, patience=1e-9) is False


def test_a_database_that_another_program_has_locked_is_not_damaged(path):
    with closing(sqlite3.connect(path, isolation_level=None)) as raw:
        raw.execute("pragma locking_mode = exclusive")
        raw.execute("begin exclusive")
        raw.execute("delete from told")
        assert soundness.check(path, patience=60) is False


def test_what_cannot_be_opened_is_left_for_the_opening_to_name(path, monkeypatch):
    """As with a database that belongs to root: SQLite cannot even open it."""

    def refuse(*_, **__):
        error = sqlite3.OperationalError("unable to open database file")
        error.sqlite_errorname = "SQLITE_CANTOPEN"
        raise error

    monkeypatch.setattr(soundness.sqlite3, "connect", refuse)
    assert not soundness.check(path, patience=60)
    assert refused(path).code == "stores.unreadable"
