"""The JSON Schema of rule files, held against the loader: what the one takes the other takes, what it refuses, too."""

import json
import re
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from monitor.model import Severity
from monitor.rules.load import load_rules
from monitor.rules.schema import rule_schema
from monitor.rules.tree import Scalar, Series, Table, read_tree
from monitor.starter import starter_files

ROOT = Path(__file__).parents[2]
SCHEMA = rule_schema()
VALIDATOR = Draft202012Validator(SCHEMA)


def plain(node):
    """A file as an editor's YAML reader sees it: dates are words there."""
    if isinstance(node, Series):
        return [plain(item) for item in node.items]
    if isinstance(node, Table):
        return {key.text: plain(value) for key, value in node.entries}
    assert isinstance(node, Scalar)
    value = (
        yaml.safe_load(node.text) if node.plain and not re.search(r"[:\-,\[{&*!|>'\"%@`#]", node.text) else node.text
    )
    return value if value is None or isinstance(value, bool | int | float) else node.text


def complaints(text):
    """Only the places, as an editor's window underlines them."""
    return ["/".join(map(str, error.absolute_path)) or "." for error in VALIDATOR.iter_errors(plain(read_tree(text)))]


def good_files():
    for page in ("rules.md", "rules.ja.md"):
        blocks = re.findall(r"```yaml\n(.*?)```", (ROOT / "docs" / page).read_text(encoding="utf-8"), re.DOTALL)
        yield from ((f"{page}-{number}", block) for number, block in enumerate(blocks))
    folders = (ROOT / "rules", ROOT / "monitor" / "demo" / "rules")
    for path in sorted(path for folder in folders for path in folder.rglob("*.yaml")):
        yield path.name, path.read_text(encoding="utf-8")
    yield "contract", (Path(__file__).parent / "contract.yaml").read_text(encoding="utf-8")
    for language in ("ja", "en"):
        yield f"starter-{language}", starter_files(language)["rules/first.yaml"]


GOOD = dict(good_files())
MORE = [
    "- NO\n- 0120\n- 1:30\n- 1.10\n- 2026-11-23\n",
    "- {name: 0120, id: 7, any: [NO, 1.5, $a], note: 3}\n",
    "lists: {a: NATO, b: [$a, 1]}\nrules: [$a]\nnotify: ['#a', crisis]\nmention: ['@a', '@b']\n",
    "names: {z: {family: [ゼレンスキー], given: ウォロディミル, latin: Zelensky, alone: true, titles: 大統領}}\nrules: [$z]\n",
    "- {name: x, any: A, enabled: 'false', weight: '-5'}\n",
    "names: {z: {latin: Zelensky}}\nrules: [$z, {name: x, any: A, sources: {languages: [ja, zh-Hant]}}]\n",
    "- {name: x, any: {all: [A, {none: B}]}, title: {none: [C]}}\n",
    "- {name: x, title: [A, {any: B, boundary: part}], body: {all: [A, B]}}\n",
    "- {name: x, any: A, age: 3d, threshold: {stories: 3, sources: '2', within: 2h}, throttle: {max: 5, per: 1h}}\n",
    "- {name: x, any: A, tests: {match: A, ignore: [{title: B, published: 3d, source: 7, language: ja}]}}\n",
]

