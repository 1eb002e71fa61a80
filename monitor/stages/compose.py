"""Waiting matches of one channel -> the digest it is told. Pure.

An article stands once, under its first rule in file order; articles of one story stand once, as their lead. Sections of
breaking rules come first, then they go by the weight of their rule, then by file order; within a rule the newest story comes first, since that is how a reader
scans news, and the article's id decides between equals, so that the same input always gives the same digest. A story for
which its rule's throttle leaves no room stands under its next rule, else it is listed as one line.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
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
    #: Those under whose rule a story stands as an entry: they use up the rule's room.
    entered: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Placed:
    """A story with the rule that it stands under."""

    seat: Waiting
    entry: DigestEntry
    #: Told as one line, since there is no room for an entry.
    listed: bool

    @property
    def rule(self) -> Match:
        """The match of the rule that it stands under."""
        return self.seat.match


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
    room: Mapping[str, int] | None = None,
) -> Composed:
    """Put what waits into one digest; stories in `told_stories` are covered. Without a story there is no digest, hello or not.

    `room` is that of `stages.throttle`.
    """
    ordered = sorted(waiting, key=lambda one: one.match_id)
    fresh = [one for one in ordered if one.story not in told_stories]
    covered = tuple(one.match_id for one in ordered if one.story in told_stories)
    if not fresh:
        return Composed(digest=None, told=(), covered=covered)
    placed = _placed(_by_story(fresh), room or {})
    digest = Digest(
        channel=channel,
        destination=destination,
        period=period,
        since_at=since_at,
        until_at=now,
        composed_at=now,
        late_for_at=late_for_at,
        sections=_sections(placed, _ranks(fresh)),
        mentions=_mentions(fresh),
        hello=hello,
    )
    entered = tuple(sorted(one.seat.match_id for one in placed if not one.listed))
    return Composed(digest=digest, told=tuple(one.match_id for one in fresh), covered=covered, entered=entered)


def _by_story(waiting: Iterable[Waiting]) -> list[list[Waiting]]:
    stories: dict[str, list[Waiting]] = {}
    for one in waiting:
        stories.setdefault(one.story, []).append(one)
    return list(stories.values())


def _ranks(waiting: Iterable[Waiting]) -> dict[str, tuple[bool, int, int, str]]:
    """Per rule where its section stands. Its newest match says so: the rule may have been edited since the others."""
    newest = {one.match.rule_id: one.match for one in sorted(waiting, key=lambda one: one.match_id)}
    return {
        rule_id: (match.severity != "breaking", -match.weight, match.rule_order, rule_id)
        for rule_id, match in newest.items()
    }


def _sections(placed: Iterable[_Placed], ranks: Mapping[str, tuple[bool, int, int, str]]) -> tuple[DigestSection, ...]:
    ordered = sorted(placed, key=lambda one: (ranks[one.rule.rule_id], *_newest_entry_first(one.entry)))
    # What is breaking sorts first.
    return tuple(_section(list(group), breaking=not ranks[rule][0]) for rule, group in groupby(ordered, _rule_id))


def _section(placed: Sequence[_Placed], *, breaking: bool) -> DigestSection:
    return DigestSection(
        rule_id=placed[0].rule.rule_id,
        rule_name=placed[0].rule.rule_name,
        entries=tuple(one.entry for one in placed if not one.listed),
        more=tuple(one.entry for one in placed if one.listed),
        breaking=breaking,
    )


def _rule_id(placed: _Placed) -> str:
    return placed.rule.rule_id


def _newest_entry_first(entry: DigestEntry) -> tuple[float, str]:
    return -entry.at.timestamp(), entry.article_id


def _mentions(waiting: Iterable[Waiting]) -> tuple[str, ...]:
    by_rule = sorted(waiting, key=lambda one: (one.match.rule_order, one.match_id))
    # Several mentions of one rule stand one a line.
    return tuple(dict.fromkeys(one for waits in by_rule if waits.mention for one in waits.mention.splitlines()))


# --- one story --------------------------------------------------------------------------------------------------------


def _placed(stories: Iterable[Sequence[Waiting]], room: Mapping[str, int]) -> list[_Placed]:
    """Each story under a rule; where room is short, the newest have it."""
    left = dict(room)
    placed = []
    for story in sorted(stories, key=_newest_first):
        seats = list(_seats(story))
        seat = _first_with(left, seats)
        if seat is not None and seat.match.rule_id in left:
            left[seat.match.rule_id] -= 1
        # What is listed stands with the entries that left it no room.
        under = seat or _first_with(room, seats) or seats[0]
        placed.append(_Placed(seat=under, entry=_entry(story, under), listed=seat is None))
    return placed


def _newest_first(story: Sequence[Waiting]) -> tuple[float, str]:
    lead = min(story, key=_lead_order)
    return -_at(lead).timestamp(), lead.match.article_id


def _seats(story: Sequence[Waiting]) -> Iterator[Waiting]:
    """Where a story may stand, the best first: its lead under each of its rules in file order, then the other articles."""
    by_article: dict[str, list[Waiting]] = {}
    for one in sorted(story, key=_lead_order):
        by_article.setdefault(one.match.article_id, []).append(one)
    for matches in by_article.values():
        yield from sorted(matches, key=lambda one: (one.match.rule_order, one.match.rule_id))


def _first_with(room: Mapping[str, int], seats: Iterable[Waiting]) -> Waiting | None:
    return next((seat for seat in seats if room.get(seat.match.rule_id, 1) > 0), None)


def _entry(story: Sequence[Waiting], lead: Waiting) -> DigestEntry:
    """The story as its lead tells it, under the lead's rule."""
    own = _one_per_rule(one for one in story if one.match.article_id == lead.match.article_id)
    own.sort(key=lambda match: match.rule_id != lead.match.rule_id)
    others = _one_per_rule(one for one in story if one.match.article_id != lead.match.article_id)
    return DigestEntry(
        article_id=lead.match.article_id,
        title=_joined([match.title for match in own]),
        url=lead.url,
        outlet=lead.outlet,
        at=_at(lead),
        dated=lead.published_at is not None,
        snippet=_shown(own[0], own),
        also_rules=_also_rules(own, others),
        also_outlets=_also_outlets(lead, story),
        body_missing=lead.body_missing,
        text_from=lead.text_from,
    )


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
