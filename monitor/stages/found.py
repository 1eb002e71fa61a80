"""Article x search -> headline and snippet with the words marked. Pure."""

from monitor.model import Article, Snippet
from monitor.text.query import Query
from monitor.text.snippets import highlight, snippet


def show_found(article: Article, query: Query) -> tuple[Snippet, Snippet | None]:
    """The headline, and the best place in the text where a word of the query stands (`None` where none does)."""
    in_title, in_text = query.marks(title=article.title, text=article.text)
    return highlight(article.title, in_title), snippet(article.text, in_text) if in_text else None
