"""The stand-in is as strict as Slack, and as nasty as it was told to be."""

import asyncio
import json
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import slack_standin
from slack_limits import LIMITS
from slack_standin import Fault, SlackStandIn
from slack_workspace import TOKEN, Refused, Workspace

PROGRAM = Path(slack_standin.__file__)


class Hands:
    """A clock that is turned by hand."""

    def __init__(self) -> None:
        self.time = 1_800_000_000.0

    def __call__(self) -> float:
        return self.time


@pytest.fixture
def hands() -> Hands:
    return Hands()


@pytest.fixture
def workspace(hands: Hands) -> Workspace:
    return Workspace(hands)


def post(workspace: Workspace, channel: str = "#news", **args: Any) -> dict[str, Any]:
    return workspace.call("chat.postMessage", TOKEN, {"channel": channel, "text": "hello", **args})


def refused(workspace: Workspace, method: str = "chat.postMessage", token: str | None = TOKEN, **args: Any) -> Refused:
    with pytest.raises(Refused) as caught:
        workspace.call(method, token, {"channel": "#news", "text": "hello", **args})
    return caught.value


def history(workspace: Workspace, **args: Any) -> dict[str, Any]:
    return workspace.call("conversations.history", TOKEN, {"channel": "C0NEWS0001", **args})


@pytest.mark.parametrize(
    ("args", "error"),
    [
        ({"channel": "#nowhere"}, "channel_not_found"),
        ({"channel": "#closed"}, "not_in_channel"),
        ({"channel": "#old"}, "is_archived"),
        ({"text": " "}, "no_text"),
        ({"text": "x" * 4001}, "msg_too_long"),
        ({"blocks": [{"type": "divider"}] * 51}, "invalid_blocks"),
        ({"blocks": [{"type": "header", "text": {"type": "plain_text", "text": "x" * 151}}]}, "invalid_blocks"),
        ({"blocks": [{"type": "header", "text": {"type": "plain_text", "text": ""}}]}, "invalid_blocks"),
        ({"blocks": "[]"}, "invalid_blocks_format"),
        ({"blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": "x" * 3000}}] * 5}, "msg_blocks_too_long"),
        ({"metadata": {"event_type": 1}}, "invalid_metadata_format"),
        ({"metadata": {"event_type": "a"}}, "invalid_metadata_schema"),
        ({"metadata": {"event_type": "a", "event_payload": {"x": "y" * 9000}}}, "metadata_too_large"),
        ({"thread_ts": "1.000001"}, "thread_not_found"),
        ({"token": None}, "not_authed"),
        ({"token": "xoxb-other"}, "invalid_auth"),
        ({"method": "chat.unknown"}, "unknown_method"),
    ],
)
def test_refusals(workspace, args, error):
    assert refused(workspace, **args).error == error
    assert not [message for channel in workspace.channels for message in channel.messages]


def test_a_reply_is_no_parent(workspace):
    parent = post(workspace)["ts"]
    reply = post(workspace, thread_ts=parent)["ts"]
    assert refused(workspace, thread_ts=reply).error == "thread_not_found"


def test_one_message_a_second_and_channel_and_who_hurries_is_counted(workspace, hands):
    workspace.settings.pace = 1.0
    post(workspace)
    post(workspace, "#pr-crisis")
    hands.time += 0.4
    assert refused(workspace).retry_after == pytest.approx(0.6)
    hands.time += 0.1
    assert refused(workspace, channel="#pr-crisis").error == "ratelimited"
    assert workspace.impatient == 1
    hands.time += 0.6
    post(workspace)


def test_history_is_newest_first_in_pages_without_replies(workspace, hands):
    stamps = []
    for number in range(5):
        hands.time += 1
        stamps.append(post(workspace, text=str(number))["ts"])
    post(workspace, thread_ts=stamps[0])
    workspace.settings.page = 2
    seen, cursor = [], ""
    while True:
        page = history(workspace, cursor=cursor, limit=100)
        seen += [message["ts"] for message in page["messages"]]
        cursor = page["response_metadata"]["next_cursor"]
        assert page["has_more"] == bool(cursor)
        if not cursor:
            break
    assert seen == stamps[::-1]


