"""How SQLite answers: no unit that runs all day reads a table that grows from end to end."""

import re

from builders import NOW, make_source
from stores import dying
from stores.making import MINUTE, make_taken

from monitor.text.query_line import parse_query

GROWING = "revisits|sources|carriers|articles|matches|deliveries|tellings|told|delivery_log"


def test_no_growing_table_is_read_from_end_to_end(store):
    dying.prepare(store)
    raw = store._connection.raw
    statements = set()
    raw.set_trace_callback(statements.add)
    store.polls.claim_due(now=NOW + 10 * MINUTE, lease=MINUTE, limit=5)
    store.polls.next_due_at()
    store.polls.save_states(list(store.archive.source_states().values()))
    store.polls.unseen(make_source().id, ["a1", "new"], now=NOW)
    store.polls.save_articles([make_taken("new", rules=("一",))])
    store.deliveries.backlog()
    dying.promise(store)
    store.deliveries.recover(now=NOW)
    [delivery, *_] = store.deliveries.due(now=NOW)
    store.deliveries.close(delivery, now=NOW, note="later")
    store.deliveries.claim(delivery.id, now=NOW, send_started_at=NOW)
    store.archive.search(parse_query("関税"), limit=5)
    store.archive.article("a1")
    store.archive.fates("a1")
    dying.save_articles(store)
    store.deliveries.entered("#desk", since=NOW)
    store.revisits.due_revisits(now=NOW, limit=5)
    store.revisits.next_revisit_at()
    store.revisits.schedule("h1", due_at=NOW)
    dying.rejudge(store)
    dying.give_up(store)
    dying.mute(store)
    store.upkeep.prune(articles_before=NOW, bodies_before=NOW, batch=5)
    raw.set_trace_callback(None)
    ours = [one for one in statements if re.match(r"\s*(select|update|delete|insert)", one)]
    assert len(ours) > 30
    plans = [row[3] for one in ours for row in raw.execute(f"explain query plan {one}").fetchall()]
    assert [plan for plan in plans if re.fullmatch(rf"SCAN ({GROWING})", plan)] == []
