"""Articles whose page could not be had -> the same with their bodies, judged again: fetch | extract | match | save.

Safe to repeat at any point. What waits for its body and never gets it is told with the mark.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from monitor.errors import FetchError, MonitorError, ParseError
from monitor.jobs.patience import Patience
from monitor.model import Article, FeedEntry, Match, Source, TextFrom
from monitor.ports import Fetcher, InStore, Parser, Revisit, RevisitStore
from monitor.schedule import revisit_at, revisit_step
from monitor.stages.revisit import with_body
from monitor.urls import headers_for, host_of

#: Articles that one turn takes up: a site that is down with a thousand of them must not fill the day.
LIMIT = 50
#: Pages that are asked for side by side, of all hosts, beside the polls.
ABREAST = 8


class Outcome(StrEnum):
    """What became of one article."""

    READ = "read"
    LATER = "later"
    GIVEN_UP = "given_up"


@dataclass(frozen=True, slots=True, kw_only=True)
class RevisitDesk:
    """The doors that revisiting goes through, and the clock."""

    fetcher: Fetcher
    parser: Parser
    in_store: InStore
    revisits: RevisitStore
    judge: Callable[[Article, Source], tuple[Match, ...]]
    #: Ids of all rules that judge.
    rules: frozenset[str]
    sources: Mapping[str, Source]
    clock: Callable[[], datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class RevisitReport:
    """What one try came to."""

    article: Article
    outcome: Outcome
    matched: int = 0
    #: Tellings that had waited for the body and are now told without it.
    released: int = 0
    error: MonitorError | None = None


async def revisit_due(desk: RevisitDesk, *, limit: int = LIMIT) -> list[RevisitReport]:
    """Take up to `limit` articles whose turn it is, the longest due first."""
    due = await desk.in_store(desk.revisits.due_revisits, now=desk.clock(), limit=limit)
    patience, room = Patience(), asyncio.Semaphore(ABREAST)
    # Each is brought to its end before an error of one of them ends the turn.
    ends = await asyncio.gather(*(_revisit(one, desk, patience, room) for one in due), return_exceptions=True)
    for end in ends:
        if isinstance(end, BaseException):
            raise end
    return [end for end in ends if isinstance(end, RevisitReport)]


async def _revisit(revisit: Revisit, desk: RevisitDesk, patience: Patience, room: asyncio.Semaphore) -> RevisitReport:
    article, source = revisit.article, desk.sources.get(revisit.article.source_id)
    if source is None or not source.full_text or article.missing is None:
        return await _give_up(article, desk)
    step = revisit_step(article.missing, revisit.attempts)
    if step != revisit.attempts:
        return await _put_off(article, step, desk)
    try:
        read = await _read(article, source, desk, patience, room)
    except (FetchError, ParseError) as error:
        return await _put_off(article, revisit_step(error.code, revisit.attempts + 1), desk, error)
    whole = with_body(article, read)
    matches = await asyncio.to_thread(desk.judge, whole, source)
    await desk.in_store(desk.revisits.rejudge, whole, matches, rules=desk.rules, now=desk.clock())
    return RevisitReport(article=whole, outcome=Outcome.READ, matched=len(matches))


async def _read(
    article: Article, source: Source, desk: RevisitDesk, patience: Patience, room: asyncio.Semaphore
) -> Article:
    """The article from its page. Raises FetchError, and ParseError where the page holds no text."""
    async with patience.waiting_for(host_of(article.url)), room:
        page = await desk.fetcher.get(article.url, headers=headers_for(source, article.url))
    read = await desk.parser.article(source, _entry(article), page)
    if read.text_from is not TextFrom.PAGE:
        raise ParseError("parsing.no-text", url=article.url)
    return read


def _entry(article: Article) -> FeedEntry:
    """The line of the listing that the article once was, as far as it is kept."""
    return FeedEntry(
        source_id=article.source_id,
        url=article.url,
        title=article.title,
        text=article.text,
        authors=article.authors,
        published_at=article.published_at,
        updated_at=article.updated_at,
        language=article.language,
    )


async def _put_off(
    article: Article, step: int | None, desk: RevisitDesk, error: FetchError | ParseError | None = None
) -> RevisitReport:
    """Until the step that is left, if there is one."""
    if step is None:
        return await _give_up(article, desk, error)
    retry_after = error.retry_after if isinstance(error, FetchError) else None
    due_at = revisit_at(step, retry_after=retry_after, now=desk.clock())
    await desk.in_store(desk.revisits.schedule, article.id, due_at=due_at)
    return RevisitReport(article=article, outcome=Outcome.LATER, error=error)


async def _give_up(article: Article, desk: RevisitDesk, error: MonitorError | None = None) -> RevisitReport:
    released = await desk.in_store(desk.revisits.give_up, [article.id], now=desk.clock())
    return RevisitReport(article=article, outcome=Outcome.GIVEN_UP, released=released, error=error)
