"""Delivery -> the message in Slack that carries its id, if there is one.

Exactly-once rests on this: after a broken answer the channel's history tells whether the message was stored.
"""

import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from monitor.errors import UncertainError
from monitor.model import Delivery
from monitor.sinks.slack.clock import SlackClock
from monitor.sinks.slack.outcomes import CALL_ERRORS, answer_in, reason

EVENT_TYPE = "monitor_delivery"
#: How long before the attempt the search begins: clocks of two machines at Slack need not agree.
_EARLIER = timedelta(minutes=10)
_PAGE = 200
_TS = re.compile(r"\d{1,12}\.\d{1,9}")
_CHANNEL_ID = re.compile(r"[CGD][A-Z0-9]{6,}")
_FORBIDDEN = frozenset(
    ("channel_not_found", "invalid_auth", "missing_scope", "no_permission", "not_in_channel", "token_revoked")
)

Page = Callable[[str | None], Awaitable[AsyncSlackResponse]]


class Lookup:
    """Reads channels. Every failure is an UncertainError: not to know is never "absent"."""

    def __init__(self, client: AsyncWebClient, clock: SlackClock) -> None:
        self._client = client
        self._clock = clock
        self._ids: dict[str, str] = {}

    async def find(self, delivery: Delivery) -> str | None:
        """The ts of the delivery's message; `None` only after the last page was read."""
        try:
            if not self._clock.is_set:
                self._clock.hear((await self._client.auth_test()).headers)
            channel = await self._channel_id(delivery.destination)
            async for message in self._messages(channel, delivery):
                if _delivery_of(message) == delivery.id:
                    return read_ts(message)
        except CALL_ERRORS as error:
            raise _unknown(error, delivery.destination) from error
        return None

    def learn(self, destination: str, channel: object) -> None:
        """Note the id under which Slack answered for a destination."""
        if isinstance(channel, str) and _CHANNEL_ID.fullmatch(channel):
            self._ids[destination] = channel

    async def _channel_id(self, destination: str) -> str:
        if _CHANNEL_ID.fullmatch(destination):
            return destination
        if destination not in self._ids:
            async for channel in self._pages("channels", self._list_channels):
                self._ids[f"#{channel.get('name')}"] = str(channel.get("id"))
        named = destination if destination.startswith("#") else f"#{destination}"
        found = self._ids.get(destination) or self._ids.get(named)
        if found is None:
            raise UncertainError("sinks.lookup-no-channel", destination=destination)
        return found

    async def _list_channels(self, cursor: str | None) -> AsyncSlackResponse:
        return await self._client.conversations_list(
            types="public_channel,private_channel", exclude_archived=False, limit=_PAGE, cursor=cursor
        )

    def _messages(self, channel: str, delivery: Delivery) -> AsyncIterator[Mapping[str, Any]]:
        bounds: dict[str, Any] = {
            "channel": channel,
            "oldest": _oldest(delivery, self._clock.now()),
            "inclusive": True,
            "include_all_metadata": True,
            "limit": _PAGE,
        }
        thread = delivery.thread if delivery.part else None

        async def page(cursor: str | None) -> AsyncSlackResponse:
            if thread:
                return await self._client.conversations_replies(ts=thread, cursor=cursor, **bounds)
            return await self._client.conversations_history(cursor=cursor, **bounds)

        return self._pages("messages", page)

    async def _pages(self, what: str, page: Page) -> AsyncIterator[Mapping[str, Any]]:
        cursor: str | None = None
        read: set[str] = set()
        while True:
            answer = await page(cursor)
            self._clock.hear(answer.headers)
            for row in _rows(answer, what):
                yield row
            cursor = (answer.get("response_metadata") or {}).get("next_cursor")
            if not cursor:
                break
            if cursor in read:
                raise ValueError("pages that go round in a circle")
            read.add(cursor)
        if answer.get("has_more"):
            raise ValueError("more pages, but no way to them")


def read_ts(message: Mapping[str, Any] | AsyncSlackResponse) -> str:
    """The id of a message: the moment at which Slack stored it, in seconds since 1970. ValueError if it is none."""
    ts = str(message.get("ts"))
    if not _TS.fullmatch(ts):
        raise ValueError("an answer without ts")
    return ts


def _rows(answer: AsyncSlackResponse, what: str) -> list[Mapping[str, Any]]:
    rows = answer.get(what)
    sound = isinstance(rows, list) and all(isinstance(row, dict) for row in rows)
    if not sound:
        raise ValueError(f"an answer without {what}")
    return list(rows or ())


def _oldest(delivery: Delivery, slack_now: datetime) -> str:
    # An attempt that lies in Slack's future was noted by a clock that goes ahead.
    began = min(delivery.send_started_at or delivery.created_at, slack_now)
    return f"{(began - _EARLIER).timestamp():.6f}"


def _delivery_of(message: Mapping[str, Any]) -> object:
    metadata = message.get("metadata") or {}
    if metadata.get("event_type") != EVENT_TYPE:
        return None
    return (metadata.get("event_payload") or {}).get("delivery")


def _unknown(error: Exception, destination: str) -> UncertainError:
    answer = answer_in(error)
    if answer is not None and answer.error in _FORBIDDEN:
        return UncertainError("sinks.lookup-forbidden", destination=destination, error=answer.error)
    why = (answer.error or f"HTTP {answer.status}") if answer else reason(error)
    return UncertainError("sinks.lookup-failed", destination=destination, reason=why[:150])
