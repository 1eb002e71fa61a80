"""The repository's own rules and the examples in the docs: they load without a word, and their tests pass."""

import re
from pathlib import Path

import pytest

from monitor.messages import say
from monitor.model import Source
from monitor.rules.lint import lint
from monitor.rules.load import load_rules
from monitor.rules.trials import run_tests

ROOT = Path(__file__).parents[2]
DOCS = ("rules.md", "rules.ja.md")
_EXAMPLE = re.compile(r"^```yaml\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def spoken(findings):
    return [(f.file, f.line, say(f.code, "en", **dict(f.facts))) for f in findings]


def test_the_starter_rules_are_sound_and_each_is_tested():
    book = load_rules(ROOT / "rules", channels=())
    report = run_tests(book)
    assert spoken([*book.findings, *lint(book), *report.findings]) == []
    assert len(book.rules) >= 10
    for rule in book.rules:
        assert {test.must_match for test in rule.tests} == {True, False}, rule.name


def examples(name):
    return _EXAMPLE.findall((ROOT / "docs" / name).read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", DOCS)
def test_the_examples_in_the_docs_load_and_pass(name, tmp_path):
    found = examples(name)
    assert len(found) >= 8
    for number, text in enumerate(found):
        folder = tmp_path / str(number)
        folder.mkdir()
        (folder / "example.yaml").write_text(text, encoding="utf-8")
        book = load_rules(folder, channels=("crisis",))
        findings = [*book.findings, *run_tests(book).findings]
        assert spoken(findings) == [], text
        assert book.rules, text


def test_both_languages_show_the_same_examples():
    english, japanese = map(examples, DOCS)
    without_comments = [[re.sub(r"\s*#.*", "", text) for text in texts] for texts in (english, japanese)]
    assert without_comments[0] == without_comments[1]


CONTRACT = ROOT / "tests" / "rules" / "contract.yaml"


def test_the_examples_of_the_contract(tmp_path):
    (tmp_path / "rules.yaml").write_text(CONTRACT.read_text(encoding="utf-8"), encoding="utf-8")
    book = load_rules(tmp_path, channels=("crisis",))
    report = run_tests(book)
    assert spoken([*book.findings, *report.findings]) == []
    assert [rule.name for rule in book.rules] == ["二次関税", "ゼレンスキー大統領と停戦協議", "中国(国名)"]
    assert report.run == 8
    china = book.rules[2]
    assert (china.scope.groups, china.notify) == (("national", "wire"), ())


def test_a_source_outside_the_groups_is_not_told(tmp_path):
    (tmp_path / "a.yaml").write_text(
        "- {name: x, any: NATO, sources: {groups: [wire]}, tests: {match: [{title: NATO, source: w}], "
        "ignore: [{title: NATO, source: t}]}}",
        encoding="utf-8",
    )
    sources = [Source(id=i, name=i, kind="feed", url="", every=None, group=g) for i, g in (("w", "wire"), ("t", "tv"))]
    assert run_tests(load_rules(tmp_path, channels=()), sources=sources).failed == 0
