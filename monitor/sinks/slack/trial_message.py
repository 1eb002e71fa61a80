"""A channel -> a test message posted, looked up until it shows, and deleted; how long it took to show."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

from monitor.errors import SendError, UncertainError
from monitor.messages import say
from monitor.model import Delivery, DeliveryState
from monitor.schedule import settle_time
from monitor.sinks import SinkSettings
from monitor.sinks.slack.lookup import EVENT_TYPE, Lookup, read_ts
from monitor.sinks.slack.outcomes import CALL_ERRORS
from monitor.sinks.slack.trial import Line, Sign, Step, failed, unknown_channel
from monitor.sinks.slack.webhook import open_sink as open_webhook

#: Seconds between two looks, the last one again and again; and how long a message is waited for.
LOOKS = (0.2, 0.4, 0.8, 1.5, 3.0)
LONGEST = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen(Step):
    """The message showed."""

    lag: timedelta


async def try_message(line: Line, destination: str, language: str) -> AsyncIterator[Step]:
    """Post, look up, delete."""
    try:
        channel = await line.contacts.channel_id_now(destination)
        if channel is None:
            yield unknown_channel(destination, line.bot)
            return
        delivery = _delivery(line.clock.now(), channel, language)
        metadata = {"event_type": EVENT_TYPE, "event_payload": {"delivery": delivery.id}}
        text = json.loads(delivery.payload)["text"]
        answer = await line.call(line.client.chat_postMessage, channel=channel, text=text, metadata=metadata)
        ts = read_ts(answer)
    except CALL_ERRORS as error:
        yield failed(error, destination, line.bot)
        return
    yield Step(sign=Sign.FINE, code="slack.posted", facts={"channel": destination})
    yield await _look_until_seen(line, delivery, destination)
    yield await _delete(line, channel, ts, destination)


async def _look_until_seen(line: Line, delivery: Delivery, destination: str) -> Step:
    """By the very look-up that guards deliveries."""
    lookup = Lookup(line.client, line.clock, line.contacts, line.monotonic)
    posted_at = line.monotonic()
    looks = iter(LOOKS)
    wait = 0.0
    while line.monotonic() - posted_at <= LONGEST:
        try:
            found = await lookup.find(delivery)
        except UncertainError as error:
            if error.retry_after is None or error.retry_after.total_seconds() > LONGEST:
                return Step(sign=Sign.FAILED, code="slack.unseeable", facts={"error": error, "channel": destination})
            wait = error.retry_after.total_seconds()
        else:
            if found is not None:
                return _seen(timedelta(seconds=line.monotonic() - posted_at))
            wait = next(looks, LOOKS[-1])
        await line.pause(wait)
    return Step(sign=Sign.FAILED, code="slack.never-seen", facts={"channel": destination, "seconds": LONGEST})


def _seen(lag: timedelta) -> Seen:
    facts = {"lag": lag.total_seconds(), "settle": settle_time(lag).total_seconds()}
    return Seen(sign=Sign.FINE, code="slack.seen", facts=facts, lag=lag)


async def _delete(line: Line, channel: str, ts: str, destination: str) -> Step:
    try:
        await line.call(line.client.chat_delete, channel=channel, ts=ts)
    except CALL_ERRORS as error:
        said = failed(error, destination, line.bot).facts
        facts = {"channel": destination, "error": said.get("error") or said.get("reason") or said.get("status")}
        return Step(sign=Sign.NOTE, code="slack.stays", facts=facts)
    return Step(sign=Sign.FINE, code="slack.deleted", facts={"channel": destination})


def _delivery(now: datetime, channel: str, language: str) -> Delivery:
    id_ = f"test-{uuid4()}"
    return Delivery(
        id=id_,
        channel=channel,
        destination=channel,
        period="test",
        part=0,
        payload=json.dumps({"text": say("slack.test-message", language, id=id_)}),
        state=DeliveryState.SENDING,
        created_at=now,
        due_at=now,
        send_started_at=now,
    )


async def try_webhook(settings: SinkSettings, destination: str) -> Step:
    """Post; more cannot be tried."""
    sink = open_webhook(settings)
    try:
        await sink.send(_delivery(sink.now(), destination, settings.language))
    except SendError as error:
        return Step(sign=Sign.FAILED, code="slack.webhook-failed", facts={"error": error, "channel": destination})
    return Step(sign=Sign.NOTE, code="slack.webhook-posted", facts={"channel": destination})
