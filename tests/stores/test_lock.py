"""hold_lock: one daemon per database, even after kill -9."""

import os
import subprocess
import sys

import pytest

from monitor.errors import RunningError, StoreError
from monitor.stores import hold_lock, is_held_by, lock, open_store

HOLDER = """
import sys, time
from monitor.stores import hold_lock
with hold_lock(sys.argv[1]):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_the_lock_names_its_holder_and_is_given_back(tmp_path):
    database = str(tmp_path / "monitor.db")
    for _ in range(2):
        with hold_lock(database):
            with pytest.raises(RunningError) as caught, hold_lock(database):
                pass
            assert caught.value.facts["pid"] == str(os.getpid())
            assert str(os.getpid()) in caught.value.message("ja")


def test_an_error_gives_the_lock_back(tmp_path):
    database = str(tmp_path / "monitor.db")
    with pytest.raises(ValueError, match="x"), hold_lock(database):
        raise ValueError("x")
    with hold_lock(database):
        pass


def test_reading_needs_no_lock(tmp_path):
    database = str(tmp_path / "monitor.db")
    open_store(database).close()
    with hold_lock(database):
        open_store(database, create=False).close()


def test_a_lock_that_cannot_be_made(tmp_path):
    with pytest.raises(StoreError) as caught, hold_lock(str(tmp_path / "no" / "monitor.db")):
        pass
    assert caught.value.code == "stores.no-lock"


def test_a_killed_holder_holds_nothing(tmp_path):
    database = str(tmp_path / "monitor.db")
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, database], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with holder:
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(RunningError) as caught, hold_lock(database):
            pass
        assert caught.value.facts["pid"] == str(holder.pid)
        holder.kill()
    with hold_lock(database):
        pass


def test_who_holds_it_can_be_asked_without_taking_it(tmp_path):
    path = tmp_path / "monitor.db"
    assert not is_held_by(path, os.getpid())
    with hold_lock(str(path)):
        assert is_held_by(path, os.getpid())
        assert not is_held_by(path, os.getpid() + 1)
        (tmp_path / "monitor.db.lock").write_text("")
        assert is_held_by(path, os.getpid() + 1)
    assert not is_held_by(path, os.getpid())


def test_a_lock_that_cannot_be_asked_counts_as_held(tmp_path, monkeypatch):
    path = tmp_path / "monitor.db"
    with hold_lock(str(path)):
        pass
    monkeypatch.setattr(lock.fcntl, "flock", lambda *_: (_ for _ in ()).throw(OSError(95, "not supported")))
    assert is_held_by(path, os.getpid())
    (tmp_path / "loop.db.lock").symlink_to("loop.db.lock")
    assert is_held_by(tmp_path / "loop.db", os.getpid())


def test_whoever_asks_for_the_holder_keeps_nobody_from_starting(tmp_path, monkeypatch):
    path = tmp_path / "monitor.db"
    with hold_lock(str(path)):
        pass
    asking = os.open(f"{path}.lock", os.O_RDONLY)
    lock.fcntl.flock(asking, lock.fcntl.LOCK_SH)
    monkeypatch.setattr(lock.time, "sleep", lambda _: os.close(asking))
    with hold_lock(str(path)):
        pass
