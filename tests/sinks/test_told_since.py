"""What a channel was told since: read in its history, by the links of messages of ours."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from digests import TOKYO, make_delivery, make_digest, make_digest_entry, make_section
from fakes import in_store
from slack_standin import Fault

from monitor.errors import BlockedError, UncertainError, UnknowableError
from monitor.ports import OURSELVES
from monitor.sinks import SinkSettings, open_sink
from monitor.sinks.lost import LostSink
from monitor.sinks.slack.lookup import EVENT_TYPE, links_in
from monitor.stores import open_store


@pytest.fixture
def sink(slack):
    return open_sink("slack", SinkSettings(language="ja", zone=TOKYO, api_url=slack.api_url, secret=slack.token))


@pytest.fixture
def store_of_contacts(tmp_path):
    store = open_store(str(tmp_path / "monitor.db"))
    yield store.contacts
    store.close()


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


# --- other apps of the workspace ------------------------------------------------------------------------------------------


def forged(url, name="d-1"):
    """What an app says that wants to be taken for us."""
    return {
        "text": f"<{url}|見出し>",
        "metadata": {"event_type": EVENT_TYPE, "event_payload": {"delivery": name}},
        "username": "monitor",
    }


def hide_author(message):
    for name in ("user", "bot_id", "app_id", "bot_profile"):
        message.pop(name, None)


async def test_what_another_app_says_in_our_form_is_not_ours(sink, slack):
    first = await tell(sink, "https://example.jp/1")
    slack.workspace.post_as_another("news", 1, **forged("https://example.jp/2"))
    slack.workspace.post_as_another("news", 1, thread_ts=first.id, **forged("https://example.jp/3"))
    assert await sink.told_since("#news", yesterday()) == {"https://example.jp/1"}


async def test_a_fresh_process_asks_who_it_is(slack):
    slack.workspace.post_as_another("news", 1, **forged("https://example.jp/2"))
    fresh = open_sink("slack", SinkSettings(language="ja", zone=TOKYO, api_url=slack.api_url, secret=slack.token))
    assert await fresh.told_since("#news", yesterday()) == frozenset()
    slack.fail(Fault(method="auth.test", answer="status", status=503))
    again = open_sink("slack", SinkSettings(language="ja", zone=TOKYO, api_url=slack.api_url, secret=slack.token))
    with pytest.raises(UncertainError):
        await again.told_since("#news", yesterday())


@pytest.mark.parametrize("left", ["user", "bot_id", "app_id", "bot_profile", None])
async def test_one_id_of_ours_is_enough_and_none_at_all_is_not_called_anothers(sink, slack, left):
    await tell(sink, "https://example.jp/1")
    (message,) = slack.messages("news")
    kept = {left: message[left]} if left else {}
    hide_author(message)
    message |= kept
    assert await sink.told_since("#news", yesterday()) == {"https://example.jp/1"}


async def test_ids_that_were_ours_stay_ours(store_of_contacts, slack):
    settings = SinkSettings(
        language="ja",
        zone=TOKYO,
        api_url=slack.api_url,
        secret=slack.token,
        in_store=in_store,
        contacts=store_of_contacts,
    )
    before = open_sink("slack", settings)
    await before.check()
    await tell(before, "https://example.jp/1")
    slack.workspace.author = {"user": "U0NEW00001", "bot_id": "B0NEW00001", "app_id": "A0NEW00001"}
    assert await open_sink("slack", settings).told_since("#news", yesterday()) == {"https://example.jp/1"}
    slack.workspace.team = "T0OTHER"
    await open_sink("slack", settings).check()
    ids = {one.value for one in store_of_contacts.contacts() if one.name == OURSELVES}
    assert ids == {"U0NEW00001", "B0NEW00001"}


class TestFind:
    """A delivery's id proves it; who wrote the message decides between several."""

    @pytest.fixture
    def unknown(self, sink):
        digest = make_digest(make_section(make_digest_entry(1, url="https://example.jp/1")))
        return make_delivery(sink.render(digest)[0], id="d-1", send_started_at=datetime.now(UTC))

    async def test_our_own_comes_before_a_copy_that_is_newer(self, sink, slack, unknown):
        ours = await sink.send(unknown)
        slack.workspace.post_as_another("news", 1, **forged("https://example.jp/1"))
        assert await sink.find(unknown) == ours

    async def test_a_message_of_an_app_that_was_made_anew_is_found(self, sink, slack, unknown):
        former = slack.workspace.post_as_another("news", 1, **forged("https://example.jp/1"))
        slack.workspace.post_as_another("news", 2, **forged("https://example.jp/1"))
        await sink.check()
        found = await sink.find(unknown)
        assert found is not None
        assert found.id == former["ts"]
