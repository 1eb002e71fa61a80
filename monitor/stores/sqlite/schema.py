"""The tables, as numbered migrations.

SQL that PostgreSQL would read too: instants are epoch seconds, booleans 0 or 1, lists JSON in text, numbers are made by
the program (`counters`). A migration that was released is never changed; a change is a new migration.
"""

from collections.abc import Callable, Mapping, Sequence

from sqlite_utils import Database, Migrations

from monitor.stores.sqlite import indexing, reconciling
from monitor.stores.sqlite.acquaintance import TABLES as CONTACTS
from monitor.stores.sqlite.living import TABLES as LIFE
from monitor.stores.sqlite.pausing import PROBES
from monitor.stores.sqlite.reckoning import TABLES as RECKONING

_FIRST = (
    # Numbers that are never given twice, however much is forgotten: deliveries are named after match ids.
    "create table counters (name text primary key, value integer not null)",
    "insert into counters (name, value) values ('articles', 0), ('matches', 0), ('deliveries', 0)",
    # The due-queue. `due_at` is the next poll or, while the source is leased, the end of its lease.
    """
    create table sources (
        id text primary key,
        name text not null,
        url text not null,
        active integer not null default 1,
        due_at double precision not null,
        reset_at double precision,
        next_poll_at double precision not null,
        moved_to text,
        etag text,
        last_modified text,
        body_hash text,
        failures integer not null default 0,
        last_poll_at double precision,
        last_ok_at double precision,
        first_ok_at double precision,
        last_error text,
        gone integer not null default 0
    )
    """,
    "create index sources_due on sources (due_at, id) where active = 1 and gone = 0",
    # What is "seen", and by whom: one row per entry and source; `left_at` is null while the source lists the entry.
    """
    create table carriers (
        key text not null,
        source_id text not null,
        first_listed_at double precision not null,
        left_at double precision,
        primary key (key, source_id)
    )
    """,
    "create index carriers_listed on carriers (source_id) where left_at is null",
    "create index carriers_left on carriers (left_at) where left_at is not null",
    """
    create table articles (
        number integer primary key,
        id text not null unique,
        url text not null,
        source_id text not null,
        title text not null,
        folded_title text not null,
        authors text not null,
        published_at double precision,
        updated_at double precision,
        fetched_at double precision not null,
        language text,
        text text not null,
        text_from text not null,
        story text not null,
        missing text
    )
    """,
    "create index articles_url on articles (url)",
    "create index articles_fetched on articles (fetched_at)",
    "create index articles_titled on articles (folded_title, fetched_at) where folded_title <> ''",
    "create index articles_bodied on articles (fetched_at) where text <> ''",
    """
    create table matches (
        id integer primary key,
        article_id text not null references articles (id),
        rule_id text not null,
        rule_name text not null,
        rule_order integer not null,
        terms text not null,
        title text not null,
        snippet text,
        weight integer not null,
        severity text not null,
        matched_at double precision not null,
        unique (article_id, rule_id)
    )
    """,
    """
    create table deliveries (
        number integer primary key,
        id text not null unique,
        channel text not null,
        destination text not null,
        period text not null,
        part integer not null,
        payload text not null,
        state text not null,
        attempts integer not null default 0,
        created_at double precision not null,
        due_at double precision not null,
        send_started_at double precision,
        absent_reads integer not null default 0,
        receipt text,
        thread text,
        sent_at double precision,
        last_error text,
        unique (destination, period, part)
    )
    """,
    "create index deliveries_in on deliveries (state, created_at)",
    # A match goes to a destination once, whatever the rule's several notices; `delivery_id` is the digest's parent.
    """
    create table tellings (
        match_id integer not null references matches (id),
        destination text not null,
        channel text not null,
        way text not null,
        mention text,
        telling text not null,
        delivery_id text references deliveries (id),
        primary key (match_id, destination)
    )
    """,
    "create index tellings_waiting on tellings (channel, way, destination) where telling = 'waiting'",
    "create index tellings_delivered on tellings (delivery_id) where delivery_id is not null",
    # The stories that a destination was told.
    """
    create table told (
        destination text not null,
        story text not null,
        told_at double precision not null,
        primary key (destination, story)
    )
    """,
    "create index told_since on told (told_at)",
    """
    create table delivery_log (
        delivery_id text not null references deliveries (id),
        at double precision not null,
        before text,
        after text not null,
        note text not null
    )
    """,
    "create index delivery_log_of on delivery_log (delivery_id)",
    "create table pauses (destination text primary key, until double precision, reason text not null)",
    "create table slots (channel text primary key, done_at double precision not null)",
)

# The search index holds pairs of characters (`words.py`) and no text: the text stands in `articles` alone. The ascii
# tokenizer leaves every non-ASCII character as it is, and `detail=none` drops positions, which pairs do not need.
_SEARCH = indexing.TABLE

# What a rule said about telling when it matched; which rules are muted; which bodies are still to be had.
_WHAT_RULES_SAY = (
    "alter table matches add column needs_body integer not null default 0",
    "alter table matches add column when_body_missing text not null default 'tell'",
    "alter table matches add column threshold_stories integer",
    "alter table matches add column threshold_sources integer",
    "alter table matches add column threshold_within double precision",
    "alter table matches add column throttle_max integer",
    "alter table matches add column throttle_per double precision",
    "create index matches_of_rule on matches (rule_id, matched_at)",
    # When its story was told as an entry of its own under this match's rule; null for what was only listed or named.
    "alter table tellings add column entered_at double precision",
    "create index tellings_entered on tellings (destination, entered_at) where entered_at is not null",
    # `until` null: until somebody unmutes it.
    """
    create table mutes (
        rule_id text primary key,
        rule_name text not null,
        muted_at double precision not null,
        until double precision
    )
    """,
    # `telling` is what the article's first matches were to become: 'waiting', or 'initial'.
    """
    create table revisits (
        article_id text primary key references articles (id),
        due_at double precision not null,
        attempts integer not null default 0,
        telling text not null
    )
    """,
    "create index revisits_due on revisits (due_at)",
)


# What goes on that the operator should know. `told` is the gist that the ops channel was told.
_INCIDENTS = (
    """
    create table incidents (
        trouble text not null,
        subject text not null,
        since_at double precision not null,
        lines text not null,
        gist text not null,
        told text,
        over_at double precision,
        primary key (trouble, subject)
    )
    """,
)


STEPS: Mapping[str, Sequence[str]] = {
    "001-first-release": (*_FIRST, _SEARCH),
    "002-what-rules-say": _WHAT_RULES_SAY,
    "003-incidents": _INCIDENTS,
    "004-slack": CONTACTS,
    "005-probes": PROBES,
    "006-memory-for-years": (*indexing.STEPS, *reconciling.TABLES),
    "007-life": LIFE,
    "008-reckoning": RECKONING,
}
MIGRATIONS = Migrations("monitor")


def _applier(statements: Sequence[str]) -> Callable[[Database], None]:
    def apply(db: Database) -> None:
        for statement in statements:
            db.execute(statement)

    return apply


for _name, _statements in STEPS.items():
    MIGRATIONS(name=_name)(_applier(_statements))
