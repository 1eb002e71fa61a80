"""Calls of Slack's Web API -> what Slack keeps and answers. State only: no network, no faults.

Strict where Slack is strict: limits, membership, scopes by the kind of channel, pages, metadata only on request, one
message per second and channel, so many calls of a method per minute.
"""

import base64
import binascii
import time
from collections.abc import Callable, Mapping, Sequence
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
    #: Whether each method takes no more calls a minute than its tier allows.
    tiers: bool = False
    #: Messages a minute that the workspace takes in all; 0 switches the limit off.
    per_minute: int = 0
    #: Whether the workspace's plan has user groups.
    groups: bool = True
    #: Whether an admin lets apps delete what they have posted.
    may_delete: bool = True


#: docs.slack.dev, the scopes of each method: for public channels, and for private ones where these differ.
_SCOPES = {
    "chat.postMessage": ("chat:write", "chat:write"),
    "chat.delete": ("chat:write", "chat:write"),
    "conversations.history": ("channels:history", "groups:history"),
    "conversations.replies": ("channels:history", "groups:history"),
    "conversations.list": ("channels:read", "groups:read"),
    "conversations.info": ("channels:read", "groups:read"),
    "usergroups.list": ("usergroups:read", "usergroups:read"),
    "users.list": ("users:read", "users:read"),
}
#: Calls a minute, by the tier that docs.slack.dev states for each method.
_TIERS = {
    "chat.delete": 50,
    "conversations.history": 50,
    "conversations.replies": 50,
    "conversations.info": 50,
    "conversations.list": 20,
    "usergroups.list": 20,
    "users.list": 20,
}
ALL_SCOPES = sorted({scope for scopes in _SCOPES.values() for scope in scopes})
_BOT = "U0BOT00001"
#: What Slack writes on a message of the app, and no app can write on its own.
_AUTHOR = {
    "user": _BOT,
    "bot_id": "B0BOT00001",
    "app_id": "A0APP00001",
    "bot_profile": {"id": "B0BOT00001", "app_id": "A0APP00001", "name": "monitor", "deleted": False},
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
        self.people = [
            {
                "id": "U0SATO0001",
                "name": "sato",
                "deleted": False,
                "profile": {"display_name": "佐藤", "real_name": "佐藤 一"},
            },
            {
                "id": "U0SUZUKI01",
                "name": "suzuki",
                "deleted": False,
                "profile": {"display_name": "鈴木", "real_name": "A"},
            },
            {
                "id": "U0SUZUKI02",
                "name": "suzuki2",
                "deleted": False,
                "profile": {"display_name": "鈴木", "real_name": "B"},
            },
            {"id": "U0GONE0001", "name": "gone", "deleted": True, "profile": {"display_name": "", "real_name": "退職"}},
            {"id": _BOT, "name": "monitor", "deleted": False, "is_bot": True, "profile": {"real_name": "monitor"}},
        ]
        self.groups = [{"id": "S0PRDUTY01", "handle": "pr-duty", "name": "広報当番", "team_id": "T0STANDIN"}]
        self.team = "T0STANDIN"
        #: Who holds the token: an app that is made anew has other ids.
        self.author: dict[str, Any] = dict(_AUTHOR)
        self._calls: dict[str, list[float]] = {}
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
            "chat.delete": self._delete,
            "usergroups.list": self._groups,
            "users.list": self._people,
        }
        if method not in calls:
            raise Refused("unknown_method")
        if not token:
            raise Refused("not_authed")
        if token != TOKEN:
            raise Refused("invalid_auth")
        self._may_call(method, args)
        self._keep_tier(method)
        return {"ok": True, **calls[method](args)}

    @property
    def granted(self) -> list[str]:
        """The scopes of the token, as the header x-oauth-scopes names them."""
        return [scope for scope in ALL_SCOPES if scope not in self.settings.missing_scopes]

    def _may_call(self, method: str, args: Mapping[str, Any]) -> None:
        """Slack asks for the scope of the kind of channel that a call is about."""
        public, private = _SCOPES.get(method, (None, None))
        kinds = str(args.get("types") or "public_channel").split(",") if method == "conversations.list" else None
        is_private = any(
            one.private for one in self.channels if args.get("channel") in (one.id, one.name, f"#{one.name}")
        )
        needed = {private if is_private else public}
        if kinds is not None:
            needed = {private if kind == "private_channel" else public for kind in kinds}
        if missing := sorted(needed & set(self.settings.missing_scopes)):
            raise Refused("missing_scope", needed=missing[0], provided=",".join(self.granted))

    def _keep_tier(self, method: str) -> None:
        allowed, now = _TIERS.get(method), self._own_time()
        recent = [at for at in self._calls.get(method, []) if at > now - 60]
        if self.settings.tiers and allowed is not None and len(recent) >= allowed:
            raise Refused("ratelimited", retry_after=recent[0] + 60 - now)
        self._calls[method] = [*recent, now]

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

    def post_as_another(self, name: str, number: int, **message: Any) -> dict[str, Any]:
        """A message of another app, the same one for the same number, with whatever it likes to say."""
        ids = {"user": f"U0OTHER{number:03}", "bot_id": f"B0OTHER{number:03}", "app_id": f"A0OTHER{number:03}"}
        posted = {"type": "message", "text": "", **message, **ids, "ts": self._ts()}
        self.channel(name).messages.append(posted)
        return posted

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
            "url": "https://stand-in.slack.com/",
            "team_id": self.team,
            "user_id": self.author["user"],
            "bot_id": self.author["bot_id"],
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
        self._keep_workspace_pace()
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

    def _keep_workspace_pace(self) -> None:
        now = self._own_time()
        recent = [at for at in self._calls.get("posts", []) if at > now - 60]
        if self.settings.per_minute and len(recent) >= self.settings.per_minute:
            raise Refused("message_limit_exceeded")
        self._calls["posts"] = [*recent, now]

    def _delete(self, args: Mapping[str, Any]) -> dict[str, Any]:
        channel = self._by_id(args.get("channel"))
        found = [message for message in channel.messages if message["ts"] == args.get("ts")]
        if not found:
            raise Refused("message_not_found")
        if found[0]["user"] != self.author["user"] or not self.settings.may_delete:
            raise Refused("cant_delete_message")
        channel.messages.remove(found[0])
        return {"channel": channel.id, "ts": found[0]["ts"]}

    def _groups(self, _args: Mapping[str, Any]) -> dict[str, Any]:
        if not self.settings.groups:
            raise Refused("plan_upgrade_required")
        return {"usergroups": [dict(group) for group in self.groups]}

    def _people(self, args: Mapping[str, Any]) -> dict[str, Any]:
        return self._page("members", self.people, args)

    def _store(self, channel: Channel, args: Mapping[str, Any]) -> dict[str, Any]:
        message = {"type": "message", **self.author, "ts": self._ts()}
        message |= {
            name: args[name] for name in ("text", "blocks", "metadata", "thread_ts", "client_msg_id") if args.get(name)
        }
        channel.messages.append(message)
        return message

    def _history(self, args: Mapping[str, Any]) -> dict[str, Any]:
        channel = self._readable(args)
        parents = [message for message in self._visible(channel, args) if "thread_ts" not in message]
        return self._page("messages", [_as_parent(one, channel.messages) for one in reversed(parents)], args)

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
        channel = self._by_id(args.get("channel"))
        if channel.private and not channel.member:
            raise Refused("channel_not_found")
        return {"channel": channel.public}

    def _by_id(self, channel_id: Any) -> Channel:
        """Reading takes ids alone."""
        if not any(channel.id == channel_id for channel in self.channels):
            raise Refused("channel_not_found")
        return self.channel(channel_id)

    def _readable(self, args: Mapping[str, Any]) -> Channel:
        channel = self._by_id(args.get("channel"))
        if not channel.member:
            raise Refused("channel_not_found" if channel.private else "not_in_channel")
        return channel

    def _visible(self, channel: Channel, args: Mapping[str, Any]) -> list[dict[str, Any]]:
        oldest, latest = _bound(args, "oldest", 0.0), _bound(args, "latest", float("inf"))
        inclusive, seen_until = _true(args.get("inclusive")), self.now() - self.settings.lag
        return [
            message
            for message in channel.messages
            for ts in (float(message["ts"]),)
            if (oldest < ts < latest or (inclusive and ts in (oldest, latest)))
            and (ts <= seen_until or not self.settings.lag)
        ]

    def _page(self, what: str, rows: list[dict[str, Any]], args: Mapping[str, Any]) -> dict[str, Any]:
        try:
            limit = int(args.get("limit") or 100)
        except ValueError:
            raise Refused("invalid_limit") from None
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


def _bound(args: Mapping[str, Any], name: str, default: float) -> float:
    try:
        return float(args.get(name) or default)
    except ValueError:
        raise Refused(f"invalid_ts_{name}") from None


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


def _as_parent(message: Mapping[str, Any], messages: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """A message as the history shows it: one that began a thread says so."""
    replies = sum(one.get("thread_ts") == message["ts"] for one in messages)
    return {**message, "thread_ts": message["ts"], "reply_count": replies} if replies else dict(message)
