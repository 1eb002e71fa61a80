"""config.toml + environment -> Config (frozen)."""

from monitor.config.channels import Channel, Channels
from monitor.config.load import find_config, load_config, review_config, review_text, stated_language
from monitor.config.origin import Origin
from monitor.config.secrets import Secrets, read_secrets, secret_texts
from monitor.config.settings import Config, Fetch
from monitor.config.sources import labels, list_sources

__all__ = [
    "Channel",
    "Channels",
    "Config",
    "Fetch",
    "Origin",
    "Secrets",
    "find_config",
    "labels",
    "list_sources",
    "load_config",
    "read_secrets",
    "review_config",
    "review_text",
    "secret_texts",
    "stated_language",
]
