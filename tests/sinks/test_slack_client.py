"""Each request to Slack is noted once, with how it ended."""

from contextlib import suppress

import pytest
from digests import TOKYO
from slack_standin import Fault

from monitor.errors import SendError
from monitor.ports import Call
from monitor.sinks import SinkSettings, open_sink


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [
        (None, "ok"),
        (Fault(method="auth.test", answer="error", error="invalid_auth"), "refused"),
        (Fault(method="auth.test", answer="error", error="ratelimited"), "limited"),
        (Fault(method="auth.test", answer="status", status=429), "limited"),
        (Fault(method="auth.test", answer="body", status=502, body="<html>"), "lost"),
        (Fault(method="auth.test", answer="reset"), "lost"),
    ],
)
async def test_how_a_request_ended(slack, fault, outcome):
    if fault is not None:
        slack.fail(fault)
    noted = []
    settings = SinkSettings(language="ja", zone=TOKYO, api_url=slack.api_url, secret=slack.token, note=noted.append)
    with suppress(SendError):
        await open_sink("slack", settings).check()
    assert noted[0] == Call(method="auth.test", outcome=outcome)
    assert len([call for call in noted if call.method == "auth.test"]) == 1
