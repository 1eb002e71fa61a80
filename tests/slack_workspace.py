"""Calls of Slack's Web API -> what Slack keeps and answers. State only: no network, no faults.

Strict where Slack is strict: limits, membership, pages, metadata only on request, one message per second and channel.
"""

import base64
import binascii
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from slack_limits import refusal

TOKEN = "xoxb-stand-in"
MAX_LIMIT = 999


class Refused(Exception):
    """`ok: false`, or 429 with `retry_after`."""

    def __init__(self, error: str, *, retry_after: float | None = None, **more: str) -> None:
        super().__init__(error)
        self.error = error
        self.retry_after = retry_after
        self.more = more


@dataclass(slots=True, kw_only=True)
class Channel:
    id: str
    name: str
    private: bool = False
    member: bool = True
    archived: bool = False
    messages: list[dict[str, Any]] = field(default_factory=list)
    last_post: float = float("-inf")

    @property
    def public(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "name": self.name,
            "is_channel": True,
            "is_private": self.private,
            "is_member": self.member,
            "is_archived": self.archived,
        }


@dataclass(slots=True, kw_only=True)
class Settings:
    """What a test may turn while the stand-in runs."""

    #: Seconds between two messages of one channel; 0 switches the limit off.
    pace: float = 0.0
    #: Seconds until a message shows in the history.
    lag: float = 0.0
    #: Seconds by which Slack's clock goes ahead of this machine's.
    clock_offset: float = 0.0
    #: A page never holds more, whatever `limit` asks for.
    page: int = 100
    #: Scopes that the token lacks.
    missing_scopes: tuple[str, ...] = ()


_SCOPES = {
    "chat.postMessage": "chat:write",
    "conversations.history": "channels:history",
    "conversations.replies": "channels:history",
    "conversations.list": "channels:read",
    "conversations.info": "channels:read",
}


