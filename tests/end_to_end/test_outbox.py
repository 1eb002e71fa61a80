"""The outbox, the real sink and a Slack on loopback, by a clock that is moved: what each fault comes to, by the letter.

"Posted" counts the messages that Slack keeps with a delivery's id; a delivery is settled when it is posted once, `sent`, and
its receipt is the message's.
"""

import asyncio
import itertools
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import slack_standin
from digests import TOKYO, make_digest, make_digest_entry, make_section
from fakes import Clock, in_store
from slack_sdk.web.async_client import AsyncWebClient
from slack_standin import Fault, SlackStandIn

from monitor.errors import recalled_code
from monitor.jobs.send import SendDesk, send_due
from monitor.model import Delivery, DeliveryState
from monitor.ports import Promise
from monitor.sinks import SinkSettings, open_sink
from monitor.sinks.pace import Pace
from monitor.sinks.slack.bot import SlackSink
from monitor.sinks.slack.clock import SlackClock
from monitor.sinks.slack.contacts import Contacts
from monitor.sinks.slack.lookup import Lookup
from monitor.stores import open_store

SECOND = timedelta(seconds=1)


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch):
    for name in ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
async def slack() -> AsyncIterator[SlackStandIn]:
    async with slack_standin.serve() as slack:
        yield slack


class Office:
    """A store, the sink of a bot, and what a newsroom would see in Slack."""

    def __init__(self, path: Any, slack: SlackStandIn) -> None:
        self.path, self.slack = str(path), slack
        self.clock = Clock(datetime.now(UTC).replace(microsecond=0))
        slack.workspace._own_time = lambda: self.clock().timestamp()
        self.store = open_store(self.path)
        self.numbers = iter(range(1, 10_000))
        self.repeat = True
        self.hook = open_sink("webhook", SinkSettings(language="en", zone=TOKYO, secret=slack.webhook_url))
        self.start()

    def start(self) -> None:
        """A fresh process: nothing is known but what the store holds."""
        ticks = lambda: self.clock().timestamp()  # noqa: E731 - a clock in one line
        client = AsyncWebClient(token=self.slack.token, base_url=self.slack.api_url, timeout=1, retry_handlers=[])
        client.timeout = 0.3  # type: ignore[assignment]  # the SDK says int and passes it on to aiohttp
        clock = SlackClock(now=self.clock, monotonic=ticks)
        contacts = Contacts(client, clock)
        self.sink = SlackSink(client, language="en", zone=TOKYO, clock=clock, contacts=contacts)
        self.sink._lookup = Lookup(client, clock, contacts, monotonic=ticks)

    def restart(self) -> None:
        self.store.close()
        self.store = open_store(self.path)
        self.store.deliveries.recover(now=self.clock())
        self.start()

    def write_down(self, destination: str = "#news", *, stories: int = 1) -> list[Delivery]:
        number = next(self.numbers)
        entries = (make_digest_entry(number * 1000 + story) for story in range(stories))
        digest = make_digest(make_section(*entries), destination=destination, period=f"now/{number}")
        payloads = self.sink_of(destination).render(digest)
        promise = Promise(digest=digest, payloads=payloads, told=(), covered=())
        return self.store.deliveries.promise(promise, now=self.clock(), slot=None)

    def sink_of(self, destination: str):
        return self.hook if destination.startswith("webhook:") else self.sink

    def desk(self, **changes: Any) -> SendDesk:
        @asynccontextmanager
        async def at_once(_destination: str) -> AsyncIterator[None]:
            yield

        values: dict[str, Any] = {
            "in_store": in_store,
            "deliveries": self.store.deliveries,
            "halts": self.store.halts,
            "sink_of": self.sink_of,
            "clock": self.clock,
            "turn": at_once,
            "repeat_unknowable": self.repeat,
        }
        return SendDesk(**values | changes)

    async def turn(self, **later: float):
        self.clock.move(**later)
        return await send_due(self.desk())

    async def rest(self, *, seconds: float = 5, turns: int = 60) -> None:
        """Turn after turn, until nothing is due for minutes."""
        for _ in range(turns):
            await self.turn(seconds=seconds)

    # --- what became of it ---

    def posts(self) -> int:
        return len(self.slack.calls("chat.postMessage"))

    def history(self) -> int:
        return len(self.slack.calls("conversations.history"))

    def states(self) -> list[str]:
        return [row["state"] for row in self.store.archive.rows("deliveries", since=None)]

    def way(self, delivery: Delivery) -> list[str]:
        rows = self.store._connection.rows(
            "select after from delivery_log where delivery_id = :id order by rowid", id=delivery.id
        )
        return [row["after"] for row in rows]

    def check(self, *deliveries: Delivery) -> None:
        """Each posted once, sent, with its own receipt."""
        receipts = {row["id"]: row["slack_ts"] for row in self.store.archive.rows("deliveries", since=None)}
        for delivery in deliveries:
            [message] = self.slack.workspace.posted(delivery.id)
            assert message["ts"] == receipts[delivery.id]
        assert set(self.states()) == {"sent"}
        messages = [message for channel in self.slack.workspace.channels for message in channel.messages]
        ours = [one["metadata"]["event_payload"]["delivery"] for one in messages if "metadata" in one]
        assert Counter(ours) == Counter(one.id for one in deliveries)


