"""Tree of a page that does not say it to machines -> dates and authors as its looks suggest. Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from lxml.html import HtmlElement
from trafilatura.metadata import extract_metadata

from monitor.stages.plain import plain

_DATE_CLASS = re.compile(r"date|time|publi|posted|day|updat", re.IGNORECASE)
_UPDATED = re.compile(r"更新|update|modified", re.IGNORECASE)
#: Dates in these belong to other articles.
_ELSEWHERE = re.compile(r"relat|recommend|rank|side|foot|nav|comment|widget|archive|calendar|other|list", re.IGNORECASE)
_LONGEST = 80
#: Elements that are looked at: the date stands near the headline.
_MOST_LOOKED_AT = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Guessed:
    """Texts as found; `day` is YYYY-MM-DD."""

    published: tuple[str, ...] = ()
    updated: tuple[str, ...] = ()


def seen_dates(tree: HtmlElement) -> Guessed:
    """What <time> elements and elements named after dates show, in reading order."""
    published: list[str] = []
    updated: list[str] = []
    for element, text in _dated(tree):
        about = f"{element.get('class')} {element.get('itemprop')} {text}"
        (updated if _UPDATED.search(about) else published).append(element.get("datetime") or text)
    return Guessed(published=tuple(published), updated=tuple(updated))


def guessed_day_and_authors(tree: HtmlElement, url: str, latest: date) -> tuple[str | None, tuple[str, ...]]:
    """htmldate's and trafilatura's view: a day (YYYY-MM-DD) not later than `latest`, and names."""
    dates = {"original_date": True, "extensive_search": True, "max_date": latest.isoformat()}
    found = extract_metadata(tree, url, date_config=dates)
    return found.date, tuple(name for name in (found.author or "").split("; ") if name)


def _dated(tree: HtmlElement) -> Iterator[tuple[HtmlElement, str]]:
    looked_at = 0
    for element in tree.iterfind(".//body//*"):
        if element.tag != "time" and not _DATE_CLASS.search(f"{element.get('class') or ''} {element.get('id') or ''}"):
            continue
        looked_at += 1
        if looked_at > _MOST_LOOKED_AT:
            return
        if sum(1 for _ in element.iterdescendants()) > 10 or _is_elsewhere(element):
            continue
        text = " ".join(plain(element).split())
        if text and len(text) <= _LONGEST:
            yield element, text


def _is_elsewhere(element: HtmlElement) -> bool:
    for parent in element.iterancestors():
        if parent.tag in ("aside", "footer", "nav"):
            return True
        if parent.tag not in ("body", "html") and _ELSEWHERE.search(
            f"{parent.get('class') or ''} {parent.get('id') or ''}"
        ):
            return True
    return False
