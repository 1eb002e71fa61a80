"""Digest -> Receipt by a bot token: chat.postMessage to a channel's id, and look-up in the channel's history.

Nothing is repeated here: the SDK's own retries are off, since they post twice what was stored before the line broke.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from slack_sdk.web.async_client import AsyncWebClient

from monitor.errors import BlockedError, NotStoredError, PayloadError, StoreError, UncertainError
from monitor.model import Delivery, Digest, Receipt
from monitor.sinks import SinkSettings
from monitor.sinks.slack.client import NotedClient
from monitor.sinks.slack.clock import SlackClock
from monitor.sinks.slack.contacts import Contacts, Remembered
from monitor.sinks.slack.lookup import EVENT_TYPE, Lookup, read_ts
from monitor.sinks.slack.note import render_note
from monitor.sinks.slack.ourselves import Ourselves
from monitor.sinks.slack.outcomes import CALL_ERRORS, answer_in, call_outcome, reason
from monitor.sinks.slack.quiet import sdk_logger
from monitor.sinks.slack.render import render

#: Seconds for one call in all. After it, whether Slack stored the message is unknown.
TIMEOUT = 15
_NAMESPACE = UUID("0b9ff2ec-5a3e-5a57-93ac-2d1ae4bb2d0c")


def open_sink(settings: SinkSettings) -> "SlackSink":
    """With a connection of its own for each call: a kept one may be dead, and its end would look like a lost answer."""
    client = NotedClient(
        note=settings.note,
        token=settings.secret,
        base_url=settings.api_url,
        timeout=TIMEOUT,
        retry_handlers=[],
        logger=sdk_logger(),
    )
    clock = SlackClock()
    contacts = Contacts(client, clock, Remembered(settings.in_store, settings.contacts))
    return SlackSink(client, language=settings.language, zone=settings.zone, clock=clock, contacts=contacts)


class SlackSink:
    """Tells Slack channels, given by "#name" or id, as a bot."""

    def __init__(
        self,
        client: AsyncWebClient,
        *,
        language: str,
        zone: ZoneInfo,
        clock: SlackClock | None = None,
        contacts: Contacts | None = None,
    ) -> None:
        self._client = client
        self._language = language
        self._zone = zone
        self._clock = clock or SlackClock()
        self._contacts = contacts or Contacts(client, self._clock)
        self._ourselves = Ourselves(self._contacts.remembered)
        self._lookup = Lookup(client, self._clock, self._contacts)
        #: Deliveries whose full form was refused: they go on in the plain one.
        self._refused: set[str] = set()

    def render(self, digest: Digest) -> tuple[str, ...]:
        """See `Sink`; handles mention whom `check` has met."""
        mentions = tuple(map(self._contacts.mention, digest.mentions))
        return render(replace(digest, mentions=mentions), language=self._language, zone=self._zone)

    def render_note(self, lines: Sequence[str]) -> tuple[str, ...]:
        """See `Sink`."""
        return render_note(lines)

    async def send(self, delivery: Delivery) -> Receipt:
        """Post once. A form that Slack refuses was not stored, so the plain form follows at once under the same id."""
        channel = await self._channel_of(delivery.destination)
        try:
            return await self._send_to(channel, delivery)
        except BlockedError as error:
            # Certainly not stored: the channel may have been replaced by another of the same name.
            renewed = await self._channel_again(delivery.destination) if _is_lost(error, channel, delivery) else None
            if renewed is None:
                raise
        return await self._send_to(renewed, delivery)

    async def find(self, delivery: Delivery) -> Receipt | None:
        """See `Sink`; raises UncertainError alone."""
        ts = await self._lookup.find(delivery)
        if ts is None:
            return None
        self._refused.discard(delivery.id)
        return _receipt(ts)

    async def told_since(self, destination: str, at: datetime) -> frozenset[str]:
        """See `Sink`; reads the channel's history and the threads in it. Raises UncertainError alone."""
        return await self._lookup.told_since(destination, at)

    async def places(self, destinations: Collection[str]) -> Mapping[str, str]:
        """Ids, where Slack knows such a channel."""
        return {destination: await self._channel_of(destination) for destination in destinations}

    async def check(self, mentions: Collection[str] = ()) -> tuple[str, ...]:
        """See `Sink`; it also sets Slack's clock."""
        try:
            answer = await self._client.auth_test()
            self._clock.hear(answer.headers)
        except CALL_ERRORS as error:
            self._hear_in(error)
            raise call_outcome(error, "Slack", self._clock.now()) from error
        await self._contacts.enter(str(answer.get("team_id")))
        await self._ourselves.learn_from_test(answer, self._clock.now())
        try:
            return tuple(await self._contacts.meet(mentions))
        except CALL_ERRORS as error:
            self._hear_in(error)
            # Messages go out all the same, so it is nothing that holds the workspace.
            raise UncertainError("sinks.mentions-unsure", reason=_said(error)) from error

    def now(self) -> datetime:
        """The time by Slack's clock, for `Delivery.send_started_at`."""
        return self._clock.now()

    async def close(self) -> None:
        """Nothing is kept open."""

    async def _channel_of(self, destination: str) -> str:
        """The id of a channel, kept before anything is posted: after a crash the look-up wants it.

        Where the bot may not list channels, or sees none of that name, Slack's answer to the post tells.
        """
        try:
            return await self._contacts.channel_id(destination) or destination
        except CALL_ERRORS as error:
            self._hear_in(error)
            outcome = call_outcome(error, destination, self._clock.now())
            if isinstance(outcome, UncertainError):
                # Nothing was posted yet, whatever became of the question.
                raise NotStoredError("sinks.unreachable", reason=outcome.facts.get("reason", "")) from error
            if outcome.code == "sinks.scope-missing":
                return destination
            raise outcome from error

    async def _channel_again(self, destination: str) -> str | None:
        try:
            return await self._contacts.look_again(destination)
        except CALL_ERRORS:
            return None

    async def _send_to(self, channel: str, delivery: Delivery) -> Receipt:
        message = json.loads(delivery.payload)
        if delivery.id not in self._refused:
            try:
                return await self._post(channel, delivery, message)
            except PayloadError:
                self._refused.add(delivery.id)
        plain = {name: value for name, value in message.items() if name != "blocks"}
        try:
            receipt = await self._post(channel, delivery, plain)
        except PayloadError:
            # It is never sent again.
            self._refused.discard(delivery.id)
            raise
        self._refused.discard(delivery.id)
        return receipt

    async def _post(self, channel: str, delivery: Delivery, message: Mapping[str, Any]) -> Receipt:
        try:
            answer = await self._client.chat_postMessage(
                channel=channel,
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
        # What cannot be noted now is learnt from a later message; that this one was posted must not be forgotten over it.
        with suppress(StoreError):
            await self._contacts.learn(delivery.destination, answer.get("channel"))
            await self._ourselves.learn_from_post(answer, self._clock.now())
        return receipt

    def _hear_in(self, error: Exception) -> None:
        answer = answer_in(error)
        if answer is not None:
            self._clock.hear(answer.headers)


def _said(error: Exception) -> str:
    answer = answer_in(error)
    return f"{answer.error}, {answer.needed}" if answer and answer.error else reason(error)


def _is_lost(error: BlockedError, channel: str, delivery: Delivery) -> bool:
    return error.code == "sinks.channel-not-found" and channel != delivery.destination


def _receipt(ts: str) -> Receipt:
    return Receipt(id=ts, received_at=datetime.fromtimestamp(float(ts), UTC))
