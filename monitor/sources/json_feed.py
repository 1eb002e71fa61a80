"""JSON Feed 1.0 and 1.1 (jsonfeed.org) as text -> Listing. Pure."""

import json
import re
from collections.abc import Iterator
from typing import Any

from monitor.model import Listing, Page, Source
from monitor.sources.drafts import LONGEST_TEXT, Draft, absolute, finish, language_tag
from monitor.sources.plain import line, paragraphs
from monitor.sources.refusal import no_json_feed

#: Of a text of markup no more is read than can become a text of the longest length.
_LONGEST_MARKUP = 10 * LONGEST_TEXT


def read_json(text: str, source: Source, page: Page) -> Listing:
    """Read a JSON Feed. Raises ParseError for other JSON."""
    try:
        feed = json.loads(text, strict=False)
    except (ValueError, RecursionError):
        raise no_json_feed(source, page) from None
    if not isinstance(feed, dict) or not isinstance(feed.get("items"), list) or not _says_so(feed, page):
        raise no_json_feed(source, page)
    language = language_tag(_text(feed, "language"))
    drafts = (_draft(entry) for entry in feed["items"] if isinstance(entry, dict))
    return Listing(
        title=line(_text(feed, "title"), markup=False) or None,
        home_url=absolute(_text(feed, "home_page_url"), page.final_url),
        language=language,
        entries=tuple(finish(drafts, source=source, address=page.final_url, language=language)),
    )


def _says_so(feed: dict[str, Any], page: Page) -> bool:
    version = _text(feed, "version")
    # Some write only the number.
    numbered = re.fullmatch(r"1(?:\.[01])?", version) is not None and "title" in feed
    return "jsonfeed.org/version/" in version or numbered or "feed+json" in (page.content_type or "").lower()


def _draft(entry: dict[str, Any]) -> Draft:
    texts = (
        paragraphs(_text(entry, "content_html")[:_LONGEST_MARKUP]),
        paragraphs(_text(entry, "content_text")[:_LONGEST_MARKUP], markup=False),
        paragraphs(_text(entry, "summary")[:_LONGEST_MARKUP], markup=False),
    )
    guid = _text(entry, "id")
    links = (_text(entry, "url"), _text(entry, "external_url"), guid if guid.startswith(("http:", "https:")) else "")
    return Draft(
        links=tuple(link for link in links if link),
        guid=guid or None,
        title=line(_text(entry, "title"), markup=False),
        text=max(texts, key=len),
        authors=tuple(_authors(entry)),
        published=_text(entry, "date_published") or None,
        updated=_text(entry, "date_modified") or None,
        language=_text(entry, "language") or None,
    )


def _authors(entry: dict[str, Any]) -> Iterator[str]:
    """Names of `authors` (1.1) and `author` (1.0)."""
    several = entry.get("authors")
    for author in [*(several if isinstance(several, list) else ()), entry.get("author")]:
        if isinstance(author, dict) and (name := _text(author, "name")):
            yield name


def _text(values: dict[str, Any], key: str) -> str:
    """The value as text; numbers are coerced, as the specification asks for `id`; anything else is nothing."""
    value = values.get(key)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    return value if isinstance(value, str) else ""
