"""Sizes -> a table of what the store costs beside bare SQLite. Run: python benchmarks/storage.py [--articles 10000] [--sources 2000]

CPU time of this process (the machine may be shared); candidates take turns and the median of the rounds counts.
"""

import argparse
import random
import sqlite3
import tempfile
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from time import perf_counter, process_time

from monitor.model import Article, Source, Telling, TextFrom, Validators
from monitor.ports import Store, Taken
from monitor.stores import open_store
from monitor.stores.sqlite.words import index_words
from monitor.text.fold import fold
from monitor.text.query_line import parse_query

NOW = datetime(2026, 11, 23, 8, 30, tzinfo=UTC)
WORDS = [
    "関税",
    "停戦",
    "首脳会談",
    "石油",
    "制裁",
    "選挙",
    "議会",
    "政府",
    "中央",
    "銀行",
    "金利",
    "円安",
    "株価",
    "半導体",
    "輸出",
    "規制",
    "日本",
    "米国",
    "欧州",
    "防衛",
    "予算",
]
FILLER = "のとはがをにでもからまでへ、。した てい るこ とだ"
RARE = "量子暗号"


def article(number: int, rng: random.Random) -> Article:
    """About 1,500 characters; every 500th holds the rare word."""
    pieces: list[str] = []
    length = 0
    while length < 1450:
        piece = rng.choice(WORDS) + rng.choice(FILLER) + chr(rng.randrange(0x4E00, 0x4E00 + 2000)) * rng.randrange(2)
        pieces.append(piece)
        length += len(piece)
    if number % 500 == 0:
        pieces.insert(len(pieces) // 2, RARE)
    name = f"{number:016x}"
    return Article(
        id=name,
        url=f"https://example.jp/{name}",
        source_id="s0",
        title=f"{rng.choice(WORDS)}と{rng.choice(WORDS)}、第{number}報",
        published_at=NOW,
        fetched_at=NOW + timedelta(seconds=number),
        language="ja",
        text="".join(pieces),
        text_from=TextFrom.PAGE,
        story=name,
    )


def bare(path: Path, *, search: bool) -> sqlite3.Connection:
    """The least that could hold the same."""
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("pragma journal_mode = wal").fetchall()
    db.execute("pragma synchronous = full")
    db.execute("create table a (number integer primary key, id text unique, url text, title text, at real, text text)")
    if search:
        db.execute("create virtual table w using fts5(words, content='', detail=none, columnsize=0, tokenize='ascii')")
    return db


def insert_bare(db: sqlite3.Connection, batch: list[Article], first: int, *, search: bool) -> None:
    db.execute("begin immediate")
    rows = [
        (first + place, one.id, one.url, one.title, one.fetched_at.timestamp(), one.text)
        for place, one in enumerate(batch)
    ]
    db.executemany("insert into a values (?, ?, ?, ?, ?, ?) on conflict do nothing", rows)
    if search:
        words = [(first + place, index_words(one.title, one.text)) for place, one in enumerate(batch)]
        db.executemany("insert into w (rowid, words) values (?, ?)", words)
    db.execute("commit")


def cpu(work: Callable[[], object]) -> float:
    start = process_time()
    work()
    return process_time() - start


def measure_inserts(articles: list[Article], size: int, rounds: int) -> None:
    """Rows per CPU-second, batch by batch in turn."""
    spent: dict[str, list[float]] = {"bare": [], "bare with pairs": [], "store": []}
    with tempfile.TemporaryDirectory() as folder:
        plain = bare(Path(folder, "plain.db"), search=False)
        pairs = bare(Path(folder, "pairs.db"), search=True)
        store = open_store(str(Path(folder, "store.db")))
        per_round = len(articles) // rounds // size * size
        for turn in range(rounds):
            cost = dict.fromkeys(spent, 0.0)
            for start in range(turn * per_round, (turn + 1) * per_round, size):
                batch = articles[start : start + size]
                taken = [Taken(article=one, matches=(), telling=Telling.WAITING, key=one.id) for one in batch]
                cost["bare"] += cpu(lambda b=batch, s=start: insert_bare(plain, b, s, search=False))
                cost["bare with pairs"] += cpu(lambda b=batch, s=start: insert_bare(pairs, b, s, search=True))
                cost["store"] += cpu(lambda t=taken: store.polls.save_articles(t))
            for name, seconds in cost.items():
                spent[name].append(per_round / seconds)
        plain.close()
        pairs.close()
        store.close()
    rates = {name: median(values) for name, values in spent.items()}
    print(
        f"| save_articles, batches of {size} | bare {rates['bare']:,.0f}/s | with pairs {rates['bare with pairs']:,.0f}/s "
        f"| store {rates['store']:,.0f}/s | {rates['store'] / rates['bare with pairs']:.2f} of bare with pairs |"
    )


def measure_polls(store: Store, sources: int, batch: int, rounds: int, start_at: datetime) -> None:
    """CPU microseconds per source for taking it from the queue and giving it back."""
    listed = [
        Source(id=f"s{n}", name=f"出典{n}", kind="feed", url=f"https://example.jp/{n}", every=timedelta(minutes=10))
        for n in range(sources)
    ]
    store.polls.sync_sources(listed, now=start_at)
    claims, saves = [], []
    for turn in range(rounds):
        now = start_at + turn * timedelta(minutes=10)
        claim = save = 0.0
        while True:
            start = process_time()
            due = store.polls.claim_due(now=now, lease=timedelta(minutes=5), limit=batch)
            claim += process_time() - start
            if not due:
                break
            after = [
                replace(
                    state,
                    next_poll_at=now + timedelta(minutes=10),
                    last_poll_at=now,
                    last_ok_at=now,
                    first_ok_at=now,
                    validators=Validators(etag='W/"abc"', last_modified="Mon, 23 Nov 2026 08:00:00 GMT"),
                    body_hash="ab" * 32,
                )
                for state in due
            ]
            save += cpu(lambda states=after: store.polls.save_states(states))
        claims.append(claim / sources * 1e6)
        saves.append(save / sources * 1e6)
    print(
        f"| polls, {sources:,} sources in batches of {batch} | claim {median(claims):.1f} µs | save {median(saves):.1f} µs | | |"
    )


def measure_unseen(store: Store, rounds: int) -> None:
    """A listing of 50 entries that are all known: what most changed polls ask."""
    keys = [f"{number:016x}" for number in range(50)]
    cost = median(
        cpu(lambda: [store.polls.unseen("s0", keys, now=NOW) for _ in range(20)]) / 20 * 1e6 for _ in range(rounds)
    )
    print(f"| unseen, 50 known keys | {cost:.0f} µs | | | |")


def measure_search(store: Store, rounds: int) -> None:
    for words in ("日本", "量子", "首脳会談", RARE, "第99報", "米", '"停戦" 首脳 石油'):
        found = store.archive.search(parse_query(words), limit=50)
        times = []
        for _ in range(rounds * 3):
            start = perf_counter()
            store.archive.search(parse_query(words), limit=50)
            times.append((perf_counter() - start) * 1000)
        print(f"| search {words}, newest 50 | {median(times):.2f} ms | {len(found)} found | | |")


def measure_folding(articles: list[Article]) -> None:
    """What of an insert is making the words, before SQLite sees them."""
    sample = articles[:200]
    folding = cpu(lambda: [fold(f"{one.title}\n\n{one.text}") for one in sample]) / len(sample) * 1e6
    words = cpu(lambda: [index_words(one.title, one.text) for one in sample]) / len(sample) * 1e6
    print(f"| words of one article | folding {folding:.0f} µs | and all that is indexed {words:.0f} µs | | |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, default=10_000)
    parser.add_argument("--sources", type=int, default=2_000)
    parser.add_argument("--rounds", type=int, default=5)
    asked = parser.parse_args()
    rng = random.Random(1)
    articles = [article(number, rng) for number in range(asked.articles)]
    print("| what | | | | |\n|---|---|---|---|---|")
    measure_folding(articles)
    for size in (1, 20, 200):
        measure_inserts(articles[: min(len(articles), 2_000)], size, asked.rounds)
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(str(Path(folder, "monitor.db")))
        for start in range(0, len(articles), 200):
            store.polls.save_articles([
                Taken(article=one, matches=(), telling=Telling.WAITING, key=one.id)
                for one in articles[start : start + 200]
            ])  # fmt: skip
        store.upkeep.checkpoint()
        size = Path(folder, "monitor.db").stat().st_size / len(articles)
        texts = sum(len(one.text.encode()) for one in articles) / len(articles)
        print(f"| {len(articles):,} articles | {size:,.0f} bytes each | text {texts:,.0f} bytes | | |")
        for place, batch in enumerate((100, 20, 1)):
            measure_polls(store, asked.sources, batch, asked.rounds, NOW + place * timedelta(days=1))
        measure_unseen(store, asked.rounds)
        measure_search(store, asked.rounds)
        store.close()


if __name__ == "__main__":
    main()
