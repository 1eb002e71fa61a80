"""Article x Source x Matcher -> Matches. Pure."""

from collections.abc import Callable, Iterable
from datetime import datetime

from monitor.model import Article, Match, Notice, Source
from monitor.rules.book import Rule
from monitor.rules.conditions import Occurrence
from monitor.rules.language import Field
from monitor.rules.matcher import Matcher, RuleHit
from monitor.text.scripts import marked_end
from monitor.text.snippets import highlight, snippet


def find_matches(
    article: Article,
    source: Source,
    matcher: Matcher,
    *,
    route: Callable[[Rule], tuple[Notice, ...]],
    now: datetime,
) -> tuple[Match, ...]:
    """Every rule that the article answers, in the order of the rules; `route` says where each goes."""
    return tuple(_match(article, hit, route, now) for hit in matcher.find(article, source))


def _match(article: Article, hit: RuleHit, route: Callable[[Rule], tuple[Notice, ...]], now: datetime) -> Match:
    rule = hit.rule
    body = _spans(hit.occurrences, Field.BODY, article.text)
    return Match(
        article_id=article.id,
        rule_id=rule.id,
        rule_name=rule.name,
        rule_order=rule.order,
        terms=tuple(dict.fromkeys(one.word.term.written for one in hit.occurrences)),
        title=highlight(article.title, _spans(hit.occurrences, Field.TITLE, article.title)),
        snippet=snippet(article.text, body) if body else None,
        weight=rule.weight,
        severity=rule.severity,
        matched_at=now,
        notices=route(rule),
        needs_body=hit.needs_body,
        when_body_missing=rule.when_body_missing,
        threshold=rule.threshold,
        throttle=rule.throttle,
    )


def _spans(occurrences: Iterable[Occurrence], field: Field, text: str) -> list[tuple[int, int]]:
    """What is marked: the words as printed."""
    return [
        (one.start, marked_end(text, one.end, open_end=one.word.term.open_end))
        for one in occurrences
        if one.field is field
    ]