def test_bounds_of_the_history(workspace, hands):
    stamps = []
    for _ in range(3):
        hands.time += 1
        stamps.append(post(workspace)["ts"])
    assert [message["ts"] for message in history(workspace, oldest=stamps[1])["messages"]] == [stamps[2]]
    assert len(history(workspace, oldest=stamps[1], inclusive="1")["messages"]) == 2
    assert len(history(workspace, oldest=stamps[0], latest=stamps[2])["messages"]) == 1


@pytest.mark.parametrize(
    ("args", "error"),
    [
        ({"limit": 1000}, "invalid_limit"),
        ({"cursor": "?"}, "invalid_cursor"),
        ({"limit": "many"}, "invalid_limit"),
        ({"oldest": "yesterday"}, "invalid_ts_oldest"),
        ({"channel": "#news"}, "channel_not_found"),
        ({"channel": "C0CLOSED01"}, "not_in_channel"),
    ],
)
def test_what_the_history_refuses(workspace, args, error):
    assert refused(workspace, "conversations.history", **{"channel": "C0NEWS0001"} | args).error == error


def test_metadata_only_on_request(workspace):
    metadata = {"event_type": "monitor_delivery", "event_payload": {"delivery": "d"}}
    post(workspace, metadata=metadata)
    assert history(workspace)["messages"][0]["metadata"] == {"event_type": "monitor_delivery"}
    assert history(workspace, include_all_metadata="1")["messages"][0]["metadata"] == metadata
    assert len(workspace.posted("d")) == 1


def test_a_message_shows_after_the_lag(workspace, hands):
    workspace.settings.lag = 3
    post(workspace)
    assert history(workspace)["messages"] == []
    hands.time += 3.1
    assert len(history(workspace)["messages"]) == 1


def test_a_thread_begins_with_its_parent(workspace):
    parent = post(workspace, text="parent")["ts"]
    post(workspace, text="reply", thread_ts=parent)
    thread = workspace.call("conversations.replies", TOKEN, {"channel": "C0NEWS0001", "ts": parent})
    assert [message["text"] for message in thread["messages"]] == ["parent", "reply"]


def test_channels_are_listed_by_type(workspace):
    def names(**args: str) -> list[str]:
        return [channel["name"] for channel in workspace.call("conversations.list", TOKEN, args)["channels"]]

    assert names() == ["news", "pr-crisis", "closed", "old"]
    assert names(exclude_archived="true") == ["news", "pr-crisis", "closed"]
    assert names(types="private_channel") == ["desk"]
    assert workspace.call("conversations.info", TOKEN, {"channel": "G0PRIVATE1"})["channel"]["is_private"]


def test_stamps_are_never_given_twice(workspace):
    stamps = [float(post(workspace)["ts"]) for _ in range(50)]
    assert all(first < second for first, second in pairwise(stamps))


def test_a_missing_scope_is_named(workspace):
    workspace.settings.missing_scopes = ("channels:history",)
    found = refused(workspace, "conversations.history")
    assert (found.error, found.more["needed"]) == ("missing_scope", "channels:history")


def test_scopes_go_by_the_kind_of_channel(workspace):
    workspace.settings.missing_scopes = ("groups:history", "groups:read")
    assert refused(workspace, "conversations.history", channel="G0PRIVATE1").more["needed"] == "groups:history"
    assert refused(workspace, "conversations.info", channel="G0PRIVATE1").more["needed"] == "groups:read"
    assert refused(workspace, "conversations.list", types="public_channel,private_channel").error == "missing_scope"
    assert history(workspace)["ok"]
    assert workspace.call("conversations.list", TOKEN, {})["ok"]
    assert "groups:read" not in workspace.granted
    assert "channels:read" in workspace.granted


