"""Source -> PollReport: one turn at one source.

    fetch | list | keep new | for each: fetch, extract, match | save

Safe to repeat at any point: what is saved is not taken again, and the validators of a listing are remembered last, after
every entry has been taken, so that a 304 can never hide an entry that a crash left behind.
"""

import asyncio
import hashlib
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from monitor.errors import FetchError, MonitorError, ParseError
from monitor.jobs.patience import Patience
from monitor.model import Article, FeedEntry, Listing, Match, Page, Source, SourceState, Telling, TextFrom
from monitor.ports import Fetcher, InStore, Parser, PollStore, Taken
from monitor.schedule import Reason, after_failure, after_success, tellable_since
from monitor.urls import article_key, headers_for, host_of

#: Articles that are fetched side by side and saved in one transaction.
BATCH = 20
#: Characters of a text that is judged at once: handing it to a thread would take longer than that.
SHORT = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class PollDesk:
    """The doors that polling goes through, and the clock."""

    fetcher: Fetcher
    parser: Parser
    in_store: InStore
    polls: PollStore
    judge: Callable[[Article, Source], tuple[Match, ...]]
    clock: Callable[[], datetime]
    #: Ids of the rules that listen to some sources only.
    choosy_rules: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class PollReport:
    """What one turn did. `state` is still to be remembered."""

    state: SourceState
    reason: Reason
    unchanged: bool = False
    listed: int = 0
    new: int = 0
    matched: int = 0
    #: Rule -> matches.
    matched_by: Mapping[str, int] = field(default_factory=dict)
    #: Matches in articles from before the start, which are not told.
    initial: int = 0
    error: MonitorError | None = None


async def poll_source(source: Source, state: SourceState, desk: PollDesk, *, jitter: float) -> PollReport:
    """Take one turn at a source. Never raises FetchError or ParseError: they become the report's `error`."""
    url = state.moved_to or source.url
    try:
        page = await desk.fetcher.get(url, validators=state.validators, headers=headers_for(source, url))
        body_hash = hashlib.sha256(page.body).hexdigest()
        if page.unchanged or body_hash == state.body_hash:
            return _succeed(source, _learn(state, page, state.body_hash), page.max_age, desk, jitter)
        listing = await desk.parser.listing(source, page)
        catch = await _take_new(source, state, listing, desk)
    except (FetchError, ParseError) as error:
        return _fail(source, state, error, desk, jitter)
    if catch.left is not None:
        # Something could not be taken: without the new validators the next poll brings it again.
        report = _fail(source, state, catch.left, desk, jitter)
    else:
        wishes = [wish for wish in (page.max_age, listing.ttl) if wish is not None]
        # What was cut off may have been sent under the validators of the whole: it is asked for again.
        learnt = _learn(state, page, body_hash) if listing.is_whole else state
        report = _succeed(source, learnt, max(wishes, default=None), desk, jitter)
    return replace(
        report,
        unchanged=False,
        listed=len(listing.entries),
        new=catch.new,
        matched=catch.matched_by.total(),
        matched_by=catch.matched_by,
        initial=catch.initial,
    )


def _learn(state: SourceState, page: Page, body_hash: str | None) -> SourceState:
    """What an answer teaches about asking again. A 304 need not repeat the validators (RFC 9110, 15.4.5)."""
    validators = page.validators
    if page.unchanged and validators.etag is None and validators.last_modified is None:
        validators = state.validators
    return replace(state, validators=validators, body_hash=body_hash, moved_to=page.moved_to or state.moved_to)


def _succeed(source: Source, state: SourceState, wish: timedelta | None, desk: PollDesk, jitter: float) -> PollReport:
    following, reason = after_success(state, every=source.every, wish=wish, now=desk.clock(), jitter=jitter)
    return PollReport(state=following, reason=reason, unchanged=True)


