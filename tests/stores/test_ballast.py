"""A full disk: what was told is noted by all means, nothing else takes the room that is kept for it."""

import os
import subprocess
from dataclasses import replace
from datetime import timedelta

import pytest
from builders import NOW
from stores.making import exported, make_promise, make_taken, waiting_ids

from monitor.errors import StoreError
from monitor.model import DeliveryState
from monitor.stores import open_store
from monitor.stores.sqlite import ballast

MB = 1024 * 1024


def test_ballast_is_laid_once_and_given_back(tmp_path):
    database = tmp_path / "monitor.db"
    assert ballast.lay(database)
    assert ballast.ballast_of(database).stat().st_size == ballast.SIZE
    made = ballast.ballast_of(database).stat().st_ino
    assert ballast.lay(database)
    assert ballast.ballast_of(database).stat().st_ino == made
    assert ballast.release(database)
    assert not ballast.release(database)


def test_on_a_small_disk_it_is_small_and_grows_with_the_room(tmp_path, monkeypatch):
    free = {"bytes": 2 * MB}
    usage = type("Usage", (), {"free": property(lambda _: free["bytes"])})
    monkeypatch.setattr(ballast.shutil, "disk_usage", lambda _: usage())
    database = tmp_path / "monitor.db"
    assert ballast.lay(database)
    assert ballast.ballast_of(database).stat().st_size == MB // 4
    free["bytes"] = 100 * MB
    assert ballast.lay(database)
    assert ballast.ballast_of(database).stat().st_size > 12 * MB
    assert ballast.release(database)
    free["bytes"] = 1000
    assert not ballast.lay(database)


def test_where_it_cannot_be_laid(tmp_path):
    assert not ballast.lay(tmp_path / "no" / "monitor.db")


@pytest.fixture
def store(tmp_path):
    """A store with a delivery that has been claimed."""
    store = open_store(str(tmp_path / "monitor.db"))
    store.polls.save_articles([make_taken("a1", rules=("一",))])
    store.deliveries.promise(make_promise(told=waiting_ids(store)), now=NOW, slot=None)
    [delivery] = store.deliveries.due(now=NOW)
    store.deliveries.claim(delivery.id, now=NOW, send_started_at=NOW)
    store.claimed = replace(delivery, state=DeliveryState.SENT, receipt="1.0", sent_at=NOW)
    yield store
    store.close()


def fill(store):
    """From now on SQLite says that the disk is full."""
    db = store._connection
    [(pages,)] = db.rows("pragma page_count")
    db.run_many("insert into contacts values (:name, 'v', 0)", [{"name": f"{n:0500}"} for n in range(pages)])
    [(pages,)] = db.rows("pragma page_count")
    db.rows(f"pragma max_page_count = {pages}")
    db.raw.execute(
        "create trigger t before update on deliveries begin insert into contacts values (hex(zeroblob(9000)), 'v', 0); end"
    )
    return pages


def full(unit, *args, **facts):
    with pytest.raises(StoreError) as caught:
        unit(*args, **facts)
    assert (caught.value.code, caught.value.temporary) == ("stores.full", True)


@pytest.mark.fault(32)
def test_an_outcome_that_cannot_be_written_is_written_later_and_nothing_is_sent_before(store):
    pages = fill(store)
    full(store.deliveries.close, store.claimed, now=NOW, note="sent")
    full(store.deliveries.due, now=NOW + timedelta(days=1))
    store._connection.rows(f"pragma max_page_count = {pages + 1000}")
    assert store.deliveries.due(now=NOW + timedelta(days=1)) == []
    [row] = exported(store, "deliveries")
    assert (row["state"], row["slack_ts"]) == ("sent", "1.0")


@pytest.mark.fault(32)
def test_the_ballast_gets_it_through(store, monkeypatch):
    pages = fill(store)
    assert store.upkeep.lay_ballast()

    def release(path):
        store._connection.rows(f"pragma max_page_count = {pages + 1000}")
        return ballast.ballast_of(path).unlink() is None

    monkeypatch.setattr(ballast, "release", release)
    store.deliveries.close(store.claimed, now=NOW, note="sent")
    assert exported(store, "deliveries")[0]["state"] == "sent"
    assert store.upkeep.lay_ballast()


@pytest.fixture
def small_disk(tmp_path):
    """Two megabytes."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if (
        os.geteuid() != 0
        or subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=2M", "tmpfs", folder], capture_output=True, check=False
        ).returncode
    ):
        pytest.skip("only root can mount a small disk")
    yield folder
    subprocess.run(["umount", "-l", folder], check=True)


def fill_disk(folder):
    with (folder / "filler").open("ab", buffering=0) as filler:
        try:
            while True:
                filler.write(b"x" * 4096)
        except OSError:
            pass


@pytest.mark.fault(31, 32)
@pytest.mark.slow
def test_a_disk_that_fills_up_between_claim_and_outcome(small_disk):
    store = open_store(str(small_disk / "monitor.db"))
    assert store.upkeep.lay_ballast()
    store.polls.save_articles([make_taken(f"a{n}", rules=("一",), text="短い文") for n in range(2)])
    first, second = waiting_ids(store)
    store.deliveries.promise(make_promise(told=(first,)), now=NOW, slot=None)
    store.deliveries.promise(make_promise(told=(second,), period="now/2"), now=NOW, slot=None)
    store.upkeep.checkpoint()
    one, two = store.deliveries.due(now=NOW)
    assert store.deliveries.claim(one.id, now=NOW, send_started_at=NOW)
    store.upkeep.checkpoint()
    fill_disk(small_disk)
    store.deliveries.close(replace(one, state=DeliveryState.SENT, receipt="1.0", sent_at=NOW), now=NOW, note="sent")
    assert not ballast.ballast_of(small_disk / "monitor.db").exists()
    fill_disk(small_disk)
    store.upkeep.checkpoint()
    fill_disk(small_disk)
    full(store.deliveries.claim, two.id, now=NOW, send_started_at=NOW)
    (small_disk / "filler").unlink()
    assert store.deliveries.claim(two.id, now=NOW, send_started_at=NOW)
    assert store.upkeep.lay_ballast()
    store.close()
    store = open_store(str(small_disk / "monitor.db"), check=True)
    assert [row["state"] for row in exported(store, "deliveries")] == ["sent", "sending"]
    store.close()
