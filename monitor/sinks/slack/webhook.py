"""Digest -> Receipt by an incoming webhook: no id comes back, no thread can be made, nothing can be looked up.

What is promised is therefore less: at least once, and a repeat is marked and carries the same delivery id.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from slack_sdk.webhook.async_client import AsyncWebhookClient

from monitor.errors import PayloadError, UnknowableError
from monitor.model import Delivery, Digest, Receipt
from monitor.sinks import SinkSettings
from monitor.sinks.slack.clock import SlackClock
from monitor.sinks.slack.lookup import EVENT_TYPE
from monitor.sinks.slack.marks import is_handle
from monitor.sinks.slack.note import render_note
from monitor.sinks.slack.outcomes import CALL_ERRORS, Answer, call_outcome, webhook_outcome
from monitor.sinks.slack.quiet import sdk_logger
from monitor.sinks.slack.render import marked_as_repeat, render

TIMEOUT = 15


def open_sink(settings: SinkSettings) -> "WebhookSink":
    """The secret is the webhook's address."""
    client = AsyncWebhookClient(settings.secret, timeout=TIMEOUT, retry_handlers=[], logger=sdk_logger())
    return WebhookSink(client, language=settings.language, zone=settings.zone)


class WebhookSink:
    """Tells the one channel that a webhook belongs to."""

    def __init__(
        self, client: AsyncWebhookClient, *, language: str, zone: ZoneInfo, clock: SlackClock | None = None
    ) -> None:
        self._client = client
        self._language = language
        self._zone = zone
        self._clock = clock or SlackClock()

    def render(self, digest: Digest) -> tuple[str, ...]:
        """See `Sink`; parts stand one below the other."""
        return render(digest, language=self._language, zone=self._zone, threaded=False)

    def render_note(self, lines: Sequence[str]) -> tuple[str, ...]:
        """See `Sink`."""
        return render_note(lines)

    async def send(self, delivery: Delivery) -> Receipt:
        """Post once, the plain form at once after a refused one. After a look-up in vain the message says it may be a repeat."""
        message = json.loads(delivery.payload)
        if delivery.absent_reads:
            message = marked_as_repeat(message, delivery.id, self._language)
        try:
            return await self._post(delivery, message)
        except PayloadError:
            return await self._post(delivery, {name: value for name, value in message.items() if name != "blocks"})

    async def find(self, delivery: Delivery) -> Receipt | None:
        """Cannot be known: raises UnknowableError."""
        raise UnknowableError("sinks.webhook-blind", destination=delivery.destination)

    async def told_since(self, destination: str, at: datetime) -> frozenset[str]:  # noqa: ARG002 - `Sink` names it
        """Cannot be known: raises UnknowableError."""
        raise UnknowableError("sinks.webhook-blind", destination=destination)

    async def places(self, destinations: Collection[str]) -> Mapping[str, str]:
        """Each is itself."""
        return {destination: destination for destination in destinations}

    async def check(self, mentions: Collection[str] = ()) -> tuple[str, ...]:
        """A webhook can be asked nothing: handles stay text."""
        return tuple(sorted(one for one in mentions if is_handle(one)))

    def now(self) -> datetime:
        """See `Sink`."""
        return self._clock.now()

    async def close(self) -> None:
        """Nothing is kept open."""

    async def _post(self, delivery: Delivery, message: Mapping[str, Any]) -> Receipt:
        metadata = {"event_type": EVENT_TYPE, "event_payload": {"delivery": delivery.id}}
        try:
            answer = await self._client.send_dict({**message, "metadata": metadata})
        except CALL_ERRORS as error:
            raise call_outcome(error, delivery.destination, self._clock.now()) from error
        self._clock.hear(answer.headers)
        said = answer.body.strip()
        if answer.status_code == 200 and said == "ok":  # noqa: PLR2004 - the documented answer, and the only good one
            return Receipt(id=None, received_at=self._clock.now())
        refusal = Answer(status=answer.status_code, error=said or None, headers=answer.headers)
        raise webhook_outcome(refusal, delivery.destination, self._clock.now())
