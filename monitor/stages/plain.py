r"""Tree of HTML (or of an extractor's XML) -> plain text, as a reader sees it. Pure.

Paragraphs are parted by a blank line; a single "\n" is a line break that the page meant (<br>, the cells of a table).
"""

import re

from lxml import etree

_UNSEEN_NAMES = "script style noscript template iframe object svg canvas select textarea title"
_UNSEEN = frozenset(_UNSEEN_NAMES.split())
_INLINE_NAMES = (
    "a abbr acronym b bdi bdo big button cite code data del dfn em font graphic hi i img ins kbd label mark nobr q rb "
    "rbc ref ruby s samp small span strike strong sub sup time tt u var wbr"
)
#: Everything else stands on a line of its own.
INLINE = frozenset(_INLINE_NAMES.split())
#: Where the line breaks of the source are those of the text.
_VERBATIM = frozenset(["pre", "code"])
_BREAKS = frozenset(["br", "lb", "cell", "td", "th"])
_SPACES = re.compile("[ \t\f\v\r\xa0]+")
_AROUND_BREAK = re.compile(" *\n[ \u3000]*")
_BLANK_LINES = re.compile("\n{2,}")


def plain(root: etree._Element) -> str:
    """The text of a tree."""
    parts: list[str] = []
    verbatim = 0
    walk = etree.iterwalk(root, events=("start", "end"))
    for event, element in walk:
        parts.append(_gap(element.tag, event))
        if element.tag in _VERBATIM:
            verbatim += 1 if event == "start" else -1
        text = element.text if event == "start" else element.tail
        if event == "start" and element.tag in _UNSEEN:
            walk.skip_subtree()
        elif text and (event == "start" or element is not root):
            parts.append(text if verbatim else text.replace("\n", " "))
    return tidy("".join(parts))


def tidy(text: str) -> str:
    """White space settled: single spaces, no more than one blank line, none at the edges of a line."""
    text = _SPACES.sub(" ", text)
    text = _AROUND_BREAK.sub("\n", text)
    return _BLANK_LINES.sub("\n\n", text).strip(" \n\u3000")


def _gap(tag: str, event: str) -> str:
    if tag in _BREAKS:
        return "\n" if event == "start" else ""
    return "" if tag in INLINE or tag in _UNSEEN else "\n\n"
