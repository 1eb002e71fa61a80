"""Deliveries to the stand-in: what is stored, what is found, what every fault comes to."""

import asyncio
import json
import logging
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from digests import TOKYO, full_digest, make_delivery, make_digest
from fakes import in_store
from slack_sdk.web.async_client import AsyncWebClient
from slack_standin import Fault, SlackStandIn

from monitor.errors import BlockedError, NotStoredError, PayloadError, SendError, StoreError, UncertainError
from monitor.model import Delivery, Receipt
from monitor.sinks import SinkSettings, open_sink
from monitor.sinks.slack.bot import SlackSink
from monitor.sinks.slack.clock import SlackClock
from monitor.sinks.slack.contacts import Contacts
from monitor.sinks.slack.lookup import Lookup
from monitor.sinks.slack.quiet import sdk_logger
from monitor.sinks.slack.render import render


@pytest.fixture
def sink(slack: SlackStandIn) -> SlackSink:
    opened = open_sink("slack", SinkSettings(language="ja", zone=TOKYO, api_url=slack.api_url, secret=slack.token))
    assert isinstance(opened, SlackSink)
    return opened


def delivery(**changes: Any) -> Delivery:
    (payload,) = render(make_digest(), language="ja", zone=TOKYO)
    began = datetime.now(UTC)
    return make_delivery(payload, **{"send_started_at": began} | changes)


async def test_a_message_is_stored_once_with_its_id_and_without_unfurling(sink, slack):
    receipt = await sink.send(delivery())
    (message,) = slack.messages("news")
    assert receipt.id == message["ts"]
    assert receipt.received_at == datetime.fromtimestamp(float(message["ts"]), UTC)
    assert message["metadata"] == {"event_type": "monitor_delivery", "event_payload": {"delivery": "d-1"}}
    (call,) = slack.calls("chat.postMessage")
    assert call.args["unfurl_links"] is False
    assert call.args["unfurl_media"] is False
    assert "thread_ts" not in call.args
    assert "link_names" not in call.args
    assert call.args["parse"] == "none"


class NoRoom:
    """A store on a full disk."""

    def contacts(self):
        return []

    def learn(self, *_: Any, **__: Any) -> None:
        raise StoreError("stores.full", path="monitor.db")


@pytest.mark.fault(32)
async def test_a_message_that_was_posted_is_known_to_be_whatever_else_cannot_be_noted(slack):
    slack.fail(Fault(method="conversations.list", answer="error", error="missing_scope"))
    settings = SinkSettings(
        language="ja", zone=TOKYO, api_url=slack.api_url, secret=slack.token, in_store=in_store, contacts=NoRoom()
    )
    receipt = await open_sink("slack", settings).send(delivery())
    assert [message["ts"] for message in slack.messages("news")] == [receipt.id]


async def test_the_client_msg_id_is_the_deliverys_own(sink, slack):
    await sink.send(delivery())
    await sink.send(delivery())
    await sink.send(delivery(id="d-2"))
    first, again, other = [call.args["client_msg_id"] for call in slack.calls("chat.postMessage")]
    assert first == again != other


async def test_later_parts_stand_in_the_thread(sink, slack):
    parent = await sink.send(delivery())
    await sink.send(delivery(id="d-2", part=1, thread=parent.id))
    assert slack.messages("news")[1]["thread_ts"] == parent.id


async def test_a_full_digest_is_taken(sink, slack):
    for number, payload in enumerate(sink.render(full_digest())):
        await sink.send(make_delivery(payload, id=f"d-{number}"))
    assert slack.messages("news")


FAULTS: dict[str, tuple[Fault, type[SendError]]] = {
    "reset before": (Fault(store=False, answer="reset"), UncertainError),
    "reset after": (Fault(store=True, answer="reset"), UncertainError),
    "closed after": (Fault(store=True, answer="close"), UncertainError),
    "truncated": (Fault(store=True, answer="truncate"), UncertainError),
    "not JSON": (Fault(store=True, answer="garbage"), UncertainError),
    "JSON but no object": (Fault(store=True, answer="body", status=200, body="[1, 2]"), UncertainError),
    "null": (Fault(store=True, answer="body", status=200, body="null"), UncertainError),
    "plain text": (Fault(store=True, answer="body", status=200, body="hm", content_type="text/plain"), UncertainError),
    "not UTF-8": (Fault(store=True, answer="body", status=200, body="ok", content_type="text/html"), UncertainError),
    "ok without ts": (Fault(store=True, answer="body", status=200, body='{"ok": true}'), UncertainError),
    "500": (Fault(store=True, answer="status", status=500), UncertainError),
    "502": (Fault(store=False, answer="status", status=502), UncertainError),
    "503": (Fault(store=True, answer="status", status=503), UncertainError),
    "500 with JSON": (
        Fault(store=True, answer="body", status=500, body='{"ok": false, "error": "invalid_auth"}'),
        UncertainError,
    ),
    "403 of a proxy": (Fault(answer="status", status=403), UncertainError),
    "an error nobody knows": (Fault(answer="error", error="zzz_new"), UncertainError),
    "limited": (Fault(answer="limit", retry_after="3"), NotStoredError),
}


