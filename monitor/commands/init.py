"""`monitor init`: a commented config.toml with real feeds, and a first rule file."""

import os
import shlex
from pathlib import Path

import click

from monitor.commands.schema import schema_text
from monitor.errors import UsageError
from monitor.messages import LANGUAGES, say
from monitor.starter import starter_files
from monitor.terminal import FINE, errors, speak, spoken_language


@click.command("init", help="Write a commented config.toml with a starter set of feeds and a first rule file.")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path), default=Path())
@click.option("--language", type=click.Choice(LANGUAGES), help="Else that of the environment.")
def command(folder: Path, *, language: str | None) -> int:
    """Write nothing where anything of it exists already."""
    chosen = language or spoken_language()
    speak(chosen)
    files = {folder / name: text for name, text in starter_files(chosen).items()}
    # The first rule file names it, so that an editor helps while typing.
    files[folder / "rules" / ".schema.json"] = schema_text("rules")
    for path in files:
        # Links that lead nowhere are somebody's, too; where the folder may not be entered, writing says so.
        if os.path.lexists(path):
            raise UsageError("terminal.exists", path=path)
    console = errors()
    for path, text in files.items():
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        except OSError as error:
            raise UsageError("terminal.no-folder", path=path, why=error.strerror) from None
        console.print(say("terminal.written", chosen, path=path))
    code = "terminal.next-steps-here" if folder == Path() else "terminal.next-steps"
    console.print(say(code, chosen, folder=shlex.quote(str(folder))))
    return FINE
