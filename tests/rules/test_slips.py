"""A keyboard left in Japanese: every slip of a file in one run, where it stands, with the line as it was meant."""

import pytest

from monitor.messages import say
from monitor.model import Severity
from monitor.rules.examples import TEST_KEYS
from monitor.rules.keys import SCOPE_KEYS, THRESHOLD_KEYS, THROTTLE_KEYS
from monitor.rules.load import FILE_KEYS, RULE_KEYS
from monitor.rules.names import NAME_KEYS
from monitor.rules.slips import KEYS


def slips(book):
    errors = [f for f in book.findings if f.severity is Severity.ERROR]
    for finding in errors:
        assert "{" not in say(f"{finding.code}-hint", "en", **dict(finding.facts)).replace(": {", "")
    return [(f.code.removeprefix("rules."), f.line, f.column, dict(f.facts).get("fixed")) for f in errors]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (
            "- name： 二次関税\n  any： [二次関税]\n",
            [("fullwidth-colon", 1, 7, "- name: 二次関税"), ("fullwidth-colon", 2, 6, "any: [二次関税]")],
        ),
        (
            "- name:　二次関税\n  any:　[二次関税]\n",
            [("wide-after-colon", 1, 8, "- name: 二次関税"), ("wide-after-colon", 2, 7, "any: [二次関税]")],
        ),
        ("- name:　二次関税\n  any: [二次関税]\n", [("wide-after-colon", 1, 8, "- name: 二次関税")]),
        ("- name: x\n  any: 　[二次関税]\n", [("wide-after-colon", 2, 8, "any: [二次関税]")]),
        ("- name: x\n  any:　\n    - A\n", [("wide-after-colon", 2, 7, "any:")]),
        ("- name: x\n  any: A\n  notify:　crisis\n", [("wide-after-colon", 3, 10, "notify: crisis")]),
        ("- name:\u00a0x\n  any: A\n", [("nbsp-after-colon", 1, 8, "- name: x")]),
        ("- name:二次関税\n  any: A\n", [("no-space-after-colon", 1, 7, "- name: 二次関税")]),
        ("- name: x\n  any:[A]\n", [("no-space-after-colon", 2, 6, "any: [A]")]),
        ("rules：\n  - A\n", [("fullwidth-colon", 1, 6, "rules:")]),
        (
            "- name: x\n  near: {left:[A], right： [B]}\n",
            [
                ("no-space-after-colon", 2, 14, "near: {left: [A], right: [B]}"),
                ("fullwidth-colon", 2, 25, "near: {left: [A], right: [B]}"),
            ],
        ),
        (
            "- name: x\n  any: A\n  throttle: {max： 3, per： 1h}\n",
            [
                ("fullwidth-colon", 3, 17, "throttle: {max: 3, per: 1h}"),
                ("fullwidth-colon", 3, 25, "throttle: {max: 3, per: 1h}"),
            ],
        ),
        ("－ A\n－　B\n", [("fullwidth-dash", 1, 1, "- A"), ("fullwidth-dash", 2, 1, "- B")]),
        ("・A\n・B\n", [("fullwidth-dash", 1, 1, "- A"), ("fullwidth-dash", 2, 1, "- B")]),
        ("- A\n-　B\n", [("wide-after-dash", 2, 2, "- B")]),
        ("-　A\n-　B\n", [("wide-after-dash", 1, 2, "- A"), ("wide-after-dash", 2, 2, "- B")]),
        ("-\u00a0A\n", [("nbsp-after-dash", 1, 2, "- A")]),
        ("-NATO\n-停戦\n", [("no-space-after-dash", 1, 1, "- NATO"), ("no-space-after-dash", 2, 1, "- 停戦")]),
        (
            "- name: x\n  any:\n    -EU\n    -NATO\n",
            [("no-space-after-dash", 3, 5, "- EU"), ("no-space-after-dash", 4, 5, "- NATO")],
        ),
        ("- name: x\n　　any: [A]\n", [("fullwidth-space", 2, 1, "any: [A]")]),
        ("- name: x\n　any: [A]\n", [("fullwidth-space", 2, 1, "any: [A]")]),
        ("- name: x\n\u00a0\u00a0any: [A]\n", [("nbsp", 2, 1, "any: [A]")]),
        ("　- A\n　- B\n", [("fullwidth-space", 1, 1, "- A"), ("fullwidth-space", 2, 1, "- B")]),
        ("＃ 注\n- A\n", [("wide-comment", 1, 1, "# 注")]),
        ("// 注\n- A\n", [("wide-comment", 1, 1, "# 注")]),
        ("- name: x\n  any: [A]\n  // 注\n", [("wide-comment", 3, 3, "# 注")]),
        ("- A\n  // 注\n- B\n", [("wide-comment", 2, 3, "# 注")]),
        (
            "- name: x\n  － any: A\n  none: B\n",
            [("fullwidth-dash", 2, 3, "- any: A"), ("yaml-indent", 2, 3, None)],
        ),
    ],
)
def test_every_slip_is_told_with_the_line_as_it_was_meant(load, text, found):
    assert slips(load(text)) == found


