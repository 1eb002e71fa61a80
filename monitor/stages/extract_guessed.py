"""Tree of a page that does not say it to machines -> dates and authors as its looks suggest. Pure."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice

from lxml.html import HtmlElement
from trafilatura.metadata import examine_meta, extract_author, extract_metadata

from monitor.stages.extract_dates import is_yearless, written_dates
from monitor.stages.plain import plain

_DATE_NAME = re.compile(r"date|time|publi|posted|day|updat", re.IGNORECASE)
_UPDATED = re.compile(r"更新|改定|update|modified", re.IGNORECASE)
#: Dates in these belong to other articles.
_ELSEWHERE = re.compile(r"relat|recommend|rank|side|foot|nav|comment|widget|archive|calendar|other|list", re.IGNORECASE)
#: A date as Japanese pages write it, or at least begin it.
_JAPANESE = re.compile(r"(?:(?:19|20)\d{2}\s*[年./-]\s*\d{1,2}\s*[月./-]\s*\d{1,2}|\d{1,2}月\s*\d{1,2}日)")
_LONGEST = 80
#: The date stands near the headline: so many elements, or lines of text, are looked at.
_MOST_ELEMENTS = 400
_MOST_LINES = 15
#: An element with more in it than this is no date.
_MOST_INSIDE = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """Texts that hold one date each, the most credible first."""

    published: tuple[str, ...]
    updated: tuple[str, ...]
    #: With month, day and time, but no year.
    yearless: tuple[str, ...]


def seen_dates(tree: HtmlElement, headlines: Sequence[str]) -> Seen:
    """What <time> elements and elements named after dates show, then Japanese dates close to the headline."""
    published: list[str] = []
    updated: list[str] = []
    texts = []
    for element, text in _dated_elements(tree):
        texts.append(text)
        about = f"{element.get('class')} {element.get('itemprop')}"
        stated = element.get("datetime")
        for label, day in [(text, stated)] if stated else written_dates(text):
            (updated if _UPDATED.search(f"{about} {label}") else published).append(day)
    for line in _lines_near(tree, headlines):
        texts.append(line)
        for label, day in written_dates(line):
            (updated if _UPDATED.search(label) else published).append(day)
    yearless = (text for text in texts if is_yearless(text))
    return Seen(published=tuple(published), updated=tuple(updated), yearless=tuple(yearless))


def guessed_day_and_authors(tree: HtmlElement, url: str, latest: date) -> tuple[str | None, tuple[str, ...]]:
    """htmldate's and trafilatura's view: a day (YYYY-MM-DD) not later than `latest`, and names."""
    dates = {"original_date": True, "extensive_search": True, "max_date": latest.isoformat()}
    found = extract_metadata(tree, url, date_config=dates)
    return found.date, _names(found.author)


def guessed_authors(tree: HtmlElement) -> tuple[str, ...]:
    """The same names without the search for a day, which costs more than all the rest."""
    stated = examine_meta(tree).author
    # One word is an account or a desk rather than a name.
    return _names(stated if stated and " " in stated else extract_author(tree))


def _names(authors: str | None) -> tuple[str, ...]:
    return tuple(name for name in (authors or "").split("; ") if name)


def _dated_elements(tree: HtmlElement) -> Iterator[tuple[HtmlElement, str]]:
    elements = (
        element
        for element in tree.iterfind(".//body//*")
        if element.tag == "time" or _DATE_NAME.search(f"{element.get('class') or ''} {element.get('id') or ''}")
    )
    for element in islice(elements, _MOST_ELEMENTS):
        inside = sum(1 for _ in islice(element.iterdescendants(), _MOST_INSIDE + 1))
        if inside <= _MOST_INSIDE and not _is_elsewhere(element):
            text = " ".join(plain(element).split())
            if text and len(text) <= _LONGEST:
                yield element, text


def _is_elsewhere(element: HtmlElement) -> bool:
    """Whether it stands in a part of the page that tells of other articles."""
    for parent in element.iterancestors():
        if parent.tag in ("body", "html"):
            break
        if parent.tag in ("aside", "footer", "nav"):
            return True
        if _ELSEWHERE.search(f"{parent.get('class') or ''} {parent.get('id') or ''}"):
            return True
    return False


def _lines_near(tree: HtmlElement, headlines: Sequence[str]) -> Iterator[str]:
    """Short lines with a date, under the headline first, then those just above it."""
    body = tree.find(".//body")
    lines = plain(body).split("\n") if body is not None and headlines else []
    lines = [line for line in lines if line]
    at = next((at for at, line in enumerate(lines) if any(line.startswith(one) for one in headlines)), None)
    if at is None:
        return
    for line in [*lines[at + 1 : at + 1 + _MOST_LINES], *reversed(lines[max(0, at - _MOST_LINES) : at])]:
        if len(line) <= _LONGEST and _JAPANESE.search(line):
            yield line
