"""`monitor export`: articles, matches or deliveries as JSON Lines or CSV."""

import csv
import io
import json
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

import click

from monitor.errors import UsageError
from monitor.session import open_memory, parse_since, read_config, spare_own_files
from monitor.terminal import FINE

#: The fields of the contract, in its order: the head of the CSV, also where there are no rows.
FIELDS = {
    "articles": (
        "id",
        "url",
        "source",
        "title",
        "authors",
        "published_at",
        "updated_at",
        "fetched_at",
        "language",
        "text",
        "text_from",
        "story",
    ),
    "matches": (
        "id",
        "rule",
        "article",
        "url",
        "title",
        "source",
        "channel",
        "terms",
        "snippet",
        "matched_at",
        "delivery",
    ),
    "deliveries": (
        "id",
        "channel",
        "state",
        "attempts",
        "created_at",
        "sent_at",
        "slack_ts",
        "error",
        "matches",
    ),
}

#: What begins a formula (https://owasp.org/www-community/attacks/CSV_Injection); spreadsheets in Japanese take full width, too.
_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
#: What spreadsheets drop, so that the next character comes first.
_CONTROLS = ("\t", "\r", "\n", "\0")


@click.command("export", help="Articles, matches or deliveries, oldest first.")
@click.argument("what", type=click.Choice(tuple(FIELDS)))
@click.option("--since", help='A duration back from now ("30d") or a date.')
@click.option("--format", "form", type=click.Choice(("jsonl", "csv")), default="jsonl", show_default=True)
@click.option("--output", "-o", "path", type=click.Path(dir_okay=False, path_type=Path), help="Else standard output.")
@click.pass_context
def command(ctx: click.Context, what: str, *, since: str | None, form: str, path: Path | None) -> int:
    """Write rows as they are read."""
    config = read_config(ctx)
    beginning = parse_since(since, config)
    if path is not None:
        spare_own_files(path, ctx, config)
    with open_memory(config) as store, _open(path) as file:
        rows = store.archive.rows(what, since=beginning)
        if form == "csv":
            write_csv(rows, FIELDS[what], file)
        else:
            for row in rows:
                file.write(json.dumps(row, ensure_ascii=False) + "\n")
    return FINE


@contextmanager
def _open(path: Path | None) -> Iterator[TextIO]:
    if path is None:
        # For programs, which expect UTF-8 whatever the environment of a terminal or of cron says.
        if isinstance(sys.stdout, io.TextIOWrapper):
            sys.stdout.reconfigure(encoding="utf-8")
        yield sys.stdout
        return
    try:
        with path.open("w", encoding="utf-8", newline="") as file:
            yield file
    except OSError as error:
        raise UsageError("terminal.no-folder", path=path, why=error.strerror) from None


def write_csv(rows: Iterable[dict[str, object]], fields: tuple[str, ...], file: TextIO) -> None:
    """For spreadsheets, which must take nothing that a site has published for a formula."""
    # Excel reads UTF-8 only behind a byte order mark.
    file.write("\ufeff")
    writer = csv.writer(file)
    writer.writerow(fields)
    for row in rows:
        writer.writerow([_cell(row[field]) for field in fields])


def _cell(value: object) -> object:
    """Lists joined by commas; a text that a spreadsheet would run as a formula is disarmed."""
    text = ", ".join(map(str, value)) if isinstance(value, list | tuple) else value
    return f"'{text}" if isinstance(text, str) and _may_be_formula(text) else text


def _may_be_formula(text: str) -> bool:
    return text.startswith(_CONTROLS) or text.lstrip().startswith(_FORMULA)
