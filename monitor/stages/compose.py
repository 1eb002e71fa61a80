"""Waiting matches of one channel -> the digest it is told. Pure.

An article stands once, under its first rule in file order; articles of one story stand once, as their lead. Sections go
by the weight of their rule, then by file order; within a rule the newest story comes first, since that is how a reader
scans news, and the article's id decides between equals, so that the same input always gives the same digest.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from monitor.model import Digest, DigestEntry, DigestSection, Match, Outlet, Snippet, TextFrom, Waiting


@dataclass(frozen=True, slots=True, kw_only=True)
class Composed:
    """A digest, or `None` when there is nothing to tell, and what becomes of each waiting match (ids, ascending)."""

    digest: Digest | None
    #: They stand in the digest.
    told: tuple[int, ...]
    #: Their story was told there already.
    covered: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Placed:
    """An entry with the rule that it stands under."""

    rule: Match
    entry: DigestEntry


def compose_digest(
    waiting: Sequence[Waiting],
    told_stories: Collection[str],
    *,
    channel: str,
    destination: str,
    period: str,
    now: datetime,
    since_at: datetime | None,
    late_for_at: datetime | None = None,
    hello: tuple[int, int, datetime | None] | None = None,
) -> Composed:
    """Put what waits into one digest; stories in `told_stories` are covered. Without a story there is no digest, hello or not."""
    ordered = sorted(waiting, key=lambda one: one.match_id)
    fresh = [one for one in ordered if one.story not in told_stories]
    covered = tuple(one.match_id for one in ordered if one.story in told_stories)
    if not fresh:
        return Composed(digest=None, told=(), covered=covered)
    digest = Digest(
        channel=channel,
        destination=destination,
        period=period,
        since_at=since_at,
        until_at=now,
        composed_at=now,
        late_for_at=late_for_at,
        sections=_sections([_place(story) for story in _by_story(fresh)]),
        mentions=_mentions(fresh),
        hello=hello,
    )
    return Composed(digest=digest, told=tuple(one.match_id for one in fresh), covered=covered)


def _by_story(waiting: Iterable[Waiting]) -> list[list[Waiting]]:
    stories: dict[str, list[Waiting]] = {}
    for one in waiting:
        stories.setdefault(one.story, []).append(one)
    return list(stories.values())


def _sections(placed: Iterable[_Placed]) -> tuple[DigestSection, ...]:
    ordered = sorted(placed, key=_section_order)
    return tuple(
        DigestSection(
            rule_id=rule_id, rule_name=first.rule.rule_name, entries=(first.entry, *(one.entry for one in rest))
        )
        for rule_id, (first, *rest) in ((rule_id, list(group)) for rule_id, group in groupby(ordered, _rule_id))
    )


def _rule_id(placed: _Placed) -> str:
    return placed.rule.rule_id


def _section_order(placed: _Placed) -> tuple[int, int, str, float, str]:
    rule, entry = placed.rule, placed.entry
    return -rule.weight, rule.rule_order, rule.rule_id, -entry.at.timestamp(), entry.article_id


def _mentions(waiting: Iterable[Waiting]) -> tuple[str, ...]:
    by_rule = sorted(waiting, key=lambda one: (one.match.rule_order, one.match_id))
    # Several mentions of one rule stand one a line.
    return tuple(dict.fromkeys(one for waits in by_rule if waits.mention for one in waits.mention.splitlines()))


# --- one story --------------------------------------------------------------------------------------------------------


def _place(story: Sequence[Waiting]) -> _Placed:
    lead = min(story, key=_lead_order)
    own = _one_per_rule(one for one in story if one.match.article_id == lead.match.article_id)
    others = _one_per_rule(one for one in story if one.match.article_id != lead.match.article_id)
    first = own[0]
    entry = DigestEntry(
        article_id=lead.match.article_id,
        title=_joined([match.title for match in own]),
        url=lead.url,
        outlet=lead.outlet,
        at=_at(lead),
        dated=lead.published_at is not None,
        snippet=_shown(first, own),
        also_rules=_also_rules(own, others),
        also_outlets=_also_outlets(lead, story),
        body_missing=lead.body_missing,
        text_from=lead.text_from,
    )
    return _Placed(rule=first, entry=entry)


def _at(one: Waiting) -> datetime:
    return one.published_at or one.fetched_at


def _lead_order(one: Waiting) -> tuple[bool, datetime, datetime, str]:
    """The first that told it, one whose page was read before those known by headline or summary alone."""
    return one.text_from is not TextFrom.PAGE, _at(one), one.fetched_at, one.match.article_id


def _one_per_rule(waiting: Iterable[Waiting]) -> list[Match]:
    """In file order; two notices of one rule may lead to one destination."""
    rules = {one.match.rule_id: one.match for one in waiting}
    return sorted(rules.values(), key=lambda match: (match.rule_order, match.rule_id))


def _also_rules(own: Sequence[Match], others: Sequence[Match]) -> tuple[tuple[str, Snippet | None], ...]:
    """The lead's other rules with their snippets where these differ, then rules that only other outlets' articles answer.

    Those come without a snippet: another article's words do not belong under this headline.
    """
    seen = {own[0].snippet.text if own[0].snippet else None}
    named: list[tuple[str, Snippet | None]] = []
    for match in own[1:]:
        text = match.snippet.text if match.snippet else None
        named.append((match.rule_name, None if text in seen else _shown(match, own)))
        seen.add(text)
    known = {match.rule_id for match in own}
    named.extend((match.rule_name, None) for match in others if match.rule_id not in known)
    return tuple(named)


def _shown(match: Match, own: Sequence[Match]) -> Snippet | None:
    """The snippet of a match, with the words that other rules found in the very same text."""
    if match.snippet is None:
        return None
    return _joined([match.snippet, *(other.snippet for other in own if other.snippet)])


def _joined(snippets: Sequence[Snippet]) -> Snippet:
    """The first snippet with the highlights of all that have its text, merged where they touch."""
    text = snippets[0].text
    merged: list[tuple[int, int]] = []
    for start, end in sorted({span for one in snippets if one.text == text for span in one.highlights}):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return Snippet(text=text, highlights=tuple(merged))


def _also_outlets(lead: Waiting, story: Sequence[Waiting]) -> tuple[Outlet, ...]:
    """One link per outlet, the earliest first."""
    outlets = {lead.outlet: Outlet(name=lead.outlet, url=lead.url)}
    for one in sorted(story, key=lambda one: (_at(one), one.fetched_at, one.match.article_id)):
        outlets.setdefault(one.outlet, Outlet(name=one.outlet, url=one.url))
    return tuple(outlets.values())[1:]
