"""Names -> ids: "#news" to a channel, "@pr-duty" to a group or a person. Kept in the store for the next process.

A look-up in a channel's history wants the channel's id, and so does a message that is to mention somebody.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import AsyncIterator, Collection, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from monitor.ports import TEAM, Contact, ContactStore, InStore
from monitor.sinks.slack.clock import SlackClock
from monitor.sinks.slack.marks import is_handle
from monitor.sinks.slack.outcomes import CALL_ERRORS, answer_in
from monitor.sinks.slack.paging import read_pages, read_rows

#: What is known for longer is asked for again: channels are renamed, groups are given new handles.
STALE = timedelta(days=1)
#: Slack's own upper limit is 999; large workspaces have thousands of channels, and 20 pages a minute are allowed.
_PAGE = 900
#: A free workspace has no groups.
_NO_GROUPS = ("plan_upgrade_required", "paid_teams_only", "paid_only")
_MOMENT = timedelta(milliseconds=1)
_LISTING = timedelta(minutes=1)
_CHANNEL_ID = re.compile(r"[CGD][A-Z0-9]{6,}")


def is_channel_id(destination: str) -> bool:
    """Whether it is an id, and no name."""
    return _CHANNEL_ID.fullmatch(destination) is not None


def folded(name: str) -> str:
    """Names are compared as Slack shows them: in lower case, composed."""
    return unicodedata.normalize("NFC", name).casefold()


class Remembered:
    """The contacts of a store, read once and written through; without a store, for this process only."""

    def __init__(self, in_store: InStore | None = None, store: ContactStore | None = None) -> None:
        self._in_store = in_store
        self._store = store
        self._known: dict[str, list[Contact]] | None = None

    async def get(self, name: str) -> list[Contact]:
        """What a name means and meant, the latest first."""
        return (await self._all()).get(folded(name), [])

    async def put(self, name: str, value: str, now: datetime) -> None:
        """A name means this from now on."""
        key, known = folded(name), await self._all()
        others = [one for one in known.get(key, []) if one.value != value]
        if others and others[0].known_at - now > STALE:
            # Noted by a clock that stood far ahead.
            await self.forget(name)
            others = []
        # Slack tells whole seconds: what is learnt later may seem to be earlier by a moment, and would not be in force.
        at = max(now, others[0].known_at + _MOMENT) if others else now
        if self._in_store and self._store:
            await self._in_store(self._store.learn, key, value, now=at)
        known[key] = [Contact(name=key, value=value, known_at=at), *others]

    async def forget(self, name: str | None = None) -> None:
        """Forget a name, or everything."""
        known = await self._all()
        if name is None:
            known.clear()
        else:
            known.pop(folded(name), None)
        if self._in_store and self._store:
            await self._in_store(self._store.forget, None if name is None else folded(name))

    async def _all(self) -> dict[str, list[Contact]]:
        if self._known is None:
            rows = await self._in_store(self._store.contacts) if self._in_store and self._store else []
            self._known = {}
            for row in rows:
                self._known.setdefault(row.name, []).append(row)
        return self._known


class Contacts:
    """What names mean in the workspace of a token. Its questions to Slack raise `CALL_ERRORS`."""

    def __init__(self, client: AsyncWebClient, clock: SlackClock, remembered: Remembered | None = None) -> None:
        self._client = client
        self._clock = clock
        self.remembered = remembered or Remembered()
        #: The last list of channels serves all names that are looked for at one time.
        self._listed: dict[str, str] | None = None
        self._listed_at = datetime.min.replace(tzinfo=UTC)
        #: Handle -> id, for rendering, which cannot wait.
        self._mentions: dict[str, str] = {}

    async def enter(self, team: str) -> None:
        """The workspace that the token belongs to: what is known of another is forgotten."""
        known = await self.remembered.get(TEAM)
        if known and known[0].value != team:
            await self.remembered.forget()
        if not known or known[0].value != team:
            await self.remembered.put(TEAM, team, self._clock.now())

    # --- channels -----------------------------------------------------------------------------------------------------

    async def channel_id(self, destination: str) -> str | None:
        """The id of a channel; asks Slack for what is not known or no longer fresh. `None`: the bot sees no such channel."""
        if is_channel_id(destination):
            return destination
        known = await self.remembered.get(_named(destination))
        if not known:
            return await self._look_for(destination)
        if abs(self._clock.now() - known[0].known_at) > STALE:
            return await self._refreshed(destination, known[0])
        return known[0].value

    async def channel_ids(self, destination: str) -> list[str]:
        """Every channel that had this name while we wrote to it, the present one first: a message may stand in any."""
        if is_channel_id(destination):
            return [destination]
        known = [one.value for one in await self.remembered.get(_named(destination))]
        if not known and (found := await self._look_for(destination)):
            known = [found]
        return known

    async def channel_id_now(self, destination: str) -> str | None:
        """The id by Slack's list of this minute; what was known counts only where the name is gone from it."""
        if is_channel_id(destination):
            return destination
        known = await self.remembered.get(_named(destination))
        return await self._look_for(destination) or (known[0].value if known else None)

    async def learn(self, destination: str, channel: object) -> None:
        """Note the id under which Slack answered for a destination."""
        if not is_channel_id(destination) and isinstance(channel, str) and is_channel_id(channel):
            known = await self.remembered.get(_named(destination))
            if not known or known[0].value != channel:
                await self.remembered.put(_named(destination), channel, self._clock.now())

    async def look_again(self, destination: str) -> str | None:
        """What a name means after Slack no longer knew the id; `None` where that is nothing new."""
        self._listed = None
        before = await self.remembered.get(_named(destination))
        found = await self._look_for(destination)
        return found if found and found not in [one.value for one in before[:1]] else None

    async def _refreshed(self, destination: str, known: Contact) -> str:
        """After a rename, another channel of that name is meant; where there is none, it is still the one that had it."""
        try:
            answer = await self._client.conversations_info(channel=known.value)
            self._clock.hear(answer.headers)
            name = (answer.get("channel") or {}).get("name")
            if folded(f"#{name}") != folded(_named(destination)):
                found = await self._look_for(destination)
                if found:
                    return found
        except CALL_ERRORS:
            # What was true yesterday is the best that is known; a message tells soon enough.
            pass
        await self.remembered.put(known.name, known.value, self._clock.now())
        return known.value

    async def _look_for(self, destination: str) -> str | None:
        if self._listed is None or self._clock.now() - self._listed_at > _LISTING:
            listed: dict[str, str] = {}
            async for channel in read_pages("channels", self._list_channels, self._clock):
                listed[folded(f"#{channel.get('name')}")] = str(channel.get("id"))
            self._listed, self._listed_at = listed, self._clock.now()
        found = self._listed.get(folded(_named(destination)))
        if found is None or not is_channel_id(found):
            return None
        await self.remembered.put(_named(destination), found, self._clock.now())
        return found

    async def _list_channels(self, cursor: str | None) -> AsyncSlackResponse:
        return await self._client.conversations_list(
            types="public_channel,private_channel", exclude_archived=False, limit=_PAGE, cursor=cursor
        )

    # --- mentions -----------------------------------------------------------------------------------------------------

    def mention(self, mention: str) -> str:
        """A mention with the id in the place of a handle; what is not known stays as it is."""
        return self._mentions.get(_handle(mention), mention) if is_handle(mention) else mention

    async def meet(self, mentions: Collection[str]) -> list[str]:
        """Learn whom handles mean, groups before persons; those that nobody has."""
        handles = {_handle(one): one for one in mentions if is_handle(one)}
        wanted = set(handles)
        for handle in handles:
            known = await self.remembered.get(handle)
            if known:
                self._mentions[handle] = known[0].value
                wanted -= {handle} if abs(self._clock.now() - known[0].known_at) <= STALE else set()
        await self._ask_for(wanted)
        return sorted(given for handle, given in handles.items() if handle not in self._mentions)

    async def _ask_for(self, wanted: Collection[str]) -> None:
        found: dict[str, str] = {}
        failure: Exception | None = None
        for ask in (self._groups, self._people):
            if not found.keys() >= set(wanted):
                try:
                    found = await ask() | found
                except CALL_ERRORS as error:
                    # A scope that one of them lacks does not keep the other from being asked.
                    failure = error
        for handle in found.keys() & set(wanted):
            self._mentions[handle] = found[handle]
            await self.remembered.put(handle, found[handle], self._clock.now())
        if failure and not self._mentions.keys() >= set(wanted):
            raise failure

    async def _groups(self) -> dict[str, str]:
        try:
            answer = await self._client.usergroups_list()
        except SlackApiError as error:
            said = answer_in(error)
            if said and said.error in _NO_GROUPS:
                return {}
            raise
        self._clock.hear(answer.headers)
        return {folded(f"@{row.get('handle')}"): str(row.get("id")) for row in read_rows(answer, "usergroups")}

    async def _people(self) -> dict[str, str]:
        """By name, else by what they call themselves: two of the same display name are nobody."""
        names: dict[str, str] = {}
        shown: defaultdict[str, set[str]] = defaultdict(set)
        async for row in self._users():
            id_ = str(row.get("id"))
            names[folded(f"@{row.get('name')}")] = id_
            profile = row.get("profile") or {}
            for called in filter(None, (profile.get("display_name"), profile.get("real_name"))):
                shown[folded(f"@{called}")].add(id_)
        return {name: next(iter(ids)) for name, ids in shown.items() if len(ids) == 1} | names

    async def _users(self) -> AsyncIterator[Mapping[str, Any]]:
        async def page(cursor: str | None) -> AsyncSlackResponse:
            return await self._client.users_list(cursor=cursor, limit=_PAGE)

        async for row in read_pages("members", page, self._clock):
            if not row.get("deleted"):
                yield row


def _named(destination: str) -> str:
    return destination if destination.startswith("#") else f"#{destination}"


def _handle(mention: str) -> str:
    return folded(f"@{mention.removeprefix('@')}")
