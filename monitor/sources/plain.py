"""Markup as it stands in feeds -> plain text: paragraphs parted by a blank line, or one line. Pure.

libxml2's HTML parser hands its events to a collector; no tree is built, so depth and size of foreign markup cost little.
"""

import html
import re

from lxml import etree

#: What a reader of the page does not read as its text; rt and rp are the readings of ruby.
_HIDDEN = frozenset({"script", "style", "template", "title", "iframe", "object", "svg", "math", "rt", "rp", "noscript"})
_BLOCK_NAMES = """
    address article aside blockquote body center dd details div dl dt fieldset figcaption figure footer form h1 h2 h3 h4 h5
    h6 header hr li main nav ol p pre section summary table tbody tfoot thead tr ul video
"""
_BLOCKS = frozenset(_BLOCK_NAMES.split())
_CELLS = frozenset({"td", "th"})
_INLINE = (
    "a abbr b big br cite code del em font i img ins mark q rb rp rt ruby s small span strike strong sub sup tt u wbr"
)
#: A tag of HTML that somebody may have meant; "<5" and "<地名>" are text.
_TAG = re.compile(
    rf"</?(?:{'|'.join(sorted(_BLOCKS | _HIDDEN | _CELLS | set(_INLINE.split())))})(?:\s[^<>]*)?/?>", re.IGNORECASE
)
_REFERENCE = re.compile(r"&(?:[a-z][a-z0-9]{1,30}|#\d{1,7}|#x[0-9a-f]{1,6});", re.IGNORECASE)
#: What is left of text that was escaped twice; &lt; and &gt; are not among it, since a text may speak of tags.
_LEFT_OVER = re.compile(r"&(?:amp|quot|apos|nbsp|#0?39|#x27|#\d{2,7}|[lr][sd]quo|hellip|[nm]dash);", re.IGNORECASE)
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufeff\ufffe\uffff\ud800-\udfff]")
_EAST_ASIAN = "[\u2e80-\u30ff\u31f0-\u9fff\uf900-\ufaff\uff00-\uffef]"
#: CSS Text 3 section 4.1.3: a line break between two wide characters is no space.
_BREAK_IN_JAPANESE = re.compile(rf"(?<={_EAST_ASIAN})[ \t\r]*\n\s*(?={_EAST_ASIAN})")
_PARAGRAPHS = re.compile(r"\n\s*\n")


class _Collector:
    """The events of libxml2 -> text with line breaks: one for <br>, two around a block."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._hidden = 0
        self._preformatted = 0

    def start(self, tag: str, _attributes: object) -> None:
        self._hidden += tag in _HIDDEN
        self._preformatted += tag == "pre"
        self._break(tag)

    def end(self, tag: str) -> None:
        self._hidden -= tag in _HIDDEN
        self._preformatted -= tag == "pre"
        if tag != "br":
            self._break(tag)

    def data(self, text: str) -> None:
        if not self._hidden:
            self._pieces.append(text if self._preformatted else " ".join(_joined(text).split("\n")))

    def close(self) -> str:
        return "".join(self._pieces)

    def _break(self, tag: str) -> None:
        if tag in _BLOCKS:
            self._pieces.append("\n\n")
        elif tag == "br":
            self._pieces.append("\n")
        elif tag in _CELLS:
            self._pieces.append(" ")


def paragraphs(text: str, *, markup: bool = True) -> str:
    """The text of HTML (or, without `markup`, of plain text) in paragraphs, each line's white space collapsed."""
    if markup and "<" in text:
        text = printable(_events(text))
    elif markup:
        parts = _PARAGRAPHS.split(printable(html.unescape(text)))
        text = "\n\n".join(" ".join(_joined(part).split()) for part in parts)
    lines = "\n".join(" ".join(row.split()) for row in printable(text).split("\n"))
    return "\n\n".join(part for part in (part.strip() for part in _PARAGRAPHS.split(lines)) if part)


def line(text: str, *, markup: bool = True) -> str:
    """The text of a short piece of HTML (a headline, a name) in one line.

    Without `markup` it still may not be what it says: tags and references that are surely HTML's are taken as such.
    """
    text = paragraphs(text) if markup or _TAG.search(text) else _joined(text)
    if _LEFT_OVER.search(text) and "&lt;" not in text:
        text = html.unescape(text)
    return " ".join(printable(text).split())


def is_markup(text: str) -> bool:
    """Whether what is said to be plain text is HTML all the same."""
    return _TAG.search(text) is not None or _REFERENCE.search(text) is not None


def printable(text: str) -> str:
    """Without control characters and lone surrogates."""
    return _UNPRINTABLE.sub("", text)


def _joined(text: str) -> str:
    return _BREAK_IN_JAPANESE.sub("", text) if "\n" in text else text


def _events(markup: str) -> str:
    parser = etree.HTMLParser(target=_Collector(), encoding="utf-8", huge_tree=True)
    parser.feed(printable(markup).encode())
    text: str = parser.close()
    return text
