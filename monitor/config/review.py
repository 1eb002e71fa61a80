"""Config -> Findings: what types alone cannot see. Pure, but for looking whether the rules folder exists."""

from collections.abc import Iterator
from ipaddress import ip_address
from pathlib import Path
from typing import Protocol

import soupsieve

from monitor.config.settings import Config
from monitor.config.sources import addresses, source_id
from monitor.model import Finding, Severity

At = tuple[str | int, ...]


class Find(Protocol):
    """Makes a finding at the place of a key."""

    def __call__(self, code: str, at: At, severity: Severity = ..., **facts: object) -> Finding: ...


def review(config: Config, find: Find) -> list[Finding]:
    """Everything that is wrong between keys."""
    return [
        *_review_database(config, find),
        *_review_sources(config, find),
        *_review_channels(config, find),
        *_review_times(config, find),
        *_review_rules(config, find),
        *_review_http(config, find),
    ]


def _review_sources(config: Config, find: Find) -> Iterator[Finding]:
    if not config.sources:
        yield find("config.no-sources", ("sources",), Severity.WARNING)
    for index, source in enumerate(config.sources):
        at: At = ("sources", index)
        urls = addresses(source)
        if len(urls) != 1:
            yield find("config.source-kind", at, name=source.name or index + 1, count=len(urls))
            continue
        for kind in urls.keys() - {"feed"}:
            yield find("config.not-yet", (*at, kind), key=kind)
        yield from _review_selectors(source.body, source.links, at, find)
    yield from _review_doubles(config, find)


def _review_selectors(body: str | None, links: str | None, at: At, find: Find) -> Iterator[Finding]:
    for key, selector in (("body", body), ("links", links)):
        try:
            if selector is not None:
                soupsieve.compile(selector)
        except (soupsieve.SelectorSyntaxError, ValueError) as error:
            yield find("config.selector", (*at, key), key=key, value=repr(selector), why=str(error).splitlines()[0])


def _review_doubles(config: Config, find: Find) -> Iterator[Finding]:
    ids: dict[str, int] = {}
    urls: dict[str, int] = {}
    for index, source in enumerate(config.sources):
        at: At = ("sources", index)
        for url in addresses(source).values():
            if url in urls and source.id is None:
                yield find("config.duplicate-url", at, url=url)
                break
            urls[url] = index
        else:
            name = source_id(source)
            if name in ids:
                first = find("config.duplicate-id", ("sources", ids[name])).line
                yield find("config.duplicate-id", (*at, "id"), id=name, first=first)
            ids.setdefault(name, index)


def _review_channels(config: Config, find: Find) -> Iterator[Finding]:
    for name, channel in config.channels.items():
        places = [place for place in (channel.slack, channel.webhook_env, channel.webhook_file) if place is not None]
        if len(places) != 1:
            yield find("config.channel-kind", ("channels", name), name=name, count=len(places))


def _review_times(config: Config, find: Find) -> Iterator[Finding]:
    """Where nothing is ever told that waits for a digest."""
    if not config.digest.at:
        yield find("config.no-times", ("digest", "at"), Severity.WARNING)
    for name, channel in config.channels.items():
        if channel.when == "digest" and channel.at == ():
            yield find("config.no-times", ("channels", name, "at"), Severity.WARNING)


def _review_database(config: Config, find: Find) -> Iterator[Finding]:
    if "://" not in config.database and not Path(config.database).parent.is_dir():
        yield find("config.no-database-folder", ("database",), path=Path(config.database).parent)


def _review_http(config: Config, find: Find) -> Iterator[Finding]:
    address = config.http.address
    if address and not ip_address(address[0]).is_loopback:
        yield find("config.listens-to-others", ("http", "listen"), Severity.WARNING, value=config.http.listen)


def _review_rules(config: Config, find: Find) -> Iterator[Finding]:
    if not config.rules.is_dir():
        yield find("config.no-rules-folder", ("rules",), path=config.rules)
