"""What an edit did to the rules: for the log, so that an editor sees what was understood."""

import time

import pytest

from monitor.rules.changes import Changes, changes, told_otherwise
from monitor.rules.files import RuleFile
from monitor.rules.findings import Report
from monitor.rules.load import read_rules

BEFORE = """
lists:
  sea: [海, 海洋]
rules:
  - 二次関税
  - NATO
  - name: 停戦
    any: [停戦, 和平]
    none: [映画]
  - name: 海の話
    any: $sea
"""


def book(text):
    lines = tuple(text.splitlines())
    read = read_rules(
        [RuleFile(name="rules/a.yaml", text=text, report=Report("rules/a.yaml", lines=lines))],
        folder="rules",
        channels=("crisis",),
    )
    assert not [one for one in read.findings if one.severity == "error"]
    return read


def after(old, new):
    assert old in BEFORE
    return changes(book(BEFORE), book(BEFORE.replace(old, new)))


def test_the_same_rules_elsewhere_are_no_change():
    assert changes(book(BEFORE), book("# a comment\n\n" + BEFORE)) == Changes()


def test_a_note_or_an_example_changes_no_verdict():
    text = "    none: [映画]\n"
    assert after(text, text + "    note: 要確認\n    tests:\n      match: [停戦へ]\n") == Changes()


def test_a_rule_that_counts_its_words_is_the_same_as_itself():
    text = "- {name: 停戦, any: [停戦, 和平, {regex: 講和|終戦}], min_hits: 2}\n"
    assert changes(book(text), book(text)) == Changes()
    assert changes(book(text), book(text.replace("和平", "休戦"))) == Changes(changed=("停戦",))


def test_what_is_told_otherwise_is_named():
    text = "- {name: 停戦, any: [停戦]}\n"
    (one,) = book(text).rules
    (other,) = book("- {name: 停戦, any: [休戦], when: now, notify: crisis}\n").rules
    assert told_otherwise(one, other) == ("notify", "when")
    assert told_otherwise(one, one) == ()


def test_added_and_removed():
    assert after("  - NATO\n", "  - EU\n  - UN\n") == Changes(added=("eu", "un"), removed=("nato",))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("[停戦, 和平]", "[停戦]"),
        ("[停戦, 和平]", "[停戦, 休戦]"),
        ("[停戦, 和平]", "[停戦, {all: [和平, 講和]}]"),
        ("none: [映画]", "none: [劇]"),
        ("none: [映画]", "unless_part_of: [映画]"),
        ("none: [映画]", "none: [映画]\n    notify: crisis"),
        ("none: [映画]", "none: [映画]\n    enabled: false"),
        ("none: [映画]", "none: [映画]\n    sources: {languages: [ja]}"),
    ],
)
def test_whatever_judges_or_tells_otherwise_is_a_change(old, new):
    assert after(old, new) == Changes(changed=("停戦",))


def test_each_kind_has_a_name():
    edit = Changes(added=("a",), removed=("b",), changed=("c",))
    assert edit.by_kind() == {"added": ("a",), "removed": ("b",), "changed": ("c",)}


def test_a_list_changes_the_rules_that_use_it():
    assert after("[海, 海洋]", "[海, 大洋]") == Changes(changed=("海の話",))


def test_another_name_without_an_id_is_told_apart_from_a_new_rule():
    assert after("name: 停戦\n", "name: 停戦協議\n") == Changes(renamed=(("停戦", "停戦協議"),))


def test_another_name_with_an_id_changes_nothing():
    with_id = BEFORE.replace("name: 停戦\n", "name: 停戦\n    id: peace\n")
    assert changes(book(with_id), book(with_id.replace("name: 停戦\n", "name: 停戦協議\n"))) == Changes()


def test_another_order_is_no_change():
    assert after("  - 二次関税\n  - NATO\n", "  - NATO\n  - 二次関税\n") == Changes()


def test_two_rules_with_the_same_condition_are_renamed_one_by_one():
    text = "rules:\n  - {name: a, any: 海}\n  - {name: b, any: 海}\n"
    assert changes(book(text), book(text.replace("name: a", "name: x").replace("name: b", "name: y"))) == Changes(
        renamed=(("a", "x"), ("b", "y"))
    )


def test_whoever_writes_all_rules_anew_waits_for_nobody():
    before, later = (book("".join(f"- {word}{number:03}\n" for number in range(200))) for word in ("海", "空"))
    began = time.perf_counter()
    found = changes(before, later)
    assert (len(found.added), len(found.removed), found.renamed) == (200, 200, ())
    assert time.perf_counter() - began < 1