@pytest.fixture
async def office(tmp_path, slack):
    office = Office(tmp_path / "monitor.db", slack)
    await office.sink.check()
    yield office
    office.store.close()


STORED = {
    "reset": Fault(store=True, answer="reset"),
    "closed": Fault(store=True, answer="close"),
    "hangs": Fault(store=True, answer="hang"),
    "truncated": Fault(store=True, answer="truncate"),
    "garbage": Fault(store=True, answer="garbage"),
    "500": Fault(store=True, answer="status", status=500),
    "502": Fault(store=True, answer="status", status=502),
    "503": Fault(store=True, answer="status", status=503),
    "internal_error": Fault(store=True, answer="error", error="internal_error"),
    "fatal_error": Fault(store=True, answer="error", error="fatal_error"),
    "request_timeout": Fault(store=True, answer="error", error="request_timeout"),
}


@pytest.mark.fault(11, 12, 13)
@pytest.mark.parametrize("name", STORED)
async def test_what_was_stored_before_the_line_broke_is_found_and_not_posted_again(office, slack, name):
    [delivery] = office.write_down()
    slack.fail(STORED[name])
    await office.turn()
    assert office.states() == ["unknown"]
    await office.rest(turns=12)
    office.check(delivery)
    assert office.posts() == 1
    assert office.way(delivery) == ["pending", "sending", "unknown", "sent"]


@pytest.mark.fault(14)
@pytest.mark.parametrize("name", ["reset", "hangs", "502", "fatal_error"])
async def test_what_was_not_stored_is_posted_again_after_two_readings_and_half_a_minute(office, slack, name):
    [delivery] = office.write_down()
    slack.fail(Fault(**{field: getattr(STORED[name], field) for field in Fault.__slots__} | {"store": False}))
    await office.turn()
    began = office.clock()
    while office.posts() < 2:
        await office.turn(seconds=1)
    assert office.clock() - began >= 30 * SECOND
    assert office.history() >= 2
    office.check(delivery)


@pytest.mark.fault(14)
async def test_an_error_that_nobody_knows_is_never_given_up(office, slack):
    [delivery] = office.write_down()
    slack.fail(Fault(answer="error", error="zzz_new", times=6))
    await office.turn()
    for _ in range(200):
        await office.turn(seconds=15)
        assert "dead" not in office.states()
    assert office.posts() == 7
    office.check(delivery)


