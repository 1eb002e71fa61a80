"""How long `monitor replay` takes: an archive of 100,000 articles of 2,000 characters, 100 rules of five terms each.

    python benchmarks/replaying.py [--articles 100000] [--rules 100] [--folder DIR]

The articles are those of news.py, with a name put into every sentence, so that sentences differ as they do in real news
and the dictionary is asked about them. Prints the wall seconds and CPU seconds of the command itself, workers included,
and its largest process; then the same with `--rule`, and with `--compare` against rules of which one in ten differs.
With `--folder` the archive is kept and used again.
"""

import argparse
import json
import os
import random
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import news

from monitor.model import Article
from monitor.stores import open_store
from monitor.stores.sqlite.records import article_row

NOW = datetime.now(UTC)
SENTENCE = re.compile(r"(?<=。)(?=[^」\n])")
COLUMNS = [
    "number",
    "id",
    "url",
    "source_id",
    "title",
    "folded_title",
    "authors",
    "published_at",
    "updated_at",
    "fetched_at",
    "language",
    "text",
    "text_from",
    "missing",
    "story",
]


def stored(count: int) -> Iterator[Article]:
    """So many articles over thirty days."""
    chance = random.Random(count)
    texts = [one.text for one in news.articles(500)]
    for number in range(1, count + 1):
        text = SENTENCE.sub(lambda _: chance.choice(news.WORDS["surnames"]) + "氏、", chance.choice(texts))
        id_ = f"{number:016x}"
        yield replace(
            news.article(text[: news.SIZE]),
            id=id_,
            story=id_,
            url=f"https://example.jp/{id_}",
            source_id=f"s{number % 20}",
            title=text.partition("。")[0][:40],
            fetched_at=NOW - timedelta(days=30) * (count + 1 - number) / (count + 2),
        )


def fill(path: Path, count: int) -> None:
    """Without the search index, which replay does not ask."""
    store = open_store(str(path))
    statement = f"insert into articles ({', '.join(COLUMNS)}) values ({', '.join(f':{name}' for name in COLUMNS)})"
    rows = (
        article_row(one) | {"number": number, "folded_title": one.title, "story": one.story}
        for number, one in enumerate(stored(count), 1)
    )
    with store._connection.writing():
        store._connection.run_many(statement, rows)
    store.close()


def write_rules(folder: Path, count: int, *, edited: bool) -> None:
    folder.mkdir(exist_ok=True)
    terms = news.terms(count * 5)
    rules = []
    for number in range(count):
        words = terms[number * 5 : number * 5 + 5]
        if edited and number % 10 == 0:
            words = words[:-1]
        rules.append({"name": f"r{number}", "any": words})
    (folder / "rules.yaml").write_text(json.dumps(rules, ensure_ascii=False), encoding="utf-8")


def run(folder: Path, *arguments: str) -> str:
    """Wall seconds, CPU seconds of all processes, MB of the largest one; what it printed goes nowhere."""
    start = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "monitor", "--config", str(folder / "config.toml"), "replay", *arguments],
        stdout=subprocess.DEVNULL,
    )
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - start
    assert status == 0, status
    return f"{wall:6.1f} s wall {usage.ru_utime + usage.ru_stime:7.1f} s CPU {usage.ru_maxrss / 1024:6.0f} MB"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, default=100_000)
    parser.add_argument("--rules", type=int, default=100)
    parser.add_argument("--folder", type=Path)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as made:
        folder = asked.folder or Path(made)
        folder.mkdir(exist_ok=True)
        (folder / "config.toml").write_text('timezone = "Asia/Tokyo"\nlanguage = "en"\n', encoding="utf-8")
        write_rules(folder / "rules", asked.rules, edited=False)
        write_rules(folder / "before", asked.rules, edited=True)
        if not (folder / "monitor.db").exists():
            fill(folder / "monitor.db", asked.articles)
        print(f"{asked.articles:,} articles, {asked.rules} rules, {os.cpu_count()} cores")
        print(f"replay            {run(folder, '--json')}")
        print(f"replay --rule     {run(folder, '--json', '--rule', 'r3')}")
        print(f"replay --compare  {run(folder, '--json', '--compare', str(folder / 'before'))}")


if __name__ == "__main__":
    main()
