"""An article -> which sources list it; a host -> the sources that bring its articles."""

from monitor.ports import Carrier
from monitor.stores.sqlite.connection import Connection
from monitor.stores.sqlite.values import clean, instant, maybe_instant

_CARRIERS = "select * from carriers where key = :key order by first_listed_at, source_id"
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


def sources_of(db: Connection, site: str) -> list[str]:
    """Ids of the sources that brought articles of a host."""
    found: set[str] = set()
    with db.translating():
        for scheme in ("http", "https"):
            # "0" is the character behind "/".
            first, behind = f"{scheme}://{clean(site)}/", f"{scheme}://{clean(site)}0"
            found.update(row[0] for row in db.rows(_OUTLETS, first=first, behind=behind, most=_MOST))
    return sorted(found)