@pytest.mark.fault(15)
async def test_while_slack_cannot_be_reached_it_is_tried_ever_less_often_and_nothing_is_looked_up(office, slack):
    [delivery] = office.write_down()
    address, office.sink._client.base_url = office.sink._client.base_url, "http://127.0.0.1:9/api/"
    attempts = []
    for _ in range(300):
        for report in await office.turn(seconds=1):
            assert report.error.code == "sinks.unreachable"
            attempts.append(office.clock())
    gaps = [(after - before) / SECOND for before, after in itertools.pairwise(attempts)]
    assert gaps == [5, 10, 20, 40, 80]
    office.sink._client.base_url = address
    await office.turn(minutes=15)
    office.check(delivery)
    assert (office.posts(), office.history()) == (1, 0)


LIMITS = {
    "whole seconds": (Fault(answer="limit", retry_after="3"), 3),
    "half a second more": (Fault(answer="limit", retry_after="1.5"), 1.5),
    "none": (Fault(answer="limit", retry_after=None), 30),
    "200 and ratelimited": (Fault(answer="error", error="ratelimited"), 30),
    "rate_limited": (Fault(answer="error", error="rate_limited"), 30),
    "too much in all": (Fault(answer="error", error="message_limit_exceeded"), 300),
}


@pytest.mark.fault(16, 17, 18)
@pytest.mark.parametrize("name", LIMITS)
@pytest.mark.parametrize("restarts", [False, True], ids=["goes on", "restarts"])
async def test_a_limit_holds_the_workspace_as_long_as_slack_says_and_over_a_restart(office, slack, name, restarts):
    fault, seconds = LIMITS[name]
    first, other = office.write_down()[0], office.write_down("#pr-crisis")[0]
    slack.fail(fault)
    # Side by side: the second may be on the wire when the first is refused.
    await office.turn()
    held = office.states().count("pending")
    assert held >= 1
    posts, began = office.posts(), office.clock()
    while office.posts() == posts:
        if restarts and office.clock() - began > SECOND:
            office.restart()
        await office.turn(milliseconds=500)
    assert office.clock() - began >= seconds * SECOND
    assert office.clock() - began <= (seconds + 1) * SECOND
    await office.rest(turns=5)
    office.check(first, other)


@pytest.mark.fault(17)
async def test_a_limit_may_be_stated_as_a_date(office, slack):
    [delivery] = office.write_down()
    until = office.clock() + 70 * SECOND
    slack.fail(Fault(answer="limit", retry_after=f"{until:%a, %d %b %Y %H:%M:%S} GMT"))
    await office.turn()
    await office.turn(seconds=69)
    assert office.posts() == 1
    await office.turn(seconds=1)
    office.check(delivery)


@pytest.mark.fault(20)
async def test_it_is_found_behind_a_thousand_messages_of_others_on_pages_of_fifty(office, slack):
    [delivery] = office.write_down()
    slack.fail(Fault(store=True, answer="reset"))
    slack.workspace.settings.page = 50
    await office.turn()
    slack.workspace.add_foreign("news", 1000)
    office.sink._client.timeout = 10
    await office.turn(seconds=15)
    office.check(delivery)
    assert (office.posts(), office.history()) == (1, 21)


@pytest.mark.fault(21)
async def test_as_long_as_the_history_cannot_be_read_nothing_is_posted(office, slack):
    [delivery] = office.write_down()
    slack.fail(
        Fault(store=True, answer="reset"),
        Fault(method="conversations.history", answer="error", error="missing_scope"),
        Fault(method="conversations.history", answer="status", status=500),
        Fault(method="conversations.history", answer="garbage"),
    )
    await office.turn()
    for looked in (1, 2, 3):
        while office.history() < looked:
            await office.turn(seconds=5)
        assert office.states() == ["unknown"]
    await office.rest(turns=30)
    office.check(delivery)
    assert office.posts() == 1


@pytest.mark.fault(22)
async def test_a_message_that_shows_after_twenty_seconds_is_not_posted_again(office, slack):
    [delivery] = office.write_down()
    slack.workspace.settings.lag = 20
    slack.fail(Fault(store=True, answer="reset"))
    await office.turn()
    await office.rest(seconds=1, turns=90)
    office.check(delivery)
    assert office.posts() == 1


