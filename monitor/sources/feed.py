"""Source + Page -> Listing, for RSS 0.9x to 2.0, RDF, Atom and JSON Feed. Pure; runs in a child that can be killed.

feedparser reads; it is given clean UTF-8 in a BytesIO and nothing else, since it opens whatever else it takes for a file
name or an address. Its sanitizer is off: every text is made plain here.
"""

import io
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import feedparser

from monitor.model import Listing, Page, Source
from monitor.sources.decoding import decode
from monitor.sources.drafts import LONGEST_TEXT, Draft, absolute, finish, language_tag
from monitor.sources.json_feed import read_json
from monitor.sources.plain import is_markup, line, paragraphs
from monitor.sources.refusal import broken, no_feed, refuse_bytes
from monitor.sources.repair import from_root, is_cut_off, is_well_formed, mended, root_name, without_torn_entry

_ROOTS = frozenset({"rss", "rdf", "feed", "channel"})
_HTML_TYPES = frozenset({"text/html", "application/xhtml+xml"})
_WEB = ("http://", "https://")
_DC_DATE = re.compile(r"<dc:date[\s>]", re.IGNORECASE)
_LONGEST_MARKUP = 10 * LONGEST_TEXT
_PERIODS = {
    "hourly": timedelta(hours=1),
    "daily": timedelta(days=1),
    "weekly": timedelta(weeks=1),
    "monthly": timedelta(days=30),
    "yearly": timedelta(days=365),
}
_LONGEST_TTL = timedelta(days=365)

#: What feedparser raises over markup that does not add up, most of it in elements that say nothing of an article.
_GIVES_UP = (LookupError, TypeError, ValueError, AttributeError)
_ORNAMENTS = re.compile(
    r"</?(?:(?:georss|gml|geo|cc|creativecommons|psc):\w+"
    r"|media:(?:player|rating|credit|license|restriction|thumbnail|keywords|category)"
    r"|itunes:\w+|dcterms:valid|textinput|image|width|height|generator|cloud|category|where)(?=[\s/>])[^<>]*>",
    re.IGNORECASE,
)

# An id names an entry; resolved like a link, it would change with the address of the feed.
feedparser.api.StrictFeedParser.can_be_relative_uri.discard("id")

#: What feedparser hands out. Its own look-up takes one key for another and warns of it; ask with `dict.get`.
Values = dict[str, Any]


def read_listing(source: Source, page: Page) -> Listing:
    """Read a feed, entries in its own order. Raises ParseError for what is no feed, saying what it seems to be."""
    refuse_bytes(page.body, source, page)
    text = decode(page.body, page.content_type)
    if text.lstrip().startswith(("{", "[")):
        return read_json(text.strip(), source, page)
    document = from_root(text)
    root = root_name(document)
    if root not in _ROOTS:
        raise no_feed(document, root, source, page)
    whole = is_well_formed(document)
    cut_off = not whole and is_cut_off(document)
    document = without_torn_entry(document) if cut_off else document
    document = document if whole else mended(document)
    parsed = _parse(document)
    if parsed is None or not (whole or parsed.entries or parsed.feed or is_well_formed(document)):
        raise broken(source, page)
    listing = _listing(parsed, source, page, dated_by_dc=_DC_DATE.search(document) is not None)
    return replace(listing, is_whole=not cut_off)


def _parse(document: str) -> Any | None:
    """What feedparser makes of it, if need be without the ornaments; None where it gives up."""
    declared = "<?xml version='1.0' encoding='utf-8'?>\n"
    for attempt in (str, _without_ornaments):
        text = attempt(document)
        try:
            return feedparser.parse(
                io.BytesIO((declared + text).encode()),
                response_headers={"content-type": "application/xml; charset=utf-8"},
                resolve_relative_uris=False,
                sanitize_html=False,
            )
        except _GIVES_UP:
            continue
    return None


def _without_ornaments(document: str) -> str:
    return _ORNAMENTS.sub("", document)