@pytest.mark.parametrize("name", FAULTS)
async def test_faults_are_told_for_what_they_are_and_never_repeated(sink, slack, name):
    fault, expected = FAULTS[name]
    slack.fail(fault)
    with pytest.raises(expected) as caught:
        await sink.send(delivery())
    assert type(caught.value) is expected
    assert len(slack.calls("chat.postMessage")) == 1
    found = await sink.find(delivery())
    assert (found is not None) == fault.store


@pytest.mark.fault(12)
async def test_a_call_that_hangs_is_cut_and_may_be_stored(slack):
    client = AsyncWebClient(token=slack.token, base_url=slack.api_url, timeout=1, retry_handlers=[])
    sink = SlackSink(client, language="ja", zone=TOKYO)
    client.timeout = 0.2  # type: ignore[assignment]  # the SDK says int and passes it on to aiohttp, which takes floats
    slack.fail(Fault(store=True, answer="hang"))
    began = asyncio.get_running_loop().time()
    with pytest.raises(UncertainError):
        await sink.send(delivery())
    assert 0.2 <= asyncio.get_running_loop().time() - began < 1.2
    assert len(slack.messages("news")) == 1


async def test_a_refused_connection_was_certainly_not_stored():
    settings = SinkSettings(language="en", zone=TOKYO, api_url="http://127.0.0.1:9/api/", secret="xoxb-1")
    with pytest.raises(NotStoredError) as caught:
        await open_sink("slack", settings).send(delivery())
    assert caught.value.code == "sinks.unreachable"
    assert caught.value.retry_after is None


@pytest.mark.fault(17)
@pytest.mark.parametrize(
    ("stated", "seconds"), [("3", 3.0), ("1.5", 1.5), (None, 30.0), ("soon", 30.0), ("nan", 30.0), ("-5", 1.0)]
)
async def test_retry_after_in_every_form(sink, slack, stated, seconds):
    slack.fail(Fault(answer="limit", retry_after=stated))
    with pytest.raises(NotStoredError) as caught:
        await sink.send(delivery())
    assert caught.value.retry_after == timedelta(seconds=seconds)


@pytest.mark.fault(18)
@pytest.mark.parametrize("error", ["ratelimited", "rate_limited"])
async def test_a_limit_said_with_200_waits_too(sink, slack, error):
    slack.fail(Fault(answer="error", error=error))
    with pytest.raises(NotStoredError) as caught:
        await sink.send(delivery())
    assert caught.value.retry_after == timedelta(seconds=30)


@pytest.mark.fault(25)
@pytest.mark.parametrize(
    ("destination", "code"),
    [
        ("#nowhere", "sinks.channel-not-found"),
        ("#closed", "sinks.not-in-channel"),
        ("#old", "sinks.archived"),
    ],
)
async def test_a_channel_that_refuses_is_blocked_alone(sink, slack, destination, code):
    with pytest.raises(BlockedError) as caught:
        await sink.send(delivery(destination=destination))
    assert (caught.value.code, caught.value.whole_workspace) == (code, False)
    assert destination in caught.value.message("ja")


async def test_a_bad_token_blocks_the_workspace_and_is_not_shown(slack):
    settings = SinkSettings(language="ja", zone=TOKYO, api_url=slack.api_url, secret="xoxb-12345-wrong")
    sink = open_sink("slack", settings)
    with pytest.raises(BlockedError) as caught:
        await sink.send(delivery())
    assert caught.value.whole_workspace
    assert "xoxb" not in caught.value.message("ja") + caught.value.message("en") + repr(settings)


async def test_a_missing_scope_is_named(sink, slack):
    slack.workspace.settings.missing_scopes = ("chat:write",)
    with pytest.raises(BlockedError) as caught:
        await sink.send(delivery())
    assert caught.value.whole_workspace
    assert "chat:write" in caught.value.message("en")


