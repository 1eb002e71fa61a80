"""A real App on an empty database, watched; nothing is polled or told."""

from datetime import timedelta

import pytest

from monitor.app import open_app
from monitor.config import Secrets, load_config
from monitor.eyes.server import open_eyes

CONFIG = """timezone = "Asia/Tokyo"
language = "en"
[slack]
channel = "#news"
[http]
listen = "{listen}"
[backup]
folder = "backups"
[[sources]]
id = "a"
feed = "http://127.0.0.1:9/feed.xml"
"""


class Work:
    """The dispatcher, as far as it is watched."""

    in_flight = 0
    trouble = None


def clock_of_slack_is_known(eyes):
    eyes._ahead = timedelta(seconds=1), eyes._drift()


@pytest.fixture
def configure(tmp_path):
    def configure(listen="127.0.0.1:0"):
        (tmp_path / "rules").mkdir(exist_ok=True)
        (tmp_path / "rules" / "first.yaml").write_text("- NATO\n", encoding="utf-8")
        (tmp_path / "config.toml").write_text(CONFIG.format(listen=listen), encoding="utf-8")
        return load_config(tmp_path / "config.toml")

    return configure


@pytest.fixture
async def app(configure):
    async with open_app(configure(), Secrets()) as app:
        await app.start()
        yield app


@pytest.fixture
def work():
    return Work()


@pytest.fixture
def eyes(app, work):
    """At work."""
    with open_eyes(app) as eyes:
        eyes.runs(work)
        yield eyes
