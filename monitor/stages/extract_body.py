"""HTML of a page -> the text of its article. Pure."""

from copy import deepcopy

from bs4 import BeautifulSoup, Tag
from lxml import etree
from lxml.html import HtmlElement
from soupsieve import SelectorSyntaxError
from trafilatura import bare_extraction

from monitor.stages.extract_tree import tree_of
from monitor.stages.plain import plain

#: Beautiful Soup takes a second for this much.
_SOUP_LIMIT = 1_000_000
#: A text as short as this may be a caption or a notice about cookies: a page that holds much more is looked at again.
_SHORT = 80
#: A flash of news is short too: only a place with this much text, and with so many times more, is taken instead.
_LONG = 200
_MUCH_MORE = 3
#: Where the article is when the extractor did not see it, the most telling first.
_PLACES = ("[itemprop=articleBody]", "article", "main", "[role=main]", "#main", "#content", "#contents", "body")
#: Tags that say how letters look: where they stand within a word, the extractor's last resort makes two of it.
_LOOKS = ("b", "strong", "i", "em", "u", "s", "font", "mark", "big", "small", "tt")
_NOT_ARTICLE = (
    "nav, aside, footer, header, form, script, style, noscript, template, iframe, [role=navigation], [hidden]"
)


def body_of(html: str, tree: HtmlElement, selector: str | None) -> str:
    """Paragraphs parted by a blank line; "" where there are none.

    `selector` is the operator's own choice; where it finds nothing the page is extracted like any other.
    """
    chosen = _selected(html, selector) if selector else ""
    return chosen or _extracted(html, tree)


def _selected(html: str, selector: str) -> str:
    try:
        tags = _soup(html).select(selector)
    except (SelectorSyntaxError, NotImplementedError):
        return ""
    outermost = [tag for tag in tags if not any(parent in tags for parent in tag.parents)]
    return "\n\n".join(text for tag in outermost if (text := _text(tag)))


def _extracted(html: str, tree: HtmlElement) -> str:
    tree = deepcopy(tree)
    etree.strip_tags(tree, *_LOOKS)
    document = bare_extraction(tree, fast=True, include_comments=False)
    text = "" if document is None or isinstance(document, dict) else plain(document.body)
    if len(text) >= _SHORT:
        return text
    seen = _looked_for(html)
    return seen if not text or len(seen) >= max(_LONG, _MUCH_MORE * len(text)) else text


def _looked_for(html: str) -> str:
    """The text of the first place that an article usually stands in."""
    soup = _soup(html)
    for tag in soup.select(_NOT_ARTICLE):
        tag.decompose()
    for place in _PLACES:
        found = soup.select_one(place)
        if found and len(text := _text(found)) >= _LONG:
            return text
    return _text(soup)


def _soup(html: str) -> BeautifulSoup:
    return BeautifulSoup(html[:_SOUP_LIMIT], "lxml")


def _text(tag: Tag) -> str:
    tree = tree_of(str(tag))
    return "" if tree is None else plain(tree)
