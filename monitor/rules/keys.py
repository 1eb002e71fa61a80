"""The keys of a rule that are not conditions: telling, scope, coverage. YAML nodes -> values."""

import re
from collections.abc import Callable, Collection
from datetime import timedelta
from typing import get_args
from unicodedata import normalize

from monitor.config.settings import meant_slack_channel, slack_name
from monitor.model import Threshold, Throttle, WhenBodyMissing
from monitor.rules.examples import read_tests, warn_of_dates
from monitor.rules.findings import suggestion
from monitor.rules.scope import Scope
from monitor.rules.tongues import is_language, meant_language
from monitor.rules.tree import Node, Scalar, Table
from monitor.rules.values import Desk, Entries, choice, count, entries_of, few, flag, length, number, word, words

#: May stand at the head of a file, too, for all its rules.
DEFAULT_KEYS = ("notify", "when", "mention", "sources")
TELLING_KEYS = (
    *DEFAULT_KEYS,
    "severity",
    "weight",
    "age",
    "threshold",
    "throttle",
    "when_body_missing",
    "enabled",
    "note",
    "tests",
)

_SLACK_ID = re.compile(r"[CGD][A-Z0-9]{8,}")
#: Ids of people and groups, and what Slack itself writes for them.
_MENTIONED = re.compile(r"[UWS][A-Z0-9]{6,}|<[^<>]+>")
SCOPE_KEYS = ("only", "except", "groups", "languages")
THRESHOLD_KEYS = ("stories", "sources", "within")
THROTTLE_KEYS = ("max", "per")
_EXAMPLES = {"threshold": "{stories: 3, within: 6h}", "throttle": "{max: 5, per: 1h}"}


def read_telling(entries: Entries, desk: Desk) -> dict[str, object]:
    """What these keys say, as arguments of `Rule`; a key that is absent or wrong is absent."""
    said = {
        name: value
        for key, name, read in _READERS
        if key in entries and (value := read(entries[key][1], key, desk)) is not None
    }
    age, tests = said.get("age"), said.get("tests")
    if isinstance(age, timedelta) and isinstance(tests, tuple):
        warn_of_dates(tests, age, desk.report)
    return said


def _notify(value: Node, key: str, desk: Desk) -> tuple[str, ...] | None:
    named: list[str] = []
    for node, written in words(value, key, desk.report):
        name = written if written in desk.channels else slack_name(written)
        if name in named:
            desk.report.warning("double-channel", node, name=name)
        elif _channel_known(node, name, key, desk):
            named.append(name)
    return tuple(named) or None


def _channel_known(node: Scalar, name: str, key: str, desk: Desk) -> bool:
    if (name.startswith("#") and len(name) > 1) or _SLACK_ID.fullmatch(name) or name in desk.channels:
        return True
    plain = normalize("NFKC", name)
    meant = plain if plain[0] == "#" and len(plain) > 1 else meant_slack_channel(name)
    meant = meant or suggestion(name, desk.channels)
    several = [part.strip("\"' ") for part in re.split("[,、，]", name)]
    if len(several) > 1 and all(several):
        listed = ", ".join(f'"{part}"' for part in several)
        desk.report.error("several-channels", node, name=name, listed=listed, key=key)
    elif meant is not None:
        desk.report.error("unknown-channel-meant", node, name=name, meant=meant)
    elif desk.channels:
        desk.report.error("unknown-channel", node, name=name, known=", ".join(sorted(desk.channels)))
    else:
        desk.report.error("no-channels", node, name=name)
    return False


def _mention(value: Node, key: str, desk: Desk) -> str | None:
    said = list(words(value, key, desk.report))
    for node, text in said:
        _doubt_mention(node, text, desk)
    return "\n".join(dict.fromkeys(text for _, text in said)) or None


def _doubt_mention(node: Scalar, text: str, desk: Desk) -> None:
    name = normalize("NFKC", text).lstrip("@ ")
    if not name:
        desk.report.error("empty-mention", node)
    elif name == "everyone":
        desk.report.warning("mention-everyone", node)
    elif text[0] != "@" and not _MENTIONED.fullmatch(text):
        desk.report.warning("mention-meant", node, value=text, meant=f"@{name}")


