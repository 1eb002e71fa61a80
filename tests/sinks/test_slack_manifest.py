"""The manifest asks for what the code calls, nothing more, in a form that Slack takes."""

import ast
import json
import re
from pathlib import Path

import pytest
import yaml
from slack_sdk.web.async_client import AsyncWebClient
from slack_workspace import ALL_SCOPES

from monitor.messages import LANGUAGES
from monitor.sinks.slack import manifest

ROOT = Path(__file__).parents[2]
#: The parts that are used, as slackapi/manifest-schema (schemas/manifest.schema.2.0.0.json) bounds them: the keys that a
#: table may have, and the lengths of a text.
KEYS = {
    "": {
        "_metadata",
        "app_directory",
        "display_information",
        "features",
        "functions",
        "oauth_config",
        "outgoing_domains",
        "settings",
    },
    "display_information": {"name", "description", "background_color", "long_description"},
    "features": {"app_home", "bot_user", "shortcuts", "slash_commands", "unfurl_domains"},
    "features.bot_user": {"display_name", "always_online"},
    "oauth_config": {"redirect_urls", "scopes", "token_management_enabled", "pkce_enabled"},
    "oauth_config.scopes": {"user", "bot", "user_optional", "bot_optional"},
    "settings": {
        "allowed_ip_address_ranges",
        "event_subscriptions",
        "incoming_webhooks",
        "interactivity",
        "org_deploy_enabled",
        "socket_mode_enabled",
        "token_rotation_enabled",
    },
}
LENGTHS = {
    "display_information.name": (1, 35),
    "display_information.description": (1, 140),
    "display_information.background_color": (4, 7),
    "features.bot_user.display_name": (1, 80),
}
FLAGS = {
    "features.bot_user.always_online",
    "settings.org_deploy_enabled",
    "settings.socket_mode_enabled",
    "settings.token_rotation_enabled",
}


def faults(node, path=""):
    """What Slack would refuse."""
    for name in set(node) - KEYS.get(path, set()):
        yield f"{path}: unknown {name}"
    for name, value in node.items():
        at = f"{path}.{name}".lstrip(".")
        if isinstance(value, dict):
            yield from faults(value, at)
        elif at == "oauth_config.scopes.bot":
            if len(value) > 255 or len(set(value)) < len(value) or any(not 1 <= len(one) <= 50 for one in value):
                yield f"{at}: {value}"
        elif at in FLAGS:
            if not isinstance(value, bool):
                yield f"{at}: no flag"
        elif at not in LENGTHS or not LENGTHS[at][0] <= len(value) <= LENGTHS[at][1]:
            yield f"{at}: {value}"


def test_slacks_rules_are_kept():
    assert list(faults(manifest.MANIFEST)) == []
    assert "display_information" in manifest.MANIFEST
    assert re.fullmatch("#([0-9a-fA-F]{3}){1,2}", manifest.MANIFEST["display_information"]["background_color"])


@pytest.mark.parametrize(
    "wrong",
    [
        {"display_information": {"name": "x" * 36}},
        {"display_information": {"name": ""}},
        {"oauth_config": {"scopes": {"bot": ["a", "a"]}}},
        {"settings": {"socket_mode_enabled": "no"}},
        {"setings": {}},
    ],
)
def test_the_rules_can_be_broken(wrong):
    assert list(faults(wrong))


def test_both_forms_say_the_same():
    assert yaml.safe_load(manifest.as_yaml()) == json.loads(manifest.as_json()) == manifest.MANIFEST


def test_the_file_to_paste_is_what_the_command_prints():
    assert (ROOT / "deploy" / "slack-manifest.yaml").read_text(encoding="utf-8") == manifest.as_yaml()


def test_each_scope_is_wanted_by_a_call_and_each_call_has_its_scopes():
    wanted = {scope for scopes in manifest.METHODS.values() for scope in scopes}
    assert set(manifest.SCOPES) == wanted == set(ALL_SCOPES)
    assert set(manifest.SPARABLE) < wanted
    assert all(manifest.why(scope, language) for scope in manifest.SCOPES for language in LANGUAGES)


def test_the_code_calls_what_the_manifest_knows_of():
    methods = {name for name in vars(AsyncWebClient) if "_" in name and not name.startswith("_")} - {"api_call"}
    called = set()
    for path in (ROOT / "monitor" / "sinks" / "slack").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute) and node.attr in methods:
                called.add(node.attr.replace("_", ".", 1))
    assert called == set(manifest.METHODS)