class Workspace:
    """One team with a few channels; the bot is a member of all but #closed."""

    def __init__(self, own_time: Callable[[], float] = time.time) -> None:
        self._own_time = own_time
        self.settings = Settings()
        self.channels = [
            Channel(id="C0NEWS0001", name="news"),
            Channel(id="C0CRISIS01", name="pr-crisis"),
            Channel(id="G0PRIVATE1", name="desk", private=True),
            Channel(id="C0CLOSED01", name="closed", member=False),
            Channel(id="C0ARCHIVE1", name="old", archived=True),
        ]
        #: No post is taken before this moment, whoever sends it.
        self.limited_until = float("-inf")
        #: Posts that came although Slack had asked to wait.
        self.impatient = 0
        self._last_ts = 0

    def now(self) -> float:
        """Seconds since 1970 by Slack's clock."""
        return self._own_time() + self.settings.clock_offset

    def call(self, method: str, token: str | None, args: Mapping[str, Any]) -> dict[str, Any]:
        """The answer to one call; raises Refused."""
        calls = {
            "auth.test": self._auth_test,
            "chat.postMessage": self.post,
            "conversations.history": self._history,
            "conversations.replies": self._replies,
            "conversations.list": self._list,
            "conversations.info": self._info,
        }
        if method not in calls:
            raise Refused("unknown_method")
        if not token:
            raise Refused("not_authed")
        if token != TOKEN:
            raise Refused("invalid_auth")
        needed = _SCOPES.get(method)
        if needed in self.settings.missing_scopes:
            raise Refused("missing_scope", needed=str(needed), provided="chat:write")
        return {"ok": True, **calls[method](args)}

    def limit_for(self, seconds: float) -> None:
        """Take no post of anybody for so long."""
        self.limited_until = max(self.limited_until, self._own_time() + seconds)

    def add_foreign(self, name: str, count: int) -> None:
        """Messages of people, in a channel."""
        channel = self.channel(name)
        for number in range(count):
            channel.messages.append(
                {"type": "message", "user": "U0PERSON01", "text": f"chat {number}", "ts": self._ts()}
            )

    def channel(self, name: Any) -> Channel:
        """By id, name or #name."""
        for channel in self.channels:
            if name in (channel.id, channel.name, f"#{channel.name}"):
                return channel
        raise Refused("channel_not_found")

    def posted(self, delivery: str) -> list[dict[str, Any]]:
        """Every stored message that carries this delivery's id."""
        return [
            message
            for channel in self.channels
            for message in channel.messages
            if message.get("metadata", {}).get("event_payload", {}).get("delivery") == delivery
        ]

    # --- methods ------------------------------------------------------------------------------------------------------

    def _auth_test(self, _args: Mapping[str, Any]) -> dict[str, Any]:
        return {
            "team_id": "T0STANDIN",
            "user_id": "U0BOT00001",
            "bot_id": "B0BOT00001",
            "team": "stand-in",
            "user": "monitor",
        }

    def post(self, args: Mapping[str, Any]) -> dict[str, Any]:
        if self._own_time() < self.limited_until:
            self.impatient += 1
            raise Refused("ratelimited", retry_after=self.limited_until - self._own_time())
        channel = self.channel(args.get("channel"))
        self._may_post(channel)
        if error := refusal(args):
            raise Refused(error)
        thread = args.get("thread_ts")
        if thread and not any(message["ts"] == thread and "thread_ts" not in message for message in channel.messages):
            raise Refused("thread_not_found")
        self._keep_pace(channel)
        message = self._store(channel, args)
        return {"channel": channel.id, "ts": message["ts"], "message": _shown(message, everything=False)}

    def _may_post(self, channel: Channel) -> None:
        if channel.archived:
            raise Refused("is_archived")
        if not channel.member:
            raise Refused("channel_not_found" if channel.private else "not_in_channel")

    def _keep_pace(self, channel: Channel) -> None:
        wait = channel.last_post + self.settings.pace - self._own_time()
        if self.settings.pace and wait > 0:
            self.limit_for(wait)
            raise Refused("ratelimited", retry_after=wait)
        channel.last_post = self._own_time()

    def _store(self, channel: Channel, args: Mapping[str, Any]) -> dict[str, Any]:
        message = {"type": "message", "user": "U0BOT00001", "bot_id": "B0BOT00001", "ts": self._ts()}
        message |= {
            name: args[name] for name in ("text", "blocks", "metadata", "thread_ts", "client_msg_id") if args.get(name)
        }
        channel.messages.append(message)
        return message

    def _history(self, args: Mapping[str, Any]) -> dict[str, Any]:
        channel = self._readable(args)
        parents = [message for message in self._visible(channel, args) if "thread_ts" not in message]
        return self._page("messages", list(reversed(parents)), args)

    def _replies(self, args: Mapping[str, Any]) -> dict[str, Any]:
        channel, thread = self._readable(args), args.get("ts")
        parent = [message for message in channel.messages if message["ts"] == thread]
        if not parent:
            raise Refused("thread_not_found")
        replies = [message for message in self._visible(channel, args) if message.get("thread_ts") == thread]
        return self._page("messages", [*parent, *replies], args)

    def _list(self, args: Mapping[str, Any]) -> dict[str, Any]:
        types = str(args.get("types") or "public_channel").split(",")
        rows = [
            channel.public
            for channel in self.channels
            if ("private_channel" if channel.private else "public_channel") in types
            and (channel.member or not channel.private)
            and not (channel.archived and _true(args.get("exclude_archived")))
        ]
        return self._page("channels", rows, args)

    def _info(self, args: Mapping[str, Any]) -> dict[str, Any]:
        return {"channel": self._by_id(args.get("channel")).public}

    def _by_id(self, channel_id: Any) -> Channel:
        """Reading takes ids alone."""
        if not any(channel.id == channel_id for channel in self.channels):
            raise Refused("channel_not_found")
        return self.channel(channel_id)

    def _readable(self, args: Mapping[str, Any]) -> Channel:
        channel = self._by_id(args.get("channel"))
        if not channel.member:
            raise Refused("not_in_channel")
        return channel

    def _visible(self, channel: Channel, args: Mapping[str, Any]) -> list[dict[str, Any]]:
        oldest, latest = float(args.get("oldest") or 0), float(args.get("latest") or "inf")
        inclusive, seen_until = _true(args.get("inclusive")), self.now() - self.settings.lag
        return [
            message
            for message in channel.messages
            for ts in (float(message["ts"]),)
            if (oldest < ts < latest or (inclusive and ts in (oldest, latest)))
            and (ts <= seen_until or not self.settings.lag)
        ]

    def _page(self, what: str, rows: list[dict[str, Any]], args: Mapping[str, Any]) -> dict[str, Any]:
        limit = int(args.get("limit") or 100)
        if not 1 <= limit <= MAX_LIMIT:
            raise Refused("invalid_limit")
        start = _from_cursor(args.get("cursor"))
        end = start + min(limit, self.settings.page)
        more = end < len(rows)
        everything = _true(args.get("include_all_metadata"))
        return {
            what: [_shown(row, everything=everything) for row in rows[start:end]],
            "has_more": more,
            "response_metadata": {"next_cursor": _cursor(end) if more else ""},
        }

    def _ts(self) -> str:
        self._last_ts = max(self._last_ts + 1, int(self.now() * 1_000_000))
        return f"{self._last_ts // 1_000_000}.{self._last_ts % 1_000_000:06d}"


def _shown(row: dict[str, Any], *, everything: bool) -> dict[str, Any]:
    if "metadata" not in row or everything:
        return dict(row)
    return {**row, "metadata": {"event_type": row["metadata"]["event_type"]}}


def _true(value: Any) -> bool:
    return str(value).lower() in ("1", "true")


def _cursor(start: int) -> str:
    return base64.b64encode(f"next:{start}".encode()).decode()


def _from_cursor(cursor: Any) -> int:
    if not cursor:
        return 0
    try:
        return int(base64.b64decode(str(cursor), validate=True).decode().removeprefix("next:"))
    except (binascii.Error, ValueError):
        raise Refused("invalid_cursor") from None
