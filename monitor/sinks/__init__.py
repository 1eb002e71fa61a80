"""Digest -> Receipt; one file per kind. A kind is loaded when it is opened."""

from collections.abc import Callable
from dataclasses import dataclass, field
from importlib import import_module
from typing import cast
from zoneinfo import ZoneInfo

from monitor.ports import Call, ContactStore, InStore, Sink

#: What a channel comes down to, and the file that tells it.
KINDS = {"slack": "slack.bot", "webhook": "slack.webhook", "console": "console"}


@dataclass(frozen=True, slots=True, kw_only=True)
class SinkSettings:
    """What a sink is opened with; each kind takes what it needs."""

    language: str
    zone: ZoneInfo
    #: Slack's address of methods; a local stand-in in tests.
    api_url: str = "https://slack.com/api/"
    #: The bot token, or the webhook's address: whoever has it may post.
    secret: str = field(default="", repr=False)
    #: Where names and ids are kept over restarts; without them they are asked for anew.
    in_store: InStore | None = field(default=None, repr=False)
    contacts: ContactStore | None = field(default=None, repr=False)
    #: Is told of each request.
    note: Callable[[Call], None] = field(default=lambda _: None, repr=False)


def open_sink(kind: str, settings: SinkSettings) -> Sink:
    """Open "slack", "webhook" or "console"."""
    module = import_module(f"{__name__}.{KINDS[kind]}")
    return cast("Sink", module.open_sink(settings))
