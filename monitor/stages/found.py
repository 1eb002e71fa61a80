"""Article x search words -> headline and snippet with the words marked. Pure."""

import re

from monitor.model import Article, Snippet
from monitor.text.fold import Folded, fold
from monitor.text.query import split_query
from monitor.text.snippets import highlight, snippet


def show_found(article: Article, query: str) -> tuple[Snippet, Snippet | None]:
    """The headline, and the best place in the text where a word of the query stands (`None` where none does)."""
    words = [fold(word).text.strip() for word in split_query(query)]
    title_spans = _spans(fold(article.title), words)
    text_spans = _spans(fold(article.text), words)
    body = snippet(article.text, text_spans) if text_spans else None
    return highlight(article.title, title_spans), body


def _spans(folded: Folded, words: list[str]) -> list[tuple[int, int]]:
    found = [
        folded.span(hit.start(), hit.end())
        for word in words
        if word
        for hit in re.finditer(re.escape(word), folded.text)
    ]
    return sorted(set(found))
