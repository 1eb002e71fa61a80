"""Backups: whole, checked, of one moment, beside whatever works on the database; or not there at all."""

import os
import signal
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from builders import NOW
from stores.making import exported, make_taken

from monitor.errors import StoreError
from monitor.stores import Folder, newest_copy, open_store, write_copy
from monitor.stores.copies import list_copies
from monitor.stores.sqlite import copying
from monitor.stores.sqlite.copying import marked_at
from monitor.stores.sqlite.reconciling import BACKED_UP

TESTS = Path(__file__).parents[1]


@pytest.fixture
def database(tmp_path):
    return tmp_path / "monitor.db"


@pytest.fixture
def store(database):
    store = open_store(str(database))
    store.polls.save_articles([make_taken(f"a{number}", rules=("一",), text="長い文" * 300) for number in range(300)])
    yield store
    store.close()


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "backups"
    folder.mkdir()
    return folder


def is_whole(path):
    with closing(sqlite3.connect(path)) as raw:
        return raw.execute("pragma integrity_check").fetchall() == [("ok",)]


def refused(database, file, **options):
    with pytest.raises(StoreError) as caught:
        write_copy(database, file, now=NOW, **options)
    assert caught.value.message("ja") != caught.value.message("en")
    return caught.value.code


def test_a_copy_is_one_file_that_holds_everything(store, database, folder):
    copy = write_copy(database, folder / "copy.db", now=NOW)
    assert [path.name for path in folder.iterdir()] == ["copy.db"]
    assert (copy.taken_at, copy.size, marked_at(copy.path, BACKED_UP)) == (NOW, copy.path.stat().st_size, NOW)
    assert is_whole(copy.path)
    other = open_store(str(copy.path), check=True)
    assert exported(other, "articles") == exported(store, "articles")
    other.close()


@pytest.mark.parametrize(("mode", "copied"), [(0o644, 0o600), (0o660, 0o600), (0o600, 0o600)])
def test_a_copy_is_for_its_owner_alone(store, database, folder, mode, copied):
    database.chmod(mode)
    copy = write_copy(database, folder / "copy.db", now=NOW)
    assert copy.path.stat().st_mode & 0o777 == copied


@pytest.mark.skipif(os.geteuid() != 0, reason="root alone may give files away")
def test_what_root_copies_belongs_to_whom_the_database_belongs(store, database, folder, monkeypatch):
    os.chown(database, 12345, 12346)
    copy = write_copy(database, folder / "copy.db", now=NOW).path.stat()
    assert (copy.st_uid, copy.st_gid) == (12345, 12346)

    def refuse(*_):
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "chown", refuse)
    assert write_copy(database, folder / "other.db", now=NOW).path.exists()


def test_a_copy_takes_the_place_of_an_older_one(store, database, folder):
    write_copy(database, folder / "copy.db", now=NOW)
    write_copy(database, folder / "copy.db", now=NOW + timedelta(days=1))
    assert marked_at(folder / "copy.db", BACKED_UP) == NOW + timedelta(days=1)


def test_nothing_else_is_ever_replaced(store, database, folder):
    other = folder / "other.db"
    open_store(str(other)).close()
    letter = folder / "letter.txt"
    letter.write_text("大事な手紙", encoding="utf-8")
    before = {path: path.read_bytes() for path in (other, letter)}
    assert refused(database, other) == refused(database, letter) == refused(database, folder) == "stores.not-a-copy"
    assert refused(database, database) == "stores.copy-of-itself"
    assert {path: path.read_bytes() for path in (other, letter)} == before
    assert sorted(path.name for path in folder.iterdir()) == ["letter.txt", "other.db"]


def test_no_folder_and_no_database(store, database, tmp_path):
    assert refused(database, tmp_path / "no" / "copy.db") == "stores.no-copy-folder"
    assert refused(tmp_path / "none.db", tmp_path / "copy.db") == "stores.missing"
    assert not (tmp_path / "none.db").exists()


def test_what_could_not_be_restored_is_not_copied(tmp_path):
    """Another program's, one without anything in it, no file at all: the trouble is the database's, not the copy's."""
    foreign, empty = tmp_path / "foreign.db", tmp_path / "empty.db"
    with closing(sqlite3.connect(foreign)) as raw:
        raw.execute("create table t (x)")
    empty.touch()
    assert refused(foreign, tmp_path / "copy.db") == "stores.foreign"
    assert refused(empty, tmp_path / "copy.db") == "stores.missing"
    assert refused(tmp_path, tmp_path / "copy.db") == "stores.unreadable"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["empty.db", "foreign.db"]


