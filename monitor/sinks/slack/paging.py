"""A call that answers in pages -> its rows, to the last one. Raises what slack-sdk raises, ValueError for an odd answer."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any

from slack_sdk.web.async_slack_response import AsyncSlackResponse

from monitor.sinks.slack.clock import SlackClock

#: Asks for the page behind a cursor; `None` is the first.
Page = Callable[[str | None], Awaitable[AsyncSlackResponse]]


async def read_pages(
    what: str, page: Page, clock: SlackClock, *, cursor: str | None = None, turned: Callable[[str], None] | None = None
) -> AsyncIterator[Mapping[str, Any]]:
    """The rows under the name `what` of every page from `cursor` on; each answer sets the clock.

    `turned` is told the cursor of each further page before that is asked for, so that reading can go on there.
    """
    read: set[str] = set()
    while True:
        answer = await page(cursor)
        clock.hear(answer.headers)
        for row in read_rows(answer, what):
            yield row
        cursor = (answer.get("response_metadata") or {}).get("next_cursor")
        if not cursor:
            break
        if cursor in read:
            raise ValueError("pages that go round in a circle")
        read.add(cursor)
        if turned is not None:
            turned(cursor)
    if answer.get("has_more"):
        raise ValueError("more pages, but no way to them")


def read_rows(answer: AsyncSlackResponse, what: str) -> list[Mapping[str, Any]]:
    """The rows of one answer."""
    rows = answer.get(what)
    sound = isinstance(rows, list) and all(isinstance(row, dict) for row in rows)
    if not sound:
        raise ValueError(f"an answer without {what}")
    return list(rows or ())
