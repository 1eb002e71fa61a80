"""Forgetting what is old in small batches."""

from datetime import timedelta

import pytest
from builders import NOW, make_article, make_source
from fakes import in_store

from monitor.config.settings import Keep
from monitor.jobs.prune import prune_archive
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