def test_only_what_was_left_of_a_copy_is_cleared_away(store, database, folder):
    """The process of either has ended: no such number is ever given, or it is above what the kernel counts to."""
    left, theirs, strange = (
        folder / name for name in (".a.db.4999999.part", ".film.4999999.part", f".x.{10**30}.part")
    )
    left.write_bytes(database.read_bytes())
    theirs.write_bytes(b"half a film")
    strange.touch()
    # No file at all, which cannot be read.
    (folder / ".folder.4999998.part").mkdir()
    write_copy(database, folder / "copy.db", now=NOW)
    assert sorted(folder.iterdir()) == sorted([theirs, strange, folder / ".folder.4999998.part", folder / "copy.db"])


class Enough(Exception):
    pass


def test_a_copy_that_is_cut_off_leaves_nothing_and_the_older_one(store, database, folder, monkeypatch):
    monkeypatch.setattr(copying, "_PAGES", 10)
    write_copy(database, folder / "copy.db", now=NOW)
    seen = []

    def stop(left, pages):
        seen.append((left, pages))
        if len(seen) == 5:
            raise Enough

    with pytest.raises(Enough):
        write_copy(database, folder / "copy.db", now=NOW + timedelta(days=1), progress=stop)
    assert seen[0][0] > seen[-1][0] > 0
    assert [path.name for path in folder.iterdir()] == ["copy.db"]
    assert marked_at(folder / "copy.db", BACKED_UP) == NOW


def test_a_disk_without_room_leaves_the_older_copy(store, database, folder, monkeypatch):
    write_copy(database, folder / "copy.db", now=NOW)

    def no_room(path):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(copying, "force_to_disk", no_room)
    assert refused(database, folder / "copy.db") == "stores.no-copy"
    assert [path.name for path in folder.iterdir()] == ["copy.db"]
    assert is_whole(folder / "copy.db")


def test_a_copy_is_of_one_moment_whoever_writes_meanwhile(store, database, folder, monkeypatch):
    monkeypatch.setattr(copying, "_PAGES", 5)
    other = open_store(str(database))
    numbers = iter(range(10_000))

    def write_more(_left, _pages):
        number = next(numbers)
        other.polls.save_articles([make_taken(f"w{number}", rules=("一",)), make_taken(f"v{number}", rules=("一",))])

    copy = write_copy(database, folder / "copy.db", now=NOW, progress=write_more)
    other.close()
    assert next(numbers) > 20
    kept = open_store(str(copy.path), check=True)
    assert len(exported(kept, "articles")) == 300
    kept.close()


@contextmanager
def two_hundred_writes_a_second(database):
    other, ended = open_store(str(database)), threading.Event()
    written = []

    def write():
        while not ended.wait(0.004):
            other.polls.save_articles([make_taken(f"w{len(written)}", rules=("一",))])
            written.append(1)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        yield written
    finally:
        ended.set()
        writer.join()
        other.close()


@pytest.mark.fault(39)
def test_two_hundred_writes_a_second_go_on_beside_it(store, database, folder):
    with two_hundred_writes_a_second(database) as written:
        for number in range(5):
            assert is_whole(write_copy(database, folder / f"copy{number}.db", now=NOW).path)
    assert written


DOOMED = """
import os, signal, sys
from pathlib import Path
from builders import NOW
from monitor.stores import write_copy
from monitor.stores.sqlite import copying

copying._PAGES = 10
database, file, step = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
steps = iter(range(10**6))

def die(_left, _pages):
    if next(steps) == step:
        os.kill(os.getpid(), signal.SIGKILL)

write_copy(database, file, now=NOW, progress=die)
"""


def killed(database, file, step):
    paths = {"PYTHONPATH": f"{TESTS}:{TESTS.parent}"}
    done = subprocess.run(
        [sys.executable, "-c", DOOMED, str(database), str(file), str(step)], env=os.environ | paths, check=False
    )
    return done.returncode == -signal.SIGKILL


