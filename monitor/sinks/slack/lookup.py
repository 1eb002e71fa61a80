"""Delivery -> the message in Slack that carries its id, if there is one.

Exactly-once rests on this: after a broken answer the channel's history tells whether the message was stored.
"""

import re
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from monitor.errors import UncertainError
from monitor.model import Delivery
from monitor.sinks.slack.clock import SlackClock
from monitor.sinks.slack.contacts import Contacts
from monitor.sinks.slack.ourselves import Ourselves
from monitor.sinks.slack.outcomes import CALL_ERRORS, answer_in, is_limit, reason, retry_after
from monitor.sinks.slack.paging import read_pages

EVENT_TYPE = "monitor_delivery"
#: How long before the attempt the search begins: clocks of two machines at Slack need not agree.
_EARLIER = timedelta(minutes=10)
_PAGE = 200
#: What was read of a channel sooner after an attempt, and is not read again, proves no absence: see `LONGEST_SETTLE`.
_SURELY_SHOWN = timedelta(minutes=10)
_LINK = re.compile(r"<(https?://[^|>\s]+)")
_TS = re.compile(r"\d{1,12}\.\d{1,9}")
_FORBIDDEN = frozenset(
    ("channel_not_found", "invalid_auth", "missing_scope", "no_permission", "not_in_channel", "token_revoked")
)


class _Reading:
    """How far a channel was read for a message, so that Slack's limit does not have it begin anew each time.

    An app that is distributed commercially may read one page of 15 messages a minute (docs.slack.dev, rate limits).
    """

    def __init__(self, began_at: datetime) -> None:
        self.began_at = began_at
        self.cursor: str | None = None
        self.was_halted = False
        #: The oldest message that carries the id and that another app wrote.
        self.copy: str | None = None

    def turn(self, cursor: str) -> None:
        """The page behind `cursor` is the next."""
        self.cursor = cursor