def _fail(
    source: Source, state: SourceState, error: FetchError | ParseError, desk: PollDesk, jitter: float
) -> PollReport:
    # A new address that stopped working is forgotten: the configured one is asked again.
    following, reason = after_failure(
        replace(state, moved_to=None), error, every=source.every, now=desk.clock(), jitter=jitter
    )
    return PollReport(state=following, reason=reason, error=error)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Catch:
    """What the new entries of a listing came to; `left` is the last failure that left one behind."""

    new: int
    matched_by: Counter[str]
    initial: int
    left: ParseError | None


async def _take_new(source: Source, state: SourceState, listing: Listing, desk: PollDesk) -> _Catch:
    """Take every entry that no source ever brought."""
    entries = {
        article_key(entry.url, source_id=source.id, guid=entry.guid, title=entry.title): entry
        for entry in reversed(listing.entries)
        # Of an entry with neither address nor words nothing can be judged or told.
        if entry.url or entry.title or entry.text
    }
    since = tellable_since(source.initial, first_ok_at=state.first_ok_at, now=desk.clock())
    await _judge_joined(source, list(entries), desk, since)
    unseen = await desk.in_store(desk.polls.unseen, source.id, list(entries), now=desk.clock())
    waiting = [(key, entry) for key, entry in reversed(entries.items()) if key in unseen]
    new = initial = 0
    matched_by: Counter[str] = Counter()
    left = None
    patience = Patience()
    for start in range(0, len(waiting), BATCH):
        batch = waiting[start : start + BATCH]
        outcomes = await asyncio.gather(
            *(_take(source, key, entry, desk, since=since, patience=patience) for key, entry in batch)
        )
        taken = [outcome for outcome in outcomes if isinstance(outcome, Taken)]
        left = next((outcome for outcome in outcomes if isinstance(outcome, ParseError)), left)
        new += await desk.in_store(desk.polls.save_articles, taken)
        matched_by.update(match.rule_id for one in taken for match in one.matches)
        initial += sum(len(one.matches) for one in taken if one.telling is Telling.INITIAL)
    return _Catch(new=new, matched_by=matched_by, initial=initial, left=left)


async def _judge_joined(source: Source, keys: list[str], desk: PollDesk, since: datetime | None) -> None:
    """Have rules that listen to this source, and not to the one that brought an article first, judge it after all."""
    if not desk.choosy_rules:
        return
    taken = []
    for article in await desk.in_store(desk.polls.joined, source.id, keys):
        matches = await asyncio.to_thread(desk.judge, article, source)
        chosen = tuple(match for match in matches if match.rule_id in desk.choosy_rules)
        if chosen:
            taken.append(Taken(article=article, matches=chosen, telling=_telling(article, since), key=article.id))
    await desk.in_store(desk.polls.add_matches, taken)


def _telling(article: Article, since: datetime | None) -> Telling:
    dated = article.published_at or article.updated_at
    return Telling.WAITING if since is None or (dated is not None and dated >= since) else Telling.INITIAL


async def _take(
    source: Source, key: str, entry: FeedEntry, desk: PollDesk, *, since: datetime | None, patience: Patience
) -> Taken | ParseError:
    """Carry one entry to its end: an article with its matches, or the error that left it behind."""
    try:
        article = await _read_article(source, entry, desk, patience)
    except ParseError as error:
        return error
    is_short = len(article.text) <= SHORT
    matches = desk.judge(article, source) if is_short else await asyncio.to_thread(desk.judge, article, source)
    return Taken(article=article, matches=matches, telling=_telling(article, since), key=key)


async def _read_article(source: Source, entry: FeedEntry, desk: PollDesk, patience: Patience) -> Article:
    """The article from its page; where that cannot be had, from what the listing said, and why."""
    if not source.full_text or entry.url is None:
        return await desk.parser.article(source, entry, None)
    try:
        async with patience.waiting_for(host_of(entry.url)):
            page = await desk.fetcher.get(entry.url, headers=headers_for(source, entry.url))
        article = await desk.parser.article(source, entry, page)
    except (FetchError, ParseError) as error:
        return replace(await desk.parser.article(source, entry, None), missing=error.code)
    return article if article.text_from is TextFrom.PAGE else replace(article, missing="parsing.no-text")
