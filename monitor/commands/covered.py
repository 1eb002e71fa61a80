"""`monitor covered URL`: would we have caught this? From the archive, else from its source and its page as they are now."""

import asyncio
import json
from dataclasses import replace
from datetime import datetime
from urllib.parse import urlsplit

import click

from monitor import __version__
from monitor.clock import utc_now
from monitor.config import Channels, Config, labels, list_sources
from monitor.errors import FetchError, MonitorError, ParseError, StoreError, UsageError
from monitor.fetch import HttpFetcher
from monitor.judge import load_judge
from monitor.model import Article, Fate, FeedEntry, Listing, Source, SourceState
from monitor.parsing.parser import ChildParser
from monitor.plan import timetable_of
from monitor.rules.matcher import Matcher
from monitor.rules.trace import explain
from monitor.session import local, open_memory, read_config
from monitor.stages.covered import Candidate, Inquiry, Reader, to_json, to_lines
from monitor.stages.fates import fate_line
from monitor.terminal import FINE, Sheet, output
from monitor.urls import article_key, canonical_url, headers_for, host_of, is_web_url

#: Sources of one site that are looked at.
MOST = 5
_STYLES = {"+": "green", "-": "red", "?": "yellow", "→": "cyan"}


@click.command("covered", help="Would we have caught this? URL: the address of an article.")
@click.argument("url")
@click.option("--json", "as_json", is_flag=True, help="What was found out, as JSON.")
@click.pass_context
def command(ctx: click.Context, url: str, *, as_json: bool) -> int:
    """Find out; that something was missed is no failure of the command."""
    config = read_config(ctx)
    if not is_web_url(url):
        raise UsageError("covered.no-address", url=url)
    judge = load_judge(config)
    inquiry = _inquire(url, config, judge.matcher)
    reader = _reader(config)
    if as_json:
        click.echo(json.dumps(to_json(inquiry, reader), ensure_ascii=False, indent=2))
    else:
        sheet = Sheet(output())
        for sign, text in to_lines(inquiry, reader):
            sheet.line(f"{sign} {text}", _STYLES.get(sign, ""))
    return FINE


def _reader(config: Config) -> Reader:
    names = labels(list_sources(config))
    channels, timetable, now = Channels(config), timetable_of(config), utc_now()

    def moment(at: datetime) -> str:
        return local(at, config)

    def fate(one: Fate) -> str:
        return fate_line(
            one,
            config.language,
            moment=moment,
            next_at=lambda channel: timetable.next_slot(channels.get(channel), now),
        )

    return Reader(language=config.language, moment=moment, name=lambda id_: names.get(id_, id_), fate=fate)


def _inquire(url: str, config: Config, matcher: Matcher) -> Inquiry:
    """The archive first; only what is not in it is looked for outside."""
    sources = {source.id: source for source in list_sources(config)}
    inquiry, candidates = _remembered(url, config, sources)
    if inquiry.stored is not None:
        source = sources.get(inquiry.stored.source_id) or _unlisted(inquiry.stored.source_id, url, config)
        return replace(inquiry, explanations=tuple(explain(matcher, inquiry.stored, source)))
    inquiry = asyncio.run(_looked_up(inquiry, candidates, config))
    if inquiry.fetched is None:
        return inquiry
    listing = next((one.source for one in inquiry.candidates if one.lists_it), None)
    source = listing or (candidates[0].source if candidates else _unlisted("", url, config))
    return replace(inquiry, explanations=tuple(explain(matcher, inquiry.fetched, source)))


def _remembered(url: str, config: Config, sources: dict[str, Source]) -> tuple[Inquiry, list[Candidate]]:
    """What the archive knows of the address, and the sources that might bring it."""
    key = article_key(url, source_id="", guid=None, title="")
    site = {source.id for source in sources.values() if _is_site(host_of(source.url), host_of(url))}
    states: dict[str, SourceState] = {}
    try:
        with open_memory(config) as store:
            archive = store.archive
            stored = archive.article(key) or archive.article(url) or archive.article(canonical_url(url))
            carriers = tuple(archive.carriers(stored.id if stored else key))
            fates = tuple(archive.fates(stored.id)) if stored else ()
            site |= set(archive.sources_of(urlsplit(canonical_url(url)).netloc))
            states = dict(archive.source_states())
    except StoreError as error:
        if error.code != "stores.missing":
            raise
        return Inquiry(url=url, has_archive=False), _candidates(site, sources, states)
    inquiry = Inquiry(url=url, has_archive=True, stored=stored, carriers=carriers, fates=fates)
    return inquiry, _candidates(site, sources, states)


def _candidates(site: set[str], sources: dict[str, Source], states: dict[str, SourceState]) -> list[Candidate]:
    return [Candidate(source=source, state=states.get(id_)) for id_, source in sources.items() if id_ in site]


def _is_site(host: str, other: str) -> bool:
    """One host or a part of the other: feeds.example.jp and www.example.jp bring each other's articles."""
    names = [name.removeprefix("www.").removeprefix("feeds.").removeprefix("rss.") for name in (host, other)]
    return names[0] == names[1] or names[0].endswith(f".{names[1]}") or names[1].endswith(f".{names[0]}")


def _unlisted(id_: str, url: str, config: Config) -> Source:
    """A source for an article that no configured source brings."""
    return Source(id=id_, name=id_ or host_of(url), kind="feed", url=url, every=config.fetch.every)


async def _looked_up(inquiry: Inquiry, candidates: list[Candidate], config: Config) -> Inquiry:
    """With the lists of the sources and the page as they are now."""
    parser = ChildParser(count=1)
    try:
        async with HttpFetcher(config.fetch, contact=config.contact, version=__version__) as fetcher:
            source = candidates[0].source if candidates else _unlisted("", inquiry.url, config)
            page, *looked = await asyncio.gather(
                _read(inquiry.url, source, fetcher, parser),
                *(_look(one, inquiry.url, fetcher, parser) for one in candidates[:MOST]),
            )
    finally:
        await parser.close()
    return replace(
        inquiry,
        fetched=page if isinstance(page, Article) else None,
        error=page if isinstance(page, MonitorError) else None,
        candidates=tuple(one for one in looked if isinstance(one, Candidate)),
        more_candidates=len(candidates[MOST:]),
    )


async def _read(url: str, source: Source, fetcher: HttpFetcher, parser: ChildParser) -> Article | MonitorError:
    try:
        page = await fetcher.get(url, headers=headers_for(source, url))
        return await parser.article(source, FeedEntry(source_id=source.id, url=url), page)
    except (FetchError, ParseError) as error:
        return error


async def _look(one: Candidate, url: str, fetcher: HttpFetcher, parser: ChildParser) -> Candidate:
    """With what the source lists now."""
    address = (one.state and one.state.moved_to) or one.source.url
    try:
        page = await fetcher.get(address, headers=headers_for(one.source, address))
        listing = await parser.listing(one.source, page)
    except (FetchError, ParseError) as error:
        return replace(one, error=error)
    dates = [entry.published_at for entry in listing.entries if entry.published_at]
    return replace(one, lists_it=_lists(listing, url), entries=len(listing.entries), oldest_at=min(dates, default=None))


def _lists(listing: Listing, url: str) -> bool:
    key = article_key(url, source_id="", guid=None, title="")
    keys = (article_key(one.url, source_id="", guid=None, title="") for one in listing.entries if one.url)
    return key in keys
