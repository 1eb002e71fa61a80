"""Dates as feeds write them."""

from datetime import UTC, datetime

import pytest

from monitor.sources.dates import JST, parse_date

TEN_IN_TOKYO = datetime(2025, 11, 20, 1, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "Thu, 20 Nov 2025 10:00:00 +0900",
        "Thu, 20 Nov 2025 10:00:00 +09:00",
        "Thu, 20 Nov 2025 10:00:00 JST",
        "Thu, 20 Nov 25 10:00 JST",
        "20 Nov 2025 01:00:00 GMT",
        "Thu, 20 Nov 2025 10:00:00 GMT+0900 (JST)",
        "Thu Nov 20 10:00:00 JST 2025",
        "Wed, 19 Nov 2025 20:00:00 EST",
        "Wednesday, November 19, 2025 8:00 PM EST",
        "2025-11-20T10:00:00+09:00",
        "2025-11-20T10:00:00.123+0900"[:19] + "+0900",
        "2025-11-20T01:00Z",
        "2025-11-20 01:00:00 UTC",
        "20251120T010000Z",
        "2025年11月20日 10:00",
        "2025年11月20日（木） 10時00分",
        "2025年11月20日(木)午前10時",
        "令和7年11月20日 10:00",
        "２０２５年１１月２０日　１０：００",
        "2025/11/20 10:00",
        "2025/11/20(木) 10:00:00",
        "  2025/11/20\n10:00 ",
    ],
)
def test_one_instant_in_many_spellings(text):
    assert parse_date(text, zone=JST) == TEN_IN_TOKYO


def test_the_zone_holds_only_where_none_is_said():
    assert parse_date("2025-11-20", zone=JST) == datetime(2025, 11, 20, tzinfo=UTC)
    assert parse_date("2025-11-20") == datetime(2025, 11, 20, tzinfo=UTC)
    assert parse_date("20 Nov 2025 10:00:00 -0000", zone=JST) == datetime(2025, 11, 20, 10, tzinfo=UTC)


def test_midnight_is_also_written_as_24():
    assert parse_date("2025-11-20T24:00:00Z") == datetime(2025, 11, 21, tzinfo=UTC)
    assert parse_date("2025年11月20日 午後12時") == datetime(2025, 11, 20, 12, tzinfo=UTC)
    assert parse_date("November 20, 2025 12:30 AM") == datetime(2025, 11, 20, 0, 30, tzinfo=UTC)


def test_the_future_is_kept_as_said():
    assert parse_date("2099-01-01T00:00:00Z") == datetime(2099, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nonsense",
        "yesterday",
        "10:00",
        "2025-13-01",
        "2025-02-30",
        "2025-11-20T25:00:00Z",
        "2025-11-20T10:61:00Z",
        "Mon, 01 Jan 0001 00:00:00 +0000",
        "Thu, 01 Jan 1970 00:00:00 GMT",
        "9999-12-31T23:59:59-05:00",
        "2025-11-20T10:00:00+99:99",
        "0000-00-00 00:00:00",
        "2025年13月1日",
        "20 Nov 2025 " + "0" * 200,
        "٢٠٢٥-١١-٢٠",
    ],
)
def test_nonsense_is_no_date(text):
    assert parse_date(text, zone=JST) is None
