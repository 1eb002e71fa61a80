"""Archive.articles and Archive.extent: scans that may take hours and hold nothing open."""

from datetime import timedelta

import pytest
from builders import NOW
from stores.making import MINUTE, make_taken

from monitor.stores.sqlite import scanning

DAY = timedelta(days=1)


@pytest.fixture
def shelves(store, monkeypatch):
    """Ten articles, one a day, read three at a time."""
    monkeypatch.setattr(scanning, "_PAGE", 3)
    store.polls.save_articles([make_taken(f"a{n}", fetched_at=NOW + n * DAY) for n in range(10)])
    return store


def names(articles) -> str:
    return "".join(article.id.removeprefix("a") for article in articles)


def test_articles_come_in_the_order_in_which_they_were_saved(shelves):
    assert names(shelves.archive.articles()) == "0123456789"
    assert names(shelves.archive.articles(newest_first=True)) == "9876543210"


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [(None, 4, "0123"), (6, None, "6789"), (2, 8, "234567"), (9, None, "9"), (20, None, ""), (3, 3, ""), (-5, 0, "")],
)
def test_a_time_has_its_beginning_and_not_its_end(shelves, first, last, expected):
    time = {
        "since": None if first is None else NOW + first * DAY,
        "until": None if last is None else NOW + last * DAY,
    }
    assert names(shelves.archive.articles(**time)) == expected
    assert names(shelves.archive.articles(**time, newest_first=True)) == expected[::-1]
    assert shelves.archive.extent(**time).articles == len(expected)


def test_parts_of_the_numbers_are_parts_of_the_scan(shelves):
    since = NOW + 2 * DAY
    numbers = shelves.archive.extent(since=since).numbers
    parts = [numbers[start : start + 5] for start in range(0, len(numbers), 5)]
    found = [names(shelves.archive.articles(since=since, numbers=part)) for part in parts]
    assert found == ["23456", "789"]
    assert names(shelves.archive.articles(since=since, numbers=range(1, 10_000))) == "23456789"


def test_an_empty_archive_has_no_numbers(store):
    assert (store.archive.extent().articles, list(store.archive.extent().numbers)) == (0, [])
    assert list(store.archive.articles()) == []


def test_what_comes_while_a_scan_is_under_way_is_not_waited_for(shelves):
    scan = shelves.archive.articles()
    first = next(scan)
    shelves.polls.save_articles([make_taken("b", fetched_at=NOW + 11 * DAY)])
    shelves.upkeep.prune(articles_before=NOW + 5 * DAY, bodies_before=NOW, batch=100)
    assert first.id == "a0"
    assert names(scan) == "1256789"


def test_a_scan_that_rests_keeps_nothing_open(shelves):
    scan = shelves.archive.articles()
    next(scan)
    shelves.polls.save_articles([make_taken("b", fetched_at=NOW + MINUTE)])
    shelves.upkeep.checkpoint()
    assert shelves.path.with_name(f"{shelves.path.name}-wal").stat().st_size == 0
    assert names(scan) == "123456789"


def test_no_page_is_sorted_or_read_from_end_to_end(shelves):
    raw = shelves._connection.raw
    statements: set[str] = set()
    raw.set_trace_callback(statements.add)
    list(shelves.archive.articles(since=NOW, until=NOW + 9 * DAY))
    list(shelves.archive.articles(since=NOW, until=NOW + 9 * DAY, newest_first=True))
    raw.set_trace_callback(None)
    plans = {row[3] for one in statements for row in raw.execute(f"explain query plan {one}").fetchall()}
    assert plans == {
        "SEARCH articles USING COVERING INDEX articles_fetched (fetched_at>? AND fetched_at<?)",
        "SEARCH articles USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)",
    }
