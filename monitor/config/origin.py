"""Path of config.toml + environment -> Config and Secrets, as often as they are to be read."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from monitor.config.load import load_config
from monitor.config.secrets import Secrets, credential_file, read_secrets
from monitor.config.settings import Config


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a configuration and its secrets stand."""

    path: Path
    environment: Mapping[str, str] = field(default_factory=lambda: os.environ, repr=False)

    def config(self) -> Config:
        """Read it. ConfigError with every finding."""
        return load_config(self.path)

    def secrets(self, config: Config) -> Secrets:
        """Read those that it names. ConfigError with every finding."""
        return read_secrets(config, self.environment)

    def files(self, config: Config) -> frozenset[Path]:
        """What is read besides the rules, whether it is there or not: an edit of any of them is an edit of the configuration."""
        named = [config.slack.token_file, *(channel.webhook_file for channel in config.channels.values())]
        named.append(credential_file(self.environment))
        return frozenset((self.path, *(path for path in named if path is not None)))
