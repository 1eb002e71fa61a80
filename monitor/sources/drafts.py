"""What a listing says of one entry, as written -> FeedEntry: absolute links, plain texts, instants. Pure."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, tzinfo
from itertools import islice
from urllib.parse import urljoin, urlsplit

from monitor.model import FeedEntry, Source
from monitor.sources.dates import JST, parse_date
from monitor.sources.plain import line, printable

MOST_ENTRIES = 5000
LONGEST_TEXT = 200_000
_LONGEST_LINE = 2000
_LONGEST_URL = 4000
_MOST_AUTHORS = 20
_KANA = re.compile("[ぁ-ゖァ-ヺ]")
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[a-z0-9]{2,8})*")
_CONTROLS = re.compile(r"[\x00-\x20\x7f-\x9f\ud800-\udfff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """One entry as its listing writes it; `title` and `text` are plain already."""

    #: In order of preference; the first that is a web address is taken.
    links: tuple[str, ...] = ()
    guid: str | None = None
    title: str = ""
    text: str = ""
    authors: tuple[str, ...] = ()
    published: str | None = None
    updated: str | None = None
    language: str | None = None


#: What is left of an entry that only holds others, nested by mistake.
_NOTHING = Draft()


def finish(drafts: Iterable[Draft], *, source: Source, address: str, language: str | None) -> Iterator[FeedEntry]:
    """Entries in the order of the listing, at most 5,000; those that state nothing at all are left out.

    `address` resolves relative links, `language` (of the listing) holds for entries that state none.
    """
    stated = (draft for draft in drafts if draft != _NOTHING)
    for draft in islice(stated, MOST_ENTRIES):
        yield _entry(draft, source=source, address=address, language=language)


def _entry(draft: Draft, *, source: Source, address: str, language: str | None) -> FeedEntry:
    language = language_tag(draft.language) or language
    zone = _zone(f"{draft.title} {draft.text}", {language or "", source.language or ""})
    urls = (absolute(link, address) for link in draft.links)
    authors = (line(author)[:_LONGEST_LINE] for author in draft.authors[:_MOST_AUTHORS])
    return FeedEntry(
        source_id=source.id,
        url=next((url for url in urls if url), None),
        guid=printable(draft.guid or "").strip()[:_LONGEST_URL] or None,
        title=draft.title[:_LONGEST_LINE],
        text=draft.text[:LONGEST_TEXT],
        authors=tuple(dict.fromkeys(author for author in authors if author)),
        # A feed that states one date only means it for both.
        published_at=parse_date(stated, zone=zone) if (stated := draft.published or draft.updated) else None,
        updated_at=parse_date(draft.updated, zone=zone) if draft.updated else None,
        language=language,
    )


def _zone(text: str, languages: set[str]) -> tzinfo:
    """Where the clocks are that a date without a zone was read from: Japan for Japanese, else Greenwich."""
    japanese = any(language.partition("-")[0] == "ja" for language in languages) or _KANA.search(text)
    return JST if japanese else UTC


def absolute(link: str, address: str) -> str | None:
    """A web address, relative ones resolved, or None for what cannot be fetched."""
    try:
        url = urljoin(address, _CONTROLS.sub("", link))
        parts = urlsplit(url)
    except ValueError:
        # "http://[" and the like
        return None
    return url if parts.scheme in {"http", "https"} and parts.hostname and len(url) <= _LONGEST_URL else None


def language_tag(said: str | None) -> str | None:
    """A language tag in lower case ("ja", "en-us"), or None for what is none."""
    tag = (said or "").strip().lower().replace("_", "-")
    return tag if _LANGUAGE.fullmatch(tag) else None
