"""config.toml + environment -> Config (frozen)."""

from monitor.config.settings import (
    Backup,
    ChannelConfig,
    Config,
    DigestTimes,
    Fetch,
    Http,
    Keep,
    Ops,
    Slack,
)

__all__ = ["Backup", "ChannelConfig", "Config", "DigestTimes", "Fetch", "Http", "Keep", "Ops", "Slack"]
