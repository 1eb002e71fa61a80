"""The corpus of real feeds -> how much of each is read right, by us and by feedparser alone, and every miss.

Run: `.venv/bin/python benchmarks/corpus_feeds.py`. Whatever differs from what the corpus states is a miss; the misses that
are ours by choice are named so:

* a date without a time in a Japanese feed is read as midnight in Japan, where the corpus has midnight UTC;
* a link that is no web address is none.
"""

import html
import io
import json
import re
import sys
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import process_time
from typing import Any

import feedparser

from monitor.errors import ParseError
from monitor.model import Page, Source
from monitor.sources import read_listing

CORPUS = Path(__file__).parents[2] / "shared" / "corpus"
FIELDS = ("no feed", "entry count", "title", "link", "id", "published", "updated", "text")
NOWHERE = "http://corpus.invalid/feed"


@dataclass
class Read:
    """What one reader made of one case: entries by field, or None for "no feed"."""

    entries: list[dict[str, Any]] | None


@dataclass
class Score:
    right: Counter[str] = field(default_factory=Counter)
    stated: Counter[str] = field(default_factory=Counter)
    misses: list[str] = field(default_factory=list)

    def note(self, name: str, case: str, *, wanted: object, got: object, ok: bool) -> None:
        self.stated[name] += 1
        self.right[name] += ok
        if not ok:
            self.misses.append(f"{case}: {name}: wanted {wanted!r:.120}, got {got!r:.200}")

    def share(self, name: str) -> float:
        return self.right[name] / self.stated[name] if self.stated[name] else 1.0


def cases(corpus: Path) -> Iterator[tuple[dict[str, Any], bytes]]:
    for folder in sorted((corpus / "feeds").iterdir()):
        expected = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
        yield expected, (folder / expected["file"]).read_bytes()


def ours(body: bytes, url: str, content_type: str | None) -> Read:
    source = Source(id="corpus", name="corpus", kind="feed", url=url, every=timedelta(minutes=10))
    page = Page(
        url=url,
        final_url=url,
        status=200,
        content_type=content_type,
        body=body,
        fetched_at=datetime(2026, 11, 23, tzinfo=UTC),
    )
    try:
        listing = read_listing(source, page)
    except ParseError:
        return Read(None)
    return Read(
        [
            {
                "link": entry.url,
                "id": entry.guid,
                "title": entry.title or None,
                "published": entry.published_at,
                "updated": entry.updated_at,
                "text": entry.text,
            }
            for entry in listing.entries
        ]
    )


def feedparser_alone(body: bytes, url: str, content_type: str | None) -> Read:
    headers = {"content-location": url} | ({"content-type": content_type} if content_type else {})
    parsed = feedparser.parse(io.BytesIO(body), response_headers=headers)
    if not parsed.get("version") and not parsed.entries:
        return Read(None)
    return Read(
        [
            {
                "link": entry.get("link"),
                "id": entry.get("id"),
                "title": flat(entry.get("title")) or None,
                "published": instant(dict.get(entry, "published_parsed")),
                "updated": instant(dict.get(entry, "updated_parsed")),
                "text": " ".join(flat(part) for part in texts(entry)),
            }
            for entry in parsed.entries
        ]
    )


def texts(entry: Any) -> list[str]:
    return [entry.get("summary", ""), *(part.get("value", "") for part in entry.get("content", []))]


def flat(text: str | None) -> str:
    return " ".join(html.unescape(re.sub(r"<[^<>]*>", " ", text or "")).split())


def instant(parts: Any) -> datetime | None:
    return datetime(*parts[:6], tzinfo=UTC) if parts else None


def score_case(score: Score, expected: dict[str, Any], read: Read) -> None:
    case = expected["case"]
    if not expected["parses"]:
        score.note("no feed", case, wanted="an error", got=read.entries, ok=read.entries is None)
        return
    entries = read.entries or []
    found = None if read.entries is None else len(entries)
    score.note("entry count", case, wanted=expected["entry_count"], got=found, ok=found == expected["entry_count"])
    disputed = {path["path"] for path in expected.get("disputed", ())}
    for number, entry in enumerate(expected["entries"]):
        got = entries[number] if number < len(entries) else {}
        stated = {name: value for name, value in entry.items() if f"entries[{number}].{name}" not in disputed}
        score_entry(score, f"{case}[{number}]", stated, got)


def score_entry(score: Score, case: str, entry: dict[str, Any], got: dict[str, Any]) -> None:
    for name in ("title", "link", "id", "published", "updated"):
        if name in entry:
            wanted = instant_of(entry[name]) if name in {"published", "updated"} else entry[name]
            score.note(name, case, wanted=entry[name], got=str(got.get(name)), ok=bool(got) and got[name] == wanted)
    text = squeezed(got.get("text", "") + (got.get("title") or ""))
    for sample in entry.get("text_contains", ()):
        score.note("text", case, wanted=sample, got=text[:200], ok=squeezed(sample) in text)


def instant_of(stated: str | None) -> datetime | None:
    return datetime.fromisoformat(stated) if stated else None


def squeezed(text: str) -> str:
    """Without white space: where it stands between tags is nobody's business."""
    return "".join(text.split())


def run(corpus: Path, reader: Callable[[bytes, str, str | None], Read]) -> tuple[Score, float]:
    score, seconds = Score(), 0.0
    for expected, body in cases(corpus):
        # Where the corpus does not know the address of a feed, its site's is the best stand-in.
        address = expected["http"]["url"] or expected["feed"].get("link") or NOWHERE
        content_type = expected["http"]["content_type"]
        start = process_time()
        read = reader(body, address, content_type)
        seconds += process_time() - start
        score_case(score, expected, read)
    return score, seconds


def main() -> None:
    warnings.simplefilter("ignore")
    if not CORPUS.is_dir():
        sys.exit("the shared corpus is not here")
    # feedparser goes first: our reader changes one of its settings.
    them, their_time = run(CORPUS, feedparser_alone)
    us, our_time = run(CORPUS, ours)
    print(f"{'':14}{'ours':>22}{'feedparser alone':>22}")
    for name in FIELDS:
        columns = (f"{score.right[name]}/{score.stated[name]} {score.share(name):7.2%}" for score in (us, them))
        print(f"{name:14}" + "".join(f"{column:>22}" for column in columns))
    print(f"{'CPU seconds':14}{our_time:>22.2f}{their_time:>22.2f}")
    print(f"\n{len(us.misses)} misses of ours:", *us.misses, sep="\n  ")


if __name__ == "__main__":
    main()
