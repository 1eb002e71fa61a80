"""`monitor schema`: the JSON Schema of rule files or config.toml, for editors that complete and check while typing."""

import json
from collections.abc import Callable

import click

from monitor.config.schema import config_schema
from monitor.rules.schema import rule_schema
from monitor.terminal import FINE

_SCHEMAS: dict[str, Callable[[], dict[str, object]]] = {"rules": rule_schema, "config": config_schema}


@click.command("schema", help="The JSON Schema of rule files (or of config.toml), for editors that help while typing.")
@click.argument("what", type=click.Choice(tuple(_SCHEMAS)), default="rules")
def command(what: str) -> int:
    """Print it; needs no configuration."""
    click.echo(schema_text(what), nl=False)
    return FINE


def schema_text(what: str) -> str:
    """The schema of "rules" or "config" as it is written to a file."""
    return json.dumps(_SCHEMAS[what](), ensure_ascii=False, indent=2) + "\n"
