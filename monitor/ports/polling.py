"""What is remembered of polls and of pages to be read again: PollStore, RevisitStore."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from monitor.model import (
    Article,
    Match,
    Source,
    SourceState,
    Telling,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """One new article with its matches, to be remembered together."""

    article: Article
    matches: tuple[Match, ...]
    #: WAITING, or INITIAL where the first poll may not tell it; what the rules say of telling is not in it yet.
    telling: Telling
    #: What `article_key` made of the entry: remembered as seen.
    key: str


class PollStore(Protocol):
    """What polling remembers. Every method is one transaction."""

    def sync_sources(self, sources: Sequence[Source], *, now: datetime, release: bool = True) -> None:
        """Make the due-queue hold exactly these sources.

        A new one is due at once; one whose address changed starts afresh (validators, hash, gone); the state of one
        that left the configuration is kept for its return but is never claimed. `release`, at a start: every lease is over,
        since its process is dead, and what was polled later than now, while the clock stood ahead, is due.
        """
        ...

    def claim_due(self, *, now: datetime, lease: timedelta, limit: int) -> list[SourceState]:
        """Take up to `limit` due sources, longest due first, and lease them until `now + lease`."""
        ...

    def hasten(self, due: Mapping[str, datetime]) -> int:
        """Have sources polled no later than that; how many are now due sooner. A lease is kept."""
        ...

    def next_due_at(self) -> datetime | None:
        """When the next source is due, leases counted."""
        ...

    def save_states(self, states: Sequence[SourceState]) -> None:
        """Remember how polls ended and give the leases back."""
        ...

    def unseen(self, source_id: str, keys: Sequence[str], *, now: datetime) -> set[str]:
        """Those of `keys` that no source ever brought; the others are noted as still listed, and as carried by this source."""
        ...

    def joined(self, source_id: str, keys: Sequence[str]) -> list[Article]:
        """Stored articles among `keys` that other sources brought and this one lists for the first time.

        To be asked for before `unseen`, which notes them as carried by this source.
        """
        ...

    def add_matches(self, taken: Sequence[Taken]) -> None:
        """Remember further matches of stored articles; what a rule has matched already is passed over."""
        ...

    def save_articles(self, taken: Sequence[Taken]) -> int:
        """Remember articles, matches, notices and "seen", all or nothing; the number that were new.

        The story of an article is that of the earliest article with the same folded title (`monitor.text.fold`) that was
        fetched within 48 hours of it; else its own id. One that is known already is passed over.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Revisit:
    """A stored article whose page could not be read, and is to be read again."""

    article: Article
    due_at: datetime
    #: Tries that were scheduled after the first reading.
    attempts: int


class RevisitStore(Protocol):
    """What is to be read again. Every method is one transaction and may be repeated.

    Whatever saves an article with `missing`, or holds a match, plans its first revisit ten minutes later.
    """

    def due_revisits(self, *, now: datetime, limit: int) -> list[Revisit]:
        """Longest due first. Nothing is leased: one process revisits."""
        ...

    def next_revisit_at(self) -> datetime | None:
        """When the next one is due."""
        ...

    def schedule(self, article_id: str, *, due_at: datetime) -> None:
        """Note a try, and when to try again."""
        ...

    def finish(self, article_ids: Collection[str]) -> None:
        """Try no more. Where matches may be held for the body, `give_up` instead."""
        ...

    def rejudge(self, article: Article, matches: Sequence[Match], *, rules: Collection[str], now: datetime) -> None:
        """Remember the body that was had at last (`stages.revisit.with_body`), and what the rules in force say of it.

        `matches` are all matches of the article as it is now, `rules` the ids of all rules that judged it. What was held
        or skipped and matches now goes the way of a new match; what rested on the missing body and does not match is
        skipped, unless it was told; matches of rules that had not matched are added. The revisit is finished.
        """
        ...

    def give_up(self, article_ids: Collection[str], *, now: datetime) -> int:
        """Let wait what is held for these bodies, to be told with the mark; how many tellings. Their revisits are finished."""
        ...
