"""Environment + files -> Secrets. The only place that reads them; their values never reach a message.

A token is looked for in systemd's credentials, then in `token_file`, then in $SLACK_BOT_TOKEN; the first that is
configured counts, and one that is configured but missing, empty or unreadable is an error, never a silent fallback.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from monitor.config.settings import ChannelConfig, Config
from monitor.errors import ConfigError
from monitor.model import Finding, Severity

#: Headers that hold a secret, by their name.
_KEY = re.compile(r"auth|cookie|key|pass|secret|token", re.IGNORECASE)
#: What is shorter stands in many words.
_SHORTEST = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Secrets:
    """What must never be printed; hence no values in its repr."""

    slack_token: str | None = field(default=None, repr=False)
    #: Where the token was read: a path, or "$SLACK_BOT_TOKEN".
    slack_token_from: str | None = None
    #: Channel name -> webhook address.
    webhooks: Mapping[str, str] = field(default_factory=dict, repr=False)


def read_secrets(config: Config, environment: Mapping[str, str]) -> Secrets:
    """Read what the configuration names; ConfigError with every finding when something configured is unusable."""
    findings: list[Finding] = []
    place, token = _read_token(config, environment, findings)
    if token and not config.slack.channel:
        findings.append(_finding("config.no-channel"))
    webhooks = {
        name: _read_webhook(name, channel, environment, findings)
        for name, channel in config.channels.items()
        if channel.slack is None
    }
    if findings:
        raise ConfigError("config.invalid", findings=tuple(findings), count=len(findings))
    return Secrets(slack_token=token, slack_token_from=place, webhooks=webhooks)


def _read_token(
    config: Config, environment: Mapping[str, str], findings: list[Finding]
) -> tuple[str | None, str | None]:
    """Where the token stands, and the token."""
    credential = credential_file(environment)
    file = credential if credential is not None and _is_there(credential) else config.slack.token_file
    if file is not None:
        return str(file), _check_token(str(file), _read_file(file, findings), findings)
    if "SLACK_BOT_TOKEN" in environment:
        place = "$SLACK_BOT_TOKEN"
        return place, _check_token(place, environment["SLACK_BOT_TOKEN"], findings)
    return None, None


def credential_file(environment: Mapping[str, str]) -> Path | None:
    """Where systemd puts the token, if it has been given one."""
    folder = environment.get("CREDENTIALS_DIRECTORY")
    return Path(folder, "slack_bot_token") if folder else None


def _is_there(path: Path) -> bool:
    """Also where it cannot be seen: that is for reading it to complain about."""
    try:
        path.stat()
    except FileNotFoundError:
        return False
    except OSError:
        return True
    return True


def _read_file(path: Path, findings: list[Finding]) -> str | None:
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        if path.name.startswith(("xox", "xapp-")):
            # It would be printed.
            findings.append(_finding("config.token-for-path"))
            return None
        findings.append(_finding("config.unreadable-token", place=path, why=error.strerror))
    except UnicodeDecodeError:
        findings.append(_finding("config.wrong-token", place=path))
    return None


def _check_token(place: str, value: str | None, findings: list[Finding]) -> str | None:
    if value is None:
        return None
    token = value.strip()
    if not token:
        findings.append(_finding("config.empty-token", place=place))
    elif token.startswith(("xapp-", "xoxp-", "https:")) or not token.isascii() or len(token.split()) != 1:
        findings.append(_finding("config.wrong-token", place=place))
    return token


def _read_webhook(name: str, channel: ChannelConfig, environment: Mapping[str, str], findings: list[Finding]) -> str:
    place = f"${channel.webhook_env}" if channel.webhook_env else str(channel.webhook_file)
    if channel.webhook_file is None:
        value = environment.get(channel.webhook_env or "", "")
    else:
        try:
            value = channel.webhook_file.read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError):
            value = ""
    address = value.strip()
    if not address.startswith(("https://", "http://127.0.0.1")):
        findings.append(_finding("config.webhook", name=name, place=place))
    return address


def secret_texts(config: Config, secrets: Secrets) -> frozenset[str]:
    """Whatever must stand in no line that is written: also passwords of addresses and what looks like a key of a source."""
    addresses = [
        config.fetch.proxy,
        *(url for source in config.sources for url in (source.feed, source.page, source.sitemap)),
    ]
    headers = [value for source in config.sources for name, value in source.headers.items() if _KEY.search(name)]
    passwords = [urlsplit(address).password for address in addresses if address]
    found = [secrets.slack_token, *secrets.webhooks.values(), *headers, *passwords]
    return frozenset(text for text in found if text and len(text) >= _SHORTEST)


def _finding(code: str, **facts: object) -> Finding:
    return Finding(severity=Severity.ERROR, code=code, facts=tuple(facts.items()))
