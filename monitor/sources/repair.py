"""The text of an XML document -> its root element as well-formed as can be. Pure.

What stands before the root is dropped whole: declarations (the text is decoded already), comments, and the DOCTYPE with
every entity it defines, so that no entity of a feed's own is ever expanded.
"""

import html
import re
from xml.parsers import expat

_PROLOGUE = re.compile(r"\s+|<!--.*?-->|<\?.*?\?>|<!DOCTYPE[^\[>]*(?:\[.*?\]\s*)?>", re.DOTALL | re.IGNORECASE)
_ROOT = re.compile(r"<(?:[A-Za-z_][\w.-]*:)?([A-Za-z_][\w.-]*)")
_QUALIFIED = re.compile(r"<([A-Za-z_][\w.:-]*)")
_FEED_ROOT = re.compile(r"<(?:[A-Za-z_][\w.-]*:)?(?:rss|rdf|feed)[\s>]", re.IGNORECASE)
#: How far a feed may start below warnings of the program that writes it.
_JUNK = 20_000
#: XML 1.0 section 2.2, production 2.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
#: What may be wrong in running text; sections that are right as they are come first.
_WRONG = re.compile(
    r"(?P<cdata><!\[CDATA\[.*?(?:\]\]>|\Z))"
    r"|(?P<comment><!--.*?(?:-->|\Z))"
    r"|&(?:\#(?P<decimal>\d{1,8})|\#[xX](?P<hexadecimal>[0-9a-fA-F]{1,6})|(?P<name>[A-Za-z][A-Za-z0-9]{0,40}));"
    r"|&"
    r"|<(?![A-Za-z_/!?])",
    re.DOTALL,
)
_ENTRY_TAG = re.compile(r"<(/?)(?:[A-Za-z_][\w.-]*:)?(?:item|entry)(?:\s[^<>]*?)?(/?)>", re.IGNORECASE)
_XML_NAMES = frozenset({"amp", "lt", "gt", "quot", "apos"})
_PREFIX_IN_USE = re.compile(r"</?([A-Za-z_][\w.-]*):[A-Za-z_]|[\s\"']([A-Za-z_][\w.-]*):[\w.-]+\s*=\s*[\"']")
_PREFIX_DECLARED = re.compile(r"\sxmlns:([A-Za-z_][\w.-]*)\s*=")
_NAMESPACES = {
    "a10": "http://www.w3.org/2005/Atom",
    "atom": "http://www.w3.org/2005/Atom",
    "content": "http://purl.org/rss/1.0/modules/content/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "dcterms": "http://purl.org/dc/terms/",
    "feedburner": "http://rssnamespace.org/feedburner/ext/1.0",
    "itunes": "http://www.itunes.com/dtds/podcast-1.0.dtd",
    "media": "http://search.yahoo.com/mrss/",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "sy": "http://purl.org/rss/1.0/modules/syndication/",
}


def from_root(text: str) -> str:
    """The document from its root element on, without characters that XML forbids; empty where there is no element."""
    text = _FORBIDDEN.sub("", text)
    position = 0
    while part := _PROLOGUE.match(text, position):
        position = part.end()
    if _FEED_ROOT.match(text, position):
        return text[position:]
    below = _FEED_ROOT.search(text, position, position + _JUNK)
    if below and root_name(text[position : position + _JUNK]) not in {"html", "head", "body"}:
        return text[below.start() :]
    root = _ROOT.search(text, position)
    return text[root.start() :] if root else ""


def root_name(text: str) -> str:
    """The local name of the first element, in lower case."""
    root = _ROOT.search(text)
    return root[1].lower() if root else ""


def is_well_formed(text: str) -> bool:
    """Whether a strict parser takes it, undeclared prefixes refused."""
    parser = expat.ParserCreate("utf-8", namespace_separator=" ")
    try:
        parser.Parse(text.encode(), True)
    except expat.ExpatError:
        return False
    return True


def is_cut_off(text: str) -> bool:
    """Whether the root element is never closed: the rest of the document has not come."""
    root = _QUALIFIED.match(text)
    return root is not None and f"</{root[1]}".lower() not in text.lower()


def without_torn_entry(text: str) -> str:
    """A document that was cut off, up to the entry in which it was: that may lack its address, and comes whole another time.

    Where entries are never closed, none is torn.
    """
    tags = [tag for tag in _ENTRY_TAG.finditer(text) if not tag[2]]
    is_torn = bool(tags) and not tags[-1][1] and (len(tags) == 1 or bool(tags[-2][1]))
    return text[: tags[-1].start()] if is_torn else text


def mended(text: str) -> str:
    """References, stray `&` and `<`, and undeclared prefixes put right; a broken structure stays broken."""
    text = _WRONG.sub(_right, text)
    used = {prefix for pair in _PREFIX_IN_USE.findall(text) for prefix in pair if prefix}
    missing = sorted(used - set(_PREFIX_DECLARED.findall(text)) - {"xml", "xmlns"})
    root = _ROOT.match(text)
    if not root or not missing:
        return text
    declarations = "".join(
        f' xmlns:{prefix}="{_NAMESPACES.get(prefix, f"urn:undeclared:{prefix}")}"' for prefix in missing
    )
    return f"{text[: root.end()]}{declarations}{text[root.end() :]}"


def _right(wrong: re.Match[str]) -> str:
    if wrong["cdata"]:
        return wrong[0] if wrong[0].endswith("]]>") else f"{wrong[0]}]]>"
    if wrong["comment"]:
        return ""
    if name := wrong["name"]:
        character = html.unescape(wrong[0])
        return wrong[0] if name in _XML_NAMES else html.escape(character)
    if number := wrong["decimal"] or wrong["hexadecimal"]:
        # HTML's reading of numbers that XML forbids: 128-159 are cp1252, surrogates and beyond are U+FFFD.
        character = html.unescape(wrong[0])
        return (
            wrong[0]
            if number.isdigit() and int(number) in range(32, 128)
            else html.escape(_FORBIDDEN.sub("", character))
        )
    return "&lt;" if wrong[0] == "<" else "&amp;"
