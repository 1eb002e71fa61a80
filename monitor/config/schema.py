"""The settings -> JSON Schema of config.toml (draft 2020-12), with which editors complete, explain and check while typing."""

from datetime import time, timedelta
from pathlib import PurePath
from typing import Any

from pydantic import BaseModel

from monitor.config.settings import ChannelConfig, Config, SourceConfig
from monitor.config.sources import KINDS
from monitor.messages import LANGUAGES, say
from monitor.text.durations import write_duration

Schema = dict[str, Any]

DIALECT = "https://json-schema.org/draft/2020-12/schema"
#: What exactly one of must be there.
_ONE_OF: dict[type[BaseModel], tuple[str, ...]] = {
    SourceConfig: KINDS,
    ChannelConfig: ("slack", "webhook_env", "webhook_file"),
}


def config_schema() -> Schema:
    """The schema of config.toml."""
    made = Config.model_json_schema()
    definitions: Schema = made.pop("$defs")
    tables = {name: _inner(Config, name) for name in Config.model_fields}
    models = {model.__name__: (name, model) for name, model in tables.items() if model is not None}
    return {
        "$schema": DIALECT,
        "title": "monitor: config.toml",
        **_table(made, Config, "config"),
        "$defs": {name: _table(definitions[name], model, f"config-{key}") for name, (key, model) in models.items()},
    }


def _inner(model: type[BaseModel], name: str) -> type[BaseModel] | None:
    """The table that a key holds, be it one or many."""
    annotation = model.model_fields[name].annotation
    kinds = (annotation, *getattr(annotation, "__args__", ()))
    return next((kind for kind in kinds if isinstance(kind, type) and issubclass(kind, BaseModel)), None)


def _table(made: Schema, model: type[BaseModel], code: str) -> Schema:
    properties = {name: _key(one, model, name, f"{code}-{name}") for name, one in made["properties"].items()}
    said: Schema = {"type": "object", "additionalProperties": False, "properties": properties}
    if "required" in made:
        said["required"] = made["required"]
    if model in _ONE_OF:
        said["oneOf"] = [{"required": [name]} for name in _ONE_OF[model]]
    return said


def _key(made: Schema, model: type[BaseModel], name: str, code: str) -> Schema:
    told = "\n".join(say(f"schema.{code}", language) for language in reversed(LANGUAGES))
    rest = {key: value for key, value in made.items() if key not in {"title", "default", "anyOf", "description"}}
    # TOML has no null: what is absent is left out.
    kinds = [kind for kind in made.get("anyOf", ()) if kind != {"type": "null"}]
    either = kinds[0] if len(kinds) == 1 else {"anyOf": kinds} if kinds else {}
    default = _written(model.model_fields[name].default)
    return {"description": told} | rest | either | ({} if default is None else {"default": default})


def _written(default: object) -> object:
    """A default as config.toml writes it; `None` where nothing is to be said."""
    if isinstance(default, bool | int | str):
        return default
    if isinstance(default, timedelta):
        return write_duration(default)
    if isinstance(default, time):
        return default.strftime("%H:%M")
    if isinstance(default, PurePath):
        return str(default)
    return [_written(one) for one in default] if isinstance(default, tuple) and default else None
