"""Numbers by day -> bars."""

from datetime import date, timedelta

import pytest

from monitor.stages.bars import bars

FIRST = date(2026, 11, 1)


def drawn(*counts: int, width: int = 60, plain: bool = False) -> str:
    days = {FIRST + timedelta(days=day): count for day, count in enumerate(counts) if count}
    return bars(days, FIRST, FIRST + timedelta(days=len(counts) - 1), width=width, plain=plain)


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ((0, 1, 4, 8), "·▁▄█"),
        ((0, 0), "··"),
        ((5,), "█"),
        ((1, 1000), "▁█"),
        ((3, 3, 3), "███"),
    ],
)
def test_the_highest_is_full_and_something_is_never_nothing(counts, expected):
    assert drawn(*counts) == expected


def test_ascii_has_digits():
    assert drawn(0, 1, 4, 8, plain=True) == ".148"


def test_where_room_is_short_a_bar_stands_for_several_days_and_the_last_is_whole():
    assert drawn(8, 1, 1, 1, 1, width=3, plain=True) == "822"
    assert drawn(1, 2, 3, 4, width=1, plain=True) == "8"
    assert drawn(1, 2, width=0, plain=True) == "8"


def test_days_outside_are_left_out():
    assert bars({date(2020, 1, 1): 9, FIRST: 1}, FIRST, FIRST, width=5) == "█"
