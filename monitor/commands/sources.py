"""`monitor sources`: health, rhythm and last error of each source; adding one."""

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path

import click
from rich.table import Table
from rich.text import Text

from monitor import __version__
from monitor.clock import utc_now
from monitor.commands import later_command
from monitor.config import Config, labels, list_sources, review_text
from monitor.errors import ConfigError, StoreError, UsageError, recall
from monitor.fetch import HttpFetcher
from monitor.messages import say
from monitor.model import Finding, Listing, Source, SourceState
from monitor.parsing.parser import ChildParser
from monitor.session import ago, config_path, open_memory, read_config
from monitor.terminal import FINE, errors, output, sentence
from monitor.urls import canonical_url, host_of, is_web_url, slug, without_user


@click.group("sources", invoke_without_command=True, help="Health, rhythm and last error of each source; add one.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object per line.")
@click.pass_context
def command(ctx: click.Context, *, as_json: bool) -> int:
    """List when no subcommand is named."""
    return ctx.invoke(list_command, as_json=as_json) if ctx.invoked_subcommand is None else FINE


@command.command("list", help="Every source with its health.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object per line.")
@click.pass_context
def list_command(ctx: click.Context, *, as_json: bool = False) -> int:
    """Show every configured source."""
    as_json = as_json or bool(ctx.parent and ctx.parent.params.get("as_json"))
    config = read_config(ctx)
    states = _states(config)
    sources = list_sources(config)
    if as_json:
        for source in sources:
            click.echo(json.dumps(_as_json(source, states.get(source.id)), ensure_ascii=False))
    else:
        console, names = output(), labels(sources)
        console.print(_table(sources, states, config))
        for source in sources:
            state = states.get(source.id)
            if state and state.last_error:
                why = recall(state.last_error, config.language)
                why = why.removeprefix(source.name) if why.startswith(source.name) else f": {why}"
                console.print(f"{names[source.id]}{why}", style="yellow")
    return FINE


def _states(config: Config) -> Mapping[str, SourceState]:
    try:
        with open_memory(config) as store:
            return store.archive.source_states()
    except StoreError as error:
        # Before the first run there is no memory, but there are sources to list.
        if error.code != "stores.missing":
            raise
        return {}


def _health(state: SourceState | None) -> str:
    if state is None or state.last_poll_at is None:
        return "new"
    if state.gone:
        return "gone"
    return "failing" if state.last_error else "ok"


def _as_json(source: Source, state: SourceState | None) -> dict[str, object]:
    return {
        "id": source.id,
        "name": source.name,
        "kind": source.kind,
        "url": without_user(source.url),
        "group": source.group,
        "every_seconds": source.every.total_seconds(),
        "state": _health(state),
        "failures": state.failures if state else 0,
        "last_poll_at": state.last_poll_at.isoformat() if state and state.last_poll_at else None,
        "last_ok_at": state.last_ok_at.isoformat() if state and state.last_ok_at else None,
        "next_poll_at": state.next_poll_at.isoformat() if state else None,
        "last_error": recall(state.last_error, "en") if state and state.last_error else None,
        "moved_to": state.moved_to if state else None,
    }


def _table(sources: tuple[Source, ...], states: Mapping[str, SourceState], config: Config) -> Table:
    now, names = utc_now(), labels(sources)
    table = Table(box=None, pad_edge=False)
    for key in ("source", "state", "last-poll", "next-poll", "address"):
        table.add_column(say(f"status.{key}", config.language), overflow="fold")
    for source in sources:
        state, health = states.get(source.id), _health(states.get(source.id))
        style = {"failing": "yellow", "gone": "red", "ok": "green"}.get(health, "dim")
        table.add_row(
            names[source.id],
            Text(say(f"status.{health}", config.language), style=style),
            ago(state.last_poll_at, now, config.language) if state else "–",
            ago(state.next_poll_at, now, config.language) if state else "–",
            without_user(source.url),
        )
    return table


@command.command("add", help="Fetch a feed, show what it holds, and add it to config.toml.")
@click.argument("url")
@click.option("--name", help="Else the feed's own title.")
@click.option("--group", help="A group that rules may name.")
@click.pass_context
def add_command(ctx: click.Context, url: str, *, name: str | None, group: str | None) -> int:
    """Add one source; FetchError or ParseError says why it cannot be read."""
    config = read_config(ctx)
    if not is_web_url(url):
        raise UsageError("fetch.address", url=url)
    for source in list_sources(config):
        if canonical_url(source.url) == canonical_url(url):
            raise UsageError("terminal.source-known", url=url, id=source.id)
    source = Source(id=slug(url), name=name or host_of(url), kind="feed", url=url, every=config.fetch.every)
    listing = asyncio.run(_read(config, source))
    chosen = name or listing.title or host_of(url)
    path = config_path(ctx)
    _append(path, {"name": chosen, "feed": url, "group": group}, config.language)
    newest = listing.entries[0].title if listing.entries else "–"
    facts = {"name": chosen, "url": url, "path": path, "count": len(listing.entries), "newest": newest}
    errors().print(say("terminal.source-added", config.language, **facts), style="green")
    return FINE


for _name in ("discover", "import", "export"):
    command.add_command(later_command(f"sources {_name}"), _name)


async def _read(config: Config, source: Source) -> Listing:
    parser = ChildParser(count=1)
    try:
        async with HttpFetcher(config.fetch, contact=config.contact, version=__version__) as fetcher:
            return await parser.listing(source, await fetcher.get(source.url))
    finally:
        await parser.close()


def _append(path: Path, values: Mapping[str, str | None], language: str) -> None:
    """Add a table at the end: every line and comment of the operator's file stays as it is, and right."""
    lines = [f"{key} = {_quoted(value)}" for key, value in values.items() if value is not None]
    table = "\n".join(["", "[[sources]]", *lines, ""])
    try:
        review_text(path, path.read_text(encoding="utf-8-sig") + table)
        with path.open("a", encoding="utf-8") as file:
            file.write(table)
    except ConfigError as error:
        [why, *_] = (sentence(one, language) for one in error.findings if isinstance(one, Finding))
        raise UsageError("terminal.source-unfit", path=path, why=why) from None
    except OSError as error:
        raise UsageError("terminal.no-folder", path=path, why=error.strerror) from None


def _quoted(text: str) -> str:
    """A JSON string is a TOML basic string, but for one control character; no file can hold half a character."""
    text = text.encode("utf-8", "replace").decode("utf-8")
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
