"""One article -> what became of its matches, per rule and destination."""

from monitor.model import DeliveryState, Fate, Telling
from monitor.stores.sqlite.connection import Connection
from monitor.stores.sqlite.values import maybe_instant

_FATES = """
select matches.rule_id, matches.rule_name, tellings.channel, tellings.destination, tellings.way, tellings.telling,
    deliveries.state, coalesce(deliveries.sent_at, told.told_at) as told_at, revisits.due_at as revisit_at
from matches
join articles on articles.id = matches.article_id
join tellings on tellings.match_id = matches.id
left join deliveries on deliveries.id = tellings.delivery_id
left join told on told.destination = tellings.destination and told.story = articles.story
    and tellings.telling in ('promised', 'covered')
left join revisits on revisits.article_id = articles.id
where matches.article_id = :id
order by matches.rule_order, matches.id, tellings.channel, tellings.destination
"""


def fates_of(db: Connection, article_id: str) -> list[Fate]:
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
