"""What works, but hardly as meant: each doubt with its place, and what is no doubt."""

from importlib import import_module

import pytest

from monitor.messages import say
from monitor.model import Severity
from monitor.ports import PastRule
from monitor.rules.lint import faults, lint, remarks
from monitor.rules.lint.history import floods, renames
from monitor.rules.matcher import compile_rules

WARNINGS = [
    # single words
    ("- 核\n", "one-character", 1, 3),
    ("- name: x\n  any: [米]\n  boundary: part\n", "one-character-anywhere", 2, 9),
    ("- name: x\n  any: [NATO, ＮＡＴＯ]\n", "double-term", 2, 15),
    ("- name: x\n  any:\n    - トランプ\n    - ﾄﾗﾝﾌﾟ\n", "double-term", 4, 7),
    ("- name: x\n  any: [中国]\n  unless_part_of: [世論調査]\n", "useless-unless", 1, 3),
    ("- name: x\n  any: [中国]\n  tests:\n    ignore: [EU]\n", "no-match-test", 1, 3),
    # found by another word of the list
    ('- name: x\n  any: ["トランプ*", トランプ大統領]\n', "swallowed", 2, 18),
    ('- name: x\n  any: [トランプ, "トランプ*"]\n', "swallowed", 2, 9),
    ("- name: x\n  any: [関税, 二次関税]\n", "swallowed", 2, 13),
    ('- name: x\n  any: [トランプ, "トランプ大統領*"]\n', "swallowed", 2, 15),
    ("- name: x\n  any: [tariff, secondary tariff]\n", "swallowed", 2, 17),
    ("- name: x\n  any: NOA\n  none: [支持率, 内閣支持率]\n", "swallowed", 3, 15),
    ("- name: x\n  any: [インド, インドネシア]\n  boundary: part\n", "swallowed", 2, 14),
    # wanted and refused
    ("- name: x\n  any: [停戦, 和平]\n  none: [和平]\n", "dead-none", 2, 13),
    ("- name: x\n  any: [停戦, 和平交渉]\n  none: [和平]\n", "dead-none", 2, 13),
    ("- name: x\n  any: [停戦, 和平]\n  unless_part_of: [和平]\n", "dead-part-of", 2, 13),
    ("- name: x\n  all: [二次関税]\n  none: [関税]\n", "never-none", 2, 9),
    ("- name: x\n  at_least: {n: 2, of: [停戦, 休戦, 和平]}\n  none: [和平]\n", "dead-none", 2, 33),
    ("- name: x\n  near: {left: [停戦, 和平], right: [協議]}\n  none: [和平]\n", "dead-none", 2, 21),
    # counted for nothing
    ("- name: x\n  at_least: {n: 1, of: [停戦, 和平]}\n", "needless-count", 2, 25),
    ("- name: x\n  at_least: {n: 2, of: [停戦, 和平]}\n", "needless-count", 2, 25),
    (
        "lists: {a: [停戦, 和平]}\nrules:\n  - {name: x, at_least: {n: 1, of: [{regex: 停戦}, {regex: 和平}]}, all: [$a]}\n",
        "needless-count",
        3,
        5,
    ),
    # the same again
    (
        "- {name: x, at_least: {n: 2, of: [NOA, NOB, NOC]}}\n- {name: y, at_least: {n: 2, of: [NOC, NOA, NOB]}}\n",
        "twin-rule",
        2,
        3,
    ),
    ("- {name: x, any: [NOA, NOB]}\n- {name: y, any: [NOB, ＮＯＡ]}\n", "twin-rule", 2, 3),
    ("- NOA\n- {name: y, any: NOA}\n", "twin-rule", 2, 3),
]

ERRORS = [
    ("- name: x\n  any: [和平]\n  none: [和平]\n", "never-none", 2, 9),
    ("- name: x\n  any: [ＮＡＴＯ]\n  none: [NATO]\n", "never-none", 2, 9),
    ("- name: x\n  all: [停戦, {any: [和平, 終戦]}]\n  none: [和平, 終戦]\n", "never-none", 2, 20),
    ("- name: x\n  title: [インドネシア]\n  none: {any: [インド], boundary: part}\n", "never-none", 2, 11),
    ("- name: x\n  any: [中国]\n  unless_part_of: [中国]\n", "never-part-of", 2, 9),
    ("- name: x\n  any: [サーバ]\n  unless_part_of: [サーバー]\n", "never-part-of", 2, 9),
    ("- name: x\n  at_least: {n: 2, of: [停戦, 休戦, 和平]}\n  none: [和平, 休戦]\n", "never-none", 2, 29),
    ("- name: x\n  near: {left: [和平], right: [協議]}\n  none: [協議]\n", "never-none", 2, 30),
    ("lists: {a: [EU]}\nrules:\n  - {name: x, any: $a, none: EU}\n", "never-none", 3, 5),
]

