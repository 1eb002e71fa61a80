"""Config, Secrets, rules -> Plan: all that an edit may change while the daemon runs; two Plans -> the Edit between them."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import holidays

from monitor.config import Channels, Config, Secrets, list_sources
from monitor.judge import Judge, load_judge
from monitor.model import Source
from monitor.rules.changes import Changes, changes
from monitor.schedule import Timetable
from monitor.urls import host_of

#: Keys of config.toml that count at a start only: what is open stays open.
FIXED = ("database", "http")
#: Keys of which something is opened: how pages are fetched, how destinations are told.
_FETCHING = frozenset(("fetch", "contact"))
_TELLING = frozenset(("slack", "channels", "language", "timezone"))


def timetable_of(config: Config) -> Timetable:
    """The slots of channels in the operator's zone; holidays are those of Japan."""
    return Timetable(config.timezone, holidays.country_holidays("JP").__contains__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What the operator and the editors want."""

    config: Config
    secrets: Secrets
    judge: Judge
    sources: Mapping[str, Source]
    #: Source -> whose turn its polls have to wait for.
    hosts: Mapping[str, str]
    channels: Channels
    timetable: Timetable
    #: Whatever may be told of an article.
    destinations: frozenset[str] = frozenset()

    def keeping(self, config: Config) -> "Plan":
        """The same with the FIXED settings of a configuration that is in force."""
        return replace(self, config=self.config.model_copy(update={key: getattr(config, key) for key in FIXED}))


def make_plan(config: Config, secrets: Secrets) -> Plan:
    """Read, check and compile the rules. ConfigError with every finding when one is broken."""
    sources = {source.id: source for source in list_sources(config)}
    judge, channels = load_judge(config), Channels(config)
    named = {channels.default, *channels.names, *(name for rule in judge.book.rules for name in rule.notify)}
    return Plan(
        config=config,
        secrets=secrets,
        judge=judge,
        sources=sources,
        hosts={id_: host_of(source.url) for id_, source in sources.items()},
        channels=channels,
        timetable=timetable_of(config),
        destinations=frozenset(channels.get(name).destination for name in named),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """What differs between two plans."""

    #: Keys of config.toml, the sources aside.
    settings: tuple[str, ...] = ()
    #: Those among them that wait for the next start.
    for_restart: tuple[str, ...] = ()
    #: Ids of sources.
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    secrets: bool = False
    rules: Changes = field(default_factory=Changes)

    @property
    def reaches_sources(self) -> bool:
        """Whether the list of sources has to be made known."""
        return bool(self.added or self.removed or self.changed)

    @property
    def reaches_rules(self) -> bool:
        """Whether rules judge otherwise than before."""
        return self.rules != Changes()

    @property
    def reaches_fetching(self) -> bool:
        """Whether pages are fetched in another way."""
        return not _FETCHING.isdisjoint(self.settings)

    @property
    def reaches_telling(self) -> bool:
        """Whether destinations are told in another way."""
        return self.secrets or not _TELLING.isdisjoint(self.settings)


def edit_of(before: Plan, after: Plan) -> Edit:
    """What an edit did. Pure; rules by the hundred are compared, which takes some milliseconds."""
    old, new = before.sources, after.sources
    settings = tuple(
        key for key in Config.model_fields if key != "sources" and _differ(before.config, after.config, key)
    )
    return Edit(
        settings=settings,
        for_restart=tuple(key for key in FIXED if key in settings),
        added=tuple(id_ for id_ in new if id_ not in old),
        removed=tuple(id_ for id_ in old if id_ not in new),
        changed=tuple(id_ for id_, source in new.items() if id_ in old and old[id_] != source),
        secrets=before.secrets != after.secrets,
        rules=changes(before.judge.book, after.judge.book),
    )


def _differ(one: Config, other: Config, key: str) -> bool:
    return bool(getattr(one, key) != getattr(other, key))
