"""Run as a program: does one unit of work on copies of a database, killed by SIGKILL at its 1st, 2nd, ... statement.

Arguments: name of the unit, the database, every how many statements. Writes `<database>.1`, ... and, untouched by any
kill, `<database>.done`; says how many died.
"""

import os
import shutil
import signal
import sys
from dataclasses import replace
from datetime import timedelta
from itertools import count
from pathlib import Path

from builders import NOW, make_source
from stores.making import CRISIS, DESK, find, make_match, make_promise, make_taken

from monitor.model import TextFrom
from monitor.ports import Mute
from monitor.stores import open_store

LATER = NOW + timedelta(minutes=20)
#: A rule waits for its body.
HELD = find("h1", rule="本文", threshold=None, needs_body=True, when_body_missing="hold", snippet=None)
HELD = replace(HELD, article=replace(HELD.article, text="", text_from=TextFrom.TITLE, missing="fetch.timeout"))


def prepare(store):
    """What every unit finds."""
    store.polls.sync_sources([make_source()], now=NOW)
    store.polls.save_articles([make_taken("a1", rules=("一", "二"), notices=(CRISIS, DESK)), make_taken("a2")])
    first, second = (one.match_id for one in store.deliveries.waiting("crisis", "now")[0])
    parts = store.deliveries.promise(make_promise(told=(first,), payloads=("一", "二")), now=NOW, slot=None)
    store.deliveries.claim(parts[0].id, now=NOW, send_started_at=NOW)
    assert second > first
    # Below its threshold by one, and without a body.
    store.polls.save_articles([find("g1"), find("g2"), HELD])


def save_articles(store):
    store.polls.save_articles(
        [
            *(make_taken(f"b{number}", rules=("一", "三"), notices=(CRISIS, DESK)) for number in range(3)),
            find("g3", source="s1"),
        ]
    )


def promise(store):
    told, covered = (one.match_id for one in store.deliveries.waiting("desk", "digest")[0])
    turn = {"channel": "desk", "destination": "#desk", "period": "digest/1"}
    store.deliveries.promise(
        make_promise(told=(told,), covered=(covered,), entered=(told,), payloads=("一", "二"), **turn),
        now=NOW,
        slot=NOW,
    )


def promise_again(store):
    """As a job does it: what was promised does not wait."""
    if "desk" not in store.deliveries.last_slots():
        promise(store)


def recover(store):
    store.deliveries.recover(now=LATER)


def poll(store):
    lease = timedelta(minutes=5)
    [state] = store.polls.claim_due(now=NOW, lease=lease, limit=1) or store.archive.source_states().values()
    store.polls.unseen(state.source_id, ["a1"], now=NOW)
    store.polls.save_states([replace(state, next_poll_at=LATER, last_poll_at=NOW, failures=2)])


def mute(store):
    store.mutes.mute(Mute(rule_id="制裁", rule_name="制裁", until=LATER), now=NOW)


def rejudge(store):
    article = replace(HELD.article, text="本文", text_from=TextFrom.PAGE, missing=None)
    matches = [make_match(article_id="h1", rule_id=rule, rule_name=rule, matched_at=LATER) for rule in ("本文", "新")]
    store.revisits.rejudge(article, matches, rules={"本文", "新"}, now=LATER)


def give_up(store):
    store.revisits.give_up(["h1"], now=LATER)


def prune(store):
    while store.upkeep.prune(articles_before=LATER, bodies_before=LATER, batch=100):
        pass


#: Per unit: what is killed, what is done again, and whether it is a single transaction.
UNITS = {
    "save_articles": (save_articles, save_articles, True),
    "promise": (promise, promise_again, True),
    "recover": (recover, recover, True),
    "mute": (mute, mute, True),
    "rejudge": (rejudge, rejudge, True),
    "give_up": (give_up, give_up, True),
    "prune": (prune, prune, True),
    "poll": (poll, poll, False),
}


def die_at(statement, unit, database):
    """In a child: does the unit and is killed when the statement with this number begins."""
    store = open_store(database)
    begun = count(1)

    def on_statement(_):
        if next(begun) == statement:
            os.kill(os.getpid(), signal.SIGKILL)

    store._connection.raw.set_trace_callback(on_statement)
    UNITS[unit][0](store)
    store.close()


def main(unit, database, step):
    store = open_store(database)
    prepare(store)
    store.close()
    for died in count():
        statement = 1 + died * step
        copy = f"{database}.{died}"
        shutil.copyfile(database, copy)
        child = os.fork()
        if not child:
            die_at(statement, unit, copy)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        if not os.WIFSIGNALED(status):
            Path(copy).rename(f"{database}.done")
            sys.stdout.write(f"{died}" if status == 0 else f"exit status {status}")
            return


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
