"""The settings as frozen pydantic models: types, defaults, limits. Names and defaults are the contract of config.toml."""

import os
import re
from datetime import time, timedelta
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address
from pathlib import Path
from typing import Annotated, Literal
from unicodedata import normalize
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo, WithJsonSchema
from pydantic_core import PydanticCustomError

from monitor.text.durations import read_duration
from monitor.urls import is_web_url

_SIZE = re.compile(r"(\d{1,15})\s*(B|kB|KB|MB|GB)?")
_SIZES = {None: 1, "B": 1, "kB": 1000, "KB": 1000, "MB": 1000**2, "GB": 1000**3}
_SLACK_CHANNEL = r"(#[^\s#]{1,80}|[CGD][A-Z0-9]{7,20})"
#: As a browser and "Copy link" give it.
_SLACK_ADDRESS = re.compile(r"https?://[\w.-]+\.slack\.com/(?:archives|messages|client/[TE]\w+)/([CGD][A-Z0-9]{7,20})")
_PORTS = range(65_536)
#: Bytes of one name in a path.
_LONGEST_NAME = 255
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def parse_duration(value: object) -> timedelta:
    """A text such as "30s", "10m", "2h", "400d", "2w" -> timedelta."""
    if isinstance(value, timedelta):
        return value
    length = read_duration(value) if isinstance(value, str) else None
    if length is None:
        raise PydanticCustomError("duration", "not a duration")
    return length


def _parse_size(value: object) -> int:
    if type(value) is int:
        return value
    found = _SIZE.fullmatch(value.strip()) if isinstance(value, str) else None
    if found is None:
        raise PydanticCustomError("size", "not a size")
    return int(found[1]) * _SIZES[found[2]]


def _parse_clock(value: object) -> time:
    if isinstance(value, time):
        return value
    found = re.fullmatch(r"([01]?\d|2[0-3]):([0-5]\d)", value.strip()) if isinstance(value, str) else None
    if found is None:
        raise PydanticCustomError("clock", "not a time of day")
    return time(int(found[1]), int(found[2]))


def _parse_zone(value: object) -> ZoneInfo:
    try:
        return ZoneInfo(value) if isinstance(value, str) and value else _no_zone()
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return _no_zone()


def _no_zone() -> ZoneInfo:
    raise PydanticCustomError("zone", "not a time zone")


class Days(BaseModel):
    """The days on which a digest is sent: 0 is Monday."""

    model_config = ConfigDict(frozen=True)
    weekdays: frozenset[int] = frozenset(range(7))
    holidays: bool = True


def _parse_days(value: object) -> Days:
    if isinstance(value, Days):
        return value
    if not isinstance(value, str):
        raise PydanticCustomError("days", "not days")
    chosen: set[int] = set()
    holidays = True
    for part in re.split(r"[\s,]+", value.strip().lower()):
        if part == "-holidays":
            holidays = False
            continue
        first, _, last = part.partition("-")
        if first not in _DAYS or (last and last not in _DAYS):
            raise PydanticCustomError("days", "not days")
        start = _DAYS.index(first)
        span = (_DAYS.index(last) - start) % 7 if last else 0
        chosen |= {(start + step) % 7 for step in range(span + 1)}
    return Days(weekdays=frozenset(chosen) or frozenset(range(7)), holidays=holidays)


class Quiet(BaseModel):
    """A daily span of hours; it may pass midnight."""

    model_config = ConfigDict(frozen=True)
    start: time
    end: time


def _parse_quiet(value: object) -> Quiet:
    first, dash, last = value.partition("-") if isinstance(value, str) else ("", "", "")
    if not dash:
        raise PydanticCustomError("quiet", "not a span of hours")
    quiet = Quiet(start=_parse_clock(first), end=_parse_clock(last))
    if quiet.start == quiet.end:
        raise PydanticCustomError("quiet", "not a span of hours")
    return quiet


def _parse_initial(value: object) -> timedelta:
    """The words "none" and "all", or a duration -> how old an entry of the first poll may be to be told."""
    if isinstance(value, timedelta):
        return value
    fixed = {"none": timedelta(0), "all": timedelta.max}
    if isinstance(value, str) and value in fixed:
        return fixed[value]
    try:
        return parse_duration(value)
    except PydanticCustomError:
        raise PydanticCustomError("initial", "not an initial") from None


def _check_web_address(value: str) -> str:
    if not is_web_url(value):
        raise PydanticCustomError("web-address", "not a web address")
    return value


def is_slack_channel(name: str) -> bool:
    """Whether it is a channel of Slack by itself ("#news", "C0123456789"), and no name that the configuration gives."""
    return re.fullmatch(_SLACK_CHANNEL, name) is not None


def slack_name(text: str) -> str:
    """A channel as Slack writes it: names in lower case, composed; an id and whatever else as it is."""
    return normalize("NFC", text).lower() if text.startswith("#") else text


