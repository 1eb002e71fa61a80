"""kill -9 at every statement of every unit of work: all or nothing, and nothing twice when it is done again."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from stores import dying

from monitor.stores import open_store
from monitor.text.query_line import parse_query

TESTS = Path(__file__).parents[1]


def dump(path):
    """Every row of ours and what the search index finds; deliveries, whose ids are random, go by their place."""
    store = open_store(str(path), check=True)
    ask = store._connection.rows
    tables = [row[0] for row in ask("select name from sqlite_master where type = 'table'")]
    ours = [name for name in tables if not name.startswith(("sqlite_", "_sqlite", "article_words"))]
    places = {row["id"]: tuple(row) for row in ask("select id, destination, period, part from deliveries")}
    rows = {
        name: sorted(
            repr([places.get(value, ("",))[1:] or value for value in row]) for row in ask(f"select * from {name}")
        )
        for name in ours
    }
    rows["search"] = [found.article.id for found in store.archive.search(parse_query("二次関税"), limit=99)]
    rows["index"] = [row[0] for row in ask("select rowid from article_words where article_words match '二次'")]
    store.close()
    return rows


def kill_everywhere(unit, database, step):
    """How many children died."""
    run = subprocess.run(
        [sys.executable, str(TESTS / "stores" / "dying.py"), unit, str(database), str(step)],
        env=os.environ | {"PYTHONPATH": str(TESTS)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.stdout.strip().isdigit(), run.stdout + run.stderr
    return int(run.stdout)


def check(unit, database, died):
    before, after = dump(database), dump(f"{database}.done")
    assert before != after
    left = [dump(f"{database}.{number}") for number in range(died)]
    assert before in left
    _, redo, is_one_transaction = dying.UNITS[unit]
    if is_one_transaction:
        assert all(one in (before, after) for one in left)
    for number in range(died):
        store = open_store(f"{database}.{number}")
        redo(store)
        store.close()
        assert dump(f"{database}.{number}") == after


@pytest.mark.parametrize("unit", ["save_articles", "promise"])
def test_killed_at_some_statements(tmp_path, unit):
    database = tmp_path / "monitor.db"
    died = kill_everywhere(unit, database, 5)
    assert died >= 3
    check(unit, database, died)


@pytest.mark.slow
@pytest.mark.parametrize("unit", dying.UNITS)
def test_killed_at_every_statement(tmp_path, unit):
    database = tmp_path / "monitor.db"
    died = kill_everywhere(unit, database, 1)
    assert died >= 4
    check(unit, database, died)