def _scope(value: Node, key: str, desk: Desk) -> Scope | None:
    if not isinstance(value, Table):
        desk.report.error("want-scope", value, key=key)
        return None
    entries = entries_of(value, SCOPE_KEYS, desk.report)
    said = {name: tuple(words(entries[name][1], name, desk.report)) for name in entries}
    for name, known in (("only", desk.sources), ("except", desk.sources), ("groups", desk.groups)):
        _check_known(said.get(name, ()), known, desk)
    for node, language in said.get("languages", ()):
        if not is_language(language):
            code, meant = ("not-a-language-meant", meant_language(language))
            desk.report.error(code if meant else "not-a-language", node, value=language, meant=meant or "")
    plain = {name: tuple(text for _, text in pairs) for name, pairs in said.items()}
    return Scope(
        only=plain.get("only", ()),
        excepted=plain.get("except", ()),
        groups=plain.get("groups", ()),
        languages=tuple(language.lower() for language in plain.get("languages", ())),
    )


def _check_known(pairs: tuple[tuple[Scalar, str], ...], known: Collection[str] | None, desk: Desk) -> None:
    for node, name in pairs:
        if known is None or name in known:
            continue
        meant = suggestion(name, known)
        if meant is not None:
            desk.report.error("unknown-source-meant", node, name=name, meant=meant)
        else:
            desk.report.error("unknown-source", node, name=name, known=few(known))


def _text(value: Node, key: str, desk: Desk) -> str | None:
    return word(value, key, desk.report)


def _flag(value: Node, key: str, desk: Desk) -> bool | None:
    return flag(value, key, desk.report)


def _number(value: Node, key: str, desk: Desk) -> int | None:
    return number(value, key, desk.report)


def _when(value: Node, key: str, desk: Desk) -> str | None:
    return choice(value, key, ("now", "digest"), desk.report)


def _severity(value: Node, key: str, desk: Desk) -> str | None:
    return choice(value, key, ("normal", "breaking"), desk.report)


def _when_body_missing(value: Node, key: str, desk: Desk) -> str | None:
    return choice(value, key, get_args(WhenBodyMissing), desk.report)


def _length(value: Node, key: str, desk: Desk) -> timedelta | None:
    return length(value, key, desk.report)


def _table(value: Node, key: str, allowed: tuple[str, ...], needed: tuple[str, ...], desk: Desk) -> Entries | None:
    """The entries of a small table such as `{max: 5, per: 1h}`."""
    if not isinstance(value, Table):
        desk.report.error("want-table", value, key=key, example=_EXAMPLES[key])
        return None
    entries = entries_of(value, allowed, desk.report)
    written = {name.text for name, _ in value.entries if isinstance(name, Scalar)}
    if written <= set(allowed):
        for name in (name for name in needed if name not in entries):
            desk.report.error("lacks-key", value, key=key, lacking=name, example=_EXAMPLES[key])
    return entries


def _threshold(value: Node, key: str, desk: Desk) -> Threshold | None:
    entries = _table(value, key, THRESHOLD_KEYS, ("within",), desk)
    if entries is None:
        return None
    stories, sources = (
        count(entries[name][1], name, desk.report) if name in entries else 1 for name in THRESHOLD_KEYS[:2]
    )
    within = _length(entries["within"][1], "within", desk) if "within" in entries else None
    if within is None or stories is None or sources is None:
        return None
    if stories == sources == 1:
        desk.report.warning("threshold-of-one", value)
    return Threshold(stories=stories, sources=sources, within=within)


def _throttle(value: Node, key: str, desk: Desk) -> Throttle | None:
    entries = _table(value, key, THROTTLE_KEYS, THROTTLE_KEYS, desk)
    if entries is None:
        return None
    most = count(entries["max"][1], "max", desk.report) if "max" in entries else None
    per = _length(entries["per"][1], "per", desk) if "per" in entries else None
    return None if most is None or per is None else Throttle(max=most, per=per)


_READERS: tuple[tuple[str, str, Callable[[Node, str, Desk], object]], ...] = (
    ("notify", "notify", _notify),
    ("when", "when", _when),
    ("mention", "mention", _mention),
    ("sources", "scope", _scope),
    ("severity", "severity", _severity),
    ("weight", "weight", _number),
    ("age", "age", _length),
    ("threshold", "threshold", _threshold),
    ("throttle", "throttle", _throttle),
    ("when_body_missing", "when_body_missing", _when_body_missing),
    ("enabled", "enabled", _flag),
    ("note", "note", _text),
    ("tests", "tests", read_tests),
)