class Lookup:
    """Reads channels. Every failure is an UncertainError: not to know is never "absent"."""

    def __init__(
        self,
        client: AsyncWebClient,
        clock: SlackClock,
        contacts: Contacts,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._client = client
        self._clock = clock
        self._contacts = contacts
        self._ourselves = Ourselves(contacts.remembered)
        self._monotonic = monotonic
        self._has_met_itself = False
        #: Slack takes no look-up before this moment.
        self._free_at = float("-inf")
        #: By channel, delivery and attempt: readings that Slack's limit has halted.
        self._halted: dict[tuple[str, str, int], _Reading] = {}

    async def find(self, delivery: Delivery) -> str | None:
        """The ts of the delivery's message; `None` only after the last page was read.

        Its id proves it, which nobody can know before it was posted. Who wrote it only decides between several, since
        another app may copy messages: our own may bear ids that are no longer known for ours, and would be sent twice.
        """
        self._keep_patience(delivery.destination)
        try:
            if not self._clock.is_set:
                await self._meet_itself()
            present, *former = await self._channels(delivery.destination)
            found = await self._find_in(present, delivery)
            for channel in former:
                found = found or await self._find_in_former(channel, delivery)
        except CALL_ERRORS as error:
            raise self._unknown(error, delivery.destination) from error
        if found:
            # A former channel may have been halted at before the message showed in the present one.
            self._halted = {key: reading for key, reading in self._halted.items() if delivery.id not in key}
        return found

    async def told_since(self, destination: str, at: datetime) -> frozenset[str]:
        """The addresses that messages of ours link to, the threads of digests included.

        No id proves these, so that what another app surely wrote does not count, whatever it says of itself.
        """
        self._keep_patience(destination)
        links: set[str] = set()
        try:
            if not self._has_met_itself:
                await self._meet_itself()
            for channel in await self._channels(destination):
                await self._read_links(channel, _earlier(at), links)
        except CALL_ERRORS as error:
            raise self._unknown(error, destination) from error
        return frozenset(links)

    async def _read_links(self, channel: str, oldest: str, links: set[str]) -> None:
        try:
            async for message in self._history(channel, oldest):
                links |= await self._links_of_ours(message)
                if message.get("reply_count"):
                    async for reply in self._history(channel, oldest, thread=read_ts(message)):
                        links |= await self._links_of_ours(reply)
        except SlackApiError as error:
            # A channel that no longer exists was told nothing that anybody can see.
            answer = answer_in(error)
            if not (answer and answer.error == "channel_not_found"):
                raise

    async def _links_of_ours(self, message: Mapping[str, Any]) -> set[str]:
        is_ours = _delivery_of(message) and not await self._ourselves.are_not(message)
        return links_in(message) if is_ours else set()

    async def _meet_itself(self) -> None:
        answer = await self._client.auth_test()
        self._clock.hear(answer.headers)
        await self._ourselves.learn_from_test(answer, self._clock.now())
        self._has_met_itself = True

    async def _find_in(self, channel: str, delivery: Delivery) -> str | None:
        """Newer messages come before those that were read, so that going on behind these leaves none out."""
        key = channel, delivery.id, delivery.attempts
        reading = self._halted.pop(key, None) or _Reading(self._clock.now())
        try:
            async for message in self._messages(channel, delivery, reading):
                if _delivery_of(message) != delivery.id:
                    continue
                if not await self._ourselves.are_not(message):
                    return read_ts(message)
                reading.copy = min(filter(None, (reading.copy, read_ts(message))), key=float)
        except SlackApiError as error:
            answer = answer_in(error)
            if answer is not None and is_limit(answer):
                reading.was_halted = True
                self._halted[key] = reading
            raise
        began = delivery.send_started_at or delivery.created_at
        if reading.was_halted and reading.began_at < began + _SURELY_SHOWN:
            raise _limited(delivery.destination, max(began + _SURELY_SHOWN - self._clock.now(), timedelta(seconds=1)))
        return reading.copy

    async def _find_in_former(self, channel: str, delivery: Delivery) -> str | None:
        """A channel that no longer exists holds no message."""
        try:
            return await self._find_in(channel, delivery)
        except SlackApiError as error:
            answer = answer_in(error)
            if answer and answer.error == "channel_not_found":
                return None
            raise

    async def _channels(self, destination: str) -> list[str]:
        channels = await self._contacts.channel_ids(destination)
        if not channels:
            raise UncertainError("sinks.lookup-no-channel", destination=destination)
        return channels

    def _keep_patience(self, destination: str) -> None:
        """Slack's wish to wait holds for every look-up, whatever the channel: what it asked for is not asked again before."""
        wait = self._free_at - self._monotonic()
        if wait > 0:
            raise _limited(destination, timedelta(seconds=wait))

    def _unknown(self, error: Exception, destination: str) -> UncertainError:
        answer = answer_in(error)
        if answer is not None and is_limit(answer):
            wait = retry_after(answer.headers, self._clock.now())
            self._free_at = self._monotonic() + wait.total_seconds()
            return _limited(destination, wait)
        if answer is not None and answer.error in _FORBIDDEN:
            return UncertainError("sinks.lookup-forbidden", destination=destination, error=answer.error)
        why = (answer.error or f"HTTP {answer.status}") if answer else reason(error)
        return UncertainError("sinks.lookup-failed", destination=destination, reason=why[:150])

    def _messages(self, channel: str, delivery: Delivery, reading: _Reading) -> AsyncIterator[Mapping[str, Any]]:
        oldest = _oldest(delivery, self._clock.now())
        return self._history(channel, oldest, thread=delivery.thread if delivery.part else None, reading=reading)

    def _history(
        self, channel: str, oldest: str, *, thread: str | None = None, reading: _Reading | None = None
    ) -> AsyncIterator[Mapping[str, Any]]:
        bounds: dict[str, Any] = {
            "channel": channel,
            "oldest": oldest,
            "inclusive": True,
            "include_all_metadata": True,
            "limit": _PAGE,
        }

        async def page(cursor: str | None) -> AsyncSlackResponse:
            if thread:
                return await self._client.conversations_replies(ts=thread, cursor=cursor, **bounds)
            return await self._client.conversations_history(cursor=cursor, **bounds)

        if reading is None:
            return read_pages("messages", page, self._clock)
        return read_pages("messages", page, self._clock, cursor=reading.cursor, turned=reading.turn)


def links_in(message: Mapping[str, Any]) -> set[str]:
    """The addresses that a message links to, in its blocks and in its text."""
    marked = {found[1].replace("&amp;", "&") for found in _LINK.finditer(str(message.get("text") or ""))}
    return marked | set(_links_below(message.get("blocks")))


def _links_below(part: object) -> Iterator[str]:
    if isinstance(part, dict):
        if part.get("type") == "link" and isinstance(part.get("url"), str):
            yield part["url"]
        for value in part.values():
            yield from _links_below(value)
    elif isinstance(part, list):
        for value in part:
            yield from _links_below(value)


def read_ts(message: Mapping[str, Any] | AsyncSlackResponse) -> str:
    """The id of a message: the moment at which Slack stored it, in seconds since 1970. ValueError if it is none."""
    ts = str(message.get("ts"))
    if not _TS.fullmatch(ts):
        raise ValueError("an answer without ts")
    return ts


def _oldest(delivery: Delivery, slack_now: datetime) -> str:
    # An attempt that lies in Slack's future was noted by a clock that goes ahead.
    began = min(delivery.send_started_at or delivery.created_at, slack_now)
    return _earlier(began)


def _earlier(at: datetime) -> str:
    return f"{(at - _EARLIER).timestamp():.6f}"


def _delivery_of(message: Mapping[str, Any]) -> object:
    metadata = message.get("metadata") or {}
    if metadata.get("event_type") != EVENT_TYPE:
        return None
    return (metadata.get("event_payload") or {}).get("delivery")


def _limited(destination: str, wait: timedelta) -> UncertainError:
    return UncertainError(
        "sinks.lookup-limited", retry_after=wait, destination=destination, seconds=wait.total_seconds()
    )
