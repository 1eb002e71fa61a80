"""A configuration that is read as often as somebody wants."""

import os

import pytest

from monitor.config import Origin
from monitor.errors import ConfigError

CONFIG = """
timezone = "Asia/Tokyo"
[slack]
channel = "#news"
token_file = "token"
[channels.crisis]
webhook_file = "hook"
[channels.desk]
slack = "#desk"
[[sources]]
feed = "http://127.0.0.1/feed"
"""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "rules").mkdir()
    (tmp_path / "config.toml").write_text(CONFIG)
    (tmp_path / "token").write_text("xoxb-first")
    (tmp_path / "hook").write_text("https://hooks.slack.com/services/x")
    return tmp_path


def test_each_reading_is_of_what_stands_there_now(folder):
    origin = Origin(path=folder / "config.toml", environment={})
    config = origin.config()
    secrets = origin.secrets(config)
    assert (config.slack.channel, secrets.slack_token) == ("#news", "xoxb-first")
    (folder / "token").write_text("xoxb-second")
    (folder / "config.toml").write_text(CONFIG.replace("#news", "#desk"))
    config = origin.config()
    secrets = origin.secrets(config)
    assert (config.slack.channel, secrets.slack_token) == ("#desk", "xoxb-second")
    (folder / "token").unlink()
    with pytest.raises(ConfigError):
        origin.secrets(origin.config())


def test_the_files_are_those_that_are_read_there_or_not(folder):
    origin = Origin(path=folder / "config.toml", environment={"CREDENTIALS_DIRECTORY": str(folder / "credentials")})
    config = origin.config()
    names = {str(path.relative_to(folder)) for path in origin.files(config)}
    assert names == {"config.toml", "token", "hook", "credentials/slack_bot_token"}


def test_the_environment_is_our_own_and_shown_to_nobody(folder):
    origin = Origin(path=folder / "config.toml")
    assert origin.environment is os.environ
    assert "environment=" not in repr(origin)
