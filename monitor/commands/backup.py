"""`monitor backup FILE`: everything that is remembered, as one file; also beside the daemon."""

from pathlib import Path

import click

from monitor.clock import utc_now
from monitor.messages import say
from monitor.ports import Copy
from monitor.session import read_config
from monitor.stores import file_of, write_copy
from monitor.terminal import FINE, errors, output, progress

MEGABYTE = 1_000_000


@click.command("backup", help="Copy the database to FILE, whole and checked; monitor may be running meanwhile.")
@click.argument("file", type=click.Path(path_type=Path))
@click.pass_context
def command(ctx: click.Context, file: Path) -> int:
    """Write one backup."""
    config = read_config(ctx)
    database = file_of(config.database)
    with progress(say("backup.copying", config.language), total=100) as advance:
        shown = 0

        def show(left: int, pages: int) -> None:
            nonlocal shown
            done = 100 - 100 * left // max(pages, 1)
            advance(done - shown)
            shown = done

        copy = write_copy(database, file.absolute(), now=utc_now(), progress=show)
    output().print(say("backup.written", config.language, path=copy.path, **size_and_time(copy)))
    if copy.path.parent == database.parent:
        errors().print(say("backup.same-disk", config.language), style="yellow")
    return FINE


def size_and_time(copy: Copy) -> dict[str, str]:
    """As a person reads them."""
    return {"size": f"{copy.size / MEGABYTE:,.1f}", "seconds": f"{copy.seconds:.1f}"}