@pytest.mark.fault(39)
@pytest.mark.parametrize("step", [0, 20])
def test_killed_while_copying(store, database, folder, step):
    write_copy(database, folder / "copy.db", now=NOW - timedelta(days=1))
    assert killed(database, folder / "copy.db", step)
    assert marked_at(folder / "copy.db", BACKED_UP) == NOW - timedelta(days=1)
    assert is_whole(folder / "copy.db")
    assert len(list(folder.glob(".*.part"))) == 1
    # The next one clears what a dead process has left.
    write_copy(database, folder / "other.db", now=NOW)
    assert sorted(path.name for path in folder.iterdir()) == ["copy.db", "other.db"]


@pytest.mark.fault(39)
@pytest.mark.slow
def test_killed_while_copying_beside_two_hundred_writes_a_second(store, database, folder):
    """Whatever has the name of a backup is one, at every moment of its making."""
    write_copy(database, folder / "copy.db", now=NOW - timedelta(days=1))
    with two_hundred_writes_a_second(database) as written:
        for step in (0, 1, 5, 15, 25):
            assert killed(database, folder / f"copy{step}.db", step)
            assert [path.name for path in folder.glob("*.db")] == ["copy.db"]
            assert is_whole(folder / "copy.db")
        assert is_whole(write_copy(database, folder / "next.db", now=NOW).path)
    assert len(written) > 100


class TestTheFolder:
    ZONE = ZoneInfo("Asia/Tokyo")
    AT = datetime(2026, 11, 22, 18, 30, tzinfo=UTC)

    def test_a_backup_has_its_date_in_its_name(self, store, database, tmp_path):
        folder = Folder(str(database), tmp_path / "deep" / "backups", self.ZONE)
        assert folder.kept() == []
        copy = folder.write(self.AT, lambda _left, _pages: None)
        assert copy.path.name == "monitor-2026-11-23T0330+0900.db"
        [kept] = folder.kept()
        assert (kept.path, kept.taken_at, kept.size) == (copy.path, self.AT, copy.size)

    def test_only_backups_of_ours_are_seen_and_forgotten(self, store, database, folder):
        vault = Folder(str(database), folder, self.ZONE)
        for days in (2, 0, 1):
            vault.write(self.AT + timedelta(days=days), lambda _left, _pages: None)
        for name in ("monitor.db", "monitor-2026-11-23T0330+0900.db.old", "monitor-2026-99-23T0330+0900.db", "x.db"):
            (folder / name).write_bytes(b"")
        assert [copy.taken_at - self.AT for copy in vault.kept()] == [timedelta(days=days) for days in (2, 1, 0)]
        vault.forget(vault.kept()[0])
        vault.forget(vault.kept()[0])
        assert len(list(folder.iterdir())) == 5

    def test_a_folder_that_cannot_be_used(self, store, database, tmp_path):
        (tmp_path / "file").write_bytes(b"")
        for use in (lambda vault: vault.kept(), lambda vault: vault.write(NOW, lambda _left, _pages: None)):
            with pytest.raises(StoreError) as caught:
                use(Folder(str(database), tmp_path / "file", self.ZONE))
            assert caught.value.code == "stores.no-copy-folder"

    def test_the_newest_backup_is_named(self, store, database, folder):
        assert newest_copy(None, database) is newest_copy(folder, database) is None
        before = database.with_name("monitor.db.before-migration")
        write_copy(database, before, now=NOW)
        assert newest_copy(folder, database) == newest_copy(None, database) == before
        vault = Folder(str(database), folder, self.ZONE)
        copies = [vault.write(self.AT + timedelta(days=days), lambda _left, _pages: None) for days in (1, 0)]
        assert newest_copy(folder, database) == copies[0].path
        assert list_copies(folder)[0].taken_at == self.AT + timedelta(days=1)


def test_a_place_that_may_not_be_looked_at_is_said(store, database, folder, monkeypatch):
    """As /root is for the account of the service."""

    exists = type(folder).exists

    def refuse(path):
        if path.parent == folder:
            raise PermissionError(13, "Permission denied")
        return exists(path)

    monkeypatch.setattr(type(folder), "exists", refuse)
    with pytest.raises(StoreError) as caught:
        write_copy(database, folder / "copy.db", now=NOW)
    assert caught.value.code == "stores.no-copy"