BAD = [
    "NATO\n",
    "- [A, B]\n",
    "rules: NATO\n",
    "lists: NATO\nrules: [A]\n",
    "lists: {a: []}\nrules: [A]\n",
    "lists: {a: [[A]]}\nrules: [A]\n",
    "lists: {a: {any: [A]}}\nrules: [A]\n",
    "name: x\nany: A\n",
    "rulez: [A]\n",
    "names: {a: ゼレンスキー}\nrules: [A]\n",
    "names: {a: {familie: ゼレンスキー}}\nrules: [A]\n",
    "names: {a: {titles: 大統領}}\nrules: [A]\n",
    "names: {a: {given: 早苗, latin: Takaichi}}\nrules: [A]\n",
    "- {name: x, any: A, sources: {languages: [日本語]}}\n",
    "- {name: x, any: A, sources: {languages: zh_CN}}\n",
    "- ''\n",
    '- "*NATO"\n',
    "- {any: A}\n",
    "- {name: x}\n",
    "- {name: x, none: [A]}\n",
    "- {name: x, note: y}\n",
    "- {name: [x], any: A}\n",
    "- {name: x, any: []}\n",
    "- {name: x, any: [[A]]}\n",
    "- {name: x, anny: [A], any: B}\n",
    "- {name: x, any: [A, {boundary: part}]}\n",
    "- {name: x, any: [A, {anny: B}]}\n",
    "- {name: x, title: {body: A}}\n",
    "- {name: x, title: [{url: A}]}\n",
    "- {name: x, any: A, unless_part_of: [{any: B}]}\n",
    "- {name: x, any: A, boundary: word}\n",
    "- {name: x, any: A, case: upper}\n",
    "- {name: x, any: A, when: soon}\n",
    "- {name: x, any: A, severity: high}\n",
    "- {name: x, any: A, weight: many}\n",
    "- {name: x, any: A, weight: 1.5}\n",
    "- {name: x, any: A, enabled: maybe}\n",
    "- {name: x, any: A, notify: []}\n",
    "- {name: x, any: A, notify: {slack: a}}\n",
    "- {name: x, any: A, sources: tv}\n",
    "- {name: x, any: A, sources: {group: tv}}\n",
    "- {name: x, any: A, age: 3}\n",
    f"- {{name: {'x' * 201}, any: A}}\n",
    "- {name: x, near: {left: A}}\n",
    "- {name: x, near: {left: [{any: A}], right: B}}\n",
    "- {name: x, near: {left: A, right: B, order: right_first}}\n",
    "- {name: x, near: {left: A, right: B, unit: lines}}\n",
    "- {name: x, at_least: {of: [A, B]}}\n",
    "- {name: x, at_least: [A, B]}\n",
    "- {name: x, regex: []}\n",
    "- {name: x, any: A, min_hits: 0}\n",
    "- {name: x, any: A, fold: {kana: true}}\n",
    "- {name: x, any: A, fold: {width: maybe}}\n",
    "- {name: x, any: A, age: 3 days}\n",
    "- {name: x, any: A, threshold: {stories: 3}}\n",
    "- {name: x, any: A, threshold: {stories: 0, within: 1h}}\n",
    "- {name: x, any: A, throttle: {max: 5}}\n",
    "- {name: x, any: A, when_body_missing: wait}\n",
    "- {name: x, any: A, tests: [A]}\n",
    "- {name: x, any: A, tests: {hit: [A]}}\n",
    "- {name: x, any: A, tests: {match: []}}\n",
    "- {name: x, any: A, tests: {match: [[A]]}}\n",
    "- {name: x, any: A, tests: {match: [{headline: A}]}}\n",
]


def test_it_is_a_schema():
    Draft202012Validator.check_schema(SCHEMA)
    assert json.loads(json.dumps(SCHEMA)) == SCHEMA


@pytest.mark.parametrize("text", [*GOOD.values(), *MORE], ids=[*GOOD, *map(str, range(len(MORE)))])
def test_what_the_loader_takes_is_taken(text):
    assert complaints(text) == []


@pytest.mark.parametrize("text", MORE)
def test_what_is_taken_here_the_loader_takes(load, text):
    assert (
        errors(load(text, other="lists: {a: [A]}\nrules: [OTHER]\n" if "lists: {a" not in text else "- OTHER\n")) == []
    )


@pytest.mark.parametrize("text", BAD)
def test_both_refuse_it(load, text):
    assert errors(load(text))
    assert complaints(text)


def errors(book):
    return [finding.code for finding in book.findings if finding.severity is Severity.ERROR]


#: A rule file with a key that nobody knows, and where the schema says what may stand there.
TABLES = {
    "file": ("zzz: 1\nrules: [A]\n", "file"),
    "rule": ("- {name: x, any: A, zzz: 1}\n", "full_rule"),
    "block": ("- {name: x, any: [{any: A, zzz: 1}]}\n", "block"),
    "sources": ("- {name: x, any: A, sources: {zzz: 1}}\n", "full_rule/sources"),
    "threshold": ("- {name: x, any: A, threshold: {zzz: 1}}\n", "full_rule/threshold"),
    "throttle": ("- {name: x, any: A, throttle: {zzz: 1}}\n", "full_rule/throttle"),
    "near": ("- {name: x, near: {zzz: 1}}\n", "full_rule/near"),
    "at_least": ("- {name: x, at_least: {zzz: 1}}\n", "full_rule/at_least"),
    "fold": ("- {name: x, any: A, fold: {zzz: true}}\n", "full_rule/fold"),
    "tests": ("- {name: x, any: A, tests: {zzz: 1}}\n", "full_rule/tests"),
    "test": ("- {name: x, any: A, tests: {match: [{zzz: 1, title: A}]}}\n", "test"),
    "names": ("names: {a: {zzz: 1}}\nrules: [A]\n", "name"),
}


