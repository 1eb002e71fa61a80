"""A connection to Slack -> steps, each with a sign and a sentence: what works, and what to do about what does not."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from monitor.errors import MonitorError
from monitor.messages import is_known, say
from monitor.sinks import SinkSettings
from monitor.sinks.slack.clock import SlackClock
from monitor.sinks.slack.contacts import Contacts, Remembered, folded, is_channel_id
from monitor.sinks.slack.manifest import SCOPES, SPARABLE, why
from monitor.sinks.slack.marks import is_handle
from monitor.sinks.slack.outcomes import CALL_ERRORS, answer_in, is_limit, reason, retry_after
from monitor.sinks.slack.quiet import redact, sdk_logger

TIMEOUT = 15
#: Our clock may be off by this before it is worth a word: Slack tells the time in whole seconds.
SKEW = timedelta(seconds=10)
#: What Slack asks to wait is waited up to this, and asked for again so many times.
PATIENCE, TRIES = timedelta(seconds=60), 3


class Sign(StrEnum):
    """How a step ended."""

    FINE = "fine"
    #: Nothing is wrong, but it should be known.
    NOTE = "note"
    #: It works, but not wholly.
    DOUBT = "doubt"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing that was tried."""

    sign: Sign
    #: A sentence of `messages/slack.toml`.
    code: str
    facts: Mapping[str, object] = field(default_factory=dict)

    def sentence(self, language: str) -> str:
        """What a person reads."""
        facts = {
            name: fact.message(language) if isinstance(fact, MonitorError) else fact
            for name, fact in self.facts.items()
        }
        if isinstance(scope := facts.get("scope"), str):
            facts["purpose"] = why(scope, language)
        return say(self.code, language, **facts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What is to be tried: everything that the configuration and the rules may tell."""

    channels: Sequence[str]
    mentions: Sequence[str] = ()


#: Errors with the same meaning for whoever has to mend them.
_ALIKE = {
    "access_denied": "no_permission",
    "accesslimited": "no_permission",
    "team_access_not_granted": "no_permission",
    "rate_limited": "ratelimited",
} | dict.fromkeys(
    (
        "fatal_error",
        "service_unavailable",
        "request_timeout",
        "team_added_to_org",
        "duplicate_message_not_found",
        "duplicate_channel_not_found",
    ),
    "internal_error",
)
#: What Slack says of a form that it does not take.
_FORM = ("invalid_", "msg_", "no_text", "metadata_", "markdown_text_", "too_many_attachments", "attachment_payload_")


def failed(error: Exception, channel: str = "Slack", bot: str = "monitor") -> Step:
    """What a call that failed means, and what to do."""
    answer = answer_in(error)
    if answer is None:
        return Step(sign=Sign.FAILED, code="slack.unreachable", facts={"reason": reason(error)})
    if not answer.error:
        return Step(sign=Sign.FAILED, code="slack.no-slack", facts={"status": answer.status})
    said = redact(answer.error[:100])
    facts = {"error": said, "channel": channel, "bot": bot, "needed": redact(answer.needed)}
    return Step(sign=Sign.FAILED, code=error_code(answer.error), facts=facts)


def error_code(error: str) -> str:
    """The sentence for one of Slack's errors."""
    code = f"slack.error-{_ALIKE.get(error, error).replace('_', '-')}"
    if is_known(code):
        return code
    return "slack.error-form" if error.startswith(_FORM) else "slack.error-unknown"


@dataclass(slots=True, kw_only=True)
class Line:
    """The connection that is tried, and what was learnt of it."""

    client: AsyncWebClient
    clock: SlackClock
    contacts: Contacts
    pause: Callable[[float], Awaitable[None]] = asyncio.sleep
    monotonic: Callable[[], float] = time.monotonic
    bot: str = "monitor"

    async def call(self, method: Callable[..., Awaitable[AsyncSlackResponse]], **args: Any) -> AsyncSlackResponse:
        """Call a method of the client; a limit is waited for. Raises `CALL_ERRORS`."""
        for tries_left in range(TRIES, -1, -1):
            try:
                answer = await method(**args)
            except CALL_ERRORS as error:
                said = answer_in(error)
                wait = retry_after(said.headers, self.clock.now()) if said and is_limit(said) else None
                if wait is None or wait > PATIENCE or not tries_left:
                    raise
                await self.pause(wait.total_seconds())
            else:
                break
        self.clock.hear(answer.headers)
        return answer


def open_line(settings: SinkSettings) -> Line:
    """With the names and ids that are known already, and room for what is learnt."""
    client = AsyncWebClient(
        token=settings.secret, base_url=settings.api_url, timeout=TIMEOUT, retry_handlers=[], logger=sdk_logger()
    )
    clock = SlackClock()
    contacts = Contacts(client, clock, Remembered(settings.in_store, settings.contacts))
    return Line(client=client, clock=clock, contacts=contacts)


async def try_line(line: Line, wishes: Wishes, now: Callable[[], datetime]) -> AsyncIterator[Step]:
    """Token, scopes, clock, channels and mentions, in this order; without a token that works, nothing more."""
    try:
        answer = await line.call(line.client.auth_test)
        await line.contacts.enter(str(answer.get("team_id")))
    except CALL_ERRORS as error:
        yield failed(error)
        return
    line.bot = str(answer.get("user"))
    facts = {name: answer.get(name) for name in ("team", "user", "url")}
    yield Step(sign=Sign.FINE, code="slack.token-works", facts=facts)
    for step in (*_scopes(answer), _clock(line.clock.now() - now())):
        yield step
    async for step in _try_channels(line, wishes.channels):
        yield step
    async for step in _try_mentions(line, wishes.mentions):
        yield step


def _scopes(answer: AsyncSlackResponse) -> list[Step]:
    stated = answer.headers.get("x-oauth-scopes")
    if stated is None:
        return [Step(sign=Sign.NOTE, code="slack.scopes-unstated")]
    granted = {scope.strip() for scope in stated.split(",")}
    missing = [scope for scope in SCOPES if scope not in granted]
    if not missing:
        return [Step(sign=Sign.FINE, code="slack.scopes-fine", facts={"scopes": ", ".join(SCOPES)})]
    return [
        Step(sign=Sign.DOUBT if scope in SPARABLE else Sign.FAILED, code="slack.scope-missing", facts={"scope": scope})
        for scope in missing
    ]


def _clock(ahead: timedelta) -> Step:
    seconds = round(abs(ahead).total_seconds())
    if abs(ahead) <= SKEW:
        return Step(sign=Sign.FINE, code="slack.clock-fine")
    code = "slack.clock-behind" if ahead > timedelta(0) else "slack.clock-ahead"
    return Step(sign=Sign.DOUBT, code=code, facts={"seconds": seconds})


async def _try_channels(line: Line, channels: Sequence[str]) -> AsyncIterator[Step]:
    seen: dict[str, str] = {}
    for channel in channels:
        try:
            channel_id = await line.contacts.channel_id_now(channel)
            if channel_id is None:
                yield unknown_channel(channel, line.bot)
                continue
            answer = await line.call(line.client.conversations_info, channel=channel_id)
        except CALL_ERRORS as error:
            yield failed(error, channel, line.bot)
            continue
        for step in _channel(channel, channel_id, answer.get("channel") or {}, line.bot):
            yield step
        if channel_id in seen:
            yield Step(
                sign=Sign.DOUBT, code="slack.same-channel", facts={"channel": channel, "other": seen[channel_id]}
            )
        seen.setdefault(channel_id, channel)


def unknown_channel(channel: str, bot: str) -> Step:
    """A name that no channel has which the bot can see."""
    return Step(sign=Sign.FAILED, code=error_code("channel_not_found"), facts={"channel": channel, "bot": bot})


def _channel(channel: str, channel_id: str, info: Mapping[str, Any], bot: str) -> list[Step]:
    facts = {"channel": channel, "id": channel_id, "bot": bot, "name": f"#{info.get('name')}"}
    if info.get("is_archived"):
        return [Step(sign=Sign.FAILED, code=error_code("is_archived"), facts=facts)]
    if not info.get("is_member") and not info.get("is_im"):
        return [Step(sign=Sign.FAILED, code=error_code("not_in_channel"), facts=facts)]
    steps = [Step(sign=Sign.FINE, code="slack.channel-fine", facts=facts)]
    if not is_channel_id(channel) and folded(facts["name"]) != folded(channel):
        steps.append(Step(sign=Sign.DOUBT, code="slack.renamed", facts=facts))
    return steps


async def _try_mentions(line: Line, mentions: Sequence[str]) -> AsyncIterator[Step]:
    try:
        strangers = await line.contacts.meet(mentions)
    except CALL_ERRORS as error:
        step = failed(error, bot=line.bot)
        yield Step(sign=Sign.DOUBT, code=step.code, facts=step.facts)
        strangers = [one for one in mentions if is_handle(one) and line.contacts.mention(one) == one]
    for mention in dict.fromkeys(mentions):
        facts = {"mention": mention, "id": line.contacts.mention(mention)}
        if mention in strangers:
            yield Step(sign=Sign.DOUBT, code="slack.stranger", facts=facts)
        elif is_handle(mention):
            yield Step(sign=Sign.FINE, code="slack.mention-fine", facts=facts)
