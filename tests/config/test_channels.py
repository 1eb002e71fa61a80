"""Who is told where, and on whose timetable."""

from datetime import time, timedelta

import pytest

from monitor.config.channels import TERMINAL, Channels
from monitor.config.settings import Config


@pytest.fixture
def channels():
    return Channels(
        Config.model_validate(
            {
                "timezone": "Asia/Tokyo",
                "slack": {"channel": "#news"},
                "digest": {"at": ["18:00", "08:30"], "quiet": "22:00-07:00", "days": "mon-fri"},
                "channels": {
                    "crisis": {"slack": "#pr-crisis", "when": "now", "wait": "5s", "mention": "@here", "at": ["09:00"]},
                    "partners": {"webhook_env": "HOOK"},
                },
            }
        )
    )


def test_a_named_channel_has_its_own_times_and_else_those_of_the_digest(channels):
    crisis = channels.get("crisis")
    assert (crisis.destination, crisis.when, crisis.wait) == ("#pr-crisis", "now", timedelta(seconds=5))
    assert crisis.at == (time(9),)
    assert crisis.quiet.start == time(22)
    assert crisis.days.weekdays == frozenset(range(5))


def test_a_bare_slack_channel_gets_the_timetable_of_the_digest(channels):
    trade = channels.get("#trade")
    assert (trade.destination, trade.when, trade.mention) == ("#trade", "digest", None)
    assert trade.at == (time(8, 30), time(18))


def test_a_webhook_is_a_destination_of_its_own(channels):
    assert channels.get("partners").destination == "webhook:partners"


def test_names_are_those_of_the_configuration(channels):
    assert channels.names == {"crisis", "partners"}


def test_a_rule_without_a_channel_goes_to_the_default(channels):
    (notice,) = channels.route((), None, None)
    assert (notice.channel, notice.destination, notice.when) == ("#news", "#news", "digest")


def test_without_any_slack_channel_the_default_is_the_terminal():
    assert Channels(Config.model_validate({"timezone": "UTC"})).default == TERMINAL


def test_a_rules_own_word_overrides_the_channels(channels):
    notices = channels.route(("crisis", "#trade", "crisis"), "digest", "@channel")
    assert [(n.channel, n.when, n.mention) for n in notices] == [
        ("crisis", "digest", "@channel"),
        ("#trade", "digest", "@channel"),
    ]
    assert [n.mention for n in channels.route(("crisis", "#trade"), None, None)] == ["@here", None]


def test_messages_have_somewhere_to_go_as_long_as_the_configuration_says_where():
    config = {
        "timezone": "Asia/Tokyo",
        "slack": {"channel": "#news"},
        "channels": {"crisis": {"slack": "#pr-crisis"}, "pr": {"webhook_env": "PR"}},
    }
    channels = Channels(Config.model_validate(config))
    known = [("crisis", "#old"), ("pr", "webhook:pr"), ("#trade", "#trade"), ("C0123456789", "C0123456789")]
    assert all(channels.knows(*one) for one in known)
    # Another name for the same place is as good.
    assert channels.knows("alarm", "#pr-crisis")
    assert not channels.knows("alarm", "#alarm")
    assert not channels.knows("terminal", "terminal")
    assert Channels(Config.model_validate({"timezone": "Asia/Tokyo"})).knows("terminal", "terminal")
