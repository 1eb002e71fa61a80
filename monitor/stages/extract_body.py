"""HTML of a page -> the text of its article. Pure."""

import html as entities
import re
from collections.abc import Sequence
from copy import deepcopy

from bs4 import BeautifulSoup, Tag
from lxml import etree
from lxml.html import HtmlElement
from soupsieve import SelectorSyntaxError
from trafilatura import bare_extraction
from trafilatura.settings import Extractor

from monitor.stages.extract_tree import tree_of
from monitor.stages.plain import plain, tidy

#: Beautiful Soup takes a second for this much.
_SOUP_LIMIT = 1_000_000
#: A text as short as this may be a caption or a notice about cookies: a page that holds much more is looked at again.
_SHORT = 80
#: A flash of news is short too: only a place with this much text, and with so many times more, is taken instead.
_LONG = 200
_MUCH_MORE = 3
#: Below so many characters the extractor turns to its last resort, which puts headline, date, menu and text into one
#: paragraph: its own default, meant for Latin letters; and what is enough for a flash of Japanese news.
_ENOUGH = 250
_ENOUGH_FOR_A_FLASH = 25
#: Where the article is when the extractor did not see it, the most telling first.
_PLACES = (
    "//*[@itemprop='articleBody']",
    "//article",
    "//main | //*[@role='main']",
    "//*[@id='main']",
    "//*[@id='content' or @id='contents']",
    "//body",
)
#: Tags that say how letters look: where they stand within a word, the extractor's last resort makes two of it.
_LOOKS = ("b", "strong", "i", "em", "u", "s", "font", "mark", "big", "small", "tt")
_NOT_ARTICLE = ("nav", "aside", "footer", "header", "form")
_AROUND = "//nav | //aside | //footer | //header[not(ancestor::article or ancestor::main)] | //form | //*[@role='navigation'] | //h1"
#: Something is said: not a menu's words alone.
_SAYS = re.compile("[。．.！!？?]")
_NOT_SHOWN = "//*[@role='navigation' or @hidden]"
#: A sentence, as menus and headings hold none: 15 characters in a row and a full stop, or nine words and one.
_SENTENCE = re.compile(r"[^。！？!?\s]{15,}[。！？]|(?:[\w'’-]+[,;:]? ){8}[^.!?\n]*[.!?](?!\S)")
_MENU_LINKS = 2
#: Two <br> part paragraphs, but the extractor keeps one of them: a character that no text has is put between them.
_PARTED = "\ufdd0"
_AROUND_PARTED = re.compile(f"\n*{_PARTED}\n*")


def body_of(html: str, tree: HtmlElement, selector: str | None, stated: Sequence[str]) -> str:
    """Paragraphs parted by a blank line; "" where there are none.

    `selector` is the operator's own choice; where it finds nothing the page is extracted like any other. `stated` is
    what the page gives to machines as its text: it is taken where the page shows far less.
    """
    chosen = _selected(html, selector) if selector else ""
    return chosen or _fuller(_extracted(tree), stated)


def _selected(html: str, selector: str) -> str:
    try:
        tags = _soup(html).select(selector)
    except (SelectorSyntaxError, NotImplementedError):
        return ""
    outermost = [tag for tag in tags if not any(parent in tags for parent in tag.parents)]
    return "\n\n".join(text for tag in outermost if (text := _text(tag)))


def _fuller(text: str, stated: Sequence[str]) -> str:
    longest = max(stated, key=len, default="")
    if len(longest) < max(_LONG, len(text)):
        return text
    longest = entities.unescape(longest)
    tree = tree_of(longest) if "<" in longest else None
    longest = tidy(longest) if tree is None else plain(tree)
    same = "\n\n" not in text and "".join(longest.split()) == "".join(text.split())
    return longest if same or len(longest) >= _MUCH_MORE * len(text) else text


def _extracted(tree: HtmlElement) -> str:
    tree = deepcopy(tree)
    etree.strip_tags(tree, *_LOOKS)
    _drop_menus(tree)
    _part_paragraphs(tree)
    text = _article(tree, _ENOUGH)
    if len(text) < _ENOUGH:
        text = _within(text, _article(_marked_article(tree), _ENOUGH))
    if len(text) >= _SHORT:
        return text if "\n\n" in text else _apart(text, _article(tree, _ENOUGH_FOR_A_FLASH))
    seen = _looked_for(tree)
    return seen if not text or len(seen) >= max(_LONG, _MUCH_MORE * len(text)) else text


def _marked_article(tree: HtmlElement) -> HtmlElement:
    """A copy without what the page itself marks as menu, frame or headline: a last resort reads everything."""
    bare = deepcopy(tree)
    for element in bare.xpath(_AROUND):
        if element.getparent() is not None:
            element.drop_tree()
    return bare


def _within(whole: str, part: str) -> str:
    """The part, where it is one and says something."""
    said = "".join(part.split())
    return part if _SAYS.search(part) and said in "".join(whole.split()) else whole


def _drop_menus(tree: HtmlElement) -> None:
    """Tables that hold links and nothing else, the menus of old."""
    for table in list(tree.iter("table")):
        links = list(table.iter("a"))
        if len(links) >= _MENU_LINKS and _letters(table) == sum(map(_letters, links)):
            table.drop_tree()


def _part_paragraphs(tree: HtmlElement) -> None:
    for line_break in tree.iter("br"):
        following, tail = line_break.getnext(), line_break.tail or ""
        if following is not None and following.tag == "br" and not tail.strip():
            line_break.tail = _PARTED


def _letters(element: HtmlElement) -> int:
    return sum(map(str.isalnum, element.text_content()))


def _article(tree: HtmlElement, enough: int) -> str:
    options = Extractor(output_format="python", fast=True, comments=False)
    options.min_extracted_size = enough
    document = bare_extraction(tree, options=options)
    return "" if document is None or isinstance(document, dict) else _plain(document.body)


def _plain(tree: etree._Element) -> str:
    return tidy(_AROUND_PARTED.sub("\n\n", plain(tree)))


def _apart(whole: str, paragraphs: str) -> str:
    """The paragraphs instead of the one that may hold the whole page, unless a sentence would be lost."""
    left = whole
    for line in filter(None, paragraphs.split("\n")):
        left = left.replace(line.strip(), "\n", 1)
    return paragraphs if paragraphs and not _SENTENCE.search(left) else whole


def _looked_for(tree: HtmlElement) -> str:
    """The text of the first place that an article usually stands in. The tree is used up."""
    etree.strip_elements(tree, *_NOT_ARTICLE, with_tail=False)
    for element in tree.xpath(_NOT_SHOWN):
        if element.getparent() is not None:
            element.drop_tree()
    for place in _PLACES:
        found = next(iter(tree.xpath(place)), None)
        if found is not None and len(text := _plain(found)) >= _LONG:
            return text
    return _plain(tree)


def _soup(html: str) -> BeautifulSoup:
    return BeautifulSoup(html[:_SOUP_LIMIT], "lxml")


def _text(tag: Tag) -> str:
    tree = tree_of(str(tag))
    return "" if tree is None else plain(tree)
