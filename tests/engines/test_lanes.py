"""Lanes: whose turn it is, host by host."""

import pytest
from builders import NOW

from monitor.engines.lanes import Lanes
from monitor.model import SourceState


def queued(*names: str, per_host: int = 1) -> Lanes:
    """Sources named after their host and a number: "a1"."""
    lanes = Lanes(per_host)
    for name in names:
        lanes.enter(name[0], SourceState(source_id=name, next_poll_at=NOW))
    return lanes


def take_all(lanes: Lanes) -> list[str]:
    return [lanes.take()[1].source_id for _ in range(lanes.ready)]


def test_gives_one_of_each_host_in_order():
    lanes = queued("a1", "a2", "b1", "a3", "c1")
    assert take_all(lanes) == ["a1", "b1", "c1"]


def test_the_next_of_a_host_follows_when_one_leaves():
    lanes = queued("a1", "a2", "b1", "a3")
    take_all(lanes)
    lanes.leave("a")
    assert take_all(lanes) == ["a2"]
    lanes.leave("b")
    assert take_all(lanes) == []
    lanes.leave("a")
    assert take_all(lanes) == ["a3"]


def test_a_host_that_was_left_is_free_again():
    lanes = queued("a1")
    lanes.take()
    lanes.leave("a")
    lanes.enter("a", SourceState(source_id="a2", next_poll_at=NOW))
    assert take_all(lanes) == ["a2"]


def test_a_host_may_be_given_more():
    lanes = queued("a1", "a2", "a3", "b1", per_host=2)
    assert take_all(lanes) == ["a1", "a2", "b1"]


def test_nobody_is_left_after_clearing():
    lanes = queued("a1", "a2", "b1")
    assert lanes.take()[0] == "a"
    assert [state.source_id for state in lanes.clear()] == ["b1", "a2"]
    lanes.leave("a")
    assert lanes.ready == 0
    with pytest.raises(IndexError):
        lanes.take()


def test_more_of_a_host_are_let_in_when_the_bound_is_raised():
    lanes = queued("a1", "a2", "a3", "a4", "b1")
    assert take_all(lanes) == ["a1", "b1"]
    lanes.widen(3)
    assert take_all(lanes) == ["a2", "a3"]
    lanes.leave("a")
    assert take_all(lanes) == ["a4"]


def test_nobody_is_sent_home_when_it_is_lowered_and_fewer_follow():
    lanes = queued("a1", "a2", "a3", "a4", per_host=2)
    assert take_all(lanes) == ["a1", "a2"]
    lanes.widen(1)
    lanes.leave("a")
    assert take_all(lanes) == []
    lanes.leave("a")
    assert take_all(lanes) == ["a3"]
    lanes.leave("a")
    assert take_all(lanes) == ["a4"]
    lanes.leave("a")
    lanes.enter("a", SourceState(source_id="a5", next_poll_at=NOW))
    assert take_all(lanes) == ["a5"]
