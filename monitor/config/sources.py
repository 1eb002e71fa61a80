"""Config -> Sources, defaults filled in. Pure."""

from collections import Counter
from collections.abc import Iterable

from monitor.config.settings import Config, SourceConfig
from monitor.model import Source
from monitor.urls import host_of, slug, without_user

KINDS = ("feed", "page", "sitemap")


def addresses(source: SourceConfig) -> dict[str, str]:
    """Kind -> address, of those that the source names; a right one names exactly one."""
    return {kind: getattr(source, kind) for kind in KINDS if getattr(source, kind) is not None}


def source_id(source: SourceConfig) -> str:
    """The id as configured, else a slug of the address."""
    return source.id or slug(without_user(next(iter(addresses(source).values()), "")))


def list_sources(config: Config) -> tuple[Source, ...]:
    """Every configured source as the rest of the house knows it."""
    return tuple(_make(source, config) for source in config.sources)


def labels(sources: Iterable[Source]) -> dict[str, str]:
    """Id -> what a person calls the source: its name, with the id where another has the same one, as two feeds of a host."""
    known = tuple(sources)
    names = Counter(source.name for source in known)
    return {one.id: one.name if names[one.name] == 1 else f"{one.name} ({one.id})" for one in known}


def _make(source: SourceConfig, config: Config) -> Source:
    kind, url = next(iter(addresses(source).items()))
    return Source(
        id=source_id(source),
        name=source.name or host_of(url),
        kind=kind,
        url=url,
        every=source.every or config.fetch.every,
        group=source.group,
        language=source.language.lower() if source.language else None,
        headers=tuple(source.headers.items()),
        initial=source.initial,
        full_text=source.full_text,
        body=source.body,
        links=source.links,
    )
