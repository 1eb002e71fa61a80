"""What monitor calls at Slack -> the scopes it needs, and the app manifest that asks for exactly these. Pure.

Sources: docs.slack.dev, the "scopes" of each method's page; the rules of a manifest: slackapi/manifest-schema,
schemas/manifest.schema.2.0.0.json.
"""

import json
from collections.abc import Iterator, Mapping

from monitor.messages import say

_READ = ("channels:read", "groups:read")
_HISTORY = ("channels:history", "groups:history")
#: Every method that is called, and the scopes that it wants: for public and for private channels.
METHODS: Mapping[str, tuple[str, ...]] = {
    "auth.test": (),
    "chat.postMessage": ("chat:write",),
    "chat.delete": ("chat:write",),
    "conversations.history": _HISTORY,
    "conversations.replies": _HISTORY,
    "conversations.info": _READ,
    "conversations.list": _READ,
    "usergroups.list": ("usergroups:read",),
    "users.list": ("users:read",),
}
#: In the order of their weight; a test holds them against `METHODS`.
SCOPES = ("chat:write", *_HISTORY, *_READ, "usergroups:read", "users:read")
#: Without these, only mentions by name suffer.
SPARABLE = frozenset(("usergroups:read", "users:read"))

MANIFEST: Mapping[str, object] = {
    "display_information": {
        "name": "monitor",
        "description": "Keyword alerts and digests from news feeds",
        "background_color": "#1d3557",
    },
    "features": {"bot_user": {"display_name": "monitor", "always_online": True}},
    "oauth_config": {"scopes": {"bot": list(SCOPES)}},
    "settings": {"org_deploy_enabled": False, "socket_mode_enabled": False, "token_rotation_enabled": False},
}


def why(scope: str, language: str) -> str:
    """What a scope is for."""
    return say(f"slack.scope-{scope.replace(':', '-')}", language)


def as_json() -> str:
    """The manifest as JSON, which has no comments."""
    return json.dumps(MANIFEST, indent=2) + "\n"


def as_yaml() -> str:
    """The manifest as YAML, with a reason above each scope."""
    return "\n".join([f"# {say('slack.manifest-heading', 'en')}", *_lines(MANIFEST, "")]) + "\n"


def _lines(node: Mapping[str, object], indent: str) -> Iterator[str]:
    for name, value in node.items():
        if isinstance(value, Mapping):
            yield f"{indent}{name}:"
            yield from _lines(value, indent + "  ")
        elif isinstance(value, list):
            yield f"{indent}{name}:"
            for scope in value:
                yield f"{indent}  # {why(scope, 'en')}"
                yield f"{indent}  - {scope}"
        else:
            # JSON's scalars are YAML's, too, whatever signs they hold.
            yield f"{indent}{name}: {json.dumps(value)}"
