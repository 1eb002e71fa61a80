"""An article as it was told x the same one with its body -> the one that is kept. Pure."""

from dataclasses import replace

from monitor.model import Article


def with_body(stored: Article, read: Article) -> Article:
    """The body of what was read now; headline, dates and all else as first told, filled in only where they were empty."""
    return replace(
        stored,
        title=stored.title or read.title,
        authors=stored.authors or read.authors,
        published_at=stored.published_at or read.published_at,
        updated_at=stored.updated_at or read.updated_at,
        language=read.language or stored.language,
        text=read.text,
        text_from=read.text_from,
        missing=read.missing,
    )
