"""Whatever went wrong while posting -> NotStoredError, UncertainError, BlockedError or PayloadError. Pure.

The lists are the documented errors of chat.postMessage (docs.slack.dev) and of incoming webhooks. What stands in no list
may have been stored: it is looked up, never sent again blindly.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http import HTTPStatus

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError

from monitor.errors import BlockedError, NotStoredError, PayloadError, SendError, UncertainError
from monitor.sinks.slack.clock import http_date
from monitor.sinks.slack.quiet import redact

#: Everything that a call of slack-sdk 3.47 raises. ValueError and AttributeError: it parses an answer that is not JSON,
#: or JSON but no object, without a net.
CALL_ERRORS = (SlackClientError, aiohttp.ClientError, OSError, ValueError, AttributeError)

_LATER = {
    "ratelimited": None,
    "rate_limited": None,
    # The workspace as a whole sends too much, or is being moved: minutes, not seconds.
    "message_limit_exceeded": timedelta(minutes=5),
    "org_login_required": timedelta(minutes=5),
}
_CHANNEL = {
    "channel_not_found": "sinks.channel-not-found",
    "not_in_channel": "sinks.not-in-channel",
    "is_archived": "sinks.archived",
} | dict.fromkeys(
    (
        "access_denied",
        "accesslimited",
        "cannot_reply_to_message",
        "ekm_access_denied",
        "messages_tab_disabled",
        "no_permission",
        "restricted_action",
        "restricted_action_non_threadable_channel",
        "restricted_action_read_only_channel",
        "restricted_action_thread_locked",
        "restricted_action_thread_only_channel",
        "team_access_not_granted",
        "user_not_found",
    ),
    "sinks.channel-refused",
)
_TOKEN = {"missing_scope": "sinks.scope-missing"} | dict.fromkeys(
    (
        "account_inactive",
        "app_access_restricted",
        "invalid_auth",
        "not_allowed_token_type",
        "not_authed",
        "token_expired",
        "token_revoked",
        "two_factor_setup_required",
    ),
    "sinks.token-refused",
)
_PAYLOAD = frozenset(
    (
        "attachment_payload_limit_exceeded",
        "invalid_arg_name",
        "invalid_array_arg",
        "invalid_blocks",
        "invalid_blocks_format",
        "invalid_metadata_format",
        "invalid_metadata_schema",
        "invalid_payload",
        "markdown_text_conflict",
        "metadata_too_large",
        "msg_blocks_too_long",
        "msg_too_long",
        "no_text",
        "too_many_attachments",
    )
)
_WEBHOOK_GONE = frozenset(
    (
        "action_prohibited",
        "channel_is_archived",
        "channel_not_found",
        "invalid_token",
        "no_active_hooks",
        "no_service",
        "no_service_id",
        "no_team",
        "posting_to_general_channel_denied",
        "team_disabled",
        "user_not_found",
    )
)
_DEFAULT_WAIT = timedelta(seconds=30)
_LONGEST_WAIT = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What Slack answered to a post that it did not simply take."""

    status: int
    #: Slack's own word for it ("channel_not_found"), if the answer had one.
    error: str | None
    headers: Mapping[str, str] = field(default_factory=dict)
    #: The scope that `missing_scope` asks for.
    needed: str = "?"


def answer_in(error: Exception) -> Answer | None:
    """The answer that an error of the SDK carries, if there was one."""
    response = getattr(error, "response", None)
    if not isinstance(error, SlackApiError) or response is None:
        return None
    # An answer that was not JSON comes as aiohttp's response, anything else as the SDK's.
    status: int = getattr(response, "status_code", 0) or getattr(response, "status", 0)
    data = getattr(response, "data", None)
    words = data if isinstance(data, dict) else {}
    said = words.get("error")
    return Answer(
        status=status,
        error=said if isinstance(said, str) and said else None,
        headers=response.headers,
        needed=str(words.get("needed", "?")),
    )


def call_outcome(error: Exception, destination: str, now: datetime) -> SendError:
    """What a failed call comes down to; `now` is Slack's time."""
    answer = answer_in(error)
    if answer is not None:
        return answer_outcome(answer, destination, now)
    if isinstance(error, aiohttp.ClientConnectorError | aiohttp.ClientHttpProxyError | aiohttp.InvalidURL):
        return NotStoredError("sinks.unreachable", reason=reason(error))
    return UncertainError("sinks.unsure", destination=destination, reason=reason(error))


def is_limit(answer: Answer) -> bool:
    """Whether Slack asks to come again later: by its status, or by its word alone."""
    return answer.status == HTTPStatus.TOO_MANY_REQUESTS or (
        answer.error in _LATER and answer.status < HTTPStatus.INTERNAL_SERVER_ERROR
    )


def answer_outcome(answer: Answer, destination: str, now: datetime) -> SendError:
    """What an answer of the Web API comes down to."""
    said = answer.error or ""
    if is_limit(answer):
        return _later(_LATER.get(said) or retry_after(answer.headers, now))
    if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR or not said:
        return UncertainError("sinks.unsure", destination=destination, reason=f"HTTP {answer.status}")
    if said in _CHANNEL:
        return BlockedError(_CHANNEL[said], destination=destination, error=said)
    if said in _TOKEN:
        return BlockedError(_TOKEN[said], whole_workspace=True, error=said, needed=redact(answer.needed))
    if said in _PAYLOAD:
        return PayloadError("sinks.refused", destination=destination, error=said)
    return UncertainError("sinks.unsure", destination=destination, reason=redact(said[:100]))


def webhook_outcome(answer: Answer, destination: str, now: datetime) -> SendError:
    """What an answer of an incoming webhook comes down to."""
    if answer.error in _WEBHOOK_GONE and answer.status < HTTPStatus.INTERNAL_SERVER_ERROR:
        return BlockedError("sinks.webhook-gone", destination=destination, error=answer.error)
    outcome = answer_outcome(answer, destination, now)
    if isinstance(outcome, BlockedError):
        return BlockedError("sinks.webhook-gone", destination=destination, error=answer.error)
    return outcome


def _later(wait: timedelta) -> NotStoredError:
    return NotStoredError("sinks.rate-limited", retry_after=wait, seconds=wait.total_seconds())


def retry_after(headers: Mapping[str, str], now: datetime) -> timedelta:
    """Retry-After as whole or fractional seconds or as a date, counted from the answer's own Date; 30 s without one."""
    stated = headers.get("Retry-After", "").strip()
    try:
        seconds = float(stated)
    except ValueError:
        until = http_date(stated)
        if until is None:
            return _DEFAULT_WAIT
        seconds = (until - (http_date(headers.get("Date")) or now.astimezone(UTC))).total_seconds()
    if not math.isfinite(seconds):
        return _DEFAULT_WAIT
    return min(max(timedelta(seconds=min(seconds, _LONGEST_WAIT.total_seconds())), timedelta(seconds=1)), _LONGEST_WAIT)


def reason(error: Exception) -> str:
    """What happened, short and without secrets."""
    words = redact(str(error)).strip().splitlines()
    return f"{type(error).__name__}: {words[0][:150]}" if words else type(error).__name__