@pytest.mark.fault(23)
async def test_a_message_that_shows_later_than_half_a_minute_is_doubled_and_not_more_than_that(office, slack):
    """The known limit, which `monitor slack test` measures and moves."""
    [delivery] = office.write_down()
    slack.workspace.settings.lag = 50
    slack.fail(Fault(store=True, answer="reset"))
    await office.turn()
    await office.rest(seconds=1, turns=200)
    assert office.posts() == 2
    assert len(slack.workspace.posted(delivery.id)) == 2
    notes = office.store._connection.rows("select note from delivery_log where note = 'absent'")
    assert len(notes) == 1
    office.restart()
    await office.rest()
    assert office.posts() == 2


async def test_where_it_was_measured_that_messages_show_late_they_are_waited_for(office, slack):
    [delivery] = office.write_down()
    slack.workspace.settings.lag = 50
    slack.fail(Fault(store=True, answer="reset"))
    for _ in range(200):
        await send_due(office.desk(settle=150 * SECOND))
        office.clock.move(seconds=1)
    office.check(delivery)
    assert office.posts() == 1


@pytest.mark.fault(25)
@pytest.mark.parametrize(
    ("destination", "mend"),
    [
        ("#closed", lambda workspace: setattr(workspace.channel("closed"), "member", True)),
        ("#old", lambda workspace: setattr(workspace.channel("old"), "archived", False)),
        ("#trade", lambda workspace: setattr(workspace.channel("desk"), "name", "trade")),
    ],
    ids=["not_in_channel", "is_archived", "channel_not_found"],
)
async def test_a_channel_that_refuses_is_asked_once_an_hour_and_told_in_order_once_it_is_mended(
    office, slack, destination, mend
):
    deliveries = [office.write_down(destination)[0] for _ in range(3)]
    for _ in range(6 * 60):
        await office.turn(minutes=1)
    assert office.posts() == 6
    assert office.states() == ["pending"] * 3
    mend(slack.workspace)
    await office.turn(minutes=60)
    office.check(*deliveries)
    [channel] = [channel for channel in slack.workspace.channels if channel.messages]
    told = [message["metadata"]["event_payload"]["delivery"] for message in channel.messages]
    assert told == [delivery.id for delivery in deliveries]


@pytest.mark.fault(26)
async def test_a_refused_token_is_not_tried_again_and_another_one_goes_on_where_it_ended(office, slack):
    deliveries = [office.write_down(name)[0] for name in ("#news", "#pr-crisis", "#desk")]
    token, slack_token = office.sink._client.token, "xoxb-revoked"
    office.sink._client.token = slack_token
    for _ in range(100):
        await office.turn(minutes=10)
    refused = office.posts() + len(slack.calls("conversations.list"))
    assert refused <= len(deliveries)
    assert office.states() == ["pending"] * 3
    office.sink._client.token = token
    office.store.deliveries.pause("slack", until=None, reason=None)
    await office.turn()
    office.check(*deliveries)


@pytest.mark.fault(27)
async def test_a_refused_form_is_followed_by_the_plain_one_under_the_same_id(office, slack):
    [delivery] = office.write_down()
    slack.fail(Fault(answer="error", error="invalid_blocks"))
    await office.turn()
    office.check(delivery)
    rich, plain = slack.calls("chat.postMessage")
    assert rich.args["client_msg_id"] == plain.args["client_msg_id"]


@pytest.mark.fault(27)
async def test_what_is_refused_in_every_form_is_dead_and_can_be_tried_again(office, slack):
    [delivery] = office.write_down()
    slack.fail(Fault(answer="error", error="invalid_blocks"), Fault(answer="error", error="msg_too_long"))
    await office.rest()
    assert (office.states(), office.posts()) == (["dead"], 2)
    (dead,) = office.store.halts.halted(before=None)
    assert recalled_code(dead.last_error) == "sinks.refused"
    office.store.halts.release([dead.id], now=office.clock(), by_hand=True)
    await office.turn()
    office.check(delivery)


