"""Archive.carriers, Archive.sources_of: where an article came from."""

from datetime import timedelta

from builders import NOW, make_source
from stores.making import MINUTE, make_taken


def test_every_source_that_lists_an_article_carries_it(store):
    store.polls.save_articles([make_taken("a1", fetched_at=NOW)])
    store.polls.unseen("wire", ["a1"], now=NOW + MINUTE)
    store.polls.unseen("wire", ["other"], now=NOW + 2 * MINUTE)
    first, second = store.archive.carriers("a1")
    assert (first.source_id, first.first_listed_at, first.left_at) == ("asahi-wire", NOW, None)
    assert (second.source_id, second.first_listed_at, second.left_at) == ("wire", NOW + MINUTE, NOW + 2 * MINUTE)
    assert store.archive.carriers("nothing") == []


def test_an_article_that_was_forgotten_is_still_carried(store):
    store.polls.save_articles([make_taken("a1", fetched_at=NOW)])
    store.upkeep.prune(articles_before=NOW + MINUTE, bodies_before=NOW, batch=10)
    assert store.archive.article("a1") is None
    assert [carrier.source_id for carrier in store.archive.carriers("a1")] == ["asahi-wire"]


def test_a_host_is_known_by_the_sources_that_brought_its_articles(store):
    store.polls.sync_sources([make_source(), make_source(id="wire")], now=NOW)
    store.polls.save_articles([
        make_taken("a1", url="https://example.jp/1"),
        make_taken("a2", url="http://example.jp/2", source_id="wire"),
        make_taken("a3", url="https://example.jp.evil.test/3", source_id="evil"),
        make_taken("a4", url="https://example.jp:8080/3", source_id="other"),
    ])  # fmt: skip
    assert store.archive.sources_of("example.jp") == ["asahi-wire", "wire"]
    assert store.archive.sources_of("example.jp:8080") == ["other"]
    assert store.archive.sources_of("example") == []


def test_no_growing_table_is_read_from_end_to_end(store):
    store.polls.save_articles([make_taken("a1", rules=("一",), fetched_at=NOW - timedelta(days=1))])
    raw = store._connection.raw
    statements: set[str] = set()
    raw.set_trace_callback(statements.add)
    store.archive.carriers("a1")
    store.archive.sources_of("127.0.0.1")
    raw.set_trace_callback(None)
    plans = [row[3] for one in statements for row in raw.execute(f"explain query plan {one}").fetchall()]
    assert [plan for plan in plans if plan.startswith("SCAN") and plan != "SCAN known"] == []