NO_DOUBT = [
    "- name: x\n  any: [Apple, apple]\n  case: exact\n",
    # Where the shorter word does not count, the longer one is needed.
    "- name: x\n  any: [インド, インドネシア]\n",
    "- name: x\n  any: [IT, items]\n",
    "- name: x\n  any: [US, us navy]\n",
    "- name: x\n  any: [中国, 中国電力社長]\n  unless_part_of: [中国電力]\n",
    '- name: x\n  any: [大統領, "米大統領*"]\n',
    "- name: x\n  any: [関税, {any: [二次関税], boundary: part}]\n",
    "names: {z: {family: ゼレンスキー, given: ウォロディミル}}\nrules: [{name: x, any: $z}]\n",
    # Refused elsewhere, in another case, or only as a part of something longer.
    "- name: x\n  any: [停戦, 和平]\n  none: [和平交渉]\n",
    "- name: x\n  title: [和平]\n  body: {none: [和平], any: [停戦]}\n",
    "- name: x\n  any: [和平]\n  title: {none: [和平], any: [停戦]}\n",
    "- name: x\n  any: [apple]\n  none: {any: [APPLE], case: exact}\n",
    "- name: x\n  any: [中国]\n  none: {any: [中国], unless_part_of: [中国電力]}\n",
    "- name: x\n  any: {any: [インド], boundary: part}\n  none: [インド]\n",
    '- name: x\n  any: ["recall*"]\n  none: [recall]\n',
    "- name: x\n  any: [{all: [NOA, NOB], none: [NOC]}, NOC]\n",
    "- name: x\n  any: [中国]\n  unless_part_of: [中国電力]\n",
    # A shared list may hold words for which one rule has no use.
    "lists: {a: [EU, NATO]}\nrules:\n  - {name: x, any: $a, none: EU}\n  - {name: y, any: $a}\n",
    # Told elsewhere, or not at all.
    '- {name: x, any: NOA}\n- {name: y, any: NOA, notify: "#b"}\n',
    "- {name: x, any: NOA}\n- {name: y, title: NOA}\n",
    "- {name: x, any: NOA}\n- {name: y, any: NOA, enabled: false}\n",
    "- {name: x, any: [NOA, NOB]}\n- {name: y, all: [NOA, NOB]}\n",
    "- {name: x, at_least: {n: 2, of: [NOA, NOB, NOC]}}\n- {name: y, at_least: {n: 2, of: [NOA, NOB, NOD]}}\n",
]


@pytest.mark.parametrize(("text", "code", "line", "column"), WARNINGS)
def test_what_works_but_hardly_as_meant_is_a_warning(load, text, code, line, column):
    _one_finding(load(text), code, line, column, Severity.WARNING)


@pytest.mark.parametrize(("text", "code", "line", "column"), ERRORS)
def test_a_rule_that_can_never_match_is_an_error(load, text, code, line, column):
    _one_finding(load(text), code, line, column, Severity.ERROR)


def _one_finding(book, code, line, column, severity):
    assert not [finding for finding in book.findings if finding.severity is Severity.ERROR]
    (finding,) = lint(book)
    assert (finding.code, finding.line, finding.column) == (f"rules.{code}", line, column)
    assert finding.severity is severity
    assert finding.source_line == book.lines[finding.file][line - 1]
    for language in ("ja", "en"):
        assert say(finding.code, language, **dict(finding.facts))
        assert say(f"{finding.code}-hint", language, **dict(finding.facts))


@pytest.mark.parametrize("text", NO_DOUBT)
def test_no_doubt(load, text):
    assert lint(load(text)) == ()


def test_a_shared_list_is_told_once(load):
    book = load("lists: {a: [関税, 二次関税]}\nrules: [{name: x, any: $a}, {name: y, title: $a}, {name: z, any: $a}]\n")
    assert [(f.code, f.line) for f in lint(book)] == [("rules.swallowed", 1), ("rules.twin-rule", 2)]


