"""Lengths of time as people write them."""

from datetime import timedelta

import pytest

from monitor.text.durations import meant_duration, read_duration, write_duration


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


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("3日", "3d"),
        ("３日間", "3d"),
        ("48 時間", "48h"),
        ("２週間", "2w"),
        ("30分", "30m"),
        ("10秒", "10s"),
        ("2 hours", "2h"),
        ("15 min", "15m"),
        ("３ｄ", "3d"),
        ("3D", "3d"),
        ("6 months", None),
        ("6ヶ月", None),
        ("1h30m", None),
        ("3", None),
        ("soon", None),
    ],
)
def test_what_was_meant(text, meant):
    assert meant_duration(text) == meant


@pytest.mark.parametrize(
    ("written", "read"), [("3d", "3d"), ("48h", "2d"), ("1w", "7d"), ("90m", "90m"), ("61s", "61s")]
)
def test_a_length_is_written_as_it_is_read(written, read):
    assert write_duration(read_duration(written)) == read
