"""What is read and never changed: Archive."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from monitor.model import (
    Article,
    Fate,
    SourceState,
)
from monitor.ports.vitals import Vitals
from monitor.text.query import Query

PATIENCE = timedelta(seconds=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One hit of the archive search."""

    article: Article
    outlet: str


class Hits(list[Found]):
    """The hits of a search, the newest first."""

    #: Articles that were fetched before were not looked at any more, or not all of them; `None`: all were.
    looked_back_to: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Extent:
    """How much of the archive a scan goes through."""

    articles: int
    #: Articles are numbered in the order in which they were saved, with gaps: a part of the numbers is a part of the scan.
    numbers: range


@dataclass(frozen=True, slots=True, kw_only=True)
class PastRule:
    """A rule as its matches remember it."""

    id: str
    #: The newest name.
    name: str
    #: The terms that were found, as the rule wrote them.
    terms: frozenset[str]
    matches: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Carrier:
    """A source that lists an article, or did."""

    source_id: str
    first_listed_at: datetime
    #: Since when the source lists it no more.
    left_at: datetime | None


class Archive(Protocol):
    """What is read and never changed: search, look-ups, exports, health."""

    def search(self, query: Query, *, limit: int, patience: timedelta = PATIENCE) -> Hits:
        """Articles that answer a search, newest first; words of one and two characters included.

        A search that nearly everything looks like an answer to, and next to nothing is one, ends after about `patience`.
        """
        ...

    def article(self, id_or_url: str) -> Article | None:
        """One stored article by id or address."""
        ...

    def extent(self, *, since: datetime | None = None, until: datetime | None = None) -> Extent:
        """How many articles were fetched from `since` on and before `until`, and their numbers; cheap."""
        ...

    def articles(
        self,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        numbers: range | None = None,
        newest_first: bool = False,
    ) -> Iterator[Article]:
        """The articles of `extent`, or those of them with these numbers, as they were saved; never all in memory."""
        ...

    def carriers(self, key: str) -> list[Carrier]:
        """The sources that list what `article_key` made this of, also where the article itself was forgotten since."""
        ...

    def sources_of(self, site: str) -> list[str]:
        """Ids of the sources that brought articles of a host ("example.jp", "example.jp:8080")."""
        ...

    def past_rules(self, *, since: datetime) -> list[PastRule]:
        """The rules that matched from `since` on, by id; of a large archive the newest matches alone are looked at."""
        ...

    def rows(self, what: str, *, since: datetime | None) -> Iterator[dict[str, object]]:
        """Rows of "articles", "matches" or "deliveries" with exactly the fields of the contract, oldest first."""
        ...

    def fates(self, article_id: str) -> list[Fate]:
        """What became of the matches of an article, in the order of the rules; none for one that is not stored."""
        ...

    def source_states(self) -> Mapping[str, SourceState]:
        """The state of every source in the queue."""
        ...

    def counts(self) -> Mapping[str, Mapping[str, int]]:
        """Numbers for the status screen: {"articles": {...}, "matches": {telling: n}, "deliveries": {state: n}}.

        A match has a telling in each destination. "told": {"matches": n, "unsent": m}, where a match is one whatever the
        number of destinations, and `m` of the promised tellings stand in messages that were not sent yet.
        Deliveries that are notes to the operator are counted apart, under "notes".
        """
        ...

    def vitals(self, *, now: datetime) -> Vitals:
        """Numbers for health and metrics; some ten milliseconds for ten thousand sources, however large the archive is."""
        ...