@pytest.mark.parametrize(("text", "where"), TABLES.values(), ids=TABLES)
def test_both_know_the_same_keys(load, text, where):
    (known,) = (dict(f.facts)["known"] for f in load(text).findings if f.code == "rules.unknown-key")
    name, _, key = where.partition("/")
    table = SCHEMA["$defs"][name]
    table = next((one for one in table.get("anyOf", ()) if "properties" in one), table)
    properties = table["properties"][key]["properties"] if key else table["properties"]
    assert set(properties) == set(known.split(", "))


def test_every_key_is_explained_in_both_languages():
    def explained(schema):
        for key, value in schema.get("properties", {}).items():
            assert value["description"].count("\n") == 1, key
        for value in schema.values() if isinstance(schema, dict) else schema:
            if isinstance(value, dict | list):
                explained(value if isinstance(value, dict) else dict(enumerate(value)))

    explained(SCHEMA)


def listed(inner):
    return st.lists(inner, min_size=1, max_size=3).map(lambda items: f"[{', '.join(items)}]")


def table(keys, **more):
    """Some of these keys, each with a value of its own kind."""
    optional = {key: kind for key, kind in (keys | more).items() if not key.startswith("!")}
    needed = {key[1:]: kind for key, kind in (keys | more).items() if key.startswith("!")}
    made = st.fixed_dictionaries(needed, optional=optional)
    return made.map(lambda said: "{" + ", ".join(f"{key}: {value}" for key, value in said.items()) + "}")


def one_of(*words):
    return st.sampled_from(words)


WORD = one_of(
    "NATO", "停戦", "NO", "0120", "1:30", "1.5", '"recall*"', "$a", "$$x", "'#x'", "二次 関税", "2026-11-23", "-5"
)
WORDS = WORD | listed(WORD)
COUNT = one_of("1", "2", "'3'")
SETTINGS = {
    "unless_part_of": WORDS,
    "boundary": one_of("auto", "part", "'whole'"),
    "case": one_of("exact", "fold"),
    "fold": table({"width": one_of("true", "false"), "dots": one_of("'false'")}),
    "min_hits": COUNT,
    "regex": one_of("停戦|和平", "[a, b]", "7"),
    "near": table(
        {"!left": WORDS, "!right": WORDS, "within": COUNT, "order": one_of("left_first"), "unit": one_of("words")}
    ),
}


def blocks(items):
    """Blocks that hold such parts; in their fields words alone."""
    listing = items | listed(items)
    at_least = table({"!n": COUNT, "!of": listing})
    fields = {"title": WORDS, "body": table({"any": WORDS, "none": WORDS}), "url": WORD}
    return table({"any": listing, "all": listing, "none": listing, "at_least": at_least} | fields | SETTINGS)


ITEMS = st.recursive(WORD, blocks, max_leaves=8)
EXAMPLE = WORD.filter(lambda word: word != "$a") | table(
    {"!title": WORD, "published": one_of("3d", "2026-11-23"), "source": WORD}
)
RULE = table(
    {
        "!name": one_of("x", "7", "'NO'"),
        "!any": ITEMS | listed(ITEMS),
        "all": ITEMS | listed(ITEMS),
        "none": ITEMS,
        "title": WORDS,
        "id": WORD,
        "notify": one_of("crisis", "'#a'", "[desk, '#a']"),
        "when": one_of("now"),
        "mention": WORDS,
        "sources": table({"only": WORDS, "languages": one_of("ja", "[ja, en-gb]")}),
        "severity": one_of("normal", "'breaking'"),
        "weight": one_of("1", "-3", "'2'"),
        "enabled": one_of("true", "false"),
        "age": one_of("3d", "12 h"),
        "threshold": table({"stories": COUNT, "!within": one_of("2h", "1w")}),
        "throttle": table({"!max": COUNT, "!per": one_of("2h")}),
        "when_body_missing": one_of("tell", "hold"),
        "note": WORD,
        "tests": table({"match": EXAMPLE | listed(EXAMPLE), "ignore": EXAMPLE}),
    }
    | SETTINGS
)


@settings(
    max_examples=200,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.filter_too_much],
    deadline=None,
)
@given(rule=RULE)
def test_whatever_the_loader_takes_is_taken(tmp_path, rule):
    text = f"lists: {{a: [A]}}\nrules:\n  - {rule}\n"
    (tmp_path / "main.yaml").write_text(text, encoding="utf-8")
    if not errors(load_rules(tmp_path, channels=("crisis", "desk"))):
        assert complaints(text) == []
