"""The demo's settings and rules, and the files that `monitor init` writes."""

import re
import tomllib
from importlib import resources

import pytest
import yaml

from monitor.demo import content, demo_config_text, demo_rules
from monitor.messages import say
from monitor.starter import starter_files

RULE_KEYS = {"name", "any", "all", "none", "title", "body", "unless_part_of", "boundary", "notify", "when", "tests"}


def test_the_settings_are_toml_and_name_every_feed():
    settings = tomllib.loads(demo_config_text("http://127.0.0.1:4321"))
    assert settings["timezone"] == "Asia/Tokyo"
    assert settings["language"] == "ja"
    assert (settings["database"], settings["rules"]) == ("monitor.db", "rules")
    assert settings["fetch"]["allow_private"] == ["127.0.0.0/8"]
    assert settings["channels"]["crisis"]["when"] == "now"
    sources = settings["sources"]
    assert len({source["id"] for source in sources}) == len(sources) == len(content.feeds())
    assert all(source["feed"].startswith("http://127.0.0.1:4321/") for source in sources)


def test_the_language_of_the_settings():
    assert tomllib.loads(demo_config_text("http://127.0.0.1:1", language="en"))["language"] == "en"


@pytest.mark.parametrize(("name", "text"), demo_rules().items())
def test_the_rules_are_yaml_with_tests(name, text):
    file = yaml.safe_load(text)
    assert file["notify"] in ("#news", "crisis")
    for rule in file["rules"]:
        assert rule.keys() <= RULE_KEYS, rule["name"]
        assert rule["tests"]["match"], rule["name"]
        assert rule["tests"]["ignore"], rule["name"]


def test_the_rules_are_told_in_two_channels():
    files = {name: yaml.safe_load(text) for name, text in demo_rules().items()}
    assert list(files) == sorted(files)
    assert {file["notify"] for file in files.values()} == {"#news", "crisis"}
    names = [rule["name"] for file in files.values() for rule in file["rules"]]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_starter(language):
    files = starter_files(language)
    assert files.keys() == {"config.toml", "rules/first.yaml"}
    settings = tomllib.loads(files["config.toml"])
    assert settings["language"] == language
    feeds = [source["feed"] for source in settings["sources"]]
    assert len(set(feeds)) == len(feeds) >= 15
    assert all(feed.startswith("https://") for feed in feeds)
    assert len({source["name"] for source in settings["sources"]}) == len(feeds)
    rules = yaml.safe_load(files["rules/first.yaml"])["rules"]
    assert rules[0] == "NATO"
    assert all("tests" in rule for rule in rules if isinstance(rule, dict))


@pytest.mark.parametrize("language", ["ja", "en"])
def test_what_is_commented_out_in_the_starter_can_be_switched_on(language):
    text = starter_files(language)["config.toml"]
    switched_on = re.sub(r"^# ?(?=(\w+ *= |\[))", "", text, flags=re.MULTILINE)
    settings = tomllib.loads(switched_on)
    assert settings["channels"]["crisis"]["when"] == "now"
    assert settings["contact"].startswith("mailto:")


def test_both_languages_start_from_the_same_feeds():
    def feeds(language):
        return {source["feed"] for source in tomllib.loads(starter_files(language)["config.toml"])["sources"]}

    assert feeds("ja") == feeds("en")


def test_every_message_is_in_both_languages():
    messages = tomllib.loads(resources.files("monitor.messages").joinpath("demo.toml").read_text(encoding="utf-8"))
    for said in messages.values():
        assert said.keys() == {"en", "ja"}
        assert set(re.findall(r"{(\w+)}", said["en"])) == set(re.findall(r"{(\w+)}", said["ja"]))


@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_demo_says_where_it_stands(language):
    assert "http://127.0.0.1:80" in say("demo.begins", language, url="http://127.0.0.1:80", folder="/x")
    assert "monitor init" in say("demo.ends", language, folder="/x")
