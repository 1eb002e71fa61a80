"""A mistake whose meaning is plain does not hide what else is wrong in the file."""

import pytest

from monitor.messages import say
from monitor.model import Severity


def codes(book):
    return [(f.code.removeprefix("rules."), f.line) for f in book.findings if f.severity is Severity.ERROR]


@pytest.mark.parametrize(
    ("mistake", "code"),
    [
        ("- name: x\n  any：\n    - A\n", "fullwidth-colon"),
        ("- name: x\n  title: {any: A}\n  any： [B]\n", "fullwidth-colon"),
        ("- name: x\n  note: y\n  any：[B]\n", "fullwidth-colon"),
        ("- name: x\n  note: y\n  any：　[B]\n", "fullwidth-colon"),
        ("- A\n－ B\n", "fullwidth-dash"),
        ("- A\n－　B\n", "fullwidth-dash"),
        ("- *トランプ\n", "leading-star"),
        ("- !速報 停戦\n", "tag"),
        ("- name: x\n  any: A\n  mention: @here # 夜間\n", "quote-sign"),
        ("- name: x\n  any: A\n  mention: ['@x', @here]\n", "quote-sign"),
        ('- name: x\n  regex: "\\d+億円"\n', "escape"),
        ('- "NATO"加盟\n', "text-after-quote"),
        ("- [速報] 停戦\n", "text-after-bracket"),
        ('- "停戦", "和平"\n', "quoted-words"),
        ("- name: x\n  any: [A, #和平]\n", "hash-in-list"),
        ('- name: x\n  any: ["停戦"、"和平"]\n', "wide-separator"),
    ],
)
def test_the_rest_of_the_file_is_read(load, mistake, code):
    found = codes(load(f"{mistake}- name: y\n  anny: [C]\n  when: soon\n"))
    lines = mistake.count("\n")
    assert [one for one, _ in found] == [code, "unknown-key-meant", "want-choice"]
    assert [line for _, line in found[1:]] == [lines + 2, lines + 3]


def test_several_are_told_in_one_run(load):
    assert codes(load("- name: x\n  any：\n    - A\n- name: y\n  any：\n    - B\n")) == [
        ("fullwidth-colon", 2),
        ("fullwidth-colon", 5),
    ]


def test_what_is_not_plain_ends_the_reading(load):
    assert codes(load("- name: x\n  any：\n    - A\n- 'abc\n- name: y\n")) == [
        ("fullwidth-colon", 2),
        ("yaml-quote", 4),
    ]


def test_not_every_mistake_of_a_file_is_mended_and_that_is_said(load):
    book = load("".join(f"- *A{n}\n" for n in range(30)))
    assert len(codes(book)) == 20
    assert [(f.code, f.line) for f in book.findings if f.severity is Severity.WARNING] == [("rules.not-read-on", 20)]
    assert "以降" in say("rules.not-read-on", "ja", limit=20)


def test_a_file_with_a_mistake_is_never_without_an_error(load):
    book = load("- A\n－ B\n")
    assert ([rule.name for rule in book.rules], codes(book)) == (["A", "B"], [("fullwidth-dash", 2)])


def test_what_follows_an_unknown_key_without_a_space_is_read(load):
    assert codes(load("- name: x\n  any: A\n  near: {left: [A], right: [B], foo:[C]}\n- when: soon\n")) == [
        ("unknown-key", 3),
        ("no-space-after-colon", 3),
        ("no-name", 4),
        ("no-condition", 4),
        ("want-choice", 4),
    ]


def test_a_backslash_beside_a_single_quote_ends_the_reading(load):
    assert codes(load('- "it\'s \\d"\n- *x\n')) == [("escape", 1)]
