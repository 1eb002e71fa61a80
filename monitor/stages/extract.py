"""Source x FeedEntry x Page -> Article: title, dates, authors, language and clean text. Pure; runs in a parser child."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import chain

from lxml.html import HtmlElement

from monitor.model import Article, FeedEntry, Page, Source, TextFrom
from monitor.stages.extract_body import body_of
from monitor.stages.extract_dates import JST, instant, latest_instant
from monitor.stages.extract_guessed import Seen, guessed_authors, guessed_day_and_authors, seen_dates
from monitor.stages.extract_head import head_of, without_head
from monitor.stages.extract_language import language_of
from monitor.stages.extract_stated import Stated, read_stated
from monitor.stages.extract_titles import title_of
from monitor.stages.extract_tree import html_of, is_html, tree_of
from monitor.stages.plain import tidy
from monitor.urls import article_key, canonical_url, host_of

LONGEST_TEXT = 200_000
LONGEST_TITLE = 500
#: `fetched_at` of an article that was made without a page.
UNKNOWN_TIME = datetime(1970, 1, 1, tzinfo=UTC)
#: No news page is older, and a clock may run ahead by a day.
_OLDEST = datetime(1995, 1, 1, tzinfo=UTC)
#: Parts of a host that are shorter ("www", "co") name no site; "NHK" does.
_TELLING = 3
_AHEAD = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Read:
    """A page that is markup, read."""

    page: Page
    html: str
    tree: HtmlElement
    stated: Stated


@dataclass(frozen=True, slots=True, kw_only=True)
class _Byline:
    """When and by whom."""

    published_at: datetime | None
    updated_at: datetime | None
    authors: tuple[str, ...]


def extract_article(source: Source, entry: FeedEntry, page: Page | None) -> Article:
    """The article of a page, of its entry's text where the page gives none, of the title where that is empty too.

    Without a page `fetched_at` is UNKNOWN_TIME: only the caller knows when it looked. Raises nothing on foreign bytes.
    """
    read = _read(page) if page is not None and is_html(page) else None
    body = body_of(read.html, read.tree, source.body, read.stated.bodies) if read else ""
    sites = _site_names(source, read) if read else ()
    title = title_of(read.stated, entry.title, sites) if read else entry.title
    language = language_of(source.language, _said_languages(read, entry), f"{title}\n{body or entry.text}")
    byline = _byline(entry, read, language)
    headlines = (title, entry.title, *read.stated.headlines) if read else ()
    text, text_from = _text(without_head(body, head_of(title, headlines, (*sites, *byline.authors))), entry)
    key = article_key(entry.url, source_id=source.id, guid=entry.guid, title=entry.title)
    return Article(
        id=key,
        url=canonical_url(entry.url or (page.final_url if page else source.url)),
        source_id=source.id,
        title=tidy(title)[:LONGEST_TITLE],
        authors=byline.authors,
        published_at=byline.published_at,
        updated_at=byline.updated_at,
        fetched_at=page.fetched_at if page else UNKNOWN_TIME,
        language=language,
        text=text[:LONGEST_TEXT],
        text_from=text_from,
        story=key,
    )


def _read(page: Page) -> _Read | None:
    html = html_of(page)
    tree = tree_of(html)
    return None if tree is None else _Read(page=page, html=html, tree=tree, stated=read_stated(tree))


def _text(body: str, entry: FeedEntry) -> tuple[str, TextFrom]:
    if body:
        return body, TextFrom.PAGE
    text = tidy(entry.text)
    return text, TextFrom.ENTRY if text else TextFrom.TITLE


def _site_names(source: Source, read: _Read) -> tuple[str, ...]:
    """What a headline's tail may say: the source's name, the host, each telling part of it ("asahi"), what is stated."""
    host = host_of(read.page.final_url)
    parts = [part for part in host.split(".")[:-1] if len(part) >= _TELLING and not part.isdigit()]
    return source.name, host, host.removeprefix("www."), *parts, *read.stated.sites


def _said_languages(read: _Read | None, entry: FeedEntry) -> tuple[str | None, ...]:
    return (read.stated.language if read else None, entry.language)


def _byline(entry: FeedEntry, read: _Read | None, language: str | None) -> _Byline:
    """Feed, then what the page states, then what it shows: the less is guessed, the better."""
    if read is None:
        return _Byline(published_at=entry.published_at, updated_at=entry.updated_at, authors=entry.authors)
    clock = _Clock(
        zone=JST if language == "ja" or host_of(read.page.final_url).endswith(".jp") else UTC,
        latest=read.page.fetched_at + _AHEAD,
    )
    published = entry.published_at or clock.first(read.stated.published)
    updated = entry.updated_at or clock.first(read.stated.updated)
    authors = names = entry.authors or read.stated.authors
    if not published:
        seen = seen_dates(read.tree, read.stated.headlines)
        published, updated = clock.undisputed(seen), updated or clock.first(seen.updated)
        if not published:
            day, names = guessed_day_and_authors(read.tree, read.page.final_url, clock.latest.date())
            published = clock.guess(day, seen)
    if not names:
        names = guessed_authors(read.tree)
    return _Byline(published_at=published, updated_at=_later(updated, published), authors=authors or names)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Clock:
    """Reads dates as this page can mean them."""

    zone: tzinfo
    latest: datetime

    def first(self, texts: Sequence[str]) -> datetime | None:
        """The first text that is a date a news page can have."""
        instants = (instant(text, self.zone) for text in texts)
        return next((found for found in instants if found and _OLDEST <= found <= self.latest), None)

    def undisputed(self, seen: Seen) -> datetime | None:
        """The first date to be seen where all of them name one day: then nothing has to be guessed."""
        published = self._all(seen.published)
        days = {one.astimezone(self.zone).date() for one in published}
        return published[0] if len(days) == 1 else None

    def guess(self, day: str | None, seen: Seen) -> datetime | None:
        """A date to be seen on the day that htmldate found (it has a time), else the first one to be seen, else that day."""
        published = self._all(seen.published)
        on_day = (one for one in published if one.astimezone(self.zone).date().isoformat() == day)
        yearless = (found for text in seen.yearless if (found := latest_instant(text, self.zone, self.latest)))
        first = next((one for one in chain(on_day, published, yearless)), None)
        return first or self.first(seen.updated) or (self.first((day,)) if day else None)

    def _all(self, texts: Sequence[str]) -> list[datetime]:
        return [found for text in texts if (found := self.first((text,)))]


def _later(updated: datetime | None, published: datetime | None) -> datetime | None:
    """When it was updated, where that is more than being published."""
    return updated if updated and (published is None or updated > published) else None
