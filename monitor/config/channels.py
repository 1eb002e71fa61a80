"""Config -> Channels: who is told, where and on what timetable. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import time, timedelta

from monitor.config.settings import ChannelConfig, Config, Days, Quiet, is_slack_channel
from monitor.model import Notice

#: Where matches go when no Slack channel is configured at all: digests are then printed.
TERMINAL = "terminal"


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """A named audience, or a bare Slack channel, with its timetable."""

    #: "crisis", "#news" or a channel id.
    name: str
    #: A Slack channel ("#pr-crisis", "C0123456789") or "webhook:NAME": an article is told once per destination.
    destination: str
    when: str
    wait: timedelta
    at: tuple[time, ...]
    days: Days
    quiet: Quiet | None
    mention: str | None


class Channels:
    """The channels of a configuration, by name; a bare Slack channel gets the timetable of `[digest]`."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._named = {name: self._make(name, channel) for name, channel in config.channels.items()}

    @property
    def names(self) -> frozenset[str]:
        """Names that a rule may give besides Slack channels."""
        return frozenset(self._named)

    @property
    def default(self) -> str:
        """Where a rule goes that names no channel."""
        return self._config.slack.channel or TERMINAL

    def knows(self, name: str, destination: str) -> bool:
        """Whether messages that were made for a channel still have somewhere to go; a bare Slack channel always has."""
        places = {channel.destination for channel in self._named.values()}
        return name in self._named or name == self.default or is_slack_channel(name) or destination in places

    def get(self, name: str) -> Channel:
        """The channel of that name; any other name is taken as a bare Slack channel."""
        return self._named.get(name) or self._make(name, ChannelConfig(slack=None))

    def route(self, notify: Iterable[str], when: str | None, mention: str | None) -> tuple[Notice, ...]:
        """What a rule says about telling -> notices, one per channel."""
        chosen = [self.get(name) for name in dict.fromkeys(notify)] or [self.get(self.default)]
        return tuple(
            Notice(
                channel=channel.name,
                destination=channel.destination,
                when=when or channel.when,
                mention=mention or channel.mention,
            )
            for channel in chosen
        )

    def _make(self, name: str, channel: ChannelConfig) -> Channel:
        times = self._config.digest
        is_webhook = channel.webhook_env is not None or channel.webhook_file is not None
        return Channel(
            name=name,
            destination=f"webhook:{name}" if is_webhook else channel.slack or name,
            when=channel.when,
            wait=channel.wait,
            at=tuple(sorted(channel.at if channel.at is not None else times.at)),
            days=channel.days if channel.days is not None else times.days,
            quiet=channel.quiet if channel.quiet is not None else times.quiet,
            mention=channel.mention,
        )
