"""`monitor preview`: the next digest, without sending it."""

import asyncio
from pathlib import Path

import click

from monitor.app import open_app
from monitor.config import Config, Secrets
from monitor.errors import NotStoredError, UsageError
from monitor.messages import say
from monitor.model import Delivery, DeliveryState, Digest
from monitor.preview.page import preview_html
from monitor.session import open_memory, read_config
from monitor.sinks import SinkSettings, open_sink
from monitor.terminal import FINE, errors


@click.command("preview", help="The next digest, without sending it; nothing is marked as told.")
@click.option("--channel", help="Only this channel.")
@click.option(
    "--html",
    "html_file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write a page that looks like the Slack message.",
)
@click.pass_context
def command(ctx: click.Context, *, channel: str | None, html_file: Path | None) -> int:
    """Show what waits."""
    config = read_config(ctx)
    with open_memory(config):
        pass
    digests = asyncio.run(_compose(config, channel))
    if html_file is not None:
        write_html(html_file, digests, config)
    if not digests:
        errors().print(say("terminal.nothing-waits", config.language))
    elif html_file is None:
        asyncio.run(_print(digests, config))
    return FINE


async def _compose(config: Config, channel: str | None) -> list[Digest]:
    async with open_app(config, Secrets()) as app:
        waiting = {name for one, _ in await app.backlog() for name in (one.channel, one.destination)}
        known = waiting | app.channels.names | {app.channels.default}
        if channel is not None and channel not in known and not channel.startswith("#"):
            raise UsageError("terminal.no-such-channel", name=channel, known=", ".join(sorted(known)))
        return await app.preview(channel)


async def _print(digests: list[Digest], config: Config) -> None:
    """Print as `run` prints where there is no Slack token."""
    sink = open_sink("console", SinkSettings(language=config.language, zone=config.timezone))
    for digest in digests:
        for part, payload in enumerate(sink.render(digest)):
            try:
                await sink.send(_delivery(digest, part, payload))
            except NotStoredError as error:
                if isinstance(error.__cause__, BrokenPipeError):
                    # `| head` has seen enough, as with any command.
                    raise error.__cause__ from None
                raise


def _delivery(digest: Digest, part: int, payload: str) -> Delivery:
    return Delivery(
        id="preview",
        channel=digest.channel,
        destination=digest.destination,
        period=digest.period,
        part=part,
        payload=payload,
        state=DeliveryState.SENDING,
        created_at=digest.composed_at,
        due_at=digest.composed_at,
    )


def write_html(path: Path, digests: list[Digest], config: Config) -> None:
    """Write the preview page of some digests."""
    page = preview_html(digests, language=config.language, zone=config.timezone)
    try:
        path.write_text(page, encoding="utf-8")
    except OSError as error:
        raise UsageError("terminal.no-folder", path=path, why=error.strerror) from None
    errors().print(say("terminal.written", config.language, path=path))
