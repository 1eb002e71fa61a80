"""Stored articles x rules -> what would have been told: per rule, source and day, and beside other rules. Pure.

A rule is known by its place among those that the matcher was compiled from. What is kept of an article is small, since
it walks between processes; samples are made afterwards, of the few articles that are shown (`samples.py`).
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, tzinfo
from heapq import nlargest
from typing import NamedTuple

from monitor.model import Article, Source
from monitor.rules.book import Rule, RuleBook
from monitor.rules.changes import changes, told_otherwise
from monitor.rules.matcher import Matcher, RuleHit
from monitor.stages.coverage import Sighting, reached

#: Of a day: a time that is shorter counts as an hour, since nobody can tell a day by some minutes.
_SHORTEST = 1 / 24


class Judged(NamedTuple):
    """An article that some rules answer."""

    id: str
    story: str
    source: str
    #: When it was published, or fetched where it does not say, or says a time to come.
    at: datetime
    #: Places of the rules that tell it.
    rules: tuple[int, ...]
    #: Places of those that do not, for want of the body.
    withheld: tuple[int, ...] = ()


def dated(article: Article) -> datetime:
    """The time of its news."""
    return min(article.published_at or article.fetched_at, article.fetched_at)


def judge(article: Article, source: Source, matcher: Matcher) -> Judged | None:
    """What the rules say of one article; `None` where none answers."""
    hits = matcher.find(article, source)
    if not hits:
        return None
    told = tuple(hit.rule.order for hit in hits if _tells(hit))
    withheld = tuple(hit.rule.order for hit in hits if not _tells(hit))
    return Judged(article.id, article.story, article.source_id, dated(article), told, withheld)


def judge_joined(
    article: Article, others: Iterable[Source], matcher: Matcher, first: Judged | None
) -> Iterator[Judged]:
    """What rules that listen to some sources only say of an article that further sources carry, too.

    `first` is what was said of the source that brought it; a rule tells an article once.
    """
    known = set() if first is None else {*first.rules, *first.withheld}
    for source in others:
        found = judge(article, source, matcher)
        if found is None:
            continue
        rules, withheld = (
            tuple(place for place in places if place not in known and matcher.rules[place].scope.names_sources)
            for places in (found.rules, found.withheld)
        )
        known.update(rules, withheld)
        if rules or withheld:
            yield found._replace(source=source.id, rules=rules, withheld=withheld)


def _tells(hit: RuleHit) -> bool:
    return not hit.needs_body or hit.rule.when_body_missing == "tell"


# --- one set of rules -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """What one rule would have told. Stories are counted on the day of their first article."""

    articles: int
    #: How many of the stories have reached the rule's threshold; without one all of them.
    told: int
    stories: int
    #: Stories that are told a day, since the archive is kept.
    per_day: float
    #: Articles that are not told for want of the body.
    withheld: int
    #: Stories that are told, by day.
    days: Mapping[date, int]
    #: Articles by id of the source, most first.
    sources: Mapping[str, int]
    #: The newest few articles, one of a story.
    newest: tuple[Judged, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Time:
    """What is counted: the articles of a time, by the days of a zone."""

    since: datetime
    #: From here on the archive holds whatever the sources brought; what is older was still listed when they were new.
    watched_since: datetime
    until: datetime
    zone: tzinfo


def time_of(since: datetime, first: Article | None, now: datetime, zone: tzinfo) -> Time:
    """`first` is the first article that was fetched since then."""
    begun = min(now if first is None else first.fetched_at, now - timedelta(days=1))
    return Time(since=since, watched_since=max(since, begun), until=now, zone=zone)


def tally(judged: Iterable[Judged], rules: Sequence[Rule], time: Time, *, samples: int) -> list[Tally]:
    """One tally per rule, in their order."""
    told: list[list[Judged]] = [[] for _ in rules]
    withheld = [0] * len(rules)
    for one in judged:
        for place in one.rules:
            told[place].append(one)
        for place in one.withheld:
            withheld[place] += 1
    return [
        _tally(rule, articles, without_body, time, samples)
        for rule, articles, without_body in zip(rules, told, withheld, strict=True)
    ]


def _tally(rule: Rule, articles: list[Judged], withheld: int, time: Time, samples: int) -> Tally:
    enough = _enough(rule, articles)
    stories = _begun(enough)
    return Tally(
        articles=len(articles),
        told=len(stories),
        stories=len({one.story for one in articles}),
        per_day=sum(at >= time.watched_since for at in stories.values()) / _days(time),
        withheld=withheld,
        days=dict(sorted(Counter(at.astimezone(time.zone).date() for at in stories.values()).items())),
        sources=dict(Counter(one.source for one in sorted(articles, key=lambda one: one.source)).most_common()),
        newest=newest(enough, samples),
    )


def _days(time: Time) -> float:
    return max((time.until - time.watched_since) / timedelta(days=1), _SHORTEST)


def _enough(rule: Rule, articles: list[Judged]) -> list[Judged]:
    """Those that reach the threshold of their rule."""
    if rule.threshold is None:
        return articles
    sightings = [Sighting(at=one.at, story=one.story, outlets=frozenset((one.source,))) for one in articles]
    chosen = reached(sightings, rule.threshold)
    return [one for index, one in enumerate(articles) if index in chosen]


def _begun(articles: Iterable[Judged]) -> dict[str, datetime]:
    """Story -> its first article's time."""
    begun: dict[str, datetime] = {}
    for one in articles:
        begun[one.story] = min(one.at, begun.get(one.story, one.at))
    return begun


