"""Articles -> the search index, and the index anew when the folding of text is no longer the one that made it.

The index keeps no text (FTS5, contentless), so that an article leaves it by the very words by which it came in: with those
of another folding it would be damaged. `search_index` says by which folding articles from which number on stand in it.
Others are not in it, are found by reading them, and come into it backwards from the newest.
"""

from collections.abc import Iterable, Mapping

from monitor.stores.sqlite.connection import Connection
from monitor.stores.sqlite.words import FOLDING, index_words

NOTHING = 2**62

TABLE = "create virtual table article_words using fts5(words, content='', detail=none, columnsize=0, tokenize='ascii')"
#: What a database holds that was made before foldings had names is not known.
STEPS = (
    "create table search_index (folding text not null, first integer not null)",
    f"""
    insert into search_index (folding, first)
    select case when exists (select 1 from articles) then '' else '{FOLDING}' end, 0
    """,  # noqa: S608 - a constant of ours
)
_FIRST = "select first from search_index where folding = :folding"
_INDEX = "insert into article_words (rowid, words) values (:number, :words)"
_UNINDEX = "insert into article_words (article_words, rowid, words) values ('delete', :number, :words)"
_BEGIN = (
    "drop table article_words",
    TABLE,
    "update search_index set folding = :folding, first = (select coalesce(max(number), 0) + 1 from articles)",
)
_BEFORE = "select number, title, text from articles where number < :first order by number desc limit :size"
_REACHED = "update search_index set first = :first"
_LEFT = "select count(*) from articles where number < :first"


def first_indexed(db: Connection) -> int:
    """The number from which on articles stand in the index; `NOTHING` where it was made by another folding."""
    return next((int(row["first"]) for row in db.rows(_FIRST, folding=FOLDING)), NOTHING)


def add(db: Connection, texts: Iterable[tuple[int, str, str]]) -> None:
    """Have articles found; (number, headline, body)."""
    _run(db, _INDEX, texts)


def remove(db: Connection, texts: Iterable[tuple[int, str, str]]) -> None:
    """Have articles found no more; with exactly what was added."""
    _run(db, _UNINDEX, texts)


def _run(db: Connection, statement: str, texts: Iterable[tuple[int, str, str]]) -> None:
    first = first_indexed(db)
    db.run_many(statement, [_row(*text) for text in texts if text[0] >= first])


def rebuild(db: Connection, batch: int) -> int:
    """One step, in the caller's transaction: how many articles are still to come."""
    first = first_indexed(db)
    if first == NOTHING:
        for statement in _BEGIN:
            db.run(statement, folding=FOLDING)
        first = first_indexed(db)
    elif first > 0:
        rows = db.rows(_BEFORE, first=first, size=batch)
        # Whenever numbers fall, FTS5 writes out what it has gathered: within a batch they rise.
        db.run_many(_INDEX, [_row(*row) for row in reversed(rows)])
        first = rows[-1]["number"] if len(rows) == batch else 0
        db.run(_REACHED, first=first)
    [(left,)] = db.rows(_LEFT, first=first)
    return int(left)


def _row(number: int, title: str, text: str) -> Mapping[str, object]:
    return {"number": number, "words": index_words(title, text)}
