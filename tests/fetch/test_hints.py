from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from multidict import CIMultiDict

from monitor.fetch.failures import shown
from monitor.fetch.hints import content_type_of, max_age_of, retry_after_of, validators_of

NOW = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)
YEAR = timedelta(days=365)


def seconds(value: timedelta | None) -> float | None:
    return None if value is None else value.total_seconds()


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, None),
        ({"Cache-Control": "max-age=600"}, 600),
        ({"Cache-Control": 'private,MAX-AGE="600"'}, 600),
        ({"Cache-Control": "s-maxage=60, max-age=600, must-revalidate"}, 600),
        ({"Cache-Control": "s-maxage=60"}, None),
        ({"Cache-Control": "max-age=600, no-cache"}, None),
        ({"Cache-Control": "no-store", "Expires": "Sun, 22 Nov 2026 23:31:00 GMT"}, None),
        ({"Cache-Control": "x-no-store, max-age=5"}, 5),
        ({"Cache-Control": "max-age=0"}, 0),
        ({"Cache-Control": "max-age=600", "Age": "590"}, 10),
        ({"Cache-Control": "max-age=600", "Age": "9999"}, 0),
        ({"Cache-Control": "max-age=600", "Age": "soon"}, 600),
        ({"Cache-Control": "max-age=999999999999"}, YEAR.total_seconds()),
        ({"Cache-Control": "max-age=-5", "Expires": "0"}, 0),
        ({"Cache-Control": "public", "Expires": "Sun, 22 Nov 2026 23:31:00 GMT"}, 60),
        ({"Expires": "Sun, 22 Nov 2026 23:31:00 GMT", "Date": "Sun, 22 Nov 2026 23:30:30 GMT"}, 30),
        ({"Expires": "Thu, 01 Jan 1970 00:00:00 GMT"}, 0),
        ({"Expires": "-1"}, 0),
    ],
)
def test_max_age(headers, expected):
    assert seconds(max_age_of(CIMultiDict(headers), now=NOW)) == expected


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, None),
        ({"Retry-After": " 120 "}, 120),
        ({"Retry-After": "1.5"}, 2),
        ({"Retry-After": "99999999999"}, YEAR.total_seconds()),
        ({"Retry-After": "-3"}, None),
        ({"Retry-After": "later"}, None),
        ({"Retry-After": "Sun, 22 Nov 2026 23:31:00 GMT"}, 60),
        ({"Retry-After": "Sun, 22 Nov 2026 23:31:00 -0000"}, 60),
        ({"Retry-After": "Sun, 22 Nov 2026 22:00:00 GMT"}, 0),
        ({"Retry-After": "Sun, 22 Nov 2026 22:00:00 GMT", "Date": "Sun, 22 Nov 2026 21:59:00 GMT"}, 60),
        ({"Retry-After": "Mon, 23 Nov 2026 08:31:00 +0900"}, 60),
    ],
)
def test_retry_after(headers, expected):
    assert seconds(retry_after_of(CIMultiDict(headers), now=NOW)) == expected


@given(st.text(), st.text())
def test_foreign_headers_never_raise(value, date):
    names = ("Cache-Control", "Expires", "Retry-After", "Age", "ETag", "Last-Modified", "Content-Type")
    headers = CIMultiDict(dict.fromkeys(names, value) | {"Date": date})
    for wish in (max_age_of(headers, now=NOW), retry_after_of(headers, now=NOW)):
        assert wish is None or timedelta(0) <= wish <= YEAR
    validators_of(headers)
    (content_type_of(headers) or "").encode("ascii")


@pytest.mark.parametrize(
    "date", ["Sun, 22 Nov 0001 00:00:00 +2359", f"Sun, 22 Nov 2026 00:00:00 +{'9' * 50}", "9" * 5000]
)
def test_dates_beyond_the_calendar(date):
    headers = CIMultiDict({"Retry-After": date, "Expires": date})
    assert retry_after_of(headers, now=NOW) in {None, timedelta(0)}
    assert max_age_of(headers, now=NOW) == timedelta(0)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://me:pw@example.jp/a", "https://example.jp/a"),
        ("https://example.jp/@me", "https://example.jp/@me"),
        ("https://example.jp/a\u202e\n\ud800b", "https://example.jp/ab"),
        ("x" * 5000, "x" * 300 + "…"),
    ],
)
def test_addresses_in_messages(url, expected):
    assert shown(url) == expected
