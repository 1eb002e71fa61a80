"""What a file may say: grammar, defaults, telling."""

from datetime import UTC, datetime, timedelta

from monitor.model import Threshold, Throttle
from monitor.rules.conditions import AllOf, AnyOf, Word, walk
from monitor.rules.language import Settings
from monitor.rules.scope import Scope


def written(rule):
    return [node.term.written for node, _ in walk(rule.condition) if isinstance(node, Word)]


def test_a_bare_list_of_words_is_a_list_of_rules(load):
    book = load("- 二次関税\n- NATO\n- 'secondary tariff*'\n")
    assert [(rule.id, rule.name, rule.order) for rule in book.rules] == [
        ("二次関税", "二次関税", 0),
        ("nato", "NATO", 1),
        ("secondary-tariff", "secondary tariff*", 2),
    ]
    assert [written(rule) for rule in book.rules] == [["二次関税"], ["NATO"], ["secondary tariff*"]]


def test_the_defaults_of_a_file_hold_for_its_rules_alone(load):
    book = load(
        "notify: crisis\nwhen: now\nmention: '@duty'\nsources: {groups: [tv]}\n"
        "rules:\n  - NATO\n  - {name: EU, any: EU, notify: '#eu', when: digest, sources: {only: [x]}}\n",
        other="- UN\n",
    )
    nato, eu, un = book.rules
    assert (nato.notify, nato.when, nato.mention, nato.scope) == (("crisis",), "now", "@duty", Scope(groups=("tv",)))
    assert (eu.notify, eu.when, eu.mention, eu.scope) == (("#eu",), "digest", "@duty", Scope(only=("x",)))
    assert (un.notify, un.when, un.mention, un.scope) == ((), None, None, Scope())


def test_every_key_of_a_rule(load):
    book = load(
        "- name: 二次関税\n  id: tariff\n  any: 二次関税\n  notify: [crisis, '#Trade', C0123ABCDE]\n  when: now\n"
        "  mention: '@here'\n  weight: -3\n  severity: breaking\n  enabled: false\n  note: 朝刊の企画用\n"
        "  tests:\n    match:\n      - 二次関税\n      - {title: a, body: 二次関税, source: nhk, language: ja, published: 2026-11-23}\n"
        "    ignore: なし\n"
    )
    assert not book.findings
    (rule,) = book.rules
    assert (rule.id, rule.notify, rule.when, rule.mention) == (
        "tariff",
        ("crisis", "#trade", "C0123ABCDE"),
        "now",
        "@here",
    )
    assert (rule.weight, rule.severity, rule.enabled, rule.note) == (-3, "breaking", False, "朝刊の企画用")
    first, stated, ignored = rule.tests
    assert (first.must_match, first.title, first.body) == (True, "二次関税", "二次関税")
    assert (stated.title, stated.body, stated.source) == ("a", "二次関税", "nhk")
    assert (stated.language, stated.published) == ("ja", datetime(2026, 11, 23, tzinfo=UTC))
    assert (ignored.must_match, ignored.place.line) == (False, 15)


def test_age_coverage_and_what_happens_without_the_body(load):
    book = load(
        "- name: x\n  any: A1\n  age: 3d\n  threshold: {stories: 3, sources: 2, within: 6h}\n"
        "  throttle: {max: 5, per: 1h}\n  when_body_missing: hold\n  mention: ['@here', S0123ABCD, '@here']\n"
        "- {name: y, any: B1, threshold: {sources: 4, within: 1w}}\n- z\n"
    )
    assert not book.findings
    x, y, z = book.rules
    assert (x.age, x.when_body_missing, x.mention) == (timedelta(days=3), "hold", "@here\nS0123ABCD")
    assert x.threshold == Threshold(stories=3, sources=2, within=timedelta(hours=6))
    assert x.throttle == Throttle(max=5, per=timedelta(hours=1))
    assert y.threshold == Threshold(sources=4, within=timedelta(weeks=1))
    assert (z.age, z.threshold, z.throttle, z.when_body_missing) == (None, None, None, "tell")


def test_the_keys_of_a_block_are_anded_and_settings_are_handed_down(load):
    (rule,) = load(
        "- name: x\n  any: A1\n  all: [B1, {any: C1, boundary: whole}]\n  case: exact\n  unless_part_of: [A1x]\n"
        "  title: {any: D1, unless_part_of: D1x}\n"
    ).rules
    assert isinstance(rule.condition, AllOf)
    words = {node.term.literal: node.settings for node, _ in walk(rule.condition) if isinstance(node, Word)}
    plain = Settings(case="exact", unless_part_of=("A1x",))
    assert words["A1"] == words["B1"] == plain
    assert (words["C1"].boundary, words["C1"].unless_part_of) == ("whole", ("A1x",))
    assert (words["D1"].fields, words["D1"].unless_part_of) == (("title",), ("A1x", "D1x"))


def test_lists_stand_for_their_words_in_terms_and_in_unless(load):
    book = load(
        "lists:\n  names: [Zelensky, $more]\n  more: ゼレンスキー\n  longer: [ゼレンスキー宮]\n"
        "rules:\n  - name: x\n    any: [$names, $$usd]\n    unless_part_of: $longer\n  - $names\n"
    )
    assert not book.findings
    first, second = book.rules
    assert written(first) == ["Zelensky", "ゼレンスキー", "$usd"]
    assert (second.name, written(second)) == ("names", ["Zelensky", "ゼレンスキー"])
    assert isinstance(first.condition, AnyOf)
    assert first.condition.parts[0].settings.unless_part_of == ("ゼレンスキー宮",)


def test_rules_that_use_a_list_alike_share_its_words(load):
    book = load(
        "lists: {a: [A1, B1]}\nrules: [{name: x, any: $a}, {name: y, any: $a}, {name: z, any: $a, case: fold}]\n"
    )
    x, y, z = ({id(part) for part in rule.condition.parts} for rule in book.rules)
    assert x == y
    assert x.isdisjoint(z)


def test_rules_stand_in_the_order_of_files_and_lines(load):
    book = load("- C1\n- B1\n", a="- D1\n", z="- A1\n")
    assert [(rule.name, rule.order) for rule in book.rules] == [("D1", 0), ("C1", 1), ("B1", 2), ("A1", 3)]


def test_a_flow_table_and_json_are_yaml_too(load):
    book = load('{"rules": [{"name": "x", "any": ["A1", {"all": ["B1", "C1"]}]}]}')
    assert written(book.rules[0]) == ["A1", "B1", "C1"]


def test_an_alias_of_yaml_stands_for_what_it_names(load):
    book = load("- {name: x, any: &words [A1, B1]}\n- {name: y, any: *words}\n")
    assert [written(rule) for rule in book.rules] == [["A1", "B1"]] * 2


def test_a_colon_without_a_space_is_part_of_the_word(load):
    assert load("- 速報：停戦\n- B:C\n").rules[0].name == "速報：停戦"
