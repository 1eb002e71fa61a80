"""Code + facts -> a sentence in Japanese or English. Pure.

One file per room (`config.toml`, `rules.toml`, ...), both languages side by side:

    [unknown-key]
    en = "unknown key {key}"
    ja = "{key} というキーはありません"

is said by `say("config.unknown-key", "ja", key="everry")`. `{count:article waits|articles wait}` is the first of the two
where `count` is 1.
"""

import tomllib
from functools import cache
from importlib import resources
from string import Formatter

LANGUAGES = ("ja", "en")


class _Formatter(Formatter):
    def format_field(self, value: object, format_spec: str) -> str:
        one, bar, more = format_spec.partition("|")
        if not bar:
            return str(super().format_field(value, format_spec))
        return one if str(value) == "1" else more


_FORMATTER = _Formatter()


@cache
def _room(name: str) -> dict[str, dict[str, str]]:
    text = resources.files(__name__).joinpath(f"{name}.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def say(code: str, language: str, **facts: object) -> str:
    """The sentence with this code (`room.name`) in a language, its `{facts}` filled in."""
    room, _, name = code.partition(".")
    return _FORMATTER.vformat(_room(room)[name][language], (), facts)


def is_known(code: str) -> bool:
    """Whether there is a sentence with this code: hints are optional."""
    room, _, name = code.partition(".")
    return name in _room(room)