def test_a_private_channel_is_unknown_to_who_is_no_member(workspace):
    workspace.channel("desk").member = False
    for method in ("chat.postMessage", "conversations.history", "conversations.info"):
        assert refused(workspace, method, channel="G0PRIVATE1").error == "channel_not_found"


def test_so_many_calls_of_a_method_a_minute(workspace, hands):
    workspace.settings.tiers = True
    for _ in range(20):
        workspace.call("conversations.list", TOKEN, {})
    hands.time += 10
    assert refused(workspace, "conversations.list").retry_after == pytest.approx(50)
    assert workspace.call("conversations.info", TOKEN, {"channel": "C0NEWS0001"})["ok"]
    hands.time += 51
    assert workspace.call("conversations.list", TOKEN, {})["ok"]


def test_so_many_messages_a_minute_in_all(workspace, hands):
    workspace.settings.per_minute = 2
    post(workspace)
    post(workspace, "#pr-crisis")
    assert refused(workspace, channel="#desk").error == "message_limit_exceeded"
    hands.time += 61
    post(workspace, "#desk")


def test_only_own_messages_are_deleted_and_only_once(workspace):
    stamp = post(workspace)["ts"]
    workspace.add_foreign("news", 1)
    foreign = workspace.channel("news").messages[-1]["ts"]
    delete = {"channel": "C0NEWS0001", "ts": stamp}
    assert refused(workspace, "chat.delete", **delete | {"ts": foreign}).error == "cant_delete_message"
    assert workspace.call("chat.delete", TOKEN, delete)["ts"] == stamp
    assert refused(workspace, "chat.delete", **delete).error == "message_not_found"
    assert refused(workspace, "chat.delete", **delete | {"channel": "#news"}).error == "channel_not_found"


def test_people_come_in_pages_and_groups_with_the_plan(workspace):
    workspace.settings.page = 2
    first = workspace.call("users.list", TOKEN, {})
    assert len(first["members"]) == 2
    assert first["response_metadata"]["next_cursor"]
    assert workspace.call("usergroups.list", TOKEN, {})["usergroups"][0]["handle"] == "pr-duty"
    workspace.settings.groups = False
    assert refused(workspace, "usergroups.list").error == "plan_upgrade_required"


# --- by HTTP ----------------------------------------------------------------------------------------------------------


async def call(slack: SlackStandIn, method: str, **args: Any) -> aiohttp.ClientResponse:
    headers = {"Authorization": f"Bearer {slack.token}"}
    async with (
        aiohttp.ClientSession() as session,
        session.post(slack.api_url + method, json=args, headers=headers) as answer,
    ):
        await answer.read()
        return answer


async def test_a_429_names_the_seconds_and_lasts(slack):
    slack.fail(Fault(answer="limit", retry_after="30"))
    for _ in range(2):
        answer = await call(slack, "chat.postMessage", channel="#news", text="x")
        assert answer.status == 429
        assert int(answer.headers["Retry-After"]) >= 30
    assert slack.workspace.impatient == 1


async def test_the_scopes_are_named(slack):
    slack.workspace.settings.missing_scopes = ("users:read",)
    answer = await call(slack, "auth.test")
    assert "chat:write" in answer.headers["X-OAuth-Scopes"]
    assert "users:read" not in answer.headers["X-OAuth-Scopes"]


async def test_a_call_that_hangs_has_been_made(slack):
    slack.fail(Fault(store=True, answer="hang"))
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.2):
            await call(slack, "chat.postMessage", channel="#news", text="x")
    assert len(slack.messages("news")) == 1


@pytest.mark.corpus
async def test_answers_have_the_keys_that_slack_was_seen_to_send(slack, corpus):
    def seen(name: str) -> dict[str, Any]:
        answer: dict[str, Any] = json.loads((corpus / "slack" / "responses" / name).read_text(encoding="utf-8"))["body"]
        return answer

    async with (
        aiohttp.ClientSession(headers={"Authorization": f"Bearer {TOKEN}"}) as session,
        session.get(slack.api_url + "auth.test") as who,
        session.post(slack.api_url + "chat.postMessage", json={"channel": "#news", "text": "x"}) as posted,
    ):
        assert set(await who.json()) <= set(seen("java-sample.auth.test.json"))
        posting = await posted.json()
    assert set(posting) == set(seen("postMessage.ok.json"))
    assert {"type", "text", "ts", "bot_id"} <= set(posting["message"])


