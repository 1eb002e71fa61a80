"""`monitor preview`: the messages still to come, each with its time, without sending them."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import click
from rich.text import Text

from monitor.app import open_app
from monitor.config import Config, Secrets
from monitor.config.settings import meant_slack_channel, slack_name
from monitor.errors import NotStoredError, UsageError
from monitor.messages import say
from monitor.model import Delivery, DeliveryState, Digest, Upcoming
from monitor.preview.page import preview_html
from monitor.session import open_memory, read_config, spare_own_files
from monitor.sinks import SinkSettings, open_sink
from monitor.stages.wording import Wording
from monitor.terminal import FINE, errors, output


@click.command(
    "preview", help="The next digests and when each goes out, without sending them; nothing is marked as told."
)
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
    if html_file is not None:
        spare_own_files(html_file, ctx, config)
    channel = channel and (meant_slack_channel(channel) or slack_name(channel))
    with open_memory(config):
        pass
    upcoming = asyncio.run(_foresee(config, channel))
    if html_file is not None:
        wording = Wording(language=config.language, zone=config.timezone)
        times = [wording.upcoming(one) for one in upcoming]
        write_html(html_file, [one.digest for one in upcoming], config, times)
    if not upcoming:
        errors().print(say("terminal.nothing-waits", config.language))
    elif html_file is None:
        asyncio.run(_print(upcoming, config))
    return FINE


async def _foresee(config: Config, channel: str | None) -> list[Upcoming]:
    async with open_app(config, Secrets()) as app:
        waiting = {name for one, _ in await app.backlog() for name in (one.channel, one.destination)}
        told = {name for rule in app.judge.book.rules for name in rule.notify}
        known = waiting | told | app.channels.names | {app.channels.default}
        places = {app.channels.get(name).destination for name in known}
        if channel is not None and channel not in known | places:
            raise UsageError("terminal.no-such-channel", name=channel, known=", ".join(sorted(known)))
        coming = await app.preview()
    return [one for one in coming if channel in {None, one.digest.channel, one.digest.destination}]


async def _print(upcoming: Sequence[Upcoming], config: Config) -> None:
    """Print as `run` prints where there is no Slack token, above each message when it goes out."""
    wording = Wording(language=config.language, zone=config.timezone)
    sink = open_sink("console", SinkSettings(language=config.language, zone=config.timezone))
    for one in upcoming:
        output().print(Text(f"▷ {wording.upcoming(one)}", style="magenta"))
        for part, payload in enumerate(sink.render(one.digest)):
            try:
                await sink.send(_delivery(one.digest, part, payload))
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


def write_html(path: Path, digests: Sequence[Digest], config: Config, times: Sequence[str] = ()) -> None:
    """Write the preview page of some digests; `times` say when each goes out."""
    page = preview_html(digests, language=config.language, zone=config.timezone, times=times)
    try:
        path.write_text(page, encoding="utf-8")
    except OSError as error:
        raise UsageError("terminal.no-folder", path=path, why=error.strerror) from None
    errors().print(say("terminal.written", config.language, path=path))
