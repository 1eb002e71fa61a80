"""A time -> the articles that were fetched in it, a page at a time; how many, and between which numbers they stand.

No cursor and no transaction stays open between two pages, however slowly the articles are taken: a scan of the whole
archive never keeps the write-ahead log from shrinking.
"""

from collections.abc import Iterator
from datetime import datetime

from monitor.model import Article
from monitor.ports import Extent
from monitor.stores.sqlite import records
from monitor.stores.sqlite.connection import Connection
from monitor.stores.sqlite.values import seconds

_PAGE = 200
_EVER, _ALWAYS = float("-inf"), float("inf")

# All three are read off the index of `fetched_at`.
_EXTENT = """
select count(*) as articles, min(number) as first, max(number) as last from articles
where fetched_at >= :since and fetched_at < :until
"""
# The plus keeps the index of `fetched_at` out of it: with it every page would sort all that is left.
_ONWARDS = """
select * from articles
where number >= :first and number <= :last and +fetched_at >= :since and +fetched_at < :until
order by number limit :size
"""
_BACKWARDS = _ONWARDS.replace("order by number", "order by number desc")


def extent(db: Connection, since: datetime | None, until: datetime | None) -> Extent:
    """How much a scan will go through."""
    with db.translating():
        [row] = db.rows(_EXTENT, **_bounds(since, until))
    if not row["articles"]:
        return Extent(articles=0, numbers=range(0))
    return Extent(articles=row["articles"], numbers=range(row["first"], row["last"] + 1))


def scan(
    db: Connection, since: datetime | None, until: datetime | None, numbers: range | None, *, newest_first: bool
) -> Iterator[Article]:
    """The articles of a time, or those of them that have these numbers, in the order in which they were saved."""
    bounds = _bounds(since, until)
    left = extent(db, since, until).numbers if numbers is None else numbers
    statement = _BACKWARDS if newest_first else _ONWARDS
    while left:
        with db.translating():
            rows = db.rows(statement, first=left[0], last=left[-1], size=_PAGE, **bounds)
        yield from map(records.article, rows)
        if len(rows) < _PAGE:
            return
        last = rows[-1]["number"]
        left = range(left[0], last) if newest_first else range(last + 1, left[-1] + 1)


def _bounds(since: datetime | None, until: datetime | None) -> dict[str, float]:
    return {
        "since": _EVER if since is None else seconds(since),
        "until": _ALWAYS if until is None else seconds(until),
    }
