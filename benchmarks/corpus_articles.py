"""Shared corpus of articles -> scores of title, date, authors and body, for us and for trafilatura alone.

    .venv/bin/python benchmarks/corpus_articles.py [--misses]

A case counts for a score only where its peers state the value. Titles are compared folded (letters and digits, with
the site's name allowed on neither side); dates by day and, where the peer states a time, by the minute; bodies by the
F1 of their character 4-grams and by the share of sample sentences found and of foreign sentences kept out.

Below the scores stands the CPU time per page: ours where the feed has stated date and author, ours where it has not,
and trafilatura alone with and without its metadata, taken in turn over the same pages in one process.
"""

import argparse
import gzip
import json
import logging
import os
import time
import unicodedata
from collections import Counter, defaultdict
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

from trafilatura import bare_extraction

from monitor.model import Article, FeedEntry, Page, Source
from monitor.stages.extract import extract_article

CORPUS = Path(os.environ.get("MONITOR_CORPUS", Path(__file__).parents[2] / "shared" / "corpus"))
JST = timezone(timedelta(hours=9))
NOW = datetime(2026, 11, 23, tzinfo=UTC)
MEASURES = ("title", "day", "minute", "authors", "body", "contains", "excludes")


def score_all(corpus=CORPUS, processes=2):
    """[(case, language, {measure: (ours, theirs)})] for every case."""
    folders = sorted(path.parent for path in (corpus / "articles").glob("*/*/expected.json"))
    if processes == 1:
        return [score_one(folder) for folder in folders]
    with ProcessPoolExecutor(processes) as pool:
        return list(pool.map(score_one, folders, chunksize=8))


def means(scored):
    """{measure: (ours, theirs, cases)} over scored cases."""
    sums = defaultdict(lambda: [0.0, 0.0, 0])
    for _, _, measures in scored:
        for measure, (ours, theirs) in measures.items():
            total = sums[measure]
            total[0] += ours
            total[1] += theirs
            total[2] += 1
    return {measure: (ours / cases, theirs / cases, cases) for measure, (ours, theirs, cases) in sums.items()}


def score_one(folder):
    logging.disable(logging.CRITICAL)
    expected, body = _case(folder)
    ours = measure(_ours(extract(expected, body)), expected)
    theirs = measure(_theirs(expected, body), expected)
    return expected["case"], (expected["lang"] or "")[:2], {name: (ours[name], theirs[name]) for name in ours}


def _case(folder):
    expected = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
    return expected, gzip.decompress((folder / "page.html.gz").read_bytes())


def extract(expected, body, **stated) -> Article:
    url = expected["url"] or "http://127.0.0.1/"
    source = Source(id="corpus", name="", kind="feed", url=url, every=timedelta(minutes=10))
    entry = FeedEntry(source_id="corpus", url=url, **stated)
    page = Page(url=url, final_url=url, status=200, content_type="text/html", body=body, fetched_at=NOW)
    return extract_article(source, entry, page)


def _ours(article):
    return {
        "title": article.title,
        "published": article.published_at,
        "authors": list(article.authors),
        "body": article.text,
    }


def alone(expected, body, *, with_metadata=True):
    return bare_extraction(body, url=expected["url"], fast=True, include_comments=False, with_metadata=with_metadata)


def _theirs(expected, body):
    found = alone(expected, body)
    if found is None:
        return {"title": "", "published": None, "authors": [], "body": ""}
    return {
        "title": found.title or "",
        "published": datetime.fromisoformat(found.date).replace(tzinfo=UTC) if found.date else None,
        "authors": (found.author or "").split("; ") if found.author else [],
        "body": found.text or "",
    }


