"""Every row of Slack's errors, and what it means for the delivery."""

from datetime import timedelta

import aiohttp
import pytest
from builders import NOW

from monitor.errors import BlockedError, NotStoredError, PayloadError, SendError, UncertainError
from monitor.sinks.slack.outcomes import Answer, answer_outcome, call_outcome, retry_after, webhook_outcome

AMBIGUOUS = (
    "internal_error fatal_error service_unavailable request_timeout team_added_to_org duplicate_message_not_found "
    "duplicate_channel_not_found zzz_new"
)
LATER = "ratelimited rate_limited message_limit_exceeded org_login_required"
DESTINATION = (
    "channel_not_found not_in_channel is_archived restricted_action restricted_action_read_only_channel "
    "restricted_action_thread_only_channel restricted_action_non_threadable_channel no_permission ekm_access_denied "
    "messages_tab_disabled accesslimited access_denied"
)
TOKEN = (
    "invalid_auth not_authed token_revoked token_expired account_inactive missing_scope not_allowed_token_type "
    "app_access_restricted two_factor_setup_required"
)
PAYLOAD = (
    "invalid_blocks invalid_blocks_format msg_too_long msg_blocks_too_long no_text invalid_metadata_format "
    "invalid_metadata_schema metadata_too_large markdown_text_conflict too_many_attachments invalid_arg_name "
    "invalid_array_arg"
)
ROWS = [
    (error, kind, whole)
    for errors, kind, whole in (
        (AMBIGUOUS, UncertainError, None),
        (LATER, NotStoredError, None),
        (DESTINATION, BlockedError, False),
        (TOKEN, BlockedError, True),
        (PAYLOAD, PayloadError, None),
    )
    for error in errors.split()
]


def outcome(error: str | None, status: int = 200, **headers: str) -> SendError:
    return answer_outcome(Answer(status=status, error=error, headers=headers), "#news", NOW)


@pytest.mark.parametrize(("error", "kind", "whole"), ROWS)
def test_every_row(error, kind, whole):
    found = outcome(error)
    assert type(found) is kind
    assert getattr(found, "whole_workspace", None) is whole
    for language in ("ja", "en"):
        assert found.message(language)


@pytest.mark.parametrize("error", [row[0] for row in ROWS])
def test_a_5xx_may_be_stored_whatever_it_says(error):
    assert type(outcome(error, status=500)) is UncertainError


@pytest.mark.parametrize("error", [None, "channel_not_found", "anything"])
def test_a_429_was_not_stored_whatever_it_says(error):
    assert type(outcome(error, status=429)) is NotStoredError


@pytest.mark.fault(17)
@pytest.mark.parametrize(
    ("stated", "seconds"),
    [
        ("30", 30),
        ("1.5", 1.5),
        ("0", 1),
        ("-3", 1),
        ("inf", 30),
        ("nan", 30),
        ("1e300", 86_400),
        ("", 30),
        ("later", 30),
        ("Sun, 22 Nov 2026 23:31:10 GMT", 70),
        ("Sun, 22 Nov 2026 20:00:00 GMT", 1),
        ("Sun, 99 Nov 2026 20:00:00 GMT", 30),
    ],
)
def test_retry_after(stated, seconds):
    assert retry_after({"Retry-After": stated}, NOW) == timedelta(seconds=seconds)


def test_a_date_is_counted_from_the_answers_own():
    headers = {"Retry-After": "Mon, 23 Nov 2026 12:00:40 GMT", "Date": "Mon, 23 Nov 2026 12:00:00 GMT"}
    assert retry_after(headers, NOW) == timedelta(seconds=40)
    assert retry_after({}, NOW) == timedelta(seconds=30)


def test_a_workspace_that_sends_too_much_waits_minutes():
    found = outcome("message_limit_exceeded")
    assert isinstance(found, NotStoredError)
    assert found.retry_after == timedelta(minutes=5)


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (TimeoutError(), UncertainError),
        (ConnectionResetError(104, "reset"), UncertainError),
        (aiohttp.ServerDisconnectedError(), UncertainError),
        (aiohttp.ClientOSError(104, "reset"), UncertainError),
        (aiohttp.ClientPayloadError("cut"), UncertainError),
        (aiohttp.ServerTimeoutError("slow"), UncertainError),
        (ValueError("no JSON"), UncertainError),
        (AttributeError("list has no get"), UncertainError),
        (
            aiohttp.ClientConnectorError(
                aiohttp.client_reqrep.ConnectionKey("h", 1, False, True, None, None, None), OSError(111, "refused")
            ),
            NotStoredError,
        ),
        (aiohttp.InvalidURL("nowhere"), NotStoredError),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else value.__name__,
)
def test_what_breaks_after_the_connection_stood_may_be_stored(error, kind):
    assert type(call_outcome(error, "#news", NOW)) is kind


WEBHOOK_GONE = (
    "action_prohibited channel_is_archived channel_not_found invalid_token no_active_hooks no_service no_service_id "
    "no_team posting_to_general_channel_denied team_disabled user_not_found invalid_auth"
)


@pytest.mark.parametrize("error", WEBHOOK_GONE.split())
def test_a_webhook_that_refuses_for_good_blocks_itself_alone(error):
    found = webhook_outcome(Answer(status=403, error=error), "webhook:PR", NOW)
    assert isinstance(found, BlockedError)
    assert not found.whole_workspace
    assert found.code == "sinks.webhook-gone"


@pytest.mark.parametrize(
    ("status", "error", "kind"),
    [
        (400, "invalid_payload", PayloadError),
        (400, "no_text", PayloadError),
        (400, "too_many_attachments", PayloadError),
        (429, "rate_limited", NotStoredError),
        (500, "no_service", UncertainError),
        (500, "<html>", UncertainError),
        (200, "okay?", UncertainError),
        (400, "zzz_new", UncertainError),
        (200, None, UncertainError),
    ],
)
def test_webhook_answers(status, error, kind):
    assert type(webhook_outcome(Answer(status=status, error=error), "webhook:PR", NOW)) is kind


def test_secrets_never_reach_a_message():
    error = aiohttp.InvalidURL("https://hooks.slack.com/services/T1/B1/verysecret")
    found = call_outcome(error, "webhook:PR", NOW)
    assert "verysecret" not in found.message("en")
    echoed = outcome("bad token xoxb-1-2-verysecret")
    assert "verysecret" not in echoed.message("ja")
