"""`monitor search`: the archive, newest first; Japanese words of any length included."""

import json

import click
from rich.text import Text

from monitor.messages import say
from monitor.ports import Found
from monitor.session import local, open_memory, read_config
from monitor.stages.found import show_found
from monitor.terminal import FINE, errors, output


@click.command("search", help="Search the archive: every word must occur; quote a phrase to keep it whole.")
@click.argument("words", nargs=-1, required=True)
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True, help="How many at most.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object per line.")
@click.pass_context
def command(ctx: click.Context, words: tuple[str, ...], *, limit: int, as_json: bool) -> int:
    """Search; nothing found is fine, too."""
    config = read_config(ctx)
    # The shell has taken the quotes of a phrase: a word with a space in it was one.
    query = " ".join(f'"{word}"' if " " in word and '"' not in word else word for word in words)
    with open_memory(config) as store:
        found = store.archive.search(query, limit=limit)
    console = output()
    for one in found:
        if as_json:
            click.echo(json.dumps(_as_json(one), ensure_ascii=False))
        else:
            console.print(_line(one, local(one.article.published_at or one.article.fetched_at, config), query))
    if not as_json:
        code = "terminal.found" if found else "terminal.nothing-found"
        errors().print(say(code, config.language, count=len(found)), style="dim")
        for phrase in (word for word in words if not found and " " in word):
            errors().print(say("terminal.searched-as-phrase", config.language, phrase=phrase))
    return FINE


def _line(one: Found, at: str, query: str) -> Text:
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
