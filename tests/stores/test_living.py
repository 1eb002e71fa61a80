"""LifeStore: one process at a time, on one host; what status can say of it."""

import os
import socket
from dataclasses import replace
from datetime import timedelta

import pytest
from builders import NOW, make_source
from stores.making import MINUTE

from monitor.errors import RunningError
from monitor.ports import Life, Load
from monitor.stores import process
from monitor.stores.process import this_process

SECOND = timedelta(seconds=1)
HERE = Life(pid=11, host="one", boot="b1", started_at=NOW, beat_at=NOW)
THERE = Life(pid=22, host="two", boot="b2", started_at=NOW + SECOND, beat_at=NOW + SECOND)


def test_a_life_from_its_beginning_to_its_end(store):
    assert store.lives.last() is None
    store.lives.begin(HERE)
    store.lives.beat(HERE, now=NOW + MINUTE)
    assert store.lives.last() == replace(HERE, beat_at=NOW + MINUTE)
    store.lives.end(HERE)
    assert store.lives.last() is None


def test_one_on_another_host_is_named_and_refused(store, opened):
    store.lives.begin(HERE)
    with pytest.raises(RunningError) as caught:
        opened().lives.begin(THERE)
    assert (caught.value.facts["pid"], caught.value.facts["host"]) == (11, "one")
    assert store.lives.last() == HERE


def test_one_that_has_shown_no_sign_of_life_for_long_is_followed(store):
    store.lives.begin(HERE)
    late = replace(THERE, started_at=NOW + MINUTE, beat_at=NOW + MINUTE)
    store.lives.begin(late)
    assert store.lives.last() == late


@pytest.mark.parametrize(
    "after",
    [
        replace(THERE, host="one"),  # the host was started again
        replace(THERE, boot="b1"),  # another container under the same kernel
        replace(HERE, pid=12),
    ],
)
def test_the_lock_proves_that_one_of_the_same_host_is_dead(store, after):
    store.lives.begin(HERE)
    store.lives.begin(after)
    assert store.lives.last() == after


def test_where_the_kernel_is_hidden_the_name_of_the_host_counts(store):
    store.lives.begin(replace(HERE, boot=None))
    with pytest.raises(RunningError):
        store.lives.begin(replace(THERE, boot=None))


def test_one_that_was_followed_notices_it(store):
    store.lives.begin(HERE)
    later = replace(THERE, started_at=NOW + 2 * MINUTE, beat_at=NOW + 2 * MINUTE)
    store.lives.begin(later)
    with pytest.raises(RunningError) as caught:
        store.lives.beat(HERE, now=NOW + 2 * MINUTE)
    assert caught.value.facts["host"] == "two"
    store.lives.end(HERE)
    assert store.lives.last() == later


def test_a_row_that_was_lost_is_written_again(store):
    store.lives.begin(HERE)
    store.lives.end(HERE)
    store.lives.beat(HERE, now=NOW + MINUTE)
    assert store.lives.last() == replace(HERE, beat_at=NOW + MINUTE)


def test_a_beat_says_what_there_is_to_do(store):
    store.lives.begin(HERE)
    assert store.lives.beat(HERE, now=NOW) == Load(due=0, waiting=0)
    store.polls.sync_sources([make_source(id="s1"), make_source(id="s2", url="http://127.0.0.1/2")], now=NOW)
    assert store.lives.beat(HERE, now=NOW) == Load(due=2, waiting=0)
    store.polls.claim_due(now=NOW, lease=MINUTE, limit=1)
    assert store.lives.beat(HERE, now=NOW).due == 1


def test_this_process_is_known_by_number_host_and_kernel(monkeypatch, tmp_path):
    life = this_process(NOW)
    assert (life.pid, life.host, life.started_at) == (os.getpid(), socket.gethostname(), NOW)
    monkeypatch.setattr(process, "BOOT", tmp_path / "hidden")
    assert this_process(NOW).boot is None