def meant_slack_channel(text: str) -> str | None:
    """What somebody means who copied the address of a channel, or typed a full-width #."""
    if found := _SLACK_ADDRESS.match(text):
        return found[1]
    return slack_name("#" + text[1:]) if text.startswith("＃") and is_slack_channel("#" + text[1:]) else None


def _check_slack_channel(value: str) -> str:
    if (meant := meant_slack_channel(value)) is not None:
        raise PydanticCustomError("slack-channel-meant", "not a Slack channel", {"meant": meant})
    if not is_slack_channel(value):
        raise PydanticCustomError("slack-channel", "not a Slack channel")
    return slack_name(value)


def _join_mentions(value: object) -> object:
    """Several mentions stand one a line, as those of rules do."""
    if not isinstance(value, list | tuple) or not all(isinstance(one, str) for one in value):
        return value
    return "\n".join(dict.fromkeys(value)) or None


def _check_interval(value: timedelta) -> timedelta:
    if value < timedelta(seconds=1):
        raise PydanticCustomError("every", "too short")
    return value


def _check_timeout(value: timedelta) -> timedelta:
    """Nothing would mean for ever to the library that reads."""
    if value < timedelta(seconds=1):
        raise PydanticCustomError("too-brief", "too short")
    return value


def _check_size(value: int) -> int:
    if value < 1:
        raise PydanticCustomError("size", "not a size")
    return value


def _check_proxy(value: str) -> str:
    """None where it is empty, as in the environment."""
    return _check_web_address(value) if value else value


def _check_contact(value: str) -> str:
    """It stands in a header of every request; a line break would begin one of its own."""
    if re.search(r"[\x00-\x1f\x7f]", value):
        raise PydanticCustomError("contact", "not on one line")
    return value


def _check_headers(value: dict[str, str]) -> dict[str, str]:
    """Header names are tokens (RFC 9110, 5.6.2); a line break in a value would begin a header of its own."""
    for name, text in value.items():
        if not re.fullmatch(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", name) or re.search(r"[\r\n\0]", text):
            raise PydanticCustomError("header", "not a header")
    return value


def read_address(text: str) -> tuple[str, int] | None:
    """A text such as "127.0.0.1:9464" or "[::1]:9464" -> host and port; `None` where it is none."""
    host, _, port = text.strip().replace("localhost", "127.0.0.1", 1).rpartition(":")
    bare = host[1:-1] if host.startswith("[") and host.endswith("]") else host
    try:
        is_bracketed_right = (bare != host) == isinstance(ip_address(bare), IPv6Address)
    except ValueError:
        return None
    is_port = re.fullmatch(r"[0-9]{1,5}", port) and int(port) in _PORTS
    return (bare, int(port)) if is_bracketed_right and is_port else None


def _check_listen(value: str) -> str:
    if value and read_address(value) is None:
        raise PydanticCustomError("listen", "not an address and port")
    return value


def _beside_config(value: Path, info: ValidationInfo) -> Path:
    """Relative paths are relative to the file that names them."""
    folder: Path = (info.context or {}).get("folder", Path())
    try:
        path = folder / value.expanduser()
    except RuntimeError:
        raise PydanticCustomError("no-home", "no such home") from None
    # What the kernel takes; asking it would end in other errors each time.
    if "\0" in str(path) or any(len(part) > _LONGEST_NAME for part in map(os.fsencode, path.parts)):
        raise PydanticCustomError("path", "not a path")
    return path


def _database_beside_config(value: str, info: ValidationInfo) -> str:
    return value if "://" in value else str(_beside_config(Path(value), info))


def _written(pattern: str) -> WithJsonSchema:
    """How a value is written in TOML, for the JSON Schema."""
    return WithJsonSchema({"type": "string", "pattern": f"^{pattern}$"})


_LENGTH, _TIME = r"\s*[0-9]{1,8}\s*[smhdw]\s*", r"\s*([01]?[0-9]|2[0-3]):[0-5][0-9]\s*"
_SIZE_WRITTEN = WithJsonSchema({"type": ["integer", "string"], "pattern": rf"^\s*{_SIZE.pattern}\s*$"})

FilePath = Annotated[Path, AfterValidator(_beside_config), WithJsonSchema({"type": "string"})]
WebAddress = Annotated[str, AfterValidator(_check_web_address), _written(r"https?://\S+")]
SlackChannel = Annotated[str, AfterValidator(_check_slack_channel), _written(_SLACK_CHANNEL)]
Mentions = Annotated[
    str | None,
    BeforeValidator(_join_mentions),
    WithJsonSchema({"type": ["string", "array"], "items": {"type": "string"}}),
]
Initial = Annotated[timedelta, BeforeValidator(_parse_initial), _written(f"(none|all|{_LENGTH})")]
Duration = Annotated[timedelta, BeforeValidator(parse_duration), _written(_LENGTH)]
Interval = Annotated[Duration, AfterValidator(_check_interval), _written(_LENGTH)]
Timeout = Annotated[Duration, AfterValidator(_check_timeout), _written(_LENGTH)]
Size = Annotated[int, BeforeValidator(_parse_size), AfterValidator(_check_size), _SIZE_WRITTEN]
ProxyAddress = Annotated[str, AfterValidator(_check_proxy), _written(r"(https?://\S+)?")]
Contact = Annotated[str, AfterValidator(_check_contact), _written(r"[^\x00-\x1f\x7f]*")]
Clock = Annotated[time, BeforeValidator(_parse_clock), _written(_TIME)]
DaySet = Annotated[Days, BeforeValidator(_parse_days), _written(r"\s*[A-Za-z-]+([\s,]+[A-Za-z-]+)*\s*")]
Listen = Annotated[str, AfterValidator(_check_listen)]
Zone = Annotated[ZoneInfo, BeforeValidator(_parse_zone), _written(r"\S+")]
QuietHours = Annotated[Quiet, BeforeValidator(_parse_quiet), _written(f"{_TIME}-{_TIME}")]


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True, validate_default=True)


