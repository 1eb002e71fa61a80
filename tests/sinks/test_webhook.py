"""Posting by an incoming webhook, which answers "ok" and nothing else."""

from typing import Any

import pytest
from digests import TOKYO, make_delivery, make_digest, make_digest_entry, make_section
from slack_standin import Fault, SlackStandIn

from monitor.errors import (
    BlockedError,
    NotStoredError,
    PayloadError,
    SendError,
    UncertainError,
    UnknowableError,
)
from monitor.sinks import SinkSettings, open_sink


@pytest.fixture
def sink(slack: SlackStandIn) -> Any:
    return open_sink("webhook", SinkSettings(language="ja", zone=TOKYO, secret=slack.webhook_url))


@pytest.fixture
def delivery(sink: Any) -> Any:
    (payload,) = sink.render(make_digest())
    return make_delivery(payload, destination="webhook:PR")


async def test_a_message_is_stored_without_a_receipt_to_show(sink, slack, delivery):
    receipt = await sink.send(delivery)
    (message,) = slack.messages("news")
    assert receipt.id is None
    assert message["blocks"]
    assert message["metadata"]["event_payload"] == {"delivery": "d-1"}


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (Fault(answer="status", status=500), UncertainError),
        (Fault(store=True, answer="reset"), UncertainError),
        (Fault(store=True, answer="truncate"), UncertainError),
        (Fault(store=True, answer="body", status=200, body="fine"), UncertainError),
        (Fault(answer="limit", retry_after="2"), NotStoredError),
        (Fault(answer="body", status=404, body="no_service", content_type="text/plain"), BlockedError),
        (Fault(answer="body", status=410, body="channel_is_archived", content_type="text/plain"), BlockedError),
    ],
)
async def test_only_200_and_ok_is_success_and_nothing_is_repeated(sink, slack, delivery, fault, kind):
    slack.fail(Fault(**{name: getattr(fault, name) for name in fault.__slots__} | {"method": "webhook"}))
    with pytest.raises(SendError) as caught:
        await sink.send(delivery)
    assert type(caught.value) is kind
    assert len(slack.calls("webhook")) == 1
    assert "secretsecret" not in caught.value.message("ja") + caught.value.message("en")


async def test_a_refused_form_is_followed_by_the_plain_one(sink, slack, delivery):
    refused = Fault(method="webhook", answer="body", status=400, body="invalid_blocks", content_type="text/plain")
    slack.fail(refused)
    await sink.send(delivery)
    (message,) = slack.messages("news")
    assert "blocks" not in message
    slack.fail(refused, refused)
    with pytest.raises(PayloadError):
        await sink.send(delivery)


async def test_whether_it_arrived_cannot_be_known(sink, delivery):
    with pytest.raises(UnknowableError):
        await sink.find(delivery)


async def test_a_possible_repeat_says_so(sink, slack, delivery):
    await sink.send(make_delivery(delivery.payload, destination="webhook:PR", absent_reads=2))
    (message,) = slack.messages("news")
    assert message["text"].startswith("重複の可能性があります。")
    assert message["blocks"][0]["elements"][0]["text"].endswith("(d-1)")


def test_parts_stand_one_below_the_other(sink):
    first, *_ = sink.render(make_digest(make_section(*(make_digest_entry(number) for number in range(1, 40)))))
    assert "次のメッセージに続きます" in first


def test_the_address_is_not_shown(slack):
    assert "secret" not in repr(SinkSettings(language="ja", zone=TOKYO, secret=slack.webhook_url)).replace(
        "secret=", ""
    )
