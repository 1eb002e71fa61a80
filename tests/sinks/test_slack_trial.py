"""Steps of the trial that take minutes or that Slack seldom leads to; and a sentence for each of its errors."""

from datetime import UTC, datetime, timedelta

import pytest
from digests import TOKYO
from slack_standin import Fault, SlackStandIn
from slack_workspace import Workspace

from monitor.messages import LANGUAGES
from monitor.sinks import SinkSettings
from monitor.sinks.slack.trial import Line, Sign, Step, Wishes, error_code, open_line, try_line
from monitor.sinks.slack.trial_message import Seen, try_message

#: What chat.postMessage may answer (docs.slack.dev), by what it means for whoever has to act.
SLACKS_TROUBLE = """internal_error fatal_error service_unavailable request_timeout team_added_to_org
    duplicate_message_not_found duplicate_channel_not_found"""
WAIT = "ratelimited rate_limited message_limit_exceeded org_login_required"
CHANNEL = """channel_not_found not_in_channel is_archived restricted_action restricted_action_read_only_channel
    restricted_action_thread_only_channel restricted_action_non_threadable_channel restricted_action_thread_locked
    no_permission ekm_access_denied messages_tab_disabled accesslimited access_denied team_access_not_granted
    cannot_reply_to_message user_not_found"""
TOKEN = """invalid_auth not_authed token_revoked token_expired account_inactive missing_scope not_allowed_token_type
    app_access_restricted two_factor_setup_required"""
FORM = """invalid_blocks invalid_blocks_format msg_too_long msg_blocks_too_long no_text invalid_metadata_format
    invalid_metadata_schema metadata_too_large markdown_text_conflict too_many_attachments invalid_arg_name
    invalid_array_arg"""


@pytest.mark.parametrize("error", f"{SLACKS_TROUBLE} {WAIT} {CHANNEL} {TOKEN} {FORM}".split())
def test_each_error_has_a_sentence_that_names_it(error):
    step = Step(
        sign=Sign.FAILED,
        code=error_code(error),
        facts={"error": error, "channel": "#news", "bot": "monitor", "needed": "chat:write"},
    )
    assert step.code != "slack.error-unknown"
    assert (step.code == "slack.error-form") == (error in FORM.split())
    for language in LANGUAGES:
        assert error in step.sentence(language)


def test_an_error_that_nobody_knows_is_repeated():
    step = Step(sign=Sign.FAILED, code=error_code("zzz_new"), facts={"error": "zzz_new"})
    assert "zzz_new" in step.sentence("ja")


class Hands:
    """A clock that is moved by whoever waits."""

    def __init__(self) -> None:
        self.time = 1_800_000_000.0

    def __call__(self) -> float:
        return self.time

    async def pause(self, seconds: float) -> None:
        self.time += seconds

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.time, UTC)


@pytest.fixture
def hands(slack: SlackStandIn) -> Hands:
    hands = Hands()
    slack.workspace = Workspace(hands)
    return hands


@pytest.fixture
def line(slack: SlackStandIn, hands: Hands) -> Line:
    line = open_line(SinkSettings(language="ja", zone=TOKYO, api_url=slack.api_url, secret=slack.token))
    line.pause, line.monotonic = hands.pause, hands
    return line


async def steps_of(line: Line, channel: str = "#news") -> list[Step]:
    return [step async for step in try_message(line, channel, "ja")]


async def codes(line: Line, channel: str = "#news") -> list[str]:
    return [step.code.removeprefix("slack.") for step in await steps_of(line, channel)]


@pytest.mark.parametrize("lag", [0, 0.5, 7, 40])
async def test_the_lag_is_measured_from_above_and_not_by_much(line, slack, lag):
    slack.workspace.settings.lag = lag
    _, seen, _ = await steps_of(line)
    assert isinstance(seen, Seen)
    assert timedelta(seconds=lag) <= seen.lag <= timedelta(seconds=lag + 3)
    assert slack.messages("news") == []


async def test_a_message_that_never_shows(line, slack):
    slack.workspace.settings.lag = 3600
    assert await codes(line) == ["posted", "never-seen", "deleted"]


async def test_a_limited_look_up_is_waited_for(line, slack, hands):
    slack.fail(Fault(method="conversations.history", answer="limit", retry_after="20"))
    began = hands.time
    assert await codes(line) == ["posted", "seen", "deleted"]
    assert hands.time - began >= 20


async def test_a_look_up_that_fails_says_why(line, slack):
    slack.fail(Fault(method="conversations.history", answer="error", error="not_in_channel"))
    _, step, _ = await steps_of(line)
    assert step.code == "slack.unseeable"
    assert "/invite" in step.sentence("ja")
    assert "Invite" in step.sentence("en")


async def test_a_post_that_breaks_off(line, slack):
    slack.fail(Fault(store=True, answer="reset"))
    assert await codes(line) == ["unreachable"]


async def test_a_channel_that_is_not_there(line):
    assert await codes(line, "#nowhere") == ["error-channel-not-found"]


async def test_a_message_that_somebody_else_deleted_is_no_matter(line, slack):
    slack.fail(Fault(method="chat.delete", answer="reset", times=2))
    assert await codes(line) == ["posted", "seen", "stays"]


async def test_a_wish_to_wait_is_followed_a_few_times(line, slack, hands):
    slack.fail(Fault(method="auth.test", answer="limit", retry_after="5", times=3))
    steps = [step async for step in try_line(line, Wishes(channels=()), hands.now)]
    assert steps[0].code == "slack.token-works"
    slack.fail(Fault(method="auth.test", answer="limit", retry_after="5", times=4))
    [step] = [step async for step in try_line(line, Wishes(channels=()), hands.now)]
    assert step.code == "slack.error-ratelimited"


async def test_scopes_that_slack_does_not_name(line, slack, hands):
    body = '{"ok": true, "team": "t", "user": "monitor", "url": "https://t.slack.com/", "team_id": "T1"}'
    slack.fail(Fault(method="auth.test", answer="body", status=200, body=body, scopes=False))
    steps = [step async for step in try_line(line, Wishes(channels=("D0SOMEBODY1",)), hands.now)]
    assert steps[1].code == "slack.scopes-unstated"
    assert steps[-1].code == "slack.error-channel-not-found"