def _listing(parsed: Any, source: Source, page: Page, *, dated_by_dc: bool) -> Listing:
    feed = parsed.feed
    atom = parsed.version.startswith("atom")
    language = language_tag(dict.get(feed, "language"))
    drafts = (_draft(entry, atom=atom, dated_by_dc=dated_by_dc) for entry in parsed.entries)
    return Listing(
        title=_title(feed, atom=atom) or None,
        home_url=absolute(link, page.final_url) if (link := _text(feed, "link")) else None,
        language=language,
        ttl=_ttl(feed),
        entries=tuple(finish(drafts, source=source, address=page.final_url, language=language)),
    )


def _draft(entry: Values, *, atom: bool, dated_by_dc: bool) -> Draft:
    published = _text(entry, "published") or _text(entry, "created")
    updated = _text(entry, "updated")
    if dated_by_dc and not atom:
        # feedparser keeps dc:date as the date of an update; for RSS it is when the entry came out.
        published, updated = published or updated, ""
    return Draft(
        links=tuple(_links(entry)),
        guid=_text(entry, "id") or None,
        title=_title(entry, atom=atom),
        text=max(_texts(entry), key=len, default=""),
        authors=tuple(_authors(entry)),
        published=published or None,
        updated=updated or None,
        language=_text(entry, "language") or _text(dict.get(entry, "title_detail") or {}, "language") or None,
    )


def _links(entry: Values) -> Iterator[str]:
    """Links of an entry, the best first: its own, any alternate, an id that is an address, the one behind FeedBurner's."""
    guid = _text(entry, "id")
    own = _text(entry, "link")
    # feedparser makes a permalink of any guid; one that is no address is none.
    if own and (own != guid or own.startswith(_WEB)):
        yield own
    for link in dict.get(entry, "links") or ():
        if link.get("rel") == "alternate" and (address := _text(link, "href")):
            yield address
    if guid.startswith(_WEB) and "guidislink" not in entry:
        yield guid
    if behind := _text(entry, "feedburner_origlink"):
        yield behind


def _title(values: Values, *, atom: bool) -> str:
    title = _text(values, "title")[:_LONGEST_MARKUP]
    detail = dict.get(values, "title_detail") or {}
    markup = detail.get("type", "text/plain") in _HTML_TYPES
    if atom and not markup:
        return " ".join(paragraphs(title, markup=False).split())
    return line(title, markup=markup)


def _texts(entry: Values) -> Iterator[str]:
    """Everything an entry gives of its article, as plain text."""
    pieces = [dict.get(entry, "summary_detail"), *(dict.get(entry, "content") or ())]
    seen = set()
    for piece in pieces:
        value = _text(piece or {}, "value")[:_LONGEST_MARKUP]
        kind = (piece or {}).get("type", "text/html")
        if value and value not in seen and (kind in _HTML_TYPES or kind.startswith("text/")):
            seen.add(value)
            yield paragraphs(value, markup=kind in _HTML_TYPES or is_markup(value))
    summary = _text(entry, "summary")[:_LONGEST_MARKUP]
    if summary and summary not in seen:
        yield paragraphs(summary)


def _authors(entry: Values) -> Iterator[str]:
    for author in dict.get(entry, "authors") or ():
        name = _text(author, "name") or _text(author, "email")
        if name:
            yield name


def _ttl(feed: Values) -> timedelta | None:
    """`ttl` of RSS in minutes, else `updatePeriod` by `updateFrequency` of the syndication module."""
    minutes = _number(_text(feed, "ttl"))
    if minutes:
        return min(timedelta(minutes=minutes), _LONGEST_TTL)
    period = _PERIODS.get(_text(feed, "sy_updateperiod").lower())
    frequency = _number(_text(feed, "sy_updatefrequency")) or 1
    return period / frequency if period else None


def _number(text: str) -> int:
    """A number of up to six digits, 0 for anything else."""
    return int(text) if re.fullmatch(r"[0-9]{1,6}", text) else 0


def _text(values: Values, key: str) -> str:
    value = dict.get(values, key)
    return value.strip() if isinstance(value, str) else ""
