"""Slack's client -> the same, with each request noted: how often it is asked for what, and how that ends."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from monitor.ports import Call

_LIMITED = ("ratelimited", "rate_limited")


class NotedClient(AsyncWebClient):
    """Every method of the SDK's goes through `api_call`."""

    def __init__(self, *, note: Callable[[Call], None], **settings: Any) -> None:
        super().__init__(**settings)
        self._note = note

    async def api_call(self, api_method: str, **request: Any) -> AsyncSlackResponse:
        outcome = "lost"
        try:
            answer = await super().api_call(api_method, **request)
            outcome = "ok"
        except SlackApiError as error:
            outcome = _outcome(error)
            raise
        finally:
            self._note(Call(method=api_method, outcome=outcome))
        return answer


def _outcome(error: SlackApiError) -> str:
    response = error.response
    status = getattr(response, "status_code", HTTPStatus.OK)
    said = response.get("error") if hasattr(response, "get") else None
    if status == HTTPStatus.TOO_MANY_REQUESTS or said in _LIMITED:
        return "limited"
    return "refused" if said else "lost"