@pytest.mark.corpus
async def test_answers_of_the_real_slack(sink, slack, corpus: Path):
    expected = {
        "200.message_truncated": None,
        "429.retry-after-30": NotStoredError,
        "500.html": UncertainError,
        "error.channel_not_found": BlockedError,
        "error.internal_error": UncertainError,
        "error.invalid_arg_name": PayloadError,
        "error.invalid_auth": BlockedError,
        "error.invalid_blocks_format": PayloadError,
        "error.invalid_charset": UncertainError,
        "error.invalid_post_type": UncertainError,
        "error.is_archived": BlockedError,
        "error.msg_blocks_too_long": PayloadError,
        "error.no_text": PayloadError,
        "error.rate_limited": NotStoredError,
        "error.restricted_action": BlockedError,
        "error.service_unavailable": UncertainError,
        "error.token_expired": BlockedError,
        "error.too_many_attachments": PayloadError,
        "ok": None,
    }
    for path in sorted((corpus / "slack" / "responses").glob("postMessage.*.json")):
        case = json.loads(path.read_text(encoding="utf-8"))
        body = case["body"] if isinstance(case["body"], str) else json.dumps(case["body"])
        kind = case["headers"]["content-type"].partition(";")[0]
        slack.fail(Fault(answer="body", status=case["status"], body=body, content_type=kind, times=2))
        name = path.name.removeprefix("postMessage.").removesuffix(".json")
        try:
            outcome = await sink.send(delivery(id=name))
        except SendError as error:
            outcome = error
        assert type(outcome) is (expected[name] or Receipt), name
        slack.reset()


# --- the plain form ---------------------------------------------------------------------------------------------------


async def test_a_refused_form_is_followed_by_the_plain_one_under_the_same_id(sink, slack):
    slack.fail(Fault(answer="error", error="invalid_blocks"))
    receipt = await sink.send(delivery())
    rich, plain = slack.calls("chat.postMessage")
    assert "blocks" in rich.args
    assert "blocks" not in plain.args
    assert plain.args["text"] == rich.args["text"]
    assert plain.args["metadata"] == rich.args["metadata"]
    (message,) = slack.messages("news")
    assert message["ts"] == receipt.id


async def test_both_forms_refused_is_a_payload_error(sink, slack):
    slack.fail(Fault(answer="error", error="invalid_blocks"), Fault(answer="error", error="msg_too_long"))
    with pytest.raises(PayloadError):
        await sink.send(delivery())
    assert slack.messages("news") == []


async def test_after_a_refusal_the_next_attempt_starts_with_the_plain_form(sink, slack):
    slack.fail(Fault(answer="error", error="invalid_blocks"), Fault(answer="limit", retry_after=None))
    with pytest.raises(NotStoredError):
        await sink.send(delivery())
    await sink.send(delivery())
    assert ["blocks" in call.args for call in slack.calls("chat.postMessage")] == [True, False, False]


@pytest.mark.parametrize("end", ["found", "dead"])
async def test_a_refusal_is_not_remembered_for_ever(sink, slack, end):
    broken = Fault(store=True, answer="reset") if end == "found" else Fault(answer="error", error="msg_too_long")
    slack.fail(Fault(answer="error", error="invalid_blocks"), broken)
    with pytest.raises(SendError):
        await sink.send(delivery())
    if end == "found":
        assert await sink.find(delivery()) is not None
    await sink.send(delivery())
    assert ["blocks" in call.args for call in slack.calls("chat.postMessage")] == [True, False, True]


# --- look-up ----------------------------------------------------------------------------------------------------------


async def test_absent_is_none(sink, slack):
    await sink.send(delivery(id="other"))
    assert await sink.find(delivery()) is None


async def test_found_after_the_answer_was_lost(sink, slack):
    slack.fail(Fault(store=True, answer="reset"))
    with pytest.raises(UncertainError):
        await sink.send(delivery())
    receipt = await sink.find(delivery())
    assert receipt is not None
    assert receipt.id == slack.messages("news")[0]["ts"]


async def test_found_behind_many_pages_of_other_peoples_messages(sink, slack):
    await sink.send(delivery())
    slack.workspace.add_foreign("news", 1000)
    slack.workspace.settings.page = 50
    assert await sink.find(delivery()) is not None
    assert len(slack.calls("conversations.history")) == 21


async def test_found_in_the_thread(sink, slack):
    parent = await sink.send(delivery())
    part = delivery(id="d-2", part=1, thread=parent.id)
    reply = await sink.send(part)
    slack.workspace.settings.page = 1
    found = await sink.find(part)
    assert found is not None
    assert found.id == reply.id
    assert not slack.calls("conversations.history")


