"""`monitor why`: every condition of the rules on one article, and what nearly matched."""

import asyncio
import json
import os
import re
import sys
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import click

from monitor import __version__
from monitor.clock import utc_now
from monitor.config import Channels, Config, list_sources
from monitor.errors import StoreError, UsageError
from monitor.fetch import HttpFetcher
from monitor.judge import load_judge
from monitor.model import Article, Fate, FeedEntry, Page, Source, TextFrom
from monitor.parsing.parser import ChildParser
from monitor.plan import timetable_of
from monitor.rules.explain import explain, show_explanations, to_json
from monitor.rules.naming import find_rule
from monitor.session import local, open_memory, read_config
from monitor.stages.extract_language import language_of
from monitor.stages.fates import fate_line, fates_json
from monitor.terminal import FINE, TreeScreen, output
from monitor.text.encodings import decode_bytes
from monitor.urls import article_key, canonical_url, host_of, is_web_url

#: Bytes of a file or of standard input that are read; more than any article has.
LONGEST = 5_000_000
#: Characters of a text that no language but its own is taken for; headlines in English are taken for Frisian.
_TELLING = 200
_HTML = re.compile(rb"(\xef\xbb\xbf)?\s*<(!doctype html|html|head|body|article|meta|\?xml)\b", re.IGNORECASE)


@click.command(
    "why",
    help="Why an article matched a rule, or did not. TARGET: address, stored article id, file, or - for standard input.",
)
@click.argument("target")
@click.option("--rule", "rule_id", help="Only this rule (id or name).")
@click.option("--json", "as_json", is_flag=True, help="The whole trace as JSON.")
@click.pass_context
def command(ctx: click.Context, target: str, *, rule_id: str | None, as_json: bool) -> int:
    """Explain."""
    config = read_config(ctx)
    judge = load_judge(config)
    rule = None if rule_id is None else find_rule(rule_id, judge.book.rules)
    article, source = _find_article(config, target)
    explanations = explain(judge.matcher, article, source, rule_id=rule.id if rule else None)
    fates = _fates(config, article)
    if as_json:
        told = [
            {**one, "tellings": fates_json(fate for fate in fates if fate.rule_id == one["rule"])}
            for one in to_json(explanations, config.language)
        ]
        click.echo(json.dumps(told, ensure_ascii=False, indent=2))
    else:
        notes = _notes(config, fates)
        show_explanations(explanations, article, config.language, TreeScreen(output()), notes)
    return FINE


def _fates(config: Config, article: Article) -> list[Fate]:
    """What became of the matches of a stored article."""
    try:
        with open_memory(config) as store:
            return store.archive.fates(article.id)
    except StoreError:
        return []


def _notes(config: Config, fates: Sequence[Fate]) -> dict[str, list[str]]:
    """By rule id: a line per destination."""
    channels, timetable, now = Channels(config), timetable_of(config), utc_now()

    def next_at(channel: str) -> datetime | None:
        return timetable.next_slot(channels.get(channel), now)

    notes: dict[str, list[str]] = defaultdict(list)
    for fate in fates:
        line = fate_line(fate, config.language, moment=lambda at: local(at, config), next_at=next_at)
        notes[fate.rule_id].append(f"→ {line}")
    return notes


def _find_article(config: Config, wanted: str) -> tuple[Article, Source]:
    """What TARGET names: standard input, a file, a stored article, else the page at an address."""
    sources = {source.id: source for source in list_sources(config)}
    if wanted == "-":
        return _read(_typed_bytes(), wanted)
    # Unlike those of Path these answer "no" to what is too long for a name, as addresses may be, or may not be looked at.
    if os.path.exists(wanted) and not os.path.isdir(wanted):  # noqa: PTH110, PTH112 - see above
        return _read(_file_bytes(Path(wanted)), wanted)
    stored = _stored(config, wanted)
    if stored is not None:
        return stored, sources.get(stored.source_id) or _unlisted(stored.url)
    if is_web_url(wanted):
        source = next((one for one in sources.values() if host_of(one.url) == host_of(wanted)), _unlisted(wanted))
        return asyncio.run(_fetched(config, source, wanted)), source
    raise UsageError("terminal.no-such-article", what=wanted)


def _typed_bytes() -> bytes:
    try:
        # A stream that was closed is none.
        return sys.stdin.buffer.read(LONGEST) if sys.stdin else b""
    except OSError as error:
        raise UsageError("config.unreadable", path="-", why=error.strerror) from None


def _file_bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(LONGEST)
    except OSError as error:
        raise UsageError("config.unreadable", path=path, why=error.strerror) from None


def _read(body: bytes, name: str) -> tuple[Article, Source]:
    """A saved page as any page is read; else a text, its first line the headline."""
    if _HTML.match(body):
        return asyncio.run(_extracted(body)), _unlisted("")
    text = decode_bytes(body, ())
    if not text.strip():
        raise UsageError("terminal.empty-text", what=name)
    if "\0" in text or text.count("\ufffd") > len(text) / 10:
        raise UsageError("terminal.no-text", what=name)
    return _typed(text)


def _stored(config: Config, wanted: str) -> Article | None:
    try:
        with open_memory(config) as store:
            # An address is mostly copied with what says where it was found.
            keys = [article_key(wanted, source_id="", guid=None, title="")] if is_web_url(wanted) else []
            names = (*keys, wanted.strip(), canonical_url(wanted))
            return next((found for name in names if (found := store.archive.article(name)) is not None), None)
    except StoreError as error:
        # Texts and addresses can be explained before there is a memory; what one that cannot be read holds is not known.
        if error.code != "stores.missing":
            raise
        return None


async def _fetched(config: Config, source: Source, url: str) -> Article:
    parser = ChildParser(count=1)
    try:
        async with HttpFetcher(config.fetch, contact=config.contact, version=__version__) as fetcher:
            return await parser.article(source, FeedEntry(source_id=source.id, url=url), await fetcher.get(url))
    finally:
        await parser.close()


async def _extracted(body: bytes) -> Article:
    parser = ChildParser(count=1, now=utc_now)
    page = Page(url="", final_url="", status=200, content_type="text/html", body=body, fetched_at=utc_now())
    try:
        return await parser.article(_unlisted(""), FeedEntry(source_id="", url=None), page)
    finally:
        await parser.close()


def _unlisted(url: str) -> Source:
    """A source for an article that no configured source brought."""
    return Source(id="", name=host_of(url), kind="feed", url=url, every=Config.model_fields["fetch"].default.every)


def _typed(text: str) -> tuple[Article, Source]:
    """A text as typed: its first line is the headline. What language it is in is said only where it is certain."""
    title, _, body = text.strip().partition("\n")
    language = language_of(None, (), text)
    id_ = article_key(None, source_id="", guid=None, title=text)
    article = Article(
        id=id_,
        url="",
        source_id="",
        title=title.strip(),
        text=body.strip(),
        fetched_at=utc_now(),
        language=language if language == "ja" or len(text) >= _TELLING else None,
        text_from=TextFrom.PAGE,
        story=id_,
    )
    return article, _unlisted("")
