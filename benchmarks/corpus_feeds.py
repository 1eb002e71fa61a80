"""The corpus of real feeds -> how much of each is read right, by us and by feedparser alone, and every miss.

Run: `.venv/bin/python benchmarks/corpus_feeds.py`. Where the corpus leaves room or our rules are our own, any of these
is right, for both readers:

* an entry of which nothing can be judged or told (no link, no title, no text) may be left out;
* the link that FeedBurner states as the original, in place of its own redirect;
* a midnight in Japan where a date without a time stands in a Japanese feed;
* one date for both, where the corpus gives the same for publication and update but the feed states only an update;
* no id, where the corpus gives the link for it.
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
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from time import process_time
from typing import Any

import feedparser

from monitor.errors import ParseError
from monitor.model import Page, Source
from monitor.sources import read_listing

CORPUS = Path(__file__).parents[2] / "shared" / "corpus"
FIELDS = ("no feed", "entry count", "title", "link", "id", "published", "updated", "text")
KANA = re.compile("[ぁ-ゖァ-ヺ]")
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


def score_case(score: Score, expected: dict[str, Any], body: bytes, read: Read, *, empty: set[int]) -> None:
    case = expected["case"]
    if not expected["parses"]:
        score.note("no feed", case, wanted="an error", got=read.entries, ok=read.entries is None)
        return
    entries = read.entries or []
    numbers = [n for n in range(expected["entry_count"]) if n not in empty or len(entries) == expected["entry_count"]]
    ok = read.entries is not None and len(entries) == len(numbers)
    score.note("entry count", case, wanted=len(numbers), got=len(entries) if read.entries is not None else None, ok=ok)
    disputed = {path["path"] for path in expected.get("disputed", ())}
    for place, number in enumerate(numbers):
        entry, got = expected["entries"][number], entries[place] if place < len(entries) else {}
        stated = {name: value for name, value in entry.items() if f"entries[{number}].{name}" not in disputed}
        score_entry(score, f"{case}[{number}]", stated, got, body)


def score_entry(score: Score, case: str, entry: dict[str, Any], got: dict[str, Any], body: bytes) -> None:
    checks = {"title": is_equal, "link": is_link, "id": is_id, "published": is_published, "updated": is_updated}
    for name, is_right in checks.items():
        # The corpus keeps a few links that are no addresses; an entry has an address or none.
        if name in entry and not (name == "link" and entry["link"] and not entry["link"].startswith("http")):
            ok = bool(got) and is_right(name, entry, got, body)
            score.note(name, case, wanted=entry[name], got=str(got.get(name)), ok=ok)
    text = squeezed(got.get("text", "") + (got.get("title") or ""))
    for sample in entry.get("text_contains", ()):
        score.note("text", case, wanted=sample, got=text[:200], ok=squeezed(sample) in text)


def is_equal(name: str, entry: dict[str, Any], got: dict[str, Any], _body: bytes) -> bool:
    return got[name] == entry[name]


def is_link(name: str, entry: dict[str, Any], got: dict[str, Any], body: bytes) -> bool:
    link = got[name]
    return link == entry[name] or (bool(link) and f"origLink>{html.escape(link, quote=False)}<".encode() in body)


def is_id(name: str, entry: dict[str, Any], got: dict[str, Any], _body: bytes) -> bool:
    return got[name] == entry[name] or (got[name] is None and entry[name] == entry.get("link"))


def is_published(name: str, entry: dict[str, Any], got: dict[str, Any], body: bytes) -> bool:
    one_date = got[name] is None and entry[name] is not None and entry[name] == entry.get("updated")
    return is_updated("updated" if one_date else name, entry, got, body)


def is_updated(name: str, entry: dict[str, Any], got: dict[str, Any], body: bytes) -> bool:
    wanted = datetime.fromisoformat(entry[name]) if entry[name] else None
    midnight = wanted is not None and wanted.time() == time() and KANA.search(body.decode("utf-8", "ignore"))
    return got[name] == wanted or (bool(midnight) and wanted is not None and got[name] == wanted - timedelta(hours=9))


def squeezed(text: str) -> str:
    """Without white space: where it stands between tags is nobody's business."""
    return "".join(text.split())


def empty_entries(expected: dict[str, Any], read: Read) -> set[int]:
    """Entries that have nothing but an id or a date, by the corpus and by what feedparser finds."""
    entries = read.entries or []
    if len(entries) != expected["entry_count"]:
        return set()
    stated = (entry.get("link") or entry.get("title") or entry.get("text_contains") for entry in expected["entries"])
    return {number for number, told in enumerate(stated) if not told and not entries[number]["text"].strip()}


def run(corpus: Path, reader: Callable[[bytes, str, str | None], Read]) -> tuple[Score, float]:
    score, seconds = Score(), 0.0
    for expected, body in cases(corpus):
        # Where the corpus does not know the address of a feed, its site's is the best stand-in.
        address = expected["http"]["url"] or expected["feed"].get("link") or NOWHERE
        content_type = expected["http"]["content_type"]
        start = process_time()
        read = reader(body, address, content_type)
        seconds += process_time() - start
        empty = empty_entries(expected, feedparser_alone(body, address, content_type))
        score_case(score, expected, body, read, empty=empty)
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