async def test_a_channel_is_resolved_once_through_all_pages(sink, slack):
    slack.workspace.settings.page = 2
    for _ in range(2):
        assert await sink.find(delivery(destination="#desk")) is None
    assert len(slack.calls("conversations.list")) == 3
    assert {call.args["channel"] for call in slack.calls("conversations.history")} == {"G0PRIVATE1"}


async def test_an_id_needs_no_resolving(sink, slack):
    assert await sink.find(delivery(destination="C0NEWS0001")) is None
    assert not slack.calls("conversations.list")


async def test_where_channels_may_not_be_listed_the_answer_to_a_post_teaches_the_id(sink, slack):
    slack.workspace.settings.missing_scopes = ("channels:read",)
    await sink.send(delivery())
    assert await sink.find(delivery()) is not None
    assert [call.args["channel"] for call in slack.calls("chat.postMessage")] == ["#news"]
    assert len(slack.calls("conversations.list")) == 1


LOOKUP_FAULTS = {
    "limited": Fault(method="conversations.history", answer="limit", retry_after="9"),
    "500": Fault(method="conversations.history", answer="status", status=500),
    # aiohttp itself asks a second time after a broken GET; posts it leaves alone.
    "reset": Fault(method="conversations.history", answer="reset", times=2),
    "not JSON": Fault(method="conversations.history", answer="garbage"),
    "no messages": Fault(method="conversations.history", answer="body", status=200, body='{"ok": true}'),
    "odd rows": Fault(method="conversations.history", answer="body", status=200, body='{"ok": true, "messages": [7]}'),
    "odd metadata": Fault(
        method="conversations.history", answer="body", status=200, body='{"ok": true, "messages": [{"metadata": "x"}]}'
    ),
    "more, but no cursor": Fault(
        method="conversations.history", answer="body", status=200, body='{"ok": true, "messages": [], "has_more": true}'
    ),
    "a circle": Fault(
        method="conversations.history",
        answer="body",
        status=200,
        body='{"ok": true, "messages": [], "response_metadata": {"next_cursor": "x"}}',
        times=2,
    ),
    "no time": Fault(method="auth.test", answer="status", status=503),
    "no list": Fault(method="conversations.list", answer="error", error="fatal_error"),
    "scope": Fault(method="conversations.history", answer="error", error="missing_scope"),
}


@pytest.mark.parametrize("name", LOOKUP_FAULTS)
async def test_not_to_know_is_never_absent(sink, slack, name):
    slack.fail(LOOKUP_FAULTS[name])
    with pytest.raises(UncertainError):
        await sink.find(delivery())


@pytest.mark.parametrize("destination", ["#closed", "#nowhere", "@somebody"])
async def test_a_channel_that_cannot_be_read_is_uncertain(sink, destination):
    with pytest.raises(UncertainError) as caught:
        await sink.find(delivery(destination=destination))
    assert destination in caught.value.message("ja")


async def test_the_search_begins_ten_minutes_before_the_attempt_by_slacks_clock(slack):
    slack.workspace.settings.clock_offset = 7200
    client = AsyncWebClient(token=slack.token, base_url=slack.api_url, timeout=5, retry_handlers=[])
    sink = SlackSink(client, language="ja", zone=TOKYO)
    await sink.check()
    ahead = sink.now() - datetime.now(UTC)
    assert timedelta(minutes=119) < ahead < timedelta(minutes=121)
    began = sink.now()
    await sink.send(delivery())
    assert await sink.find(delivery(send_started_at=began)) is not None
    (call,) = slack.calls("conversations.history")
    assert float(call.args["oldest"]) == pytest.approx(began.timestamp() - 600)


async def test_an_attempt_noted_by_a_clock_that_goes_ahead_is_found(sink, slack):
    await sink.send(delivery())
    ahead = delivery(send_started_at=datetime.now(UTC) + timedelta(hours=2))
    assert await sink.find(ahead) is not None


async def test_a_fresh_process_asks_slack_for_the_time_before_it_looks(slack):
    slack.workspace.settings.clock_offset = -7200
    settings = SinkSettings(language="ja", zone=TOKYO, api_url=slack.api_url, secret=slack.token)
    await open_sink("slack", settings).send(delivery())
    assert await open_sink("slack", settings).find(delivery()) is not None
    assert len(slack.calls("auth.test")) == 1


async def test_the_token_is_checked(sink, slack):
    await sink.check()
    slack.fail(Fault(method="auth.test", answer="error", error="token_revoked"))
    with pytest.raises(BlockedError) as caught:
        await sink.check()
    assert caught.value.whole_workspace


