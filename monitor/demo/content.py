"""outlets.toml + articles/*.toml + a moment -> Outlets, Feeds and Articles, dated relative to that moment. Pure."""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any
from zoneinfo import ZoneInfo

FILES = resources.files("monitor.demo")

_ZONES: dict[str, tzinfo] = {"ja": ZoneInfo("Asia/Tokyo"), "en": UTC}


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlet:
    """An invented publisher and the look of its pages."""

    id: str
    name: str
    slogan: str
    language: str
    #: Template of its article pages.
    page: str
    #: What its documents are written in, as Python names it.
    codec: str = "utf-8"
    #: What they say they are written in: not the same for characters that vendors added to Shift_JIS.
    declared: str = "UTF-8"
    #: Whether the Content-Type of its pages leaves the encoding to <meta>.
    silent_charset: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """One address that lists articles of an outlet, or should."""

    id: str
    name: str
    outlet: str
    path: str
    template: str
    content_type: str
    group: str
    #: Sections it lists; empty: all.
    sections: tuple[str, ...] = ()
    #: Query string that it appends to its links.
    tracking: str = ""
    #: False: what is served there is no feed.
    readable: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """One invented article. `body` is HTML, paragraphs parted by a blank line."""

    id: str
    outlet: Outlet
    section: str
    title: str
    summary: str
    body: str
    author: str
    #: In the zone of its outlet.
    at: datetime
    #: Whether the feed states the date, too.
    dated: bool
    #: "normal", or what becomes of who asks for its page: "closed" (403), "slow", "empty".
    page: str

    @property
    def path(self) -> str:
        """Where its page stands on the site."""
        return f"/{self.outlet.id}/articles/{self.id}.html"

    @property
    def paragraphs(self) -> list[str]:
        """The body in pieces of HTML; single line breaks stay."""
        return self.body.strip().split("\n\n")


def _load(file: Traversable) -> dict[str, list[dict[str, Any]]]:
    return tomllib.loads(file.read_text(encoding="utf-8"))


@cache
def outlets() -> dict[str, Outlet]:
    """All outlets by id, in the order of the file."""
    return {values["id"]: Outlet(**values) for values in _load(FILES / "outlets.toml")["outlets"]}


@cache
def feeds() -> tuple[Feed, ...]:
    """All feeds, in the order of the file."""
    listed = _load(FILES / "outlets.toml")["feeds"]
    return tuple(Feed(**values | {"sections": tuple(values.get("sections", ()))}) for values in listed)


def articles(now: datetime) -> dict[str, list[Article]]:
    """The articles of every outlet, newest first, dated before `now` (aware)."""
    return {
        outlet.id: sorted(_articles(outlet, now), key=lambda article: article.at, reverse=True)
        for outlet in outlets().values()
    }


def _articles(outlet: Outlet, now: datetime) -> Iterator[Article]:
    file = FILES / "articles" / f"{outlet.id}.toml"
    for values in _load(file)["articles"] if file.is_file() else ():
        yield Article(
            id=values["id"],
            outlet=outlet,
            section=values["section"],
            title=values["title"],
            summary=values["summary"],
            body=values["body"],
            author=values.get("author", ""),
            at=_moment(now, values["hours_ago"]).astimezone(_ZONES[outlet.language]),
            dated=values.get("dated", True),
            page=values.get("page", "normal"),
        )


def _moment(now: datetime, hours_ago: float) -> datetime:
    return (now - timedelta(hours=hours_ago)).replace(microsecond=0)