def test_another_place_is_named_with_its_file(load):
    book = load("- {name: x, any: [停戦, 和平], none: $a}\n", other="lists: {a: [和平]}\nrules: [NOB]\n")
    (finding,) = lint(book)
    assert dict(finding.facts)["place"] == "other.yaml:1"


def test_rules_that_are_compiled_already_are_not_compiled_again(load):
    book = load("- {name: x, any: [関税, 二次関税]}\n")
    assert lint(book, compile_rules(book.rules)) == lint(book)


# --- what the archive remembers ---


def past(id_, *terms, matches=3):
    return PastRule(id=id_, name=id_.upper(), terms=frozenset(terms), matches=matches)


RULES = "- {name: 停戦と和平, any: [停戦, 和平, 休戦]}\n- {name: EU, any: [EU, 欧州連合]}\n"


@pytest.mark.parametrize(
    ("remembered", "found"),
    [
        ([past("peace", "停戦", "和平")], [("停戦と和平", "peace")]),
        ([past("peace", "停戦", "終戦", "和平")], [("停戦と和平", "peace")]),
        ([past("peace", "停戦", "終戦")], []),
        ([past("eu", "EU"), past("europe", "EU")], []),
        ([past("a", "停戦"), past("b", "停戦", matches=9), past("c", "EU")], [("停戦と和平", "b"), ("eu", "c")]),
        ([past("a")], []),
        ([], []),
    ],
)
def test_a_renamed_rule_is_told_by_the_words_that_it_was_found_by(load, remembered, found):
    findings = renames(load(RULES), remembered)
    assert [(f.rule, dict(f.facts)["id"]) for f in findings] == found
    for finding in findings:
        assert finding.line == 1 + (finding.rule == "eu")
        assert say(finding.code, "ja", **dict(finding.facts))
        assert say(f"{finding.code}-hint", "en", **dict(finding.facts))


def test_a_rule_that_would_flood(load):
    (finding,) = floods(load(RULES), {"eu": 100.6, "停戦と和平": 100})
    assert (finding.rule, finding.line, dict(finding.facts)) == ("eu", 2, {"count": 101})
    assert finding.severity is Severity.WARNING


def test_of_a_piece_that_a_comma_made_nothing_more_is_said(load):
    book = load("- name: x\n  any: [1,000円, 停戦合意]\n")
    assert [finding.code for finding in (*book.findings, *lint(book))] == ["rules.split-number"]


@pytest.mark.parametrize(
    ("more", "told"), [("", []), ("\n  boundary: part", ["単語10"]), ("\n  any: [単語1*, 単語10]", ["単語10"])]
)
def test_a_number_within_a_longer_one_makes_nothing_needless(load, more, told):
    listed = more if "any" in more else f"\n  any: [単語1, 単語10]{more}"
    found = lint(load(f"- name: x{listed}\n".replace("単語1*", '"単語1*"')))
    assert [dict(finding.facts)["term"] for finding in found if finding.code == "rules.swallowed"] == told


def test_of_very_many_words_not_all_pairs_are_compared(load, monkeypatch):
    monkeypatch.setattr(import_module("monitor.rules.lint.overlaps"), "MOST_PAIRS", 1)
    book = load("- name: x\n  boundary: part\n  any: [中国, 中国電力, 中国地方]\n")
    assert [f.code for f in lint(book)].count("rules.swallowed") == 1


def test_what_was_looked_up_is_forgotten_in_time(load, monkeypatch):
    monkeypatch.setattr(remarks, "KEPT", 1)
    book = load("- name: x\n  boundary: part\n  any: [中国, 中国電力, 中国地方]\n")
    assert [f.code for f in lint(book)].count("rules.swallowed") == 2


def test_only_rules_that_can_never_match_are_faults(load):
    book = load("- {name: x, any: [和平], none: [和平]}\n- {name: y, any: [停戦, 停戦]}\n")
    assert [finding.code for finding in faults(book, compile_rules(book.rules))] == ["rules.never-none"]
    assert {finding.severity for finding in lint(book)} == {Severity.ERROR, Severity.WARNING}


def test_a_full_width_colon_in_a_quoted_key_is_named(load):
    (finding,) = load("- {name: x, any: [和平], 'any：': 停戦}\n").findings
    assert finding.code == "rules.fullwidth-colon"