async def test_cancelling_a_post_cancels_it(sink, slack):
    slack.fail(Fault(store=True, answer="hang"))
    task = asyncio.create_task(sink.send(delivery()))
    await slack.wait_for("chat.postMessage")
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


# --- clock and logs ---------------------------------------------------------------------------------------------------


def test_slacks_clock_goes_on_by_the_monotonic_one(now):
    ticks = iter([100.0, 107.5])
    clock = SlackClock(now=lambda: now, monotonic=lambda: next(ticks))
    assert clock.now() == now
    clock.hear({"Date": "no date"})
    assert clock.now() == now
    clock.hear({"Date": "Mon, 23 Nov 2026 01:00:00 GMT"})
    assert clock.now() == datetime(2026, 11, 23, 1, 0, 7, 500_000, tzinfo=UTC)


async def test_neither_bodies_nor_secrets_are_logged(sink, caplog):
    caplog.set_level(logging.DEBUG)
    await sink.send(delivery())
    sdk_logger().warning("token %s at https://hooks.slack.com/services/T1/B1/xyz", "xoxb-1-2-abc")
    assert json.loads(delivery().payload)["text"] not in caplog.text
    assert "token [secret] at https://[secret]" in caplog.text
    assert "xoxb" not in caplog.text


# --- a look-up that Slack limits ------------------------------------------------------------------------------------------


class TestOnePageAMinute:
    """Apps that are distributed commercially read one page of 15 messages a minute."""

    @pytest.fixture
    def limited(self, slack):
        """How long to wait for the next page is up to the test: each second call is refused."""
        slack.workspace.settings.page = 15
        moments, said = {"now": 0.0}, []
        client = AsyncWebClient(token=slack.token, base_url=slack.api_url, timeout=5, retry_handlers=[])
        clock = SlackClock()
        contacts = Contacts(client, clock)
        lookup = Lookup(client, clock, contacts, monotonic=lambda: moments["now"])

        async def find(asked):
            """What was found, and after how many minutes."""
            said.clear()
            for minutes in range(20):
                slack.fail(
                    Fault(method="conversations.history", answer="slow", seconds=0),
                    Fault(method="conversations.history", answer="limit", retry_after="60"),
                )
                try:
                    return await lookup.find(asked), minutes
                except UncertainError as error:
                    said.append(error.code)
                    moments["now"] += 60
                finally:
                    slack._faults.clear()
            return "never", minutes

        return find

    async def test_it_goes_on_where_it_was_halted(self, sink, slack, limited):
        await sink.send(delivery())
        slack.workspace.add_foreign("news", 70)
        found, minutes = await limited(delivery())
        assert found == slack.messages("news")[0]["ts"]
        assert minutes == 4

    async def test_what_is_new_meanwhile_leaves_nothing_out(self, sink, slack, limited):
        await sink.send(delivery())
        slack.workspace.add_foreign("news", 40)
        old = delivery(id="d-0", send_started_at=datetime.now(UTC) - timedelta(minutes=9))
        # Read in halves within ten minutes of the attempt: what shows late would be missed, so it proves nothing.
        assert await limited(old) == ("never", 19)
        assert (await limited(delivery()))[0] is not None

    async def test_absent_is_what_was_read_from_the_beginning_after_it_must_have_shown(self, slack, limited):
        slack.workspace.add_foreign("news", 40)
        asked = delivery(send_started_at=datetime.now(UTC) - timedelta(minutes=11))
        assert await limited(asked) == (None, 2)


async def test_what_is_found_is_halted_at_nowhere(slack):
    clock, client = SlackClock(), AsyncWebClient(token=slack.token, base_url=slack.api_url, retry_handlers=[])
    contacts = Contacts(client, clock)
    moments = {"now": 0.0}
    lookup = Lookup(client, clock, contacts, monotonic=lambda: moments["now"])
    for channel in ("pr-crisis", "news"):
        await contacts.remembered.put("#news", slack.workspace.channel(channel).id, datetime.now(UTC))
    await SlackSink(client, language="ja", zone=TOKYO).send(delivery(destination="#news"))
    # The present channel does not show it yet, the former one is not read.
    slack.workspace.settings.lag = 60.0
    slack.fail(
        Fault(method="conversations.history", answer="slow", seconds=0),
        Fault(method="conversations.history", answer="limit", retry_after="60"),
    )
    with pytest.raises(UncertainError):
        await lookup.find(delivery(destination="#news"))
    assert lookup._halted
    slack.workspace.settings.lag = 0.0
    moments["now"] += 61
    assert await lookup.find(delivery(destination="#news")) is not None
    assert not lookup._halted