@pytest.mark.fault(28)
@pytest.mark.parametrize("dies", ["before it is stored", "after it is stored"])
@pytest.mark.parametrize("at", [0, 1, 2])
async def test_a_long_digest_that_is_torn_goes_on_in_its_thread_in_order(office, slack, at, dies):
    parts = office.write_down(stories=80)
    assert len(parts) >= 3
    # Dying is not to hear the answer, and to begin anew.
    slack.fail(*[Fault(answer="slow", seconds=0)] * at, Fault(answer="hang", store=dies.startswith("after")))
    await office.turn()
    office.restart()
    await office.rest(turns=40)
    office.check(*parts)
    parent, *replies = slack.messages("news")
    assert [one["metadata"]["event_payload"]["delivery"] for one in (parent, *replies)] == [one.id for one in parts]
    assert "thread_ts" not in parent
    assert {reply["thread_ts"] for reply in replies} == {parent["ts"]}


@pytest.mark.fault(41)
@pytest.mark.parametrize("ahead", [timedelta(hours=2), timedelta(hours=-2), timedelta(days=90), timedelta(days=-90)])
async def test_a_clock_that_is_wrong_doubles_nothing(office, slack, ahead):
    [delivery] = office.write_down()
    slack.fail(Fault(store=True, answer="reset"))
    await office.turn()
    office.clock.now += ahead
    slack.workspace._own_time = lambda: office.clock().timestamp() - ahead.total_seconds()
    office.restart()
    await office.rest(turns=30)
    office.check(delivery)
    assert office.posts() == 1


@pytest.mark.fault(24)
class TestWebhook:
    """No receipt, no look-up: at least once, and a repeat says so; or held, as the operator wishes."""

    async def unsure(self, office, slack):
        [delivery] = office.write_down("webhook:pr")
        slack.fail(Fault(method="webhook", store=True, answer="reset"))
        await office.turn()
        await office.rest(turns=12)
        return delivery

    async def test_a_repeat_says_so_and_carries_the_same_id(self, office, slack):
        delivery = await self.unsure(office, slack)
        first, second = slack.messages("news")
        assert first["metadata"] == second["metadata"]
        assert delivery.id in str(second["blocks"][0])
        assert second["text"].startswith("Possibly a repeat")
        assert not first["text"].startswith("Possibly a repeat")
        assert office.states() == ["sent"]

    async def test_it_is_held_where_the_operator_says_so(self, office, slack):
        office.repeat = False
        delivery = await self.unsure(office, slack)
        assert len(slack.messages("news")) == 1
        (held,) = office.store.halts.halted(before=None)
        assert (held.id, held.state) == (delivery.id, DeliveryState.HELD)
        assert recalled_code(held.last_error) == "sinks.webhook-blind"
        office.store.halts.release([held.id], now=office.clock(), by_hand=True)
        await office.turn()
        assert slack.messages("news")[1]["text"].startswith("Possibly a repeat")


@pytest.mark.fault(19)
async def test_thirty_messages_keep_slacks_pace_and_delay_no_other_channel(office, slack):
    """A tenth of the real times."""
    loop = asyncio.get_running_loop()
    slack.workspace._own_time = loop.time
    slack.workspace.settings.pace = 0.1
    much = [office.write_down("#news")[0] for _ in range(30)]
    little = [office.write_down("#pr-crisis")[0] for _ in range(5)]
    began = loop.time()
    await send_due(office.desk(turn=Pace(timedelta(seconds=0.11), timedelta(seconds=0.025))))
    took = loop.time() - began
    office.check(*much, *little)
    assert office.posts() == 35
    assert slack.workspace.impatient == 0
    moments = {name: [float(one["ts"]) for one in slack.messages(name)] for name in ("news", "pr-crisis")}
    gaps = [after - before for before, after in itertools.pairwise(moments["news"])]
    assert min(gaps) >= 0.1
    assert moments["pr-crisis"][-1] - moments["news"][0] < took / 2