def measure(got, expected):
    scores = {}
    if expected["title"]:
        scores["title"] = float(fold(got["title"]) == fold(expected["title"]))
    if expected["published"]:
        scores |= _dates(got["published"], expected)
    if expected["authors"]:
        scores["authors"] = float(
            {fold(name) for name in got["authors"]} == {fold(name) for name in expected["authors"]}
        )
    if expected["body"]:
        scores["body"] = f1(got["body"], expected["body"])
    text = fold(got["body"])
    if expected["body_contains"]:
        scores["contains"] = _share(fold(one) in text for one in expected["body_contains"])
    if expected["body_excludes"]:
        scores["excludes"] = _share(fold(one) not in text for one in expected["body_excludes"])
    return scores


def _dates(got, expected):
    """The day counts when it is right in the page's own zone or in UTC, since one side may know the day alone."""
    stated = expected["published"]
    local = datetime.fromisoformat(stated["local"])
    zones = [UTC, local.tzinfo or (JST if (expected["lang"] or "").startswith("ja") else UTC)]
    days = {stated["local"][:10]} | ({stated["utc"][:10]} if stated["utc"] else set())
    scores = {"day": float(got is not None and any(str(got.astimezone(zone).date()) in days for zone in zones))}
    if stated["utc"] and stated["precision"] in ("second", "minute"):
        right = datetime.fromisoformat(stated["utc"])
        scores["minute"] = float(got is not None and abs(got - right) < timedelta(minutes=1))
    return scores


def f1(got, wanted):
    left, right = grams(got), grams(wanted)
    both = (left & right).total()
    return 2 * both / (left.total() + right.total()) if both else 0.0


def grams(text):
    text = fold(text)
    return Counter(text[at : at + 4] for at in range(max(1, len(text) - 3)))


def fold(text):
    return "".join(char for char in unicodedata.normalize("NFKC", text or "").casefold() if char.isalnum())


def _share(flags):
    flags = list(flags)
    return sum(flags) / len(flags)


def print_table(scored):
    sets = sorted({case.partition("/")[0] for case, _, _ in scored})
    groups = [("all", scored), ("ja", [one for one in scored if one[1] == "ja"])]
    groups += [(name, [one for one in scored if one[0].startswith(f"{name}/")]) for name in sets]
    print("ours/trafilatura fast alone (cases)")
    print("".join(f"{name:>20}" for name in ("", *MEASURES)))
    for name, group in groups:
        found = means(group)
        cells = (_cell(found.get(measure)) for measure in MEASURES)
        print(f"{name:>20}" + "".join(f"{cell:>20}" for cell in cells))


def _cell(values):
    return f"{values[0]:.3f}/{values[1]:.3f} ({values[2]})" if values else "-"


def print_cost(corpus=CORPUS):
    readers = {
        "ours, dated by the feed": lambda expected, body: extract(
            expected, body, published_at=NOW - timedelta(days=1), authors=("feed",)
        ),
        "ours": extract,
        "trafilatura with metadata": alone,
        "trafilatura": lambda expected, body: alone(expected, body, with_metadata=False),
    }
    seconds = dict.fromkeys(readers, 0.0)
    pages = [_case(path.parent) for path in sorted((corpus / "articles").glob("*/*/expected.json"))]
    # Both load what they know of languages and dates once.
    for expected, body in pages[::10]:
        extract(expected, body)
    for expected, body in pages:
        for name, read in readers.items():
            began = time.process_time()
            read(expected, body)
            seconds[name] += time.process_time() - began
    print(f"\nCPU per page ({len(pages)} pages)")
    for name, total in seconds.items():
        print(f"{name:>26} {total / len(pages) * 1000:6.1f} ms")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--misses", action="store_true", help="also list the cases in which trafilatura alone is better"
    )
    arguments = parser.parse_args()
    logging.disable(logging.CRITICAL)
    scored = score_all()
    print_table(scored)
    print_cost()
    if arguments.misses:
        for case, _, measures in scored:
            worse = {
                name: (round(ours, 3), round(theirs, 3))
                for name, (ours, theirs) in measures.items()
                if ours < theirs - 0.02
            }
            if worse:
                print(case, worse)


if __name__ == "__main__":
    main()
