"""What a channel was told since: read in its history, by the links of messages of ours."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from digests import TOKYO, make_delivery, make_digest, make_digest_entry, make_section
from slack_standin import Fault

from monitor.errors import BlockedError, UncertainError, UnknowableError
from monitor.sinks import SinkSettings, open_sink
from monitor.sinks.lost import LostSink
from monitor.sinks.slack.lookup import links_in


@pytest.fixture
def sink(slack):
    return open_sink("slack", SinkSettings(language="ja", zone=TOKYO, api_url=slack.api_url, secret=slack.token))


def yesterday():
    return datetime.now(UTC) - timedelta(days=1)


async def tell(sink, *urls, thread=None, part=0, name="d-1"):
    digest = make_digest(make_section(*(make_digest_entry(n, url=url) for n, url in enumerate(urls))))
    (payload, *_) = sink.render(digest)
    return await sink.send(make_delivery(payload, id=name, thread=thread, part=part))


async def test_every_story_of_every_message_of_ours(sink, slack):
    first = await tell(sink, "https://example.jp/1?a=1&b=2", "https://example.jp/2")
    await tell(sink, "https://example.jp/3", thread=first.id, part=1, name="d-2")
    await tell(sink, "https://example.jp/4", name="d-3")
    told = await sink.told_since("#news", yesterday())
    stories = {url for url in told if url.startswith("https://example.jp/") and url[-1].isdigit()}
    assert stories >= {
        "https://example.jp/1?a=1&b=2",
        "https://example.jp/2",
        "https://example.jp/3",
        "https://example.jp/4",
    }


async def test_what_others_wrote_and_what_is_older_is_not_ours(sink, slack):
    await tell(sink, "https://example.jp/1")
    for message in slack.messages("news"):
        message["metadata"] = {"event_type": "other", "event_payload": {}}
    assert await sink.told_since("#news", yesterday()) == frozenset()
    await tell(sink, "https://example.jp/2", name="d-2")
    assert await sink.told_since("#news", datetime.now(UTC) + timedelta(days=1)) == frozenset()


async def test_pages_are_read_to_the_last(sink, slack):
    slack.workspace.settings.page = 2
    for number in range(5):
        await tell(sink, f"https://example.jp/{number}", name=f"d-{number}")
    told = await sink.told_since("#news", yesterday())
    assert {f"https://example.jp/{number}" for number in range(5)} <= told


@pytest.mark.parametrize("fault", [
    Fault(method="conversations.history", answer="status", status=500),
    Fault(method="conversations.history", answer="error", error="missing_scope"),
    Fault(method="conversations.history", answer="limit", retry_after="7"),
    Fault(method="conversations.replies", answer="error", error="internal_error"),
], ids=lambda fault: f"{fault.method}-{fault.answer}")  # fmt: skip
async def test_not_to_know_is_never_nothing(sink, slack, fault):
    first = await tell(sink, "https://example.jp/1")
    await tell(sink, "https://example.jp/2", thread=first.id, part=1, name="d-2")
    slack.fail(fault)
    with pytest.raises(UncertainError):
        await sink.told_since("#news", yesterday())


async def test_who_cannot_be_asked_says_so(slack):
    for kind, secret in (("webhook", slack.webhook_url), ("console", "")):
        blind = open_sink(kind, SinkSettings(language="ja", zone=TOKYO, secret=secret))
        with pytest.raises(UnknowableError):
            await blind.told_since("x", yesterday())
    with pytest.raises(BlockedError):
        await LostSink(blind).told_since("x", yesterday())


def test_links_of_blocks_and_of_text():
    message = {
        "text": "• <https://example.jp/1?a=1&amp;b=2|見出し> <!date^1^x|y> <@U1> <mailto:a@example.jp>",
        "blocks": json.loads(
            '[{"elements": [{"elements": [{"type": "link", "url": "https://example.jp/2"}, {"type": "text"}]}]}]'
        ),
    }
    assert links_in(message) == {"https://example.jp/1?a=1&b=2", "https://example.jp/2"}
    assert links_in({}) == links_in({"text": None, "blocks": "odd"}) == set()