class Slack(_Table):
    """`[slack]`."""

    channel: SlackChannel | None = None
    token_file: FilePath | None = None
    api_url: WebAddress = "https://slack.com/api/"
    webhook_repeats: Literal["mark", "hold"] = "mark"


class DigestTimes(_Table):
    """`[digest]`: when a channel is told, unless it says otherwise."""

    at: tuple[Clock, ...] = (time(8, 30), time(12, 0), time(18, 0))
    days: DaySet = Days()
    quiet: QuietHours | None = None


class ChannelConfig(_Table):
    """`[channels.NAME]`: a named audience. Absent times are those of `[digest]`."""

    slack: SlackChannel | None = None
    webhook_env: Annotated[str, Field(min_length=1)] | None = None
    webhook_file: FilePath | None = None
    when: Literal["now", "digest"] = "digest"
    wait: Duration = timedelta(seconds=30)
    #: One a line.
    mention: Mentions = None
    at: tuple[Clock, ...] | None = None
    days: DaySet | None = None
    quiet: QuietHours | None = None


class Fetch(_Table):
    """`[fetch]`."""

    every: Interval = timedelta(minutes=10)
    concurrency: Annotated[int, Field(ge=1, le=10_000)] = 200
    per_host: Annotated[int, Field(ge=1, le=100)] = 1
    timeout: Timeout = timedelta(seconds=30)
    #: Bytes after decompression.
    max_bytes: Size = 10_000_000
    allow_private: tuple[IPv4Network | IPv6Network, ...] = ()
    allow_ports: tuple[Annotated[int, Field(ge=1, le=65535)], ...] = (80, 443)
    proxy: ProxyAddress | None = None


class Ops(_Table):
    """`[ops]`."""

    slack: SlackChannel | None = None


class Http(_Table):
    """`[http]`."""

    listen: Listen = "127.0.0.1:9464"

    @property
    def address(self) -> tuple[str, int] | None:
        """Host, without the brackets of IPv6, and port; `None`: nothing listens."""
        return read_address(self.listen) if self.listen else None


class Backup(_Table):
    """`[backup]`."""

    at: Clock = time(3, 30)
    keep: Annotated[int, Field(ge=1)] = 7
    folder: FilePath | None = None


class Keep(_Table):
    """`[keep]`."""

    articles: Duration = timedelta(days=400)
    bodies: Duration = timedelta(days=90)


class SourceConfig(_Table):
    """`[[sources]]`: one place that lists news."""

    id: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    name: str | None = None
    feed: WebAddress | None = None
    page: WebAddress | None = None
    sitemap: WebAddress | None = None
    links: str | None = None
    body: str | None = None
    every: Interval | None = None
    language: Annotated[str, Field(pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]+)*$")] | None = None
    group: str | None = None
    headers: Annotated[dict[str, str], AfterValidator(_check_headers)] = {}
    initial: Initial = timedelta(hours=24)
    full_text: bool = True


class Config(_Table):
    """Everything config.toml says, defaults filled in, paths absolute."""

    timezone: Zone
    language: Literal["ja", "en"] = "ja"
    #: Absolute path of a SQLite file, or an address with a scheme.
    database: Annotated[str, AfterValidator(_database_beside_config)] = "monitor.db"
    rules: FilePath = Path("rules")
    contact: Contact | None = None
    slack: Slack = Slack()
    digest: DigestTimes = DigestTimes()
    channels: dict[str, ChannelConfig] = {}
    fetch: Fetch = Fetch()
    ops: Ops = Ops()
    http: Http = Http()
    backup: Backup = Backup()
    keep: Keep = Keep()
    sources: tuple[SourceConfig, ...] = ()
