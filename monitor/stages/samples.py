"""Articles that rules were found to answer -> how the rules show them. Pure but for the look into the archive it is given."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from monitor.model import Article, Match, Source
from monitor.rules.matcher import Matcher
from monitor.stages.match import find_matches
from monitor.stages.reasons import Reason, reason
from monitor.stages.replay import Change, Judged, newest


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One article as one rule shows it."""

    article: Article
    match: Match
    at: datetime
    source: Source
    #: Beside another version of the rule: "+" or "-".
    sign: str = ""
    #: Why the other version, if there is one, does not tell it.
    why: Reason | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """Where the articles are that are shown; each is judged once more, for its words and snippets."""

    matcher: Matcher
    source: Callable[[str], Source]
    article: Callable[[str], Article | None]
    #: By ids of article and source.
    _known: dict[tuple[str, str], tuple[Article, Mapping[int, Match]] | None] = field(default_factory=dict)

    def samples(self, articles: Iterable[Judged], place: int) -> Iterator[Sample]:
        """What the rule at a place shows; what was forgotten meanwhile is passed over."""
        for one in articles:
            known = self._look(one)
            if known is not None and place in known[1]:
                yield Sample(article=known[0], match=known[1][place], at=one.at, source=self.source(one.source))

    def signed(self, change: Change, count: int) -> Iterator[Sample]:
        """The newest of what only one version of a rule tells, with the reasons."""
        pair = change.pair
        for sign, articles, tells, silent in (
            ("+", change.gained, pair.after, pair.before),
            ("-", change.lost, pair.before, pair.after),
        ):
            for one in self.samples(newest(articles, count), -1 if tells is None else tells):
                yield replace(one, sign=sign, why=self._why(one, silent))

    def _why(self, one: Sample, silent: int | None) -> Reason | None:
        if silent is None:
            return None
        return reason(one.article, one.source, self.matcher, one.match, self.matcher.rules[silent])

    def _look(self, one: Judged) -> tuple[Article, Mapping[int, Match]] | None:
        key = (one.id, one.source)
        if key not in self._known:
            article = self.article(one.id)
            self._known[key] = None if article is None else (article, self._matches(article, self.source(one.source)))
        return self._known[key]

    def _matches(self, article: Article, source: Source) -> Mapping[int, Match]:
        found = find_matches(article, source, self.matcher, route=lambda _: (), now=article.fetched_at)
        return {match.rule_order: match for match in found}
