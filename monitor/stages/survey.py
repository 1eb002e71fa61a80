"""Stored articles x rules -> what an editor should know before saving: alerts a day, words skipped. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

from monitor.model import Article, Source
from monitor.rules.compounds import CompoundCount, Compounds
from monitor.rules.matcher import Matcher
from monitor.stages.replay import Judged, judge, tally, time_of

_DAY = timedelta(days=1)
_EVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """How much one rule would have told."""

    rule: str
    #: Stories: what several articles tell is told once.
    stories: int
    per_day: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """What was seen in the newest articles of the archive."""

    articles: int
    #: The time that they are spread over, a day at least.
    days: float
    #: In the order of the rules.
    estimates: tuple[Estimate, ...]
    #: The terms that were skipped inside longer words, most often first.
    skipped: tuple[Compounds, ...]


def survey(
    articles: Iterable[Article], matcher: Matcher, *, sources: Sequence[Source], now: datetime, zone: tzinfo
) -> Survey:
    """Look through the newest articles, as many as are given; the newest first."""
    known = {source.id: source for source in sources}
    skipped = CompoundCount.of(matcher)
    judged: list[Judged] = []
    last: Article | None = None
    read = 0
    for read, last in enumerate(articles, 1):  # noqa: B007 - the oldest of them says how far back they reach
        skipped.add(matcher.look(last))
        one = judge(last, known.get(last.source_id) or _left(last.source_id), matcher)
        if one is not None:
            judged.append(one)
    time = time_of(_EVER, last, now, zone)
    counted = tally(judged, matcher.rules, time, samples=0)
    return Survey(
        articles=read,
        days=(now - time.watched_since) / _DAY,
        estimates=tuple(
            Estimate(rule=rule.id, stories=one.told, per_day=one.per_day)
            for rule, one in zip(matcher.rules, counted, strict=True)
        ),
        skipped=skipped.compounds(),
    )


def _left(source_id: str) -> Source:
    """A source that has left the configuration: nothing but its id is known."""
    return Source(id=source_id, name=source_id, kind="feed", url="", every=_DAY)
