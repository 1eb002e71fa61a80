"""Page -> its HTML as a tree in which text means what a reader sees. Pure.

Extractors treat each piece of text on its own and turn every line break of the source into a space, which cuts
Japanese words in two. So before one of them looks at the tree, readings (ruby) and invisible characters are taken out,
and white space is settled as a browser would: kept between Latin words, dropped with a line break between wide
characters (CSS Text 3, section 4.1.3).
"""

import re
import unicodedata
from collections.abc import Iterator

from lxml import etree
from lxml.html import HtmlElement, HTMLParser, document_fromstring

from monitor.model import Page
from monitor.stages.plain import INLINE
from monitor.text.encodings import decode_bytes
from monitor.text.labels import labels_over_http

_HTML_TYPES = ("text/html", "application/xhtml+xml", "text/xml", "application/xml", "application/vnd.wap.xhtml+xml")
_MAGIC = (
    b"%PDF-",
    b"\x89PNG",
    b"GIF8",
    b"\xff\xd8\xff",
    b"PK\x03\x04",
    b"\x1f\x8b",
    b"RIFF",
    b"\xd0\xcf\x11\xe0",
    b"{",
)
_IN_META = re.compile(
    rb"<(?:meta|\?xml)\b[^>]{0,300}?(?:charset|encoding)\s*=\s*[\"']?\s*([A-Za-z0-9._:-]{1,40})", re.IGNORECASE
)
#: How far browsers look for a declaration is 1,024 bytes; Japanese pages of old put the title before it.
_META_WITHIN = 4096
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
#: The same by their numbers, which the parser would let in.
_NOT_IN_XML_BY_NUMBER = re.compile(
    r"&#(?:0*(?:[0-8]|1[124-9]|2\d|3[01]|127)(?!\d)|x0*(?:[0-8bcef]|1[\da-f]|7f|d[89a-f][\da-f]{2}|fff[ef])(?![\da-f]));?",
    re.IGNORECASE,
)
#: Noncharacters, soft hyphen, zero-width space, word joiner, byte-order mark, directional marks; and variation selectors
#: that ask for colour after what is no emoji.
_INVISIBLE = re.compile(
    "[\ufdd0-\ufdef\u00ad\u200b\u200e\u200f\u2060\u202a-\u202e\u2066-\u2069\ufeff]|(?<=[\u3040-\u30ff\u3400-\u9fff])[\ufe00-\ufe0f]"
)
#: White space with a line break in it; NUL parts the pieces of text that stand on one line.
#: (looked for where it begins, or long runs of spaces would be gone over again from each of them).
_BREAK = re.compile("(?<![ \t\f\u3000\0])[ \t\f\u3000\0]*+\n[ \t\n\f\u3000\0]*")
#: Characters that make a look at every text of a page worth its time.
_TO_SETTLE = re.compile(
    "[\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\u2e80-\u9fff\uf900-\uffef\U00020000-\U0003ffff]"
)
_VERBATIM = frozenset(["script", "style", "pre", "textarea"])
_READINGS = ("rt", "rp", "rtc")

#: One text of the tree: an element's own (False), or the one behind it (True).
_Piece = tuple[HtmlElement, bool]


def is_html(page: Page) -> bool:
    """Whether the page is markup at all, by what it says and by its first bytes."""
    said = (page.content_type or "").partition(";")[0].strip().lower()
    return (not said or said in _HTML_TYPES) and not page.body.lstrip()[:8].startswith(_MAGIC)


def html_of(page: Page) -> str:
    """The page as text: byte-order mark, HTTP charset, <meta charset>, then detection."""
    inside = _IN_META.search(page.body[:_META_WITHIN])
    declared = labels_over_http(page.content_type) + ([inside[1].decode("ascii")] if inside else [])
    return _NOT_IN_XML.sub("", decode_bytes(page.body, declared).replace("\r\n", "\n").replace("\r", "\n"))


def tree_of(html: str) -> HtmlElement | None:
    """The prepared tree of a page or fragment; `None` where there is nothing in it."""
    html = _NOT_IN_XML_BY_NUMBER.sub("", html)
    parser = HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, collect_ids=False)
    try:
        root = document_fromstring(html.encode("utf-8"), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError):
        return None
    etree.strip_elements(root, *_READINGS, with_tail=False)
    etree.strip_tags(root, "wbr", "ruby", "rb")
    _settle_spaces(root)
    return root


def _settle_spaces(root: HtmlElement) -> None:
    if not _TO_SETTLE.search("".join(root.itertext())):
        return
    line: list[_Piece] = []
    for piece in _pieces(root):
        if piece is not None:
            line.append(piece)
            continue
        _settle_line(line)
        line.clear()
    _settle_line(line)


def _settle_line(line: list[_Piece]) -> None:
    before = "\0".join(_text(piece) for piece in line)
    after = _BREAK.sub(_settled, _INVISIBLE.sub("", before))
    if after != before:
        for (element, is_tail), text in zip(line, after.split("\0"), strict=True):
            setattr(element, "tail" if is_tail else "text", text)


def _settled(found: re.Match[str]) -> str:
    text, start, end = found.string, found.start(), found.end()
    inside_word = start > 0 and end < len(text) and _is_wide(text[start - 1]) and _is_wide(text[end])
    return "\0" * found[0].count("\0") if inside_word else found[0]


def _text(piece: _Piece) -> str:
    element, is_tail = piece
    return (element.tail if is_tail else element.text) or ""


def _pieces(root: HtmlElement) -> Iterator[_Piece | None]:
    """Every text in reading order; `None` where a line ends. Scripts and preformatted text are left as they are."""
    for event, element in etree.iterwalk(root, events=("start", "end")):
        if element.tag not in INLINE:
            yield None
        if event == "end":
            yield element, True
        elif element.tag not in _VERBATIM:
            yield element, False


def _is_wide(char: str) -> bool:
    """Wide as CSS means it: East Asian, without Hangul, which parts its words by spaces."""
    return unicodedata.east_asian_width(char) in "WFH" and not "\uac00" <= char <= "\ud7ff" and char != "\uff5e"
