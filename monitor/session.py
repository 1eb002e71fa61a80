"""Options of a command -> what it works with: Config, Secrets, archive. Speaks the configuration's language from then on."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import click

from monitor.clock import utc_now
from monitor.config import Config, Origin, Secrets, find_config, load_config, read_secrets, stated_language
from monitor.errors import UsageError, recall
from monitor.messages import say
from monitor.model import Delivery, DeliveryState
from monitor.ports import Mute, Store
from monitor.stores import is_database, open_store
from monitor.terminal import speak
from monitor.text.durations import FIRST_DATE, LAST_DATE, meant_duration, read_duration

_UNITS = (("days", 86_400), ("hours", 3_600), ("minutes", 60), ("seconds", 1))


def config_path(ctx: click.Context) -> Path:
    """Where the configuration is looked for."""
    options: Mapping[str, str] = ctx.ensure_object(dict)
    return find_config(options.get("config_path"), os.environ)


def read_config(ctx: click.Context) -> Config:
    """The configuration; ConfigError with every finding."""
    path = config_path(ctx)
    if language := stated_language(path):
        speak(language)
    config = load_config(path)
    speak(config.language)
    return config


def read_all(ctx: click.Context) -> tuple[Config, Secrets]:
    """The configuration and the secrets that it names."""
    config = read_config(ctx)
    return config, read_secrets(config, os.environ)


def spare_own_files(path: Path, ctx: click.Context, config: Config) -> None:
    """UsageError where writing to this path would put an end to a file that monitor lives on."""
    place, database = path.resolve(), Path(config.database).resolve()
    read = {file.resolve() for file in Origin(path=config_path(ctx)).files(config)}
    is_of_database = place.parent == database.parent and place.name.startswith(database.name)
    is_rule = place.is_relative_to(config.rules.resolve()) and place.exists()
    # Backups, wherever they lie, and databases of others are spared, too.
    if place in read or is_of_database or is_rule or is_database(place):
        raise UsageError("terminal.own-file", path=path)


def is_verbose(ctx: click.Context) -> bool:
    """Whether every decision is to be logged."""
    return bool(ctx.ensure_object(dict).get("verbose"))


@contextmanager
def open_memory(config: Config) -> Iterator[Store]:
    """The store of a command that only reads; StoreError where there is none yet."""
    store = open_store(config.database, create=False)
    try:
        yield store
    finally:
        store.close()


def parse_since(value: str | None, config: Config) -> datetime | None:
    """A duration back from now ("30d") or an ISO 8601 date or time in the operator's zone -> an instant."""
    if value is None:
        return None
    if length := read_duration(value) or read_duration(meant_duration(value) or ""):
        return utc_now() - length
    try:
        at = datetime.fromisoformat(value)
    except ValueError:
        raise UsageError("terminal.bad-since", value=value) from None
    return min(max(at if at.tzinfo else at.replace(tzinfo=config.timezone), FIRST_DATE), LAST_DATE)


def local(at: datetime | None, config: Config) -> str:
    """An instant as a person of this zone reads it; "–" for none."""
    return at.astimezone(config.timezone).strftime("%Y-%m-%d %H:%M") if at else "–"


def ago(at: datetime | None, now: datetime, language: str) -> str:
    """A past or coming instant as a short span: "5m ago", "in 2m"; 「5分前」「2分後」."""
    if at is None:
        return "–"
    seconds = (now - at) / timedelta(seconds=1)
    unit, size = next(((unit, size) for unit, size in _UNITS if abs(seconds) >= size), _UNITS[-1])
    code = f"status.{'past' if seconds >= 0 else 'coming'}-{unit}"
    return say(code, language, count=round(abs(seconds) / size))


def pause_line(name: str, until: datetime | None, reason: str, config: Config) -> str:
    """A destination that is held: by a limit until then, or blocked."""
    facts = {"name": name, "why": recall(reason, config.language)}
    if until is not None:
        return say("status.paused", config.language, until=local(until, config), **facts)
    return say("status.blocked", config.language, typed=name.removeprefix("#"), **facts)


def halted_line(delivery: Delivery, config: Config) -> str:
    """A delivery that nothing sends by itself, or that is tried in vain."""
    state = delivery.state.value if delivery.state in {DeliveryState.HELD, DeliveryState.DEAD} else "tried"
    return say(
        "status.halted",
        config.language,
        channel=delivery.channel,
        state=say(f"status.{state}", config.language),
        at=local(delivery.created_at, config),
        why=recall(delivery.last_error or "", config.language),
        id=delivery.id,
    )


def mute_line(mute: Mute, config: Config, *, code: str = "line") -> str:
    """A muted rule and its end."""
    ever = "-ever" if mute.until is None else ""
    facts = {"rule": mute.rule_name, "id": mute.rule_id, "until": local(mute.until, config)}
    return say(f"mute.{code}{ever}", config.language, **facts)
