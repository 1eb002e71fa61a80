"""`monitor why`: every condition of the rules on one article, and what nearly matched."""

import asyncio
import difflib
import json
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from monitor import __version__
from monitor.app import load_judge
from monitor.clock import utc_now
from monitor.config import Config, list_sources
from monitor.errors import StoreError, UsageError
from monitor.fetch import HttpFetcher
from monitor.model import Article, FeedEntry, Source, TextFrom
from monitor.parsing.parser import ChildParser
from monitor.rules.book import Rule
from monitor.rules.explain import explain, show_explanations, to_json
from monitor.session import open_memory, read_config
from monitor.terminal import FINE, output
from monitor.urls import article_key, host_of, is_web_url

#: Characters of a file or of standard input that are judged; more than any article has.
LONGEST_TEXT = 200_000


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
    rule = _find_rule(rule_id, judge.book.rules)
    article, source = _find_article(config, target)
    explanations = explain(judge.matcher, article, source, rule_id=rule.id if rule else None)
    if as_json:
        click.echo(json.dumps(to_json(explanations, config.language), ensure_ascii=False, indent=2))
    else:
        show_explanations(explanations, article, config.language, output())
    return FINE


def _find_rule(name: str | None, rules: Sequence[Rule]) -> Rule | None:
    if name is None:
        return None
    for rule in rules:
        if name in {rule.id, rule.name}:
            return rule
    known = [label for rule in rules for label in (rule.id, rule.name)]
    near = difflib.get_close_matches(name, known, n=1, cutoff=0) or ["–"]
    raise UsageError("terminal.no-such-rule", name=name, suggestion=near[0])


def _find_article(config: Config, wanted: str) -> tuple[Article, Source]:
    """What TARGET names: standard input, a file, a stored article, else the page at an address."""
    sources = {source.id: source for source in list_sources(config)}
    if wanted == "-":
        return _typed(sys.stdin.read(LONGEST_TEXT))
    if (path := Path(wanted)).is_file():
        return _typed(path.read_bytes()[: 4 * LONGEST_TEXT].decode("utf-8-sig", errors="replace"))
    stored = _stored(config, wanted)
    if stored is not None:
        return stored, sources.get(stored.source_id) or _unlisted(stored.url)
    if is_web_url(wanted):
        source = next((one for one in sources.values() if host_of(one.url) == host_of(wanted)), _unlisted(wanted))
        return asyncio.run(_fetched(config, source, wanted)), source
    raise UsageError("terminal.no-such-article", what=wanted)


def _stored(config: Config, wanted: str) -> Article | None:
    try:
        with open_memory(config) as store:
            return store.archive.article(wanted)
    except StoreError:
        # Texts and addresses can be explained before there is a memory.
        return None


async def _fetched(config: Config, source: Source, url: str) -> Article:
    parser = ChildParser(count=1)
    try:
        async with HttpFetcher(config.fetch, contact=config.contact, version=__version__) as fetcher:
            return await parser.article(source, FeedEntry(source_id=source.id, url=url), await fetcher.get(url))
    finally:
        await parser.close()


def _unlisted(url: str) -> Source:
    """A source for an article that no configured source brought."""
    return Source(id="", name=host_of(url), kind="feed", url=url, every=Config.model_fields["fetch"].default.every)


def _typed(text: str) -> tuple[Article, Source]:
    """A text as typed: its first line is the headline."""
    title, _, body = text.strip().partition("\n")
    id_ = article_key(None, source_id="", guid=None, title=text)
    article = Article(
        id=id_,
        url="",
        source_id="",
        title=title.strip(),
        text=body.strip(),
        fetched_at=utc_now(),
        text_from=TextFrom.PAGE,
        story=id_,
    )
    return article, _unlisted("")
