"""Every unit of work, while another program has locked the database and while it reads."""

import sqlite3
from datetime import timedelta

import pytest
from builders import NOW, make_source
from stores.making import make_promise, make_taken

from monitor.errors import StoreError
from monitor.text.query_line import parse_query

UNITS = {
    "sync_sources": lambda store: store.polls.sync_sources([make_source()], now=NOW),
    "claim_due": lambda store: store.polls.claim_due(now=NOW, lease=timedelta(minutes=5), limit=5),
    "save_states": lambda store: store.polls.save_states([]),
    "unseen": lambda store: store.polls.unseen("s0", ["k1"], now=NOW),
    "save_articles": lambda store: store.polls.save_articles([make_taken()]),
    "set_slots": lambda store: store.deliveries.set_slots({"crisis": NOW}),
    "promise": lambda store: store.deliveries.promise(make_promise(period="now/2"), now=NOW, slot=NOW),
    "claim": lambda store: store.deliveries.claim("x", now=NOW, send_started_at=NOW),
    "close": lambda store: store.deliveries.close(store.deliveries.due(now=NOW)[0], now=NOW, note="n"),
    "recover": lambda store: store.deliveries.recover(now=NOW),
    "pause": lambda store: store.deliveries.pause("#x", until=None, reason="r"),
    "prune": lambda store: store.upkeep.prune(articles_before=NOW, bodies_before=NOW, batch=5),
    "checkpoint": lambda store: store.upkeep.checkpoint(),
}
READS = {
    "next_due_at": lambda store: store.polls.next_due_at(),
    "backlog": lambda store: store.deliveries.backlog(),
    "last_slots": lambda store: store.deliveries.last_slots(),
    "waiting": lambda store: store.deliveries.waiting("crisis", "now"),
    "due": lambda store: store.deliveries.due(now=NOW),
    "paused": lambda store: store.deliveries.paused(),
    "search": lambda store: store.archive.search(parse_query("関税"), limit=5),
    "article": lambda store: store.archive.article("a1"),
    "rows": lambda store: list(store.archive.rows("matches", since=None)),
    "source_states": lambda store: store.archive.source_states(),
    "counts": lambda store: store.archive.counts(),
}


@pytest.fixture
def impatient(store):
    store.deliveries.promise(make_promise(), now=NOW, slot=None)
    store._connection.raw.execute("pragma busy_timeout = 0").fetchall()
    return store


@pytest.fixture
def locker(impatient):
    connection = sqlite3.connect(impatient.path, isolation_level=None)
    connection.execute("begin immediate")
    yield connection
    connection.close()


@pytest.mark.fault(33)
@pytest.mark.parametrize("unit", UNITS)
def test_a_write_says_that_the_database_is_locked_and_works_later(impatient, locker, unit):
    with pytest.raises(StoreError) as caught:
        UNITS[unit](impatient)
    assert (caught.value.code, caught.value.temporary) == ("stores.locked", True)
    locker.execute("rollback")
    UNITS[unit](impatient)


@pytest.mark.parametrize("unit", READS)
def test_reading_goes_on_beside_a_writer(impatient, locker, unit):
    READS[unit](impatient)


@pytest.mark.parametrize("unit", UNITS)
def test_writing_goes_on_beside_a_reader(impatient, unit):
    reader = sqlite3.connect(impatient.path, isolation_level=None)
    reader.execute("begin")
    reader.execute("select count(*) from sources").fetchall()
    UNITS[unit](impatient)
    reader.close()


@pytest.mark.parametrize("unit", [*UNITS, *READS])
def test_no_unit_leaves_a_transaction_open(impatient, unit):
    (UNITS | READS)[unit](impatient)
    assert not impatient._connection.raw.in_transaction
