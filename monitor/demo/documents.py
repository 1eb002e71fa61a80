"""Content + the site's address -> Documents: what each path of the demo site answers. Pure."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http import HTTPStatus

from monitor.demo import content
from monitor.demo.content import Article, Feed, Outlet
from monitor.demo.render import open_templates

#: How long a slow page keeps its reader waiting: longer than the demo's settings allow.
SLOW = timedelta(seconds=6)

_RELATED = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One answer."""

    body: bytes
    content_type: str
    modified_at: datetime
    status: HTTPStatus = HTTPStatus.OK
    delay: timedelta = timedelta()

    @property
    def etag(self) -> str:
        """Changes whenever the body does."""
        return hashlib.sha256(self.body).hexdigest()[:16]


def documents(url: str, now: datetime) -> dict[str, Document]:
    """Path -> Document for the whole site, whose address is `url` without a slash at its end."""
    site = _Site(url, now)
    return dict(site.documents())


class _Site:
    def __init__(self, url: str, now: datetime) -> None:
        self._now = now.astimezone(UTC).replace(microsecond=0)
        self._articles = content.articles(now)
        self._templates = open_templates()
        self._templates.globals.update(url=url, outlets=content.outlets(), feeds=content.feeds())

    def documents(self) -> Iterator[tuple[str, Document]]:
        yield "/", self._front("site.html.j2", None, "text/html; charset=utf-8")
        yield "/robots.txt", self._text("robots.txt.j2", "text/plain; charset=utf-8")
        for outlet in content.outlets().values():
            yield f"/{outlet.id}/", self._front("front.html.j2", outlet, _page_type(outlet))
            for article in self._articles[outlet.id]:
                yield article.path, self._page(article)
        for feed in content.feeds():
            yield feed.path, self._feed(feed)

    def _text(self, template: str, content_type: str) -> Document:
        body = self._templates.get_template(template).render().encode()
        return Document(body=body, content_type=content_type, modified_at=self._now)

    def _front(self, template: str, outlet: Outlet | None, content_type: str) -> Document:
        listed = self._articles[outlet.id] if outlet else []
        page = self._templates.get_template(template).render(outlet=outlet, articles=listed)
        body = page.encode(outlet.codec if outlet else "utf-8", "xmlcharrefreplace")
        return Document(body=body, content_type=content_type, modified_at=self._newest(listed))

    def _feed(self, feed: Feed) -> Document:
        outlet = content.outlets()[feed.outlet]
        listed = [
            article for article in self._articles[outlet.id] if not feed.sections or article.section in feed.sections
        ]
        text = self._templates.get_template(feed.template).render(
            feed=feed, outlet=outlet, articles=listed, updated_at=self._newest(listed)
        )
        return Document(
            body=text.encode(outlet.codec), content_type=feed.content_type, modified_at=self._newest(listed)
        )

    def _page(self, article: Article) -> Document:
        outlet = article.outlet
        template = outlet.page if article.page in ("normal", "slow") else f"{article.page}.html.j2"
        text = self._templates.get_template(template).render(
            outlet=outlet, article=article, related=self._related(article)
        )
        return Document(
            body=text.encode(outlet.codec),
            content_type=_page_type(outlet),
            modified_at=article.at.astimezone(UTC),
            status=HTTPStatus.FORBIDDEN if article.page == "closed" else HTTPStatus.OK,
            delay=SLOW if article.page == "slow" else timedelta(),
        )

    def _related(self, article: Article) -> list[Article]:
        siblings = self._articles[article.outlet.id]
        place = siblings.index(article)
        return (siblings[place + 1 :] + siblings[:place])[:_RELATED]

    def _newest(self, listed: list[Article]) -> datetime:
        return max((article.at.astimezone(UTC) for article in listed), default=self._now)


def _page_type(outlet: Outlet) -> str:
    return "text/html" if outlet.silent_charset else f"text/html; charset={outlet.declared}"
