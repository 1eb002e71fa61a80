"""Older databases: copied before their tables change, changed whole or not at all, whenever the process dies."""

import os
import signal
import sqlite3
from contextlib import closing
from itertools import count

import pytest
from sqlite_utils import Database, Migrations
from stores.making import exported, make_taken

from monitor.errors import StoreError
from monitor.stores import open_store
from monitor.stores.sqlite import opening
from monitor.stores.sqlite.schema import STEPS

ARTICLE = """
insert into articles (number, id, url, source_id, title, folded_title, authors, fetched_at, text, text_from, story)
values ({n}, 'a{n}', 'http://127.0.0.1/{n}', 's0', '停戦{n}', '停戦{n}', '[]', 1795390000, '本文', 'entry', 'a{n}')
"""


def first_release(path, articles=3):
    with closing(sqlite3.connect(path)) as raw:
        first = Migrations("monitor")
        first(name="001-first-release")(lambda db: [db.execute(one) for one in STEPS["001-first-release"]])
        first.apply(Database(raw))
        for number in range(1, articles + 1):
            raw.execute(ARTICLE.format(n=number))
        raw.execute("update counters set value = 100")
        raw.commit()


def steps_of(path):
    with closing(sqlite3.connect(path)) as raw:
        return [row[0] for row in raw.execute("select name from _sqlite_migrations order by name")]


def articles(path):
    with closing(sqlite3.connect(path)) as raw:
        return raw.execute("select count(*) from articles").fetchone()[0]


@pytest.fixture
def path(tmp_path):
    return tmp_path / "monitor.db"


def test_what_holds_articles_is_copied_first(path):
    first_release(path)
    open_store(str(path), check=True).close()
    before = path.with_name("monitor.db.before-migration")
    assert (steps_of(before), articles(before)) == (["001-first-release"], 3)
    assert (steps_of(path), articles(path)) == (sorted(STEPS), 3)
    # Once only; a database of today is not copied.
    before.unlink()
    open_store(str(path)).close()
    assert not before.exists()


def test_what_holds_none_is_not_copied(path):
    first_release(path, articles=0)
    open_store(str(path)).close()
    assert [one.name for one in path.parent.iterdir()] == ["monitor.db"]


def test_the_copy_before_is_one_that_can_be_gone_back_to(path):
    first_release(path)
    open_store(str(path)).close()
    before = open_store(str(path.with_name("monitor.db.before-migration")), check=True)
    before.polls.save_articles([make_taken("new")])
    assert len(exported(before, "articles")) == 4
    before.close()


def test_without_a_copy_nothing_is_changed(path, monkeypatch):
    first_release(path)

    def no_room(*_, **__):
        raise StoreError("stores.no-copy", path=path, detail="full")

    monkeypatch.setattr(opening, "copy_database", no_room)
    with pytest.raises(StoreError):
        open_store(str(path))
    assert steps_of(path) == ["001-first-release"]


def die_at(statement, path):
    """In a child: opens the database and is killed when the statement with this number of the migration begins."""
    begun = count(1)
    apply = opening.MIGRATIONS.apply

    def on_statement(_):
        if next(begun) == statement:
            os.kill(os.getpid(), signal.SIGKILL)

    def watched(db):
        db.conn.set_trace_callback(on_statement)
        return apply(db)

    opening.MIGRATIONS.apply = watched
    open_store(str(path)).close()


@pytest.mark.fault(36)
@pytest.mark.slow
def test_killed_at_every_statement_of_the_migration(path):
    for statement in count(1):
        first_release(path)
        child = os.fork()
        if not child:
            try:
                die_at(statement, path)
            finally:
                os._exit(0)
        _, status = os.waitpid(child, 0)
        assert steps_of(path) in (["001-first-release"], sorted(STEPS))
        open_store(str(path), check=True).close()
        assert (steps_of(path), articles(path)) == (sorted(STEPS), 3)
        for left in path.parent.iterdir():
            left.unlink()
        if not os.WIFSIGNALED(status):
            break
    assert statement > 10
