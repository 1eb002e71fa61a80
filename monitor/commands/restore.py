"""`monitor restore FILE`: a backup in the place of the database, which is kept aside."""

from pathlib import Path

import click

from monitor.clock import utc_now
from monitor.config import Config
from monitor.errors import RunningError
from monitor.messages import say
from monitor.session import local, read_config
from monitor.stores import file_of, hold_lock, restore_copy
from monitor.terminal import FINE, output


@click.command(
    "restore", help="Put the backup FILE in the place of the database, which is kept aside. Stop monitor first."
)
@click.argument("file", type=click.Path(path_type=Path))
@click.pass_context
def command(ctx: click.Context, file: Path) -> int:
    """Restore one backup."""
    config = read_config(ctx)
    database = file_of(config.database)
    try:
        with hold_lock(config.database):
            taken_at, aside = restore_copy(database, file.absolute(), now=utc_now())
    except RunningError as error:
        raise RunningError("stores.running-unreplaced", **error.facts) from error
    console, language = output(), config.language
    console.print(say("restore.done", language, path=file, at=local(taken_at, config)))
    if aside is not None:
        console.print(say("restore.aside", language, path=aside))
    console.print(say("restore.told-since", language))
    if _tells_blindly(config):
        console.print(say("restore.repeats-possible", language), style="yellow")
    return FINE


def _tells_blindly(config: Config) -> bool:
    """Whether there are destinations of which nobody can find out what they were told."""
    return any(channel.webhook_env or channel.webhook_file for channel in config.channels.values())
