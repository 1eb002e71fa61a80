"""New articles with their matches -> rows, in the caller's transaction: story, search index, tellings, "seen"."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from monitor.model import Article
from monitor.ports import Taken
from monitor.stores.sqlite import indexing, records
from monitor.stores.sqlite.connection import Connection
from monitor.stores.sqlite.standing import reach, save_matches
from monitor.stores.sqlite.values import clean, keys_json, seconds
from monitor.text.fold import fold

#: Articles with the same headline tell one story within this time.
STORY_SPAN = timedelta(hours=48)
#: A page that could not be read is read again after this for the first time.
FIRST_REVISIT = timedelta(minutes=10)
# Headlines that agree so far are the same headline.
_LONGEST_TITLE = 500

_KNOWN_IDS = "select id from articles where id in (select value from json_each(:ids))"
_KNOWN_KEYS = "select distinct key from carriers where key in (select value from json_each(:keys))"
_KNOWN_MATCHES = "select article_id, rule_id from matches where article_id in (select value from json_each(:ids))"
# The rows of a batch are inserted in order, so that a story may begin within the batch.
_ADD = """
insert into articles (number, id, url, source_id, title, folded_title, authors, published_at, updated_at, fetched_at,
    language, text, text_from, missing, story)
values (:number, :id, :url, :source_id, :title, :folded_title, :authors, :published_at, :updated_at, :fetched_at,
    :language, :text, :text_from, :missing,
    coalesce((select story from articles where folded_title = :folded_title and folded_title <> ''
        and fetched_at >= :story_since and fetched_at <= :story_until order by fetched_at, number limit 1), :id))
"""
_PLAN_REVISIT = """
insert into revisits (article_id, due_at, telling) values (:article_id, :due_at, :telling)
on conflict (article_id) do nothing
"""
_SEE = """
insert into carriers (key, source_id, first_listed_at) values (:key, :source_id, :now)
on conflict (key, source_id) do nothing
"""


def save(db: Connection, taken: Sequence[Taken]) -> int:
    """How many were new."""
    fresh = _fresh(db, taken)
    numbers = db.numbers("articles", len(fresh))
    db.run_many(_ADD, [_article_row(one.article, number) for one, number in zip(fresh, numbers, strict=True)])
    indexing.add(
        db, [(number, one.article.title, one.article.text) for one, number in zip(fresh, numbers, strict=True)]
    )
    save_matches(db, fresh)
    db.run_many(_SEE, [_seen_row(one) for one in taken])
    plan_revisits(db, [one for one in fresh if one.article.missing is not None])
    reach(db, {one.article.id for one in fresh})
    return len(fresh)


def add_matches(db: Connection, taken: Sequence[Taken]) -> None:
    """Further matches of articles that are stored; those that a rule has matched already are passed over."""
    ids = keys_json(one.article.id for one in taken)
    known = {(row["article_id"], row["rule_id"]) for row in db.rows(_KNOWN_MATCHES, ids=ids)}
    further = [
        replace(one, matches=tuple(match for match in one.matches if (one.article.id, match.rule_id) not in known))
        for one in taken
    ]
    save_matches(db, further)
    plan_revisits(db, [one for one in further if any(match.needs_body for match in one.matches)])
    reach(db, {one.article.id for one in further})


def plan_revisits(db: Connection, taken: Sequence[Taken]) -> None:
    """Have their pages read again, unless that is planned already."""
    db.run_many(_PLAN_REVISIT, [_revisit_row(one) for one in taken])


def reindex(db: Connection, number: int, *, before: tuple[str, str], after: tuple[str, str]) -> None:
    """Have an article found by other words; `before` and `after` are headline and body."""
    indexing.remove(db, [(number, *before)])
    indexing.add(db, [(number, *after)])


def _fresh(db: Connection, taken: Sequence[Taken]) -> list[Taken]:
    ids = {row[0] for row in db.rows(_KNOWN_IDS, ids=keys_json(one.article.id for one in taken))}
    keys = {row[0] for row in db.rows(_KNOWN_KEYS, keys=keys_json(one.key for one in taken))}
    fresh = []
    for one in taken:
        if one.article.id not in ids and one.key not in keys:
            fresh.append(one)
        ids.add(one.article.id)
        keys.add(one.key)
    return fresh


def _article_row(article: Article, number: int) -> dict[str, object]:
    return records.article_row(article) | {
        "number": number,
        "folded_title": fold(clean(article.title)).text.strip()[:_LONGEST_TITLE],
        "story_since": seconds(article.fetched_at - STORY_SPAN),
        # Polls run side by side: the article that is saved first may have been fetched a moment later.
        "story_until": seconds(article.fetched_at + STORY_SPAN),
    }


def _seen_row(one: Taken) -> dict[str, object]:
    return {"key": one.key, "source_id": one.article.source_id, "now": seconds(one.article.fetched_at)}


def _revisit_row(one: Taken) -> dict[str, object]:
    newest = max((match.matched_at for match in one.matches), default=one.article.fetched_at)
    return {
        "article_id": one.article.id,
        "due_at": seconds(newest + FIRST_REVISIT),
        "telling": one.telling.value,
    }
