"""Config, Secrets -> for each destination the sink that tells it, opened when it is first asked for."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, nullcontext

from monitor.config import Config, Secrets
from monitor.model import Delivery
from monitor.ports import Call, ContactStore, InStore, Sink
from monitor.sinks import SinkSettings, open_sink
from monitor.sinks.lost import LostSink
from monitor.sinks.pace import Pace

_WEBHOOK = "webhook:"


class Board:
    """The sinks of one configuration. `pace` outlives it: the other side counts on when an edit is taken up."""

    def __init__(
        self,
        config: Config,
        secrets: Secrets,
        *,
        pace: Pace,
        in_store: InStore,
        contacts: ContactStore,
        note: Callable[[Call], None] = lambda _: None,
    ) -> None:
        self._config, self._secrets = config, secrets
        self._pace, self._in_store, self._contacts, self._note = pace, in_store, contacts, note
        self._sinks: dict[str, Sink] = {}

    def sink_of(self, destination: str) -> Sink:
        """The sink that tells a destination; without any Slack token that is the terminal."""
        kind = self._kind_of(destination)
        if kind not in self._sinks:
            self._sinks[kind] = self._open(kind, destination.removeprefix(_WEBHOOK))
        return self._sinks[kind]

    def turn(self, destination: str) -> AbstractAsyncContextManager[None]:
        """Waits until a destination may be written to."""
        return nullcontext() if self._kind_of(destination) == "console" else self._pace(destination)

    def has_secret(self, delivery: Delivery) -> bool:
        """Whether a webhook is still configured; what goes by the token needs no secret of its own."""
        name = delivery.destination.removeprefix(_WEBHOOK)
        return name == delivery.destination or name in self._secrets.webhooks

    async def close(self) -> None:
        """Close every sink."""
        for sink in self._sinks.values():
            await sink.close()
        self._sinks.clear()

    def _kind_of(self, destination: str) -> str:
        """What tells a destination: "slack", "console", or the webhook itself."""
        if destination.startswith(_WEBHOOK):
            return destination
        return "slack" if self._secrets.slack_token else "console"

    def _open(self, kind: str, name: str) -> Sink:
        is_webhook = kind.startswith(_WEBHOOK)
        secret = self._secrets.webhooks.get(name) if is_webhook else self._secrets.slack_token
        settings = SinkSettings(
            language=self._config.language,
            zone=self._config.timezone,
            api_url=self._config.slack.api_url,
            secret=secret or "",
            in_store=self._in_store,
            contacts=self._contacts,
            note=self._note,
        )
        sink = open_sink(kind.partition(":")[0], settings)
        return LostSink(sink) if is_webhook and not secret else sink
