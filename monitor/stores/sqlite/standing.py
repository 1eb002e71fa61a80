"""Matches -> rows with the first state of each of their tellings; thresholds that are reached. In the caller's transaction."""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from sqlite3 import Row

from monitor.model import Match, Telling
from monitor.ports import Taken
from monitor.stages.coverage import Sighting, first_telling, reached
from monitor.stores.sqlite import records
from monitor.stores.sqlite.connection import Connection
from monitor.stores.sqlite.values import instant, keys_json, seconds

_ADD_MATCH = """
insert into matches (id, article_id, rule_id, rule_name, rule_order, terms, title, snippet, weight, severity, matched_at,
    needs_body, when_body_missing, threshold_stories, threshold_sources, threshold_within, throttle_max, throttle_per)
values (:id, :article_id, :rule_id, :rule_name, :rule_order, :terms, :title, :snippet, :weight, :severity, :matched_at,
    :needs_body, :when_body_missing, :threshold_stories, :threshold_sources, :threshold_within, :throttle_max,
    :throttle_per)
"""
_ADD_TELLING = """
insert into tellings (match_id, destination, channel, way, mention, telling)
values (:match_id, :destination, :channel, :way, :mention, :telling)
on conflict (match_id, destination) do nothing
"""
_MUTED = "select rule_id from mutes where until is null or until > :now"
# What is held has not matched for certain, and what may not be told is not coverage.
_COUNTED = """
select matches.id, matches.matched_at, articles.id as article_id, articles.story, articles.source_id
from matches join articles on articles.id = matches.article_id
where matches.rule_id = :rule_id and matches.matched_at >= :since and matches.matched_at <= :until
    and exists (
        select 1 from tellings
        where tellings.match_id = matches.id and tellings.telling in ('gathering', 'waiting', 'promised', 'covered')
    )
"""
_CARRIERS = "select key, source_id from carriers where key in (select value from json_each(:ids))"
_RELEASE = """
update tellings set telling = 'waiting'
where match_id in (select value from json_each(:ids)) and telling = 'gathering'
"""
_GATHERING = """
select matches.* from matches
where matches.article_id in (select value from json_each(:ids)) and matches.threshold_within is not null
    and exists (
        select 1 from tellings where tellings.match_id = matches.id and tellings.telling = 'gathering'
    )
"""


def save_matches(db: Connection, taken: Sequence[Taken]) -> None:
    """Whether a threshold is reached is asked by `reach`, when everything of the batch stands in its tables."""
    # A rule that came twice for one article would be refused by the table, and its whole batch with it, for ever.
    found = [(one, match) for one in taken for match in {match.rule_id: match for match in one.matches}.values()]
    if not found:
        return
    ids = db.numbers("matches", len(found))
    db.run_many(_ADD_MATCH, [records.match_row(match, number) for (_, match), number in zip(found, ids, strict=True)])
    muted = muted_rules(db, max(match.matched_at for _, match in found))
    db.run_many(
        _ADD_TELLING,
        [
            row
            for (one, match), number in zip(found, ids, strict=True)
            for row in _telling_rows(match, number, first_telling(one.telling, match, muted=muted))
        ],
    )


def muted_rules(db: Connection, now: datetime) -> set[str]:
    """Ids of the rules that are muted."""
    return {row["rule_id"] for row in db.rows(_MUTED, now=seconds(now))}


def _telling_rows(match: Match, number: int, telling: Telling) -> Iterator[dict[str, object]]:
    # Of several notices for one destination the most urgent counts.
    for notice in sorted(match.notices, key=lambda notice: notice.when != "now"):
        yield {
            "match_id": number,
            "destination": notice.destination,
            "channel": notice.channel,
            "way": notice.when,
            "mention": notice.mention,
            "telling": telling.value,
        }


def reach(db: Connection, article_ids: Collection[str]) -> None:
    """Let wait what has reached its rule's threshold with these articles; a rule's newest match says what that is."""
    if not article_ids:
        return
    by_rule: dict[str, list[Match]] = {}
    for row in db.rows(_GATHERING, ids=keys_json(article_ids)):
        by_rule.setdefault(row["rule_id"], []).append(records.match(row))
    for rule_id, matches in by_rule.items():
        db.run(_RELEASE, ids=keys_json(_reached(db, rule_id, matches)))


def _reached(db: Connection, rule_id: str, matches: Sequence[Match]) -> list[int]:
    threshold = max(matches, key=lambda match: match.matched_at).threshold
    assert threshold is not None  # the question asks for nothing else
    instants = [match.matched_at for match in matches]
    since, until = min(instants) - threshold.within, max(instants) + threshold.within
    rows = db.rows(_COUNTED, rule_id=rule_id, since=seconds(since), until=seconds(until))
    sightings = _sightings(db, rows)
    return [rows[index]["id"] for index in sorted(reached(sightings, threshold))]


def _sightings(db: Connection, rows: Sequence[Row]) -> list[Sighting]:
    outlets = {row["article_id"]: {row["source_id"]} for row in rows}
    for key, source_id in db.rows(_CARRIERS, ids=keys_json(outlets)):
        outlets[key].add(source_id)
    return [
        Sighting(at=instant(row["matched_at"]), story=row["story"], outlets=frozenset(outlets[row["article_id"]]))
        for row in rows
    ]
