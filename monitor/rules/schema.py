"""The rule language -> JSON Schema (draft 2020-12), with which editors complete, explain and check while typing. Pure.

It is built of the loader's own lists of keys, so that none can be forgotten. It knows the shape alone: what a word in
one file means in another, channels and sources are the loader's. As other programs read NO, 0120 and 1:30 as values,
a value may stand wherever a word may.
"""

from collections.abc import Iterable, Mapping
from typing import Any, get_args

from monitor.messages import LANGUAGES, say
from monitor.model import WhenBodyMissing
from monitor.rules.blocks import BLOCK_KEYS, FIELDS
from monitor.rules.examples import TEST_KEYS
from monitor.rules.keys import DEFAULT_KEYS, SCOPE_KEYS, THRESHOLD_KEYS, THROTTLE_KEYS
from monitor.rules.language import Boundary, Case
from monitor.rules.load import FILE_KEYS, MAX_NAME, RULE_KEYS
from monitor.rules.names import NAME_KEYS
from monitor.rules.near import Order, Unit
from monitor.rules.terms import MAX_TERM
from monitor.rules.tongues import TAG
from monitor.text.letters import Layer

Schema = dict[str, Any]

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_WORD: Schema = {"type": ["string", "number", "boolean"], "pattern": r"\S"}
#: A star may stand at the end alone.
_TERM: Schema = {"type": ["string", "number", "boolean"], "pattern": r"^\s*[^\s*]", "maxLength": MAX_TERM + 1}
_LENGTH: Schema = {"type": "string", "pattern": r"^\s*[0-9]{1,8}\s*[smhdw]\s*$"}
_FLAG: Schema = {"enum": [True, False, "true", "false"]}
_NUMBER: Schema = {
    "anyOf": [
        {"type": "integer", "minimum": -999_999, "maximum": 999_999},
        {"type": "string", "pattern": r"^\s*-?[0-9]{1,6}\s*$"},
    ]
}
_COUNT: Schema = {
    "anyOf": [
        {"type": "integer", "minimum": 1, "maximum": 999_999},
        {"type": "string", "pattern": r"^\s*(?=0*[1-9])[0-9]{1,6}\s*$"},
    ]
}


def rule_schema() -> Schema:
    """The schema of one rule file."""
    return {
        "$schema": DIALECT,
        "title": "monitor: rules/*.yaml",
        "anyOf": [_array(_ref("rule")), _ref("file")],
        "$defs": {
            "file": _described("file", _table("file", FILE_KEYS, _FILE)),
            "rule": _described("rule", {"anyOf": [_TERM, _ref("full_rule")]}),
            "full_rule": _table("rule", RULE_KEYS, _RULE | _block("items", "field"), required=("name",))
            | _with_one_of(_CONDITIONS),
            "term": _described("term", _TERM),
            **_family("block", "items", BLOCK_KEYS),
            **_family("field_block", "field_items", tuple(key for key in BLOCK_KEYS if key not in FIELDS)),
            "field": {"anyOf": [_ref("field_items"), _ref("field_block")]},
            "test": _described("test", {"anyOf": [_WORD, _table("test", TEST_KEYS, dict.fromkeys(TEST_KEYS, _WORD))]}),
            "words": {"anyOf": [_WORD, _array(_WORD)]},
            "sheet": _described("list", {"anyOf": [_ref("term"), _array(_ref("term"))]}),
            "name": _described("name-sheet", _table("name-sheet", NAME_KEYS, _NAME) | _NAMED),
        },
    }


# --- pieces -----------------------------------------------------------------------------------------------------------


def _ref(name: str) -> Schema:
    return {"$ref": f"#/$defs/{name}"}


def _array(items: Schema) -> Schema:
    return {"type": "array", "items": items, "minItems": 1}


def _choice(words: Iterable[str]) -> Schema:
    return {"enum": list(words)}


def _described(code: str, schema: Schema) -> Schema:
    """With what an editor shows beside it, in all our languages."""
    return {"description": "\n".join(say(f"schema.{code}", language) for language in reversed(LANGUAGES))} | schema


