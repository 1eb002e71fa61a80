"""A destination that is another one by another name -> what waits in it and what it was told are the other's."""

from monitor.stores.sqlite.connection import Connection

_WAITS = "select 1 from tellings where telling = 'waiting' and destination in (:name, :place) limit 1"
# Of two ways to tell a match in one place the more urgent counts.
_GIVE_WAY = """
delete from tellings where destination = :place and telling = 'waiting' and way <> 'now' and match_id in (
    select match_id from tellings where destination = :name and telling = 'waiting' and way = 'now'
)
"""
_DROP = """
delete from tellings where destination = :name and telling = 'waiting' and match_id in (
    select match_id from tellings where destination = :place
)
"""
_MOVE = "update tellings set destination = :place where destination = :name and telling = 'waiting'"
_LEARN = """
insert into told (destination, story, told_at)
select :place, story, told_at from told where destination = :name
on conflict (destination, story) do nothing
"""


def join(db: Connection, name: str, place: str) -> None:
    """In one transaction; where nothing waits, nothing is written."""
    both = {"name": name, "place": place}
    with db.translating():
        waits = db.rows(_WAITS, **both)
    if waits:
        with db.writing():
            for statement in (_GIVE_WAY, _DROP, _MOVE, _LEARN):
                db.run(statement, **both)
