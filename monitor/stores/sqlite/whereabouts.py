"""An article -> which sources list it and what became of its matches; a host -> the sources that bring its articles."""

from monitor.model import DeliveryState, Telling
from monitor.ports import Carrier, Fate
from monitor.stores.sqlite.connection import Connection
from monitor.stores.sqlite.values import clean, instant, maybe_instant

_CARRIERS = "select * from carriers where key = :key order by first_listed_at, source_id"
_FATES = """
select matches.rule_id, matches.rule_name, tellings.*, deliveries.state, revisits.due_at as revisit_at,
    coalesce(deliveries.sent_at, told.told_at) as told_at
from matches
join articles on articles.id = matches.article_id
join tellings on tellings.match_id = matches.id
left join deliveries on deliveries.id = tellings.delivery_id
left join revisits on revisits.article_id = articles.id
left join told on told.destination = tellings.destination and told.story = articles.story
    and tellings.telling in ('promised', 'covered')
where matches.article_id = :id order by matches.rule_order, tellings.destination
"""
#: Articles of a host that are looked at: who brings it shows in the first few.
_MOST = 2_000
_OUTLETS = """
select distinct source_id from (
    select source_id from articles where url >= :first and url < :behind limit :most
) as known order by source_id
"""


def carriers(db: Connection, key: str) -> list[Carrier]:
    """The first first."""
    with db.translating():
        rows = db.rows(_CARRIERS, key=key)
    return [
        Carrier(
            source_id=row["source_id"],
            first_listed_at=instant(row["first_listed_at"]),
            left_at=maybe_instant(row["left_at"]),
        )
        for row in rows
    ]


def fates(db: Connection, article_id: str) -> list[Fate]:
    """In the order of the rules."""
    with db.translating():
        rows = db.rows(_FATES, id=article_id)
    return [
        Fate(
            rule_id=row["rule_id"],
            rule_name=row["rule_name"],
            channel=row["channel"],
            destination=row["destination"],
            when=row["way"],
            telling=Telling(row["telling"]),
            delivery=None if row["state"] is None else DeliveryState(row["state"]),
            told_at=maybe_instant(row["told_at"]),
            revisit_at=maybe_instant(row["revisit_at"]),
        )
        for row in rows
    ]


def sources_of(db: Connection, site: str) -> list[str]:
    """Ids of the sources that brought articles of a host."""
    found: set[str] = set()
    with db.translating():
        for scheme in ("http", "https"):
            # "0" is the character behind "/".
            first, behind = f"{scheme}://{clean(site)}/", f"{scheme}://{clean(site)}0"
            found.update(row[0] for row in db.rows(_OUTLETS, first=first, behind=behind, most=_MOST))
    return sorted(found)
