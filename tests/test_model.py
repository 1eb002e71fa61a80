"""What walks between processes arrives as it was."""

import pickle
from dataclasses import replace
from datetime import timedelta

import pytest
from builders import NOW

from monitor.model import Word
from monitor.ports.living import Life


@pytest.mark.parametrize("kind", Word.__subclasses__(), ids=lambda kind: kind.__name__)
def test_words_are_pickled_by_their_value(kind):
    for word in kind:
        assert word.__reduce_ex__(pickle.HIGHEST_PROTOCOL) == (kind, (word.value,))
        assert pickle.loads(pickle.dumps(word)) is word


def test_two_processes_know_whether_one_lock_binds_them_both():
    one = Life(pid=1, host="a", boot="k1", started_at=NOW, beat_at=NOW)
    assert not one.is_elsewhere(replace(one, pid=2))
    assert not one.is_elsewhere(replace(one, host="container"))
    assert one.is_elsewhere(replace(one, host="b", boot="k2"))
    assert one.is_fresh(NOW)
    assert not one.is_fresh(NOW + timedelta(days=1))
