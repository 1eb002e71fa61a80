"""Forgetting what is old in small batches."""

import sqlite3
from datetime import timedelta

import pytest
from builders import NOW, make_article, make_source
from fakes import in_store

from monitor.config.settings import Keep
from monitor.jobs.prune import LogWatch, prune_archive, reindex, tidy
from monitor.model import Telling
from monitor.ports import Taken
from monitor.stores import open_store


@pytest.fixture
def store(tmp_path):
    store = open_store(str(tmp_path / "monitor.db"))
    store.polls.sync_sources([make_source()], now=NOW)
    yield store
    store.close()


def add(store, number, *, days):
    article = make_article(
        id=f"{number:016x}", story=f"{number:016x}", title=f"記事{number}", fetched_at=NOW - timedelta(days=days)
    )
    store.polls.save_articles([Taken(article=article, matches=(), telling=Telling.WAITING, key=article.id)])


async def test_bodies_go_before_articles_and_everything_in_the_end(store):
    for number, days in enumerate((1, 100, 500)):
        add(store, number, days=days)
    keep = Keep.model_validate({"articles": "400d", "bodies": "90d"})
    assert await prune_archive(in_store, store.upkeep, keep, now=NOW) > 0
    texts = {row["title"]: bool(row["text"]) for row in store.archive.rows("articles", since=None)}
    assert texts == {"記事0": True, "記事1": False}
    assert await prune_archive(in_store, store.upkeep, keep, now=NOW) == 0


async def test_more_than_one_batch(store, monkeypatch):
    monkeypatch.setattr("monitor.jobs.prune.BATCH", 2)
    for number in range(5):
        add(store, number, days=500)
    await prune_archive(in_store, store.upkeep, Keep(), now=NOW)
    assert list(store.archive.rows("articles", since=None)) == []


@pytest.mark.fault(34)
async def test_a_log_that_a_reader_holds_is_told_once_and_folded_when_it_may(store, monkeypatch):
    monkeypatch.setattr("monitor.jobs.prune.LONG_LOG", 1_000_000)
    watch, said = LogWatch(), []
    reader = sqlite3.connect(store.path, isolation_level=None)
    reader.execute("begin")
    reader.execute("select count(*) from articles").fetchall()
    sizes = []
    for number in range(1_000, 1_600):
        add(store, number, days=1)
        if number % 100 == 0:
            sizes.append(await tidy(in_store, store.upkeep))
            said.append(watch.changed(sizes[-1]))
    assert sizes == sorted(sizes)
    assert (sizes[-1] > 1_000_000, said.count(True), watch.is_long) == (True, 1, True)
    reader.close()
    left = await tidy(in_store, store.upkeep)
    assert (left, watch.changed(left), watch.is_long) == (0, True, False)


async def test_the_ballast_is_seen_to(store):
    await tidy(in_store, store.upkeep)
    assert store.path.with_name("monitor.db.ballast").stat().st_size > 0


async def test_the_index_is_made_anew_in_turns(store, monkeypatch):
    monkeypatch.setattr("monitor.jobs.prune.REINDEX_BATCH", 2)
    for number in range(5):
        add(store, number, days=1)
    store._connection.run("update search_index set folding = 'other'")
    left = []
    await reindex(in_store, store.upkeep, left.append, most=4, pause=0)
    assert left == [5, 3]
    await reindex(in_store, store.upkeep, left.append, pause=0)
    assert left == [5, 3, 1, 0]
    await reindex(in_store, store.upkeep, left.append, pause=0)
    assert left == [5, 3, 1, 0]
