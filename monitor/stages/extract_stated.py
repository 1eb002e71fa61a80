"""Tree of a page -> what the page states about itself: headlines, site names, dates, authors, language. Pure.

JSON-LD and meta elements are written for machines and are believed in this order; what has to be guessed from the
looks of a page is not done here.
"""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from lxml.html import HtmlElement

from monitor.stages.plain import plain

#: A page with more JSON-LD than this is not read for it.
_MOST_JSON = 2_000_000
_DEEPEST = 8
_ARTICLES = re.compile(r"(?:article|posting|report|review|recipe)$", re.IGNORECASE)
_PAGES = re.compile(r"(?:webpage|videoobject|itempage)$", re.IGNORECASE)
_ORGANISATIONS = re.compile(r"(?:organization|website)$", re.IGNORECASE)
#: What scripts are wrapped in for browsers of old.
_WRAPPERS = ("//", "<!--", "<![CDATA[", "-->", "]]>", ";")
_PUBLISHED_NAMES = (
    "article:published_time og:article:published_time article:published datepublished og:published_time "
    "rnews:datepublished parsely-pub-date sailthru.date cxenseparse:recs:publishtime cxenseparse:publishtime "
    "citation_publication_date originalpublicationdate pubdate publishdate publish-date publish_date published_at "
    "publication_date publisheddate published dc.date.issued dcterms.issued dcterms.created dc.date.created "
    "dc.date dcterms.date dc:date displaydate iso-8601-publish-date article_date_original date_published date"
)
_UPDATED_NAMES = (
    "article:modified_time og:article:modified_time datemodified og:updated_time dcterms.modified dc.date.modified "
    "last-modified lastmod article.updated rnews:datemodified revised date_modified updated_time"
)
_PUBLISHED, _UPDATED = _PUBLISHED_NAMES.split(), _UPDATED_NAMES.split()
_SITES = ("og:site_name", "application-name", "apple-mobile-web-app-title", "twitter:site")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """Texts as the page writes them, the most credible first."""

    headlines: tuple[str, ...] = ()
    #: The whole <title>, which often ends in the name of the site.
    page_title: str = ""
    sites: tuple[str, ...] = ()
    published: tuple[str, ...] = ()
    updated: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    language: str | None = None
    #: The text of the article, its line breaks kept; it may hold markup.
    bodies: tuple[str, ...] = ()


def read_stated(tree: HtmlElement) -> Stated:
    """Everything a page states about itself."""
    nodes = list(_json_ld(tree))
    articles = [node for node in nodes if _is(node, _ARTICLES)]
    dated = articles + [node for node in nodes if _is(node, _PAGES)]
    metas = _metas(tree)
    return Stated(
        headlines=_texts(
            [
                *_strings(metas, ("og:title",)),
                *_of(articles, "headline"),
                *_only_h1(tree),
                *_strings(metas, ("twitter:title",)),
            ]
        ),
        page_title=_first_text(tree, ".//title"),
        sites=_texts([*_strings(metas, _SITES), *_names(articles, "publisher"), *_own_names(nodes)]),
        published=_texts([*_of(dated, "datePublished"), *_strings(metas, _PUBLISHED), *_items(tree, "datePublished")]),
        updated=_texts([*_of(dated, "dateModified"), *_strings(metas, _UPDATED), *_items(tree, "dateModified")]),
        authors=_texts(_names(articles, "author", nodes)),
        language=_language(tree, metas),
        bodies=tuple(_of(articles, "articleBody")),
    )


def _json_ld(tree: HtmlElement) -> Iterator[dict[str, Any]]:
    left = _MOST_JSON
    for script in tree.iter("script"):
        if (script.get("type") or "").partition(";")[0].strip().lower() != "application/ld+json":
            continue
        text = script.text or ""
        left -= len(text)
        if left < 0:
            return
        try:
            yield from _objects(json.loads(_unwrapped(text), strict=False), _DEEPEST)
        except (ValueError, RecursionError):
            yield from _torn(text)


def _unwrapped(text: str) -> str:
    for wrapper in _WRAPPERS:
        text = text.strip().removeprefix(wrapper).removesuffix(wrapper)
    return text