def _table(code: str, keys: Iterable[str], values: Mapping[str, Schema], *, required: tuple[str, ...] = ()) -> Schema:
    """A mapping with these keys and no others, each with its explanation."""
    properties = {key: _described(f"{code}-{key}", values[key]) for key in keys}
    needed: Schema = {"required": list(required)} if required else {}
    return {"type": "object", "additionalProperties": False, "properties": properties} | needed


def _with_one_of(keys: Iterable[str]) -> Schema:
    return {"anyOf": [{"required": [key]} for key in keys]}


def _family(block: str, items: str, keys: tuple[str, ...]) -> Schema:
    """A block and what stands in its lists; within `title` and the like no other part of an article is named."""
    node = {"anyOf": [_ref("term"), _ref(block)]}
    return {
        block: _table("rule", keys, _block(items, "field"))
        | _with_one_of(key for key in _ANY_CONDITION if key in keys),
        items: {"anyOf": [*node["anyOf"], _array(node)]},
    }


def _block(items: str, field: str) -> dict[str, Schema]:
    """The keys of a block, by its own kind of list."""
    listed = _ref(items)
    near = {
        "left": _ref("sheet"),
        "right": _ref("sheet"),
        "within": _COUNT,
        "order": _choice(get_args(Order)),
        "unit": _choice(get_args(Unit)),
    }
    layers = tuple(layer.value for layer in Layer if layer is not Layer.CASE)
    return {
        **dict.fromkeys(("any", "all", "none"), listed),
        **dict.fromkeys(FIELDS, _ref(field)),
        "at_least": _table("at-least", ("n", "of"), {"n": _COUNT, "of": listed}, required=("n", "of")),
        "near": _table("near", near, near, required=("left", "right")),
        "regex": _ref("words"),
        "min_hits": _COUNT,
        "unless_part_of": _ref("sheet"),
        "boundary": _choice(get_args(Boundary)),
        "case": _choice(get_args(Case)),
        "fold": _table("fold", layers, dict.fromkeys(layers, _FLAG)),
    }


#: Without one of these a rule looks for nothing, a block says nothing.
_CONDITIONS = tuple(key for key in BLOCK_KEYS if key in {"any", "all", "at_least", "near", "regex", *FIELDS})
_ANY_CONDITION = (*_CONDITIONS, "none")

_TONGUE: Schema = {"type": "string", "pattern": rf"^\s*{TAG}\s*$"}
_SCOPE = _table(
    "sources",
    SCOPE_KEYS,
    dict.fromkeys(SCOPE_KEYS, _ref("words")) | {"languages": {"anyOf": [_TONGUE, _array(_TONGUE)]}},
)
_EXAMPLES = {"anyOf": [_ref("test"), _array(_ref("test"))]}
_TESTS = _table("tests", ("match", "ignore"), {"match": _EXAMPLES, "ignore": _EXAMPLES})
_RULE: dict[str, Schema] = {
    "name": _WORD | {"maxLength": MAX_NAME},
    "id": _WORD | {"maxLength": MAX_NAME},
    "notify": _ref("words"),
    "when": _choice(("now", "digest")),
    "mention": _ref("words"),
    "sources": _SCOPE,
    "severity": _choice(("normal", "breaking")),
    "weight": _NUMBER,
    "age": _LENGTH,
    "threshold": _table(
        "threshold",
        THRESHOLD_KEYS,
        {"stories": _COUNT, "sources": _COUNT, "within": _LENGTH},
        required=("within",),
    ),
    "throttle": _table("throttle", THROTTLE_KEYS, {"max": _COUNT, "per": _LENGTH}, required=THROTTLE_KEYS),
    "when_body_missing": _choice(get_args(WhenBodyMissing)),
    "enabled": _FLAG,
    "note": _WORD,
    "tests": _TESTS,
}
_FILE: dict[str, Schema] = {
    "rules": {"type": "array", "items": _ref("rule")},
    "lists": {"type": "object", "additionalProperties": _ref("sheet")},
    "names": {"type": "object", "additionalProperties": _ref("name")},
    **{key: _RULE[key] for key in DEFAULT_KEYS},
}
_NAME: dict[str, Schema] = {
    **dict.fromkeys(("family", "given", "latin", "titles"), _ref("sheet")),
    "alone": _FLAG,
}
#: A given name needs its family name.
_NAMED: Schema = {"anyOf": [{"required": ["family"]}, {"required": ["latin"], "not": {"required": ["given"]}}]}
