"""Forgetting what is old in small batches, and noticing that rule files have changed."""

from datetime import timedelta

import pytest
from builders import NOW, make_article, make_source
from fakes import in_store

from monitor.config.settings import Keep
from monitor.jobs.prune import prune_archive
from monitor.jobs.watch import fingerprint
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


class TestFingerprint:
    def test_stays_while_nothing_changes_and_moves_with_every_change(self, tmp_path):
        file = tmp_path / "deep" / "a.yaml"
        file.parent.mkdir()
        seen = [fingerprint(tmp_path)]
        file.write_text("- NATO\n")
        seen.append(fingerprint(tmp_path))
        assert fingerprint(tmp_path) == seen[-1]
        file.write_text("- NATO\n- EU\n")
        seen.append(fingerprint(tmp_path))
        file.rename(file.with_name("b.yml"))
        seen.append(fingerprint(tmp_path))
        assert len(set(seen)) == 4

    def test_other_files_do_not_matter(self, tmp_path):
        before = fingerprint(tmp_path)
        (tmp_path / "notes.txt").write_text("x")
        assert fingerprint(tmp_path) == before

    def test_a_file_that_leads_nowhere_is_no_file(self, tmp_path):
        (tmp_path / "gone.yaml").symlink_to(tmp_path / "nowhere")
        assert fingerprint(tmp_path) == frozenset()
