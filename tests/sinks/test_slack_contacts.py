"""Names and ids: kept for the next process, asked for again when they no longer hold, never a mention of the wrong one."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from digests import TOKYO, make_delivery, make_digest
from fakes import in_store
from slack_sdk.web.async_client import AsyncWebClient
from slack_standin import Fault, SlackStandIn

from monitor.errors import BlockedError, NotStoredError, UncertainError
from monitor.model import Delivery
from monitor.ports import OURSELVES, Contact
from monitor.sinks import SinkSettings, open_sink
from monitor.sinks.slack.bot import SlackSink
from monitor.sinks.slack.clock import SlackClock
from monitor.sinks.slack.contacts import Contacts, Remembered
from monitor.sinks.slack.render import render


class Memory:
    """What a store would keep."""

    def __init__(self) -> None:
        self.kept: list[Contact] = []

    def contacts(self) -> list[Contact]:
        return sorted(self.kept, key=lambda one: one.known_at, reverse=True)

    def learn(self, name: str, value: str, *, now: datetime) -> None:
        self.kept = [one for one in self.kept if (one.name, one.value) != (name, value)]
        self.kept.append(Contact(name=name, value=value, known_at=now))

    def replace(self, name: str, value: str, *, now: datetime) -> None:
        self.forget(name)
        self.learn(name, value, now=now)

    def forget(self, name: str | None = None) -> None:
        self.kept = [one for one in self.kept if name not in (None, one.name)]

    def age(self, **by: float) -> None:
        self.kept = [replace(one, known_at=one.known_at - timedelta(**by)) for one in self.kept]

    def ids(self) -> dict[str, str]:
        return {one.name: one.value for one in reversed(self.contacts()) if one.name != OURSELVES}


@pytest.fixture
def memory() -> Memory:
    return Memory()


@pytest.fixture
def new_process(slack: SlackStandIn, memory: Memory):
    """A sink as each start of the daemon opens it."""

    def start() -> SlackSink:
        settings = SinkSettings(
            language="ja", zone=TOKYO, api_url=slack.api_url, secret=slack.token, in_store=in_store, contacts=memory
        )
        sink = open_sink("slack", settings)
        assert isinstance(sink, SlackSink)
        return sink

    return start


def delivery(**changes: Any) -> Delivery:
    (payload,) = render(make_digest(), language="ja", zone=TOKYO)
    return make_delivery(payload, **{"send_started_at": datetime.now(UTC)} | changes)


# --- channels ---------------------------------------------------------------------------------------------------------


async def test_the_id_is_kept_before_the_post_and_the_post_goes_to_it(new_process, slack, memory):
    slack.fail(Fault(store=True, answer="reset"))
    with pytest.raises(UncertainError):
        await new_process().send(delivery())
    assert memory.ids() == {"#news": "C0NEWS0001"}
    assert slack.calls("chat.postMessage")[0].args["channel"] == "C0NEWS0001"
    assert await new_process().find(delivery()) is not None
    assert len(slack.calls("conversations.list")) == 1


async def test_several_names_are_found_in_one_list(new_process, slack, memory):
    sink = new_process()
    for channel in ("#news", "pr-crisis", "#Desk"):
        await sink.send(delivery(destination=channel))
    assert memory.ids() == {"#news": "C0NEWS0001", "#pr-crisis": "C0CRISIS01", "#desk": "G0PRIVATE1"}
    assert len(slack.calls("conversations.list")) == 1


async def test_names_are_compared_composed(new_process, slack):
    slack.workspace.channel("news").name = "ガザ"
    await new_process().send(delivery(destination="#カ\u3099サ\u3099"))
    assert len(slack.messages("ガザ")) == 1


async def test_a_renamed_channel_is_followed(new_process, slack, memory):
    await new_process().send(delivery())
    slack.workspace.channel("news").name = "news-jp"
    memory.age(days=2)
    await new_process().send(delivery(id="d-2"))
    assert len(slack.messages("news-jp")) == 2
    assert len(slack.calls("conversations.info")) == 1


async def test_a_name_that_changed_hands_means_the_new_channel_and_messages_are_looked_for_in_both(
    new_process, slack, memory
):
    await new_process().send(delivery())
    slack.workspace.channel("news").name = "news-old"
    slack.workspace.channel("pr-crisis").name = "news"
    memory.age(days=2)
    sink = new_process()
    await sink.send(delivery(id="d-2"))
    assert [len(slack.messages(id_)) for id_ in ("C0NEWS0001", "C0CRISIS01")] == [1, 1]
    assert await sink.find(delivery()) is not None
    assert await sink.find(delivery(id="d-2")) is not None
    assert await sink.find(delivery(id="d-3")) is None


async def test_a_channel_that_is_gone_is_looked_for_anew_at_once(new_process, slack, memory):
    sink = new_process()
    await sink.send(delivery())
    slack.workspace.channel("news").id = "C0ANOTHER1"
    await sink.send(delivery(id="d-2"))
    assert memory.ids()["#news"] == "C0ANOTHER1"
    assert len(slack.workspace.posted("d-2")) == 1
    # What stood in the former channel is gone with it.
    assert await sink.find(delivery(id="d-9")) is None


@pytest.mark.parametrize("ahead", [timedelta(seconds=0.9), timedelta(days=90)])
async def test_what_is_learnt_last_is_in_force_whatever_the_clock_said_before(memory, ahead):
    now = datetime(2026, 11, 23, tzinfo=UTC)
    await Remembered(in_store, memory).put("#news", "C0NEWS0001", now + ahead)
    await Remembered(in_store, memory).put("#news", "C0NEWS0002", now)
    known = await Remembered(in_store, memory).get("#News")
    assert known[0].value == "C0NEWS0002"
    assert known[0].known_at - now < timedelta(seconds=1)


async def test_a_channel_that_is_gone_for_good_blocks(new_process, slack):
    sink = new_process()
    await sink.send(delivery())
    slack.workspace.channels = slack.workspace.channels[1:]
    with pytest.raises(BlockedError) as caught:
        await sink.send(delivery())
    assert caught.value.code == "sinks.channel-not-found"
    assert len(slack.calls("chat.postMessage")) == 2


async def test_a_list_that_fails_while_looking_anew_leaves_the_block(new_process, slack):
    sink = new_process()
    await sink.send(delivery())
    slack.workspace.channels = slack.workspace.channels[1:]
    slack.fail(Fault(method="conversations.list", answer="status", status=503))
    with pytest.raises(BlockedError):
        await sink.send(delivery())


@pytest.mark.parametrize(
    "fault",
    [
        Fault(method="conversations.info", answer="error", error="missing_scope"),
        Fault(method="conversations.info", answer="status", status=503),
        Fault(method="conversations.info", answer="body", status=200, body='{"ok": true}'),
    ],
)
async def test_what_was_known_yesterday_serves_while_slack_does_not_say(new_process, slack, memory, fault):
    await new_process().send(delivery())
    memory.age(days=2)
    slack.fail(fault)
    await new_process().send(delivery(id="d-2"))
    assert len(slack.messages("news")) == 2


async def test_a_question_that_fails_before_the_post_is_certainly_not_stored(new_process, slack):
    slack.fail(Fault(method="conversations.list", answer="status", status=503))
    with pytest.raises(NotStoredError):
        await new_process().send(delivery())
    slack.fail(Fault(method="conversations.list", answer="limit", retry_after="7"))
    with pytest.raises(NotStoredError) as caught:
        await new_process().send(delivery())
    assert caught.value.retry_after == timedelta(seconds=7)
    slack.fail(Fault(method="conversations.list", answer="error", error="token_revoked"))
    with pytest.raises(BlockedError):
        await new_process().send(delivery())
    assert not slack.calls("chat.postMessage")


async def test_a_channel_that_is_not_listed_is_left_to_slacks_answer(new_process, slack):
    with pytest.raises(BlockedError) as caught:
        await new_process().send(delivery(destination="#nowhere"))
    assert caught.value.code == "sinks.channel-not-found"


async def test_another_workspace_has_other_ids(new_process, slack, memory):
    sink = new_process()
    await sink.check()
    await sink.send(delivery())
    await new_process().check()
    assert memory.ids() == {"team": "T0STANDIN", "#news": "C0NEWS0001"}
    slack.workspace.team = "T0ANOTHER1"
    await new_process().check()
    assert memory.ids() == {"team": "T0ANOTHER1"}


async def test_without_a_store_names_are_kept_for_the_process(slack):
    client = AsyncWebClient(token=slack.token, base_url=slack.api_url, retry_handlers=[])
    contacts = Contacts(client, SlackClock(), Remembered())
    await contacts.enter("T1")
    assert [await contacts.channel_id("#news") for _ in range(2)] == ["C0NEWS0001"] * 2
    await contacts.enter("T2")
    assert await contacts.channel_ids("news") == ["C0NEWS0001"]


# --- mentions ---------------------------------------------------------------------------------------------------------


def marks_of(sink: SlackSink, *mentions: str) -> list[Any]:
    payload = json.loads(sink.render(replace(make_digest(), mentions=mentions))[0])
    block = next(one for one in payload["blocks"] if one["type"] == "rich_text")
    return [part for part in block["elements"][0]["elements"] if part.get("text") != " "]


async def test_handles_mention_groups_and_persons(new_process, memory):
    sink = new_process()
    assert await sink.check(["@pr-duty", "@sato", "@佐藤 一", "@here", "U0123456789"]) == ()
    assert marks_of(sink, "@pr-duty", "@SATO", "@here") == [
        {"type": "usergroup", "usergroup_id": "S0PRDUTY01"},
        {"type": "user", "user_id": "U0SATO0001"},
        {"type": "broadcast", "range": "here"},
    ]
    # Whoever is meant by two names is mentioned once.
    assert marks_of(sink, "@佐藤 一", "@sato", "U0SATO0001") == [{"type": "user", "user_id": "U0SATO0001"}]
    assert memory.ids()["@pr-duty"] == "S0PRDUTY01"


@pytest.mark.parametrize("handle", ["@nobody", "@鈴木", "@gone", "@退職", "@None"])
async def test_who_is_not_known_or_not_the_only_one_stays_text(new_process, handle):
    sink = new_process()
    assert await sink.check(["@pr-duty", handle]) == (handle,)
    assert marks_of(sink, handle)[0]["type"] == "text"


async def test_kept_mentions_cost_no_question_until_they_are_old(new_process, slack, memory):
    await new_process().check(["@pr-duty", "@sato"])
    await new_process().check(["@pr-duty", "@sato"])
    assert len(slack.calls("usergroups.list")) == len(slack.calls("users.list")) == 1
    memory.age(days=2)
    slack.workspace.groups[0]["id"] = "S0PRDUTY02"
    sink = new_process()
    await sink.check(["@pr-duty"])
    assert marks_of(sink, "@pr-duty")[0]["usergroup_id"] == "S0PRDUTY02"
    assert len(slack.calls("users.list")) == 1


async def test_people_are_read_to_the_last_page(new_process, slack):
    slack.workspace.settings.page = 1
    slack.workspace.people.append({"id": "U0LAST0001", "name": "last", "profile": {}})
    assert await new_process().check(["@last"]) == ()


async def test_a_workspace_without_groups_has_persons(new_process, slack):
    slack.workspace.settings.groups = False
    assert await new_process().check(["@sato", "@pr-duty"]) == ("@pr-duty",)


async def test_a_missing_scope_is_told_unless_it_is_not_needed(new_process, slack):
    slack.workspace.settings.missing_scopes = ("usergroups:read",)
    assert await new_process().check(["@sato"]) == ()
    with pytest.raises(UncertainError) as caught:
        await new_process().check(["@sato", "@pr-duty"])
    assert "usergroups:read" in caught.value.message("en")


# --- patience of look-ups ---------------------------------------------------------------------------------------------


async def test_a_limited_look_up_says_until_when_and_asks_nothing_before(new_process, slack):
    sink = new_process()
    slack.fail(Fault(method="conversations.history", answer="limit", retry_after="9"))
    for _ in range(2):
        with pytest.raises(UncertainError) as caught:
            await sink.find(delivery())
        assert caught.value.retry_after is not None
        assert timedelta(seconds=8) < caught.value.retry_after <= timedelta(seconds=9)
        assert "#news" in caught.value.message("en")
    assert len(slack.calls("conversations.history")) == 1