def _objects(value: Any, depth: int) -> Iterator[dict[str, Any]]:
    """Every object in reading order, the outer before the inner."""
    if depth and isinstance(value, dict):
        yield value
        for inner in value.values():
            yield from _objects(inner, depth - 1)
    elif depth and isinstance(value, list):
        for inner in value:
            yield from _objects(inner, depth - 1)


def _torn(text: str) -> Iterator[dict[str, Any]]:
    """The little that can be had from JSON that is none: quotes not escaped, commas too many."""
    if re.search(r'"@type"\s*:\s*\[?\s*"[A-Za-z]*Article"', text):
        found = re.findall(r'"(headline|datePublished|dateModified)"\s*:\s*"([^"\\]{1,300})"', text)
        yield {"@type": "Article", **dict(reversed(found))}


def _is(node: dict[str, Any], kind: re.Pattern[str]) -> bool:
    return any(isinstance(one, str) and kind.search(one) for one in _listed(node.get("@type")))


def _of(nodes: Sequence[dict[str, Any]], key: str) -> Iterator[str]:
    for node in nodes:
        if isinstance(node.get(key), str):
            yield node[key]


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _names(nodes: Sequence[dict[str, Any]], key: str, known: Sequence[dict[str, Any]] = ()) -> Iterator[str]:
    """The names under a key of the first node that has any; people, organisations or mere texts.

    A node that only refers to another by its @id has the name of that one, if it is among the `known`.
    """
    named = {node["@id"]: node for node in known if isinstance(node.get("@id"), str) and "name" in node}
    for node in nodes:
        values = _listed(node.get(key))
        names = [_name(named.get(str(one.get("@id")), one) if isinstance(one, dict) else one) for one in values]
        if found := [name for name in names if name]:
            yield from found
            return


def _name(value: Any) -> str:
    name = value.get("name") if isinstance(value, dict) else value
    if isinstance(name, list):
        name = ", ".join(part for part in name if isinstance(part, str))
    return name if isinstance(name, str) and not name.startswith(("http:", "https:", "#")) else ""


def _own_names(nodes: Sequence[dict[str, Any]]) -> Iterator[str]:
    for node in nodes:
        if _is(node, _ORGANISATIONS):
            yield from (name for name in (node.get("name"), node.get("alternateName")) if isinstance(name, str))


def _metas(tree: HtmlElement) -> dict[str, str]:
    """Content of each meta element by its property or name, in lower case; the first one counts."""
    found: dict[str, str] = {}
    for meta in tree.iter("meta"):
        name = meta.get("property") or meta.get("name") or meta.get("itemprop") or meta.get("http-equiv")
        # Pages that were kept by a reader carry the text in "value".
        content = (meta.get("content") or meta.get("value") or "").strip()
        if name and content:
            found.setdefault(name.strip().lower(), content)
    return found


def _strings(metas: dict[str, str], names: Sequence[str]) -> Iterator[str]:
    return (metas[name] for name in names if name in metas)


def _items(tree: HtmlElement, name: str) -> Iterator[str]:
    """Microdata: <time itemprop="datePublished" datetime="...">."""
    for element in tree.xpath(".//*[@itemprop=$name]", name=name):
        yield element.get("datetime") or element.get("content") or plain(element)


def _only_h1(tree: HtmlElement) -> Iterator[str]:
    headings = [text for heading in tree.iter("h1") if (text := plain(heading))]
    return iter(headings if len(headings) == 1 else ())


def _first_text(tree: HtmlElement, path: str) -> str:
    element = tree.find(path)
    return "" if element is None else " ".join((element.text or "").split())


def _language(tree: HtmlElement, metas: dict[str, str]) -> str | None:
    stated = tree.get("lang") or tree.get("{http://www.w3.org/XML/1998/namespace}lang") or tree.get("xml:lang")
    stated = stated or metas.get("content-language") or metas.get("og:locale", "")
    found = re.match(r"\s*([A-Za-z]{2,3})(?![A-Za-z])", stated or "")
    return found[1].lower() if found else None


def _texts(values: Iterator[str] | list[str]) -> tuple[str, ...]:
    """White space collapsed, empty and repeated ones dropped, the order kept."""
    return tuple(dict.fromkeys(text for value in values if (text := " ".join(value.split()))))
