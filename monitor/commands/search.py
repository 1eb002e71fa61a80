"""`monitor search`: the archive, newest first; the folding, borders and operators of rules."""

import json
import re
from dataclasses import replace

import click
from rich.text import Text

from monitor.errors import UsageError
from monitor.messages import say
from monitor.ports import Archive, Found
from monitor.session import local, open_memory, read_config
from monitor.stages.found import show_found
from monitor.terminal import FINE, errors, output
from monitor.text.query import Query
from monitor.text.query_line import QueryError, parse_query, rejoin

_HELP = """Search the archive.

WORDS must all occur; OR (or a bar) between two words means either; -WORD must not occur; quotes keep a phrase whole;
title:WORD and body:WORD look at one part, source:NAME at the outlet; WORD* may go on; parentheses group.
"""

_EXCLUDED = re.compile(r"-(?![hv]$)[^-].*", re.DOTALL)


class _Search(click.Command):
    """-EU excludes a word; only options of one letter that exist are options."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """U+2212 excludes like the hyphen, and means nothing to click."""
        return super().parse_args(ctx, [f"\u2212{arg[1:]}" if _EXCLUDED.fullmatch(arg) else arg for arg in args])


@click.command("search", cls=_Search, help=_HELP)
@click.argument("words", nargs=-1, required=True)
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True, help="How many at most.")
@click.option("--part", is_flag=True, help="Count words inside longer words, too.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object per line.")
@click.pass_context
def command(ctx: click.Context, words: tuple[str, ...], *, limit: int, part: bool, as_json: bool) -> int:
    """Search; nothing found is fine, too."""
    config = read_config(ctx)
    query = _read(words, part=part)
    with open_memory(config) as store:
        found = store.archive.search(query, limit=limit)
        more_in_parts = not as_json and _more_in_parts(store.archive, query, found, limit)
    console = output()
    for one in found:
        if as_json:
            click.echo(json.dumps(_as_json(one), ensure_ascii=False))
        else:
            console.print(_line(one, local(one.article.published_at or one.article.fetched_at, config), query))
    if not as_json:
        full = "terminal.found-newest" if len(found) == limit else "terminal.found"
        code = full if found else "terminal.nothing-found"
        errors().print(say(code, config.language, count=len(found)), style="dim")
        for phrase in (word for word in words if not found and rejoin([word]) not in {word, f"({word})"}):
            errors().print(say("terminal.searched-as-phrase", config.language, phrase=phrase))
        if found.looked_back_to is not None:
            at = local(found.looked_back_to, config)
            errors().print(say("terminal.looked-back-to", config.language, at=at), style="yellow")
        if more_in_parts:
            errors().print(say("terminal.found-in-parts", config.language), style="dim")
    return FINE


def _read(words: tuple[str, ...], *, part: bool) -> Query:
    try:
        return parse_query(rejoin(words), boundary="part" if part else "auto")
    except QueryError as error:
        raise UsageError(error.code, **error.facts) from error


def _more_in_parts(archive: Archive, query: Query, found: list[Found], limit: int) -> bool:
    """Whether other articles hold the letters, but only inside longer words: nothing is left out unsaid."""
    if len(found) >= limit or query.boundary == "part":
        return False
    known = {one.article.id for one in found}
    wider = archive.search(replace(query, boundary="part"), limit=len(found) + 1)
    return any(one.article.id not in known for one in wider)


def _line(one: Found, at: str, query: Query) -> Text:
    title, snippet = show_found(one.article, query)
    text = Text()
    _append(text, title.text, title.highlights, f"bold link {one.article.url}")
    text.append(f"\n  {one.outlet}  {at}  {one.article.id}\n", style="dim")
    if snippet is not None:
        text.append("  ")
        _append(text, snippet.text, snippet.highlights, "")
        text.append("\n")
    text.append(f"  {one.article.url}\n", style="dim")
    return text


def _append(text: Text, words: str, highlights: tuple[tuple[int, int], ...], style: str) -> None:
    offset = len(text.plain)
    text.append(words, style=style)
    for start, end in highlights:
        text.stylize("bold yellow", offset + start, offset + end)


def _as_json(one: Found) -> dict[str, object]:
    article = one.article
    return {
        "id": article.id,
        "url": article.url,
        "title": article.title,
        "source": article.source_id,
        "outlet": one.outlet,
        "published_at": article.published_at.isoformat() if article.published_at else None,
        "language": article.language,
    }
