"""Headlines that a page and its entry state -> the title of the article. Pure."""

import html
import re
import unicodedata
from collections.abc import Iterable, Sequence

from monitor.stages.extract_stated import Stated

#: What stands between a headline and the name of its site.
_SEPARATOR = re.compile(
    r"\s+[-–—―:：~〜/／·•«»<>›|｜]+\s+|\s*[|｜│┃]\s*|\s*[：―—–ㅣ]\s*|:\s+|(?<=[^\x00-\x7f])\s*-\s*(?=\S)"
)
#: "headline | politics | The Paper | The Paper Online" has this many names of its site at most.
_MOST_TAILS = 3
#: A longer title is an attack or a mistake, and is cut anyway.
_LONGEST = 1000
#: What begins like a tag; ‹緊急› written with ASCII signs is a headline's own word.
_TAG = re.compile(r"</?[A-Za-z!][^<>]{0,200}>")
#: As much of two titles must be alike for them to name one article.
_ALIKE = 0.5


def title_of(stated: Stated, entry_title: str, sites: Iterable[str]) -> str:
    """The page's headline where it tells the same as the entry's title, else the entry's, without the site's name.

    An entry's title is always the outlet's own word, while the page may turn out to be a notice about cookies.
    """
    sites = tuple(name for site in sites if (name := folded(site)))
    entry = without_site(_clean(entry_title), sites)
    headlines = [without_site(_clean(one), sites) for one in stated.headlines]
    headlines = [one for one in headlines if one and folded(one) not in sites]
    page_title = without_site(_clean(stated.page_title), sites)
    if not entry:
        return _best(headlines, page_title)
    alike = [one for one in headlines if _likeness(entry, one) >= _ALIKE]
    # A headline that goes on behind the entry's title goes on with a name of the site that nobody stated.
    return next((one for one in alike if not _goes_on(one, entry)), entry)


def _best(headlines: Sequence[str], page_title: str) -> str:
    """The first headline; one that another headline shows to have a tail is cut where the tail begins."""
    if not headlines:
        return page_title
    shorter = [one for one in headlines if _goes_on(headlines[0], one)]
    return max(shorter, key=len) if shorter else headlines[0]


def _goes_on(longer: str, title: str) -> bool:
    return longer.startswith(title) and bool(_SEPARATOR.match(longer, len(title)))


def without_site(title: str, sites: Sequence[str]) -> str:
    """The title without "| the name of the site" at its end or start, as often as it stands there."""
    for _ in range(_MOST_TAILS):
        for found in _SEPARATOR.finditer(title):
            if _names_site(title[found.end() :], sites):
                title = title[: found.start()].strip()
                break
            if _names_site(title[: found.start()], sites):
                title = title[found.end() :].strip()
                break
        else:
            break
    return title


def _names_site(part: str, sites: Sequence[str]) -> bool:
    name = folded(part)
    return bool(name) and name in sites


def folded(text: str) -> str:
    """Letters and digits alone, in one width and case: "ＮＨＫ ニュース" and "NHKニュース" are one name."""
    return "".join(char for char in unicodedata.normalize("NFKC", text).casefold() if char.isalnum())


def _likeness(one: str, other: str) -> float:
    """The share of the shorter title's pairs of characters that the other holds too."""
    left, right = _pairs(one), _pairs(other)
    return len(left & right) / (min(len(left), len(right)) or 1)


def _pairs(text: str) -> set[str]:
    letters = folded(text)
    return {letters[at : at + 2] for at in range(len(letters) - 1)} or {letters}


def _clean(title: str) -> str:
    return " ".join(_TAG.sub("", html.unescape(title[:_LONGEST])).split())
