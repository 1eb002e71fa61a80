"""Digest -> Receipt by a bot token: chat.postMessage, and look-up in the channel's history.

Nothing is repeated here: the SDK's own retries are off, since they post twice what was stored before the line broke.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from slack_sdk.web.async_client import AsyncWebClient

from monitor.errors import PayloadError
from monitor.model import Delivery, Digest, Receipt
from monitor.sinks import SinkSettings
from monitor.sinks.slack.clock import SlackClock
from monitor.sinks.slack.lookup import EVENT_TYPE, Lookup, read_ts
from monitor.sinks.slack.note import render_note
from monitor.sinks.slack.outcomes import CALL_ERRORS, answer_in, call_outcome
from monitor.sinks.slack.quiet import sdk_logger
from monitor.sinks.slack.render import render

#: Seconds for one call in all. After it, whether Slack stored the message is unknown.
TIMEOUT = 15
_NAMESPACE = UUID("0b9ff2ec-5a3e-5a57-93ac-2d1ae4bb2d0c")


def open_sink(settings: SinkSettings) -> "SlackSink":
    """With a connection of its own for each call: a kept one may be dead, and its end would look like a lost answer."""
    client = AsyncWebClient(
        token=settings.secret, base_url=settings.api_url, timeout=TIMEOUT, retry_handlers=[], logger=sdk_logger()
    )
    return SlackSink(client, language=settings.language, zone=settings.zone)


class SlackSink:
    """Tells Slack channels, given by "#name" or id, as a bot."""

    def __init__(
        self, client: AsyncWebClient, *, language: str, zone: ZoneInfo, clock: SlackClock | None = None
    ) -> None:
        self._client = client
        self._language = language
        self._zone = zone
        self._clock = clock or SlackClock()
        self._lookup = Lookup(client, self._clock)
        #: Deliveries whose full form was refused: they go on in the plain one.
        self._refused: set[str] = set()

    def render(self, digest: Digest) -> tuple[str, ...]:
        """See `Sink`."""
        return render(digest, language=self._language, zone=self._zone)

    def render_note(self, lines: Sequence[str]) -> tuple[str, ...]:
        """See `Sink`."""
        return render_note(lines)

    async def send(self, delivery: Delivery) -> Receipt:
        """Post once. A form that Slack refuses was not stored, so the plain form follows at once under the same id."""
        message = json.loads(delivery.payload)
        if delivery.id not in self._refused:
            try:
                return await self._post(delivery, message)
            except PayloadError:
                self._refused.add(delivery.id)
        plain = {name: value for name, value in message.items() if name != "blocks"}
        receipt = await self._post(delivery, plain)
        self._refused.discard(delivery.id)
        return receipt

    async def find(self, delivery: Delivery) -> Receipt | None:
        """See `Sink`; raises UncertainError alone."""
        ts = await self._lookup.find(delivery)
        return None if ts is None else _receipt(ts)

    async def check(self) -> None:
        """Ask whether the token is valid, which also sets Slack's clock. Raises SendError."""
        try:
            answer = await self._client.auth_test()
        except CALL_ERRORS as error:
            self._hear_in(error)
            raise call_outcome(error, "Slack", self._clock.now()) from error
        self._clock.hear(answer.headers)

    def now(self) -> datetime:
        """The time by Slack's clock, for `Delivery.send_started_at`."""
        return self._clock.now()

    async def close(self) -> None:
        """Nothing is kept open."""

    async def _post(self, delivery: Delivery, message: Mapping[str, Any]) -> Receipt:
        try:
            answer = await self._client.chat_postMessage(
                channel=delivery.destination,
                thread_ts=delivery.thread if delivery.part else None,
                metadata={"event_type": EVENT_TYPE, "event_payload": {"delivery": delivery.id}},
                # Not documented as a safeguard against doubles, and not relied on.
                client_msg_id=str(uuid5(_NAMESPACE, delivery.id)),
                **message,
            )
        except CALL_ERRORS as error:
            self._hear_in(error)
            raise call_outcome(error, delivery.destination, self._clock.now()) from error
        self._clock.hear(answer.headers)
        try:
            receipt = _receipt(read_ts(answer))
        except ValueError as error:
            raise call_outcome(error, delivery.destination, self._clock.now()) from error
        self._lookup.learn(delivery.destination, answer.get("channel"))
        return receipt

    def _hear_in(self, error: Exception) -> None:
        answer = answer_in(error)
        if answer is not None:
            self._clock.hear(answer.headers)


def _receipt(ts: str) -> Receipt:
    return Receipt(id=ts, received_at=datetime.fromtimestamp(float(ts), UTC))
