"""Lengths of time as people write them."""

from datetime import timedelta

import pytest

from monitor.text.durations import read_duration


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("30s", timedelta(seconds=30)),
        ("10m", timedelta(minutes=10)),
        (" 2 h ", timedelta(hours=2)),
        ("3d", timedelta(days=3)),
        ("1w", timedelta(weeks=1)),
        ("0d", timedelta(0)),
        ("36525d", timedelta(days=36_525)),
    ],
)
def test_a_number_and_its_unit(text, length):
    assert read_duration(text) == length


@pytest.mark.parametrize("text", ["", "3", "d", "3 days", "3日", "３d", "-3d", "1.5h", "1h30m", "36526d", "999999999s"])
def test_anything_else_is_none(text):
    assert read_duration(text) is None
