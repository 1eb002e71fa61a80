"""What every sink owes: the obligations of `monitor.ports.Sink`."""

import json
from collections.abc import Iterator
from contextlib import suppress

import pytest
from digests import HOSTILE, TOKYO, full_digest, make_delivery, make_digest, make_digest_entry, make_section
from slack_standin import SlackStandIn

from monitor.errors import SendError, UnknowableError
from monitor.model import Receipt, Snippet
from monitor.ports import Sink
from monitor.sinks import KINDS, SinkSettings, open_sink


@pytest.fixture(params=sorted(KINDS))
def sink(request: pytest.FixtureRequest, slack: SlackStandIn) -> Iterator[Sink]:
    secret = {"slack": slack.token, "webhook": slack.webhook_url, "console": ""}[request.param]
    return open_sink(request.param, SinkSettings(language="ja", zone=TOKYO, api_url=slack.api_url, secret=secret))


def test_rendering_is_pure_and_gives_json(sink):
    once, again = sink.render(full_digest()), sink.render(full_digest())
    assert once == again
    assert len(once) >= 1
    assert all(isinstance(json.loads(payload), dict) for payload in once)


def test_any_digest_can_be_rendered_and_stored_as_utf8(sink):
    entries = [make_digest_entry(number, title=Snippet(text=words)) for number, words in enumerate(HOSTILE)]
    for payload in sink.render(make_digest(make_section(*entries, *entries))):
        payload.encode("utf-8")


def test_any_note_can_be_rendered(sink):
    once, again = sink.render_note(["heading", *HOSTILE]), sink.render_note(["heading", *HOSTILE])
    assert once == again
    for payload in once:
        assert isinstance(json.loads(payload), dict)
        payload.encode("utf-8")


async def test_what_was_sent_has_a_receipt(sink, capsys):
    for number, payload in enumerate((*sink.render(full_digest()), *sink.render_note(["a note", "to the operator"]))):
        receipt = await sink.send(make_delivery(payload, id=f"d-{number}"))
        assert isinstance(receipt, Receipt)
        assert receipt.received_at.tzinfo is not None


async def test_the_same_delivery_may_come_again(sink, capsys):
    (payload, *_) = sink.render(make_digest())
    for _ in range(2):
        await sink.send(make_delivery(payload))


async def test_what_was_never_sent_is_never_found(sink):
    (payload, *_) = sink.render(make_digest())
    with suppress(UnknowableError):
        assert await sink.find(make_delivery(payload)) is None


async def test_closing_twice_is_fine(sink):
    await sink.close()
    await sink.close()


async def test_only_errors_of_ours_come_out(sink, slack, capsys):
    slack.workspace.channel("news").archived = True
    (payload, *_) = sink.render(make_digest())
    with suppress(SendError):
        await sink.send(make_delivery(payload))
