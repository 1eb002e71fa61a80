"""Dates as pages write them -> instants."""

from datetime import UTC, datetime

import pytest

from monitor.stages.extract_dates import JST, instant


@pytest.mark.parametrize(
    "text",
    [
        "2025-08-16T10:30:00+09:00",
        "2025-08-16 10:30",
        "2025年8月16日 10:30",
        "2025年8月16日 01:30 UTC",
        "2025年8月16日 10:30 JST",
        "2025年8月16日 03:30 +0200",
        "2025/08/15 20:30:00 -05:00",
        "Sat, 16 Aug 2025 03:30:00 +0200",
        "1755307800",
        "1755307800000",
    ],
)
def test_one_instant_in_many_spellings(text):
    assert instant(text, JST) == datetime(2025, 8, 16, 1, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "2025年13月16日",
        "2025年2月30日",
        "2025年8月16日 10:30 +99:99",
        "Sat, 99 Aug 2025 03:30:00 +0200",
        "Sat, 16 Aug 2025 03:30:00 +9999",
        f"Sat, 16 Aug 2025 03:30:00 +{'9' * 40}",
        "0001-01-01",
        "",
    ],
)
def test_what_no_calendar_has_is_no_date(text):
    assert instant(text, JST) is None
