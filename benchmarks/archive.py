"""Sizes -> a table: what searching, saving, polling and telling cost in archives of these sizes.

Run: python benchmarks/archive.py [--sizes 10000 1000000] [--folder FOLDER]

An archive as `[keep]` leaves it after 400 days: every article has its headline, those of the last 90 days their text, too;
every tenth text is English.
With `--folder` archives are kept there and found again. A million articles take some minutes to write and about 3 GB.
"""

import argparse
import random
import tempfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter, process_time

from storage import FILLER, NOW, RARE, WORDS, article

from monitor.model import Article, Digest, Match, Notice, Snippet, Source, Telling, TextFrom
from monitor.ports import Promise, Store, Taken
from monitor.stores import open_store, write_copy
from monitor.stores.sqlite import indexing
from monitor.stores.sqlite.articles import _ADD, _article_row
from monitor.stores.sqlite.soundness import check
from monitor.text.query_line import parse_query

DAYS, DAYS_WITH_TEXT = 400, 90
NOTICE = Notice(channel="desk", destination="#desk", when="digest", mention=None)
#: How often a search is asked for, and what for.
ASKED = 40
SEARCHES = {
    "in every second article": "日本",
    "in every article with a text": "関税 停戦",
    "rare, four characters": RARE,
    "rare, two characters": "量子",
    "one article": "第4711報",
    "nowhere": "南極観測",
    "only inside other words": "脳会",
    "a phrase": "日本と米国",
    "a longer phrase": "関税の首脳会談",
    "a rare word without another": f"{RARE} -首脳",
    "nearly all is excluded": "関税 -日本 -米国",
    "letters of nearly every English text, rare": "AI",
    "a frequent word, in capitals rare": "US",
    "English without frequent words": "tariff -us -talks",
    "an English phrase": '"trade deal"',
}
#: Words around which the letters of AI, US and EU stand in nearly every text.
ENGLISH = (
    "the of to and in said that for was with officials president minister talks government war trade tariff neutral "
    "reuters plain campaign train business industry europe trust house status again against raid claims available remain "
    "afraid chairman us failed airport entertainment complaints ukrainian russian sanctions deal leaders summit meeting"
)


def articles(count: int) -> Iterator[Article]:
    """As they came in, the oldest first; text of about 1,000 characters."""
    rng = random.Random(1)
    step = timedelta(days=DAYS) / count
    for number in range(1, count + 1):
        fetched_at = NOW - timedelta(days=DAYS) + number * step
        title = f"{rng.choice(WORDS)}と{rng.choice(WORDS)}、第{number}報"
        title += f"{rng.choice(FILLER)}{RARE}" if number % 20_000 == 0 else ""
        written = _english if number % 10 == 0 else _text
        text = written(rng, number) if NOW - fetched_at < timedelta(days=DAYS_WITH_TEXT) else ""
        name = f"{number:016x}"
        yield Article(
            id=name,
            url=f"https://example.jp/{name}",
            source_id=f"s{number % 2000}",
            title=title,
            published_at=fetched_at,
            fetched_at=fetched_at,
            language="ja",
            text=text,
            text_from=TextFrom.PAGE,
            story=name,
        )


def _text(rng: random.Random, number: int) -> str:
    pieces: list[str] = []
    length = 0
    while length < 1_000:
        piece = rng.choice(WORDS) + rng.choice(FILLER) + chr(rng.randrange(0x4E00, 0x4E00 + 2000)) * rng.randrange(2)
        pieces.append(piece)
        length += len(piece)
    return "".join([*pieces, RARE] if number % 5_000 == 0 else pieces)


def _english(rng: random.Random, number: int) -> str:
    rare = ["AI", "in", "the", "US"] if number % 1_000 == 0 else []
    return " ".join([*rng.choices(ENGLISH.split(), k=150), *rare])


def build(path: Path, count: int) -> float:
    """Rows as `save_articles` writes them, without its questions whether they are known. Seconds."""
    began = perf_counter()
    store = open_store(str(path))
    db = store._connection
    db.raw.execute("pragma synchronous = off")
    batch: list[Article] = []
    for one in articles(count):
        batch.append(one)
        if len(batch) == 5_000 or one.id == f"{count:016x}":
            with db.writing():
                numbers = db.numbers("articles", len(batch))
                numbered = list(zip(batch, numbers, strict=True))
                db.run_many(_ADD, [_article_row(article, number) for article, number in numbered])
                indexing.add(db, [(number, one.title, one.text) for one, number in numbered])
            batch.clear()
    store.upkeep.checkpoint()
    store.close()
    return perf_counter() - began