@pytest.mark.corpus
def test_the_figures_are_those_that_were_found(corpus):
    found = {one["what"]: one["limit"] for one in json.loads((corpus / "slack" / "limits.json").read_text("utf-8"))}
    ours = {
        "blocks per message": "blocks",
        "header.text": "header",
        "section.fields items": "fields",
        "section.fields text": "field",
        "context.elements": "context",
        "actions.elements": "actions",
        "button.text": "button",
        "markdown.text": "markdown",
        "block_id": "block_id",
        "image.image_url": "image_url",
    }
    assert {what: LIMITS[name] for what, name in ours.items()} == {what: found[what] for what in ours}


async def test_the_date_is_slacks(slack):
    slack.workspace.settings.clock_offset = 10 * 365 * 86400
    answer = await call(slack, "auth.test")
    assert int(answer.headers["Date"].split()[3]) >= 2035


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ("reset", aiohttp.ClientOSError),
        ("close", aiohttp.ServerDisconnectedError),
        ("truncate", aiohttp.ClientPayloadError),
    ],
)
@pytest.mark.parametrize("store", [True, False])
async def test_broken_lines(slack, answer, error, store):
    slack.fail(Fault(store=store, answer=answer))
    with pytest.raises(error):
        await call(slack, "chat.postMessage", channel="#news", text="x")
    assert len(slack.messages("news")) == store


async def test_a_kill_comes_before_the_answer(slack):
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as victim:  # noqa: ASYNC220 - starting is quick
        slack.fail(Fault(store=True, answer="kill", pid=victim.pid))
        with pytest.raises(aiohttp.ClientError):
            await call(slack, "chat.postMessage", channel="#news", text="x")
        assert victim.wait(5) == -9
    assert len(slack.messages("news")) == 1


async def test_forms_are_read_too(slack):
    form = {
        "token": slack.token,
        "channel": "#news",
        "text": "x",
        "metadata": '{"event_type": "a", "event_payload": {}}',
    }
    async with (
        aiohttp.ClientSession() as session,
        session.post(slack.api_url + "chat.postMessage", data=form) as answer,
    ):
        assert (await answer.json())["ok"]
    assert slack.messages("news")[0]["metadata"]["event_type"] == "a"


async def test_a_program_of_its_own_obeys_by_http():
    with subprocess.Popen([sys.executable, PROGRAM, "--pace", "0"], stdout=subprocess.PIPE, text=True) as program:  # noqa: ASYNC220 - starting is quick
        assert program.stdout is not None
        api = program.stdout.readline().strip()
        control = api.removesuffix("api/") + "_control/"
        async with aiohttp.ClientSession(headers={"Authorization": f"Bearer {TOKEN}"}) as session:
            await session.post(control + "settings", json={"page": 7})
            await session.post(control + "foreign", json={"channel": "news", "count": 3})
            await session.post(control + "channel", json={"name": "desk", "archived": True, "rename": "desk-2"})
            await session.post(control + "faults", json=[{"answer": "error", "error": "fatal_error", "store": True}])
            told = await (await session.post(api + "chat.postMessage", json={"channel": "#news", "text": "x"})).json()
            assert told == {"ok": False, "error": "fatal_error"}
            state = await (await session.get(control + "state")).json()
            assert len(state["channels"]["news"]) == 4
            assert "desk-2" in state["channels"]
            assert [request["method"] for request in state["requests"]] == ["chat.postMessage"]
            assert (await session.post(control + "settings", json={"pgae": 7})).status == 400
            await session.post(control + "reset")
            assert (await (await session.get(control + "state")).json())["channels"]["news"] == []
        program.terminate()
        assert program.wait(10) == 0
