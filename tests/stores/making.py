"""Matches, promises and taken articles with defaults, for the store's tests."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from builders import NOW, make_article

from monitor.model import Article, Digest, Match, Notice, Snippet, Telling, Threshold
from monitor.ports import Promise, Store, Taken

CRISIS = Notice(channel="crisis", destination="#pr-crisis", when="now")
DESK = Notice(channel="desk", destination="#desk", when="digest", mention="@desk")
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
THREE = Threshold(stories=3, sources=2, within=6 * HOUR)


def make_match(**changes: Any) -> Match:
    values: dict[str, Any] = {
        "article_id": "a1",
        "rule_id": "二次関税",
        "rule_name": "二次関税",
        "rule_order": 0,
        "terms": ("二次関税", "secondary tariff*"),
        "title": Snippet(text="ロシアに二次関税を警告", highlights=((4, 8),)),
        "snippet": Snippet(text="購入国に二次関税を課す", highlights=((4, 8),)),
        "matched_at": NOW,
        "notices": (CRISIS,),
    }
    return Match(**values | changes)


def make_taken(name: str = "a1", *, rules: tuple[str, ...] = (), notices=(CRISIS,), key=None, **changes: Any) -> Taken:
    """An article that nothing else resembles, with one match per rule."""
    defaults = {"id": name, "story": name, "url": f"http://127.0.0.1/{name}", "title": f"見出し {name}"}
    article: Article = make_article(**defaults | changes)
    matches = tuple(
        make_match(article_id=name, rule_id=rule, rule_name=rule, matched_at=article.fetched_at, notices=notices)
        for rule in rules
    )
    return Taken(article=article, matches=matches, telling=Telling.WAITING, key=key or name)


def make_promise(*, told=(), covered=(), entered=(), payloads=('{"text": "一"}',), **changes: Any) -> Promise:
    values: dict[str, Any] = {
        "channel": "crisis",
        "destination": "#pr-crisis",
        "period": "now/1",
        "since_at": None,
        "until_at": NOW,
        "composed_at": NOW,
    }
    return Promise(digest=Digest(**values | changes), payloads=payloads, told=told, covered=covered, entered=entered)


def waiting_ids(store: Store, channel: str = "crisis", when: str = "now") -> tuple[int, ...]:
    waiting, _ = store.deliveries.waiting(channel, when)
    return tuple(one.match_id for one in waiting)


def exported(store: Store, what: str, since: datetime | None = None) -> list[dict[str, Any]]:
    return list(store.archive.rows(what, since=since))


def saying(taken: Taken, **said: Any) -> Taken:
    """The same with what the rule says of telling."""
    return replace(taken, matches=tuple(replace(match, **said) for match in taken.matches))


def find(name, minutes=0, *, source="s0", rule="制裁", threshold=THREE, **said: Any) -> Taken:
    """A match of a rule with a threshold."""
    taken = make_taken(name, rules=(rule,), source_id=source, fetched_at=NOW + minutes * MINUTE)
    return saying(taken, threshold=threshold, **said)


def states(store: Any) -> dict[str, str]:
    """Article -> what became of its matches."""
    rows = store._connection.rows(
        "select article_id, telling from matches join tellings on tellings.match_id = matches.id"
    )
    return {row["article_id"]: row["telling"] for row in rows}