def measure_search(store: Store) -> dict[str, str]:
    """CPU milliseconds, the middle and the slowest in twenty."""
    rows = {}
    for name, words in SEARCHES.items():
        query = parse_query(words)
        times = []
        for _ in range(ASKED):
            began = process_time()
            found = store.archive.search(query, limit=50)
            times.append((process_time() - began) * 1000)
        slowest = quantiles(times, n=20)[-1]
        rows[f"search, {name}: {words}"] = f"{median(times):.1f} / {slowest:.1f} ms ({len(found)} found)"
    return rows


def measure_work(store: Store, rounds: int = 15) -> dict[str, str]:
    """CPU milliseconds of saving 20 articles, of polling 100 sources, of a digest of 20 stories."""
    rng = random.Random(2)
    store.polls.sync_sources(
        [
            Source(id=f"s{n}", name=f"出典{n}", kind="feed", url=f"https://example.jp/{n}", every=timedelta(minutes=10))
            for n in range(2000)
        ],
        now=NOW,
    )
    costs: dict[str, list[float]] = {"save 20 articles": [], "poll 100 sources": [], "a digest of 20 stories": []}
    [(first,)] = store._connection.rows("select value + 1000000000 from counters where name = 'articles'")
    for turn in range(rounds):
        now = NOW + timedelta(minutes=turn)
        batch = [_taken(article(first + turn * 20 + place, rng)) for place in range(20)]
        costs["save 20 articles"].append(_cpu(lambda b=batch: store.polls.save_articles(b)))
        costs["poll 100 sources"].append(_cpu(lambda n=now: _poll(store, n)))
        costs["a digest of 20 stories"].append(_cpu(lambda n=now: _tell(store, n)))
    return {name: f"{median(times) * 1000:.1f} ms" for name, times in costs.items()}


def _cpu(work) -> float:
    began = process_time()
    work()
    return process_time() - began


def _seconds(work) -> float:
    began = perf_counter()
    work()
    return perf_counter() - began


def _taken(one: Article) -> Taken:
    match = Match(
        article_id=one.id,
        rule_id="関税",
        rule_name="関税",
        rule_order=0,
        terms=("関税",),
        title=Snippet(text=one.title, highlights=()),
        snippet=Snippet(text=one.text[:200], highlights=((0, 2),)),
        weight=1,
        severity="normal",
        matched_at=one.fetched_at,
        notices=(NOTICE,),
    )
    return Taken(article=one, matches=(match,), telling=Telling.WAITING, key=one.id)


def _poll(store: Store, now) -> None:
    due = store.polls.claim_due(now=now, lease=timedelta(minutes=5), limit=100)
    for state in due[:5]:
        store.polls.unseen(state.source_id, [f"{number:016x}" for number in range(1, 31)], now=now)
    store.polls.save_states(due)


def _tell(store: Store, now) -> None:
    [backlog] = store.deliveries.backlog()
    waiting, _ = store.deliveries.waiting(backlog.channel, backlog.when)
    digest = Digest(
        channel="desk",
        destination="#desk",
        period=f"digest/{now.isoformat()}/{waiting[0].match_id}",
        since_at=None,
        until_at=now,
        composed_at=now,
    )
    promise = Promise(digest=digest, payloads=("{}",), told=tuple(one.match_id for one in waiting), covered=())
    store.deliveries.promise(promise, now=now, slot=now)


def measure(path: Path, count: int) -> dict[str, str]:
    """Everything that is asked of one archive."""
    table = {}
    if not path.exists():
        table["written in"] = f"{build(path, count):,.0f} s"
    table["size"] = f"{path.stat().st_size / 1e6:,.0f} MB"
    began = perf_counter()
    store = open_store(str(path))
    table["opened in"] = f"{(perf_counter() - began) * 1000:.0f} ms"
    began = perf_counter()
    if store.upkeep.reindex(batch=1):
        table["search index begun anew in"] = f"{(perf_counter() - began) * 1000:.0f} ms"
        began = perf_counter()
        while store.upkeep.reindex(batch=500):
            pass
        table["search index made anew in"] = f"{perf_counter() - began:.0f} s"
    store.close()
    table["looked through for damage in"] = f"{_seconds(lambda: check(path, patience=600)):.1f} s"
    copy = path.with_suffix(".copy")
    table["backup, checked, in"] = f"{_seconds(lambda: write_copy(path, copy, now=NOW)):.1f} s"
    copy.unlink()
    store = open_store(str(path))
    table |= measure_search(store) | measure_work(store)
    store.close()
    return table


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 1_000_000])
    parser.add_argument("--folder", type=Path)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = asked.folder or Path(scratch)
        columns = [measure(folder / f"archive-{count}.db", count) for count in asked.sizes]
    print("| what |" + "".join(f" {count:,} articles |" for count in asked.sizes))
    print("|---" * (len(columns) + 1) + "|")
    for name in dict.fromkeys(name for column in columns for name in column):
        print(f"| {name} |" + "".join(f" {column.get(name, '–')} |" for column in columns))


if __name__ == "__main__":
    main()