@pytest.mark.parametrize(
    "text",
    [
        "- 東京：大阪\n",
        "- name: x\n  any: ['name：A', 'any:　B']\n",
        "- name: x\n  any: A\n  note: |\n    　見出し\n    name：x\n\n    -y\n  weight: -3\n",
        "- name: x\n  any: A\n  weight:\n    -3\n",
        "- name: x # any：A\n  any: A\n",
        "# name：\n- A\n",
        "- -EU\n",
        "- name: x\n  any: [A, -EU, ・東京]\n",
        "- name: x\n  any: A\n  tests:\n    match:\n      - A、本文：東京\n      - 名前：A\n",
        "- name: x\n  any: A\n  note: A\n    －副題－\n    ＃東京\n    　続き\n",
        "lists:\n  東京：大阪: [A]\nrules: [$東京：大阪]\n",
    ],
)
def test_what_is_meant_as_it_stands_is_no_slip(load, text):
    assert slips(load(text)) == []


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("- name: x\n  note: |\n   　A\n  any：[B]\n", 4),
        ("- note: >-\n   　A\n  any：[B]\n  name: x\n", 3),
        ("rules:\n  - name: x\n    tests:\n      match:\n        - |\n         -A\n    any：[B]\n", 7),
    ],
)
def test_a_text_below_a_sign_ends_where_its_key_goes_on(load, text, line):
    assert [(code, at) for code, at, *_ in slips(load(text))] == [("fullwidth-colon", line)]


def test_japanese_words_for_keys_are_no_sentence(load):
    assert [code for code, *_ in slips(load("- 名前： x\n  語： [A]\n"))].count("fullwidth-colon") == 2


def test_a_sentence_in_a_broken_file_is_no_slip(load):
    assert [code for code, *_ in slips(load("- 速報：停戦\n- NATO： 加盟\n- 'abc\n"))] == ["yaml-quote"]


def test_a_misspelt_key_with_a_wide_colon_is_told_near_the_stumble(load):
    assert [code for code, *_ in slips(load("- name: x\n  note: y\n  anny： [A]\n"))] == [
        "unknown-key-meant",
        "fullwidth-colon",
    ]


def test_a_margin_that_fits_no_line_ends_the_reading(load):
    assert slips(load("- name: x\n　　　　　any: [A]\n- *b\n")) == [("fullwidth-space", 2, 1, "any: [A]")]


def test_no_key_is_forgotten():
    known = {*FILE_KEYS, *RULE_KEYS, *TEST_KEYS, *NAME_KEYS, *SCOPE_KEYS, *THRESHOLD_KEYS, *THROTTLE_KEYS}
    known |= {"left", "right", "within", "order", "unit", "n", "of", "match", "ignore"}
    assert known <= KEYS
