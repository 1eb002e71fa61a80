"""A Slack on loopback for every test that wants one."""

from collections.abc import AsyncIterator

import pytest
import slack_standin
from slack_standin import SlackStandIn


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """slack-sdk reads these and knows no NO_PROXY."""
    for name in ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
async def slack() -> AsyncIterator[SlackStandIn]:
    async with slack_standin.serve() as standin:
        yield standin
