"""What Slack answers -> the ids it knows us by; a message -> whether another app wrote it.

Slack itself writes on each message who posted it, so that no app can post in another's name. An app has more than one id,
and more than one `bot_id` (java-slack-sdk issue 846), and gets new ones when it is made anew: every id that was ever ours
stays ours, one of them is enough, and a message that says nothing about who wrote it is not called another's.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from slack_sdk.web.async_slack_response import AsyncSlackResponse

from monitor.ports import OURSELVES
from monitor.sinks.slack.contacts import Remembered


class Ourselves:
    """The user, the bots and the apps that we are and were in this workspace."""

    def __init__(self, remembered: Remembered) -> None:
        self._remembered = remembered

    async def learn_from_test(self, answer: AsyncSlackResponse, now: datetime) -> None:
        """Keep the ids in an answer of auth.test, whose `user` is a name."""
        await self._learn({answer.get("user_id"), answer.get("bot_id"), answer.get("app_id")}, now)

    async def learn_from_post(self, answer: AsyncSlackResponse, now: datetime) -> None:
        """Keep the ids in a message as Slack stored it for us."""
        message = answer.get("message")
        await self._learn(set(_ids(message)) if isinstance(message, dict) else set(), now)

    async def _learn(self, ids: set[Any], now: datetime) -> None:
        for one in sorted(filter(_is_id, ids - await self._known())):
            await self._remembered.put(OURSELVES, one, now)

    async def _known(self) -> set[str]:
        return {one.value for one in await self._remembered.get(OURSELVES)}

    async def are_not(self, message: Mapping[str, Any]) -> bool:
        """Whether somebody else surely wrote a message."""
        ids, known = set(_ids(message)), await self._known()
        return bool(ids and known) and ids.isdisjoint(known)


def _ids(message: Mapping[str, Any]) -> Iterator[str]:
    profile = message.get("bot_profile")
    profile = profile if isinstance(profile, dict) else {}
    yield from filter(_is_id, (message.get(name) for name in ("user", "bot_id", "app_id")))
    yield from filter(_is_id, (profile.get(name) for name in ("id", "app_id")))


def _is_id(value: object) -> bool:
    return isinstance(value, str) and value != ""
