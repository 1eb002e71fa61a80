"""What destinations are on the other side: ids where Slack knows the channel, themselves elsewhere."""

import pytest
from digests import TOKYO
from slack_standin import Fault

from monitor.errors import SendError
from monitor.sinks import SinkSettings, open_sink
from monitor.sinks.lost import LostSink


def sink_of(kind, slack):
    secret = slack.webhook_url if kind == "webhook" else slack.token
    return open_sink(kind, SinkSettings(language="ja", zone=TOKYO, api_url=slack.api_url, secret=secret))


async def test_names_are_ids(slack):
    found = await LostSink(sink_of("slack", slack)).places(["#news", "#News", "#nowhere", "C0NEWS0001"])
    assert found == {"#news": "C0NEWS0001", "#News": "C0NEWS0001", "#nowhere": "#nowhere", "C0NEWS0001": "C0NEWS0001"}


async def test_who_may_not_list_channels_knows_no_ids(slack):
    slack.workspace.settings.missing_scopes = ("channels:read", "groups:read")
    assert await sink_of("slack", slack).places(["#news"]) == {"#news": "#news"}


async def test_without_an_answer_nothing_is_known(slack):
    slack.fail(Fault(method="conversations.list", answer="error", error="fatal_error"))
    with pytest.raises(SendError):
        await sink_of("slack", slack).places(["#news"])


@pytest.mark.parametrize("kind", ["console", "webhook"])
async def test_elsewhere_each_is_itself(slack, kind):
    assert await sink_of(kind, slack).places(["#news"]) == {"#news": "#news"}