def newest(articles: Sequence[Judged], count: int) -> tuple[Judged, ...]:
    """The newest articles, one of a story."""
    latest: dict[str, Judged] = {}
    for one in articles:
        if one.story not in latest or one.at > latest[one.story].at:
            latest[one.story] = one
    return tuple(nlargest(count, latest.values(), key=lambda one: one.at))


# --- two sets of rules ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """One rule before and after an edit, by its places; `None` where there is none."""

    before: int | None
    after: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Lineup:
    """The rules to be judged, and which of them are two versions of one."""

    rules: tuple[Rule, ...]
    pairs: tuple[Pair, ...] = ()
    #: (id before, id after) of rules that say the same under another name: not judged.
    renamed: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What one rule tells before and after an edit."""

    before: Rule | None
    after: Rule | None
    #: Told after and not before, and the other way round; newest first.
    gained: tuple[Judged, ...]
    lost: tuple[Judged, ...]
    kept: int
    pair: Pair
    #: Source -> (gained, lost).
    sources: Mapping[str, tuple[int, int]] = field(default_factory=dict)

    @property
    def rule(self) -> Rule:
        """The newer version, where there is one."""
        rule = self.after or self.before
        assert rule is not None
        return rule

    @property
    def told_otherwise(self) -> tuple[str, ...]:
        """The keys in which both versions differ that say who is told, when and how."""
        return () if self.before is None or self.after is None else told_otherwise(self.before, self.after)

    @property
    def kind(self) -> str:
        """One of "added", "removed", "changed"."""
        if self.before is None:
            return "added"
        return "removed" if self.after is None else "changed"


def line_up(before: RuleBook, after: RuleBook, *, only: str | None = None) -> Lineup:
    """The rules that differ, in the order of the rules, those that are gone last; with `only` that of this id."""
    edit = changes(before, after)
    old = {rule.id: rule for rule in before.rules}
    versions: list[tuple[Rule | None, Rule | None]] = [
        (old.get(rule.id), rule) for rule in after.rules if rule.id in {*edit.added, *edit.changed}
    ]
    versions += [(old[id_], None) for id_ in edit.removed]
    chosen = [one for one in versions if only is None or any(rule and rule.id == only for rule in one)]
    renamed = tuple(one for one in edit.renamed if only is None or only in one)
    rules = tuple(rule for one in chosen for rule in one if rule is not None)
    place = {id(rule): number for number, rule in enumerate(rules)}
    pairs = tuple(Pair(before=place.get(id(one)), after=place.get(id(other))) for one, other in chosen)
    return Lineup(rules=rules, pairs=pairs, renamed=renamed)


def compare(judged: Sequence[Judged], lineup: Lineup) -> list[Change]:
    """One change per pair, in their order."""
    found: list[list[Judged]] = [[] for _ in lineup.rules]
    for one in judged:
        for place in one.rules:
            found[place].append(one)
    told = [
        {one.id: one for one in _enough(rule, articles)} for rule, articles in zip(lineup.rules, found, strict=True)
    ]
    return [_change(pair, lineup.rules, told) for pair in lineup.pairs]


def _change(pair: Pair, rules: Sequence[Rule], told: Sequence[Mapping[str, Judged]]) -> Change:
    before = {} if pair.before is None else told[pair.before]
    after = {} if pair.after is None else told[pair.after]
    gained = _sorted(one for id_, one in after.items() if id_ not in before)
    lost = _sorted(one for id_, one in before.items() if id_ not in after)
    more, less = (Counter(one.source for one in articles) for articles in (gained, lost))
    return Change(
        before=None if pair.before is None else rules[pair.before],
        after=None if pair.after is None else rules[pair.after],
        gained=gained,
        lost=lost,
        kept=len(after) - len(gained),
        pair=pair,
        sources={source: (more[source], less[source]) for source, _ in (more + less).most_common()},
    )


def _sorted(articles: Iterable[Judged]) -> tuple[Judged, ...]:
    return tuple(sorted(articles, key=lambda one: one.at, reverse=True))
