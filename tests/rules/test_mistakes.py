"""Every mistake that an editor makes: code, line, column, and what to write instead."""

import os
from pathlib import Path

import pytest
from builders import make_source

from monitor.messages import say
from monitor.model import Severity
from monitor.rules.files import MAX_BYTES, rule_files
from monitor.rules.load import load_rules

ERRORS = [
    # YAML itself
    ("- a\n\t- b\n", "tab", 2, 1),
    ("a:\n\t- b\n", "tab", 2, 1),
    ("- 'abc\n- b\n", "yaml-quote", 1, 3),
    ("- name: x\n  any: [A, B\n", "yaml-bracket", 2, 8),
    ("- name: x\n  any: {all: A\n", "yaml-bracket", 2, 8),
    ("- name: x: y\n  any: A\n", "yaml-colon", 1, 10),
    ('- "NATO",\n- EU\n', "stray-comma", 1, 9),
    ('- name: x\n  any: ["NATO",, EU]\n', "stray-comma", 2, 16),
    ("- name: x\n  any: A\n none: B\n", "yaml-indent", 3, 2),
    ("- name: x\n  notify\n  any: A\n", "yaml-no-colon", 2, 3),
    ("- name: x\n  mention: @pr-duty\n  any: A\n", "quote-sign", 2, 12),
    ("- `NATO`\n", "quote-sign", 1, 3),
    ("- 50\n- %percent\n", "quote-sign", 2, 3),
    ("```yaml\n- NATO\n```\n", "fence", 1, 1),
    ("- NATO\n```\n", "fence", 2, 1),
    ("- *NATO\n", "leading-star", 1, 3),
    ("- EU\n- *トランプ\n", "leading-star", 2, 3),
    ("- name: x\n  any: [*トランプ, A]\n", "leading-star", 2, 9),
    ("- &トランプ\n", "quote-sign", 1, 3),
    ("- !NATO\n", "tag", 1, 3),
    ('- "C:\\q"\n', "escape", 1, 6),
    ('- name: x\n  regex: "\\d+億円"\n', "escape", 2, 11),
    ('- "\\u12"\n', "escape", 1, 6),
    ('- "\\d', "escape", 1, 4),
    ("%foo\n", "quote-sign", 1, 1),
    ("- name: x\n  any: - A\n", "dash-behind-key", 2, 8),
    ("- name: x\n  any: ? A\n", "quote-sign", 2, 8),
    ("- 'a\n--- b\n", "yaml-quote", 1, 3),
    ("%YAML 2.0\n---\n- a\n", "quote-sign", 1, 1),
    ("- !a!b c\n", "yaml-syntax", 1, 3),
    ("- !速報 停戦\n", "tag", 1, 3),
    ("- >NATO\n", "quote-sign", 1, 3),
    ("- name: x\n  any: [|NATO]\n", "quote-sign", 2, 9),
    ("- ]\n", "stray-bracket", 1, 3),
    ("- name: x\n  any: [A, #停戦]\n", "hash-in-list", 2, 12),
    ("- name: x\n  notify: [crisis, #desk]\n  any: A\n", "hash-in-list", 2, 20),
    ("- name: x\n  any: ['停戦', #和平, ロシア]\n- NATO\n", "hash-in-list", 2, 15),
    ("- name: x\n  any: [停戦、, #和平\n- NATO\n", "yaml-node", 3, 1),
    ('- name: x\n  any: ["停戦"、"和平"]\n', "wide-separator", 2, 13),
    ("- name: x\n  any: A\n  throttle: {max: 3、per: 1h}\n", "wide-separator", 3, 20),
    ('- name: x\n  any: [A, "B"c]\n', "yaml-bracket", 2, 8),
    ('- "停戦", "和平"\n', "quoted-words", 1, 7),
    ('- name: x\n  any: "停戦", 和平\n', "quoted-words", 2, 12),
    ('- "停戦" "和平"\n', "quoted-words", 1, 8),
    ('- "NATO"加盟\n', "text-after-quote", 1, 9),
    ("- name: x\n  any: 'NATO'加盟\n", "text-after-quote", 2, 14),
    ("- name: x\n  regex: [0-9]+億円\n", "text-after-bracket", 2, 15),
    ("- [速報] 停戦\n", "text-after-bracket", 1, 8),
    ("- name: x\n  any: [A, B]]\n", "stray-bracket", 2, 14),
    ("- NATO\nrules:\n  - EU\n", "list-and-table", 2, 1),
    ("lists:\n  a: [A]\n- NATO\n", "table-and-list", 3, 1),
    ("rules:\n  - A\n- NATO\n", "yaml-indent", 3, 1),
    ("- name: x\n  near: ｛left: [A], right: [B]｝\n", "fullwidth-brace", 2, 9),
    ("- ? NATO\n", "quote-sign", 1, 3),
    ("- name: x\n  any: [? NATO, A]\n", "quote-sign", 2, 9),
    ("- name: x\n  any: A\n  notify: crisis, desk\n", "several-channels", 3, 11),
    ("- name: x\n  any: A\n  notify: ＃news\n", "unknown-channel-meant", 3, 11),
    ("- name: x\n  any: A\n  notify: https://t.slack.com/archives/C0123ABCDE\n", "unknown-channel-meant", 3, 11),
    ("- name: x\n  any: A\n  notify: '#'\n", "unknown-channel", 3, 11),
    ("- NATO\n---\n- EU\n", "many-documents", 2, 1),
    ("- NATO\n- E\x08U\n", "control-character", 2, 4),
    ("- &a [*a]\n", "alias-loop", 1, 7),
    ("- " + "[" * 60 + "]" * 60 + "\n", "too-deep", 1, 52),
    # full-width signs
    ("- name: x\n  any：\n    - A\n", "fullwidth-colon", 2, 6),
    ("- name： x\n  any: [A]\n", "fullwidth-colon", 1, 7),
    ("- name: x\n  any: [A]\n  none： 支持率\n", "fullwidth-colon", 3, 7),
    ("- name: x\n  any:\n    - all： 支持率\n", "fullwidth-colon", 3, 10),
    ("－ A\n", "fullwidth-dash", 1, 1),
    ("- A\n－ B\n", "fullwidth-dash", 2, 1),
    ("- name: x\n  any:\n  - A\n  － B\n", "fullwidth-dash", 4, 3),
    ("　- A\n", "fullwidth-space", 1, 1),
    ("\u00a0- A\n", "nbsp", 1, 1),
    ("- name: x\n 　any: A\n", "fullwidth-space", 2, 2),
    ("-　A\n", "wide-after-dash", 1, 2),
    ("- name: x\n  any: －　A\n", "fullwidth-dash", 2, 8),
    ("- name: x\n  any: -　A\n", "wide-after-dash", 2, 8),
    ("- name: x\n  any: none： A\n", "fullwidth-colon", 2, 8),
    ("- “NATO”\n", "fullwidth-quote", 1, 3),
    ("- name: x\n  any: [＂NATO＂]\n", "fullwidth-quote", 2, 9),
    # words
    ("- name: x\n  any: ［中国, 北京］\n", "fullwidth-bracket", 2, 8),
    ("- ［中国］\n", "fullwidth-bracket", 1, 3),
    ("- name: x\n  any: (中国, 北京)\n", "round-bracket", 2, 8),
    ("- name: x\n  any: A\n  none: （中国、北京）\n", "round-bracket", 3, 9),
    ("- 中国: 電力\n", "colon-in-term", 1, 3),
    ("- name: x\n  any:\n    - 中国: 電力\n", "colon-in-term", 3, 7),
    ("- name: x\n  notify: #trade\n  any: A\n", "hash-comment", 2, 10),
    ("- name: x\n  any:\n    - #trade\n    - A\n", "hash-comment", 3, 6),
    ("- ''\n", "empty-term", 1, 3),
    ("- NATO\n-\n- EU\n", "empty-term", 2, 2),
    ('- "\u200b"\n', "empty-term", 1, 3),
    ('- "*NATO"\n', "leading-star", 1, 3),
    ("- '*'\n", "leading-star", 1, 3),
    ("- name: x\n  any:\n    - A\n      - B\n", "many-lines", 3, 7),
    ("- " + "あ" * 501 + "\n", "term-too-long", 1, 3),
    ("- [A, B]\n", "want-rule", 1, 3),
    ("- name: x\n  any: [A, [B]]\n", "list-in-list", 2, 12),
    # keys and values
    ("- name: x\n  anny: [A]\n  any: B\n", "unknown-key-meant", 2, 3),
    ("- name: x\n  zzzzzz: [A]\n  any: B\n", "unknown-key", 2, 3),
    ("- name: x\n  anny: [A]\n", "unknown-key-meant", 2, 3),
    ("- name: x\n  anny: [A]\n  none: [B]\n", "unknown-key-meant", 2, 3),
    ("- name: x\n  any: A\n  any: B\n", "double-key", 3, 3),
    ("- name: x\n  any: A\n  when: soon\n", "want-choice", 3, 9),
    ("- name: x\n  any: A\n  severity: braking\n", "want-choice", 3, 13),
    ("- name: x\n  any: A\n  enabled: no\n", "want-choice", 3, 12),
    ("- name: x\n  any: A\n  boundary: word\n", "want-choice", 3, 13),
    ("- name: x\n  any: A\n  weight: many\n", "want-number", 3, 11),
    ("- name: x\n  any: A\n  weight: １０\n", "want-number", 3, 11),
    ("- name: x\n  any: A\n  weight: --3\n", "want-number", 3, 11),
    ("- name: x\n  any: A\n  weight: [1]\n", "want-word", 3, 11),
    ("- name: x\n  any: A\n  mention: []\n", "empty-list", 3, 12),
    ("- name: x\n  any: A\n  mention: ['@here', [x]]\n", "want-word", 3, 22),
    ("- name: x\n  any: A\n  age: 3\n", "want-duration", 3, 8),
    ("- name: x\n  any: A\n  age: 0d\n", "want-duration", 3, 8),
    ("- name: x\n  any: A\n  age: 00日\n", "want-duration", 3, 8),
    ("- name: x\n  any: A\n  age: 3日\n", "want-duration-meant", 3, 8),
    ("- name: x\n  any: A\n  age: [3d]\n", "want-word", 3, 8),
    ("- name: x\n  any: A\n  age:\n", "empty-value", 3, 7),
    ("- name: x\n  any: A\n  threshold: 3\n", "want-table", 3, 14),
    ("- name: x\n  any: A\n  threshold: {stories: 3}\n", "lacks-key", 3, 14),
    ("- name: x\n  any: A\n  threshold: {stories: 0, within: 6h}\n", "want-count", 3, 24),
    ("- name: x\n  any: A\n  threshold: {sources: [2], within: 6h}\n", "want-word", 3, 24),
    ("- name: x\n  any: A\n  threshold: {stories: 3, within: 6時間}\n", "want-duration-meant", 3, 35),
    ("- name: x\n  any: A\n  threshold: {storys: 3, within: 6h}\n", "unknown-key-meant", 3, 15),
    ("- name: x\n  any: A\n  threshold: {stories: 3, withing: 6h}\n", "unknown-key-meant", 3, 27),
    ("- name: x\n  any: A\n  throttle: 5\n", "want-table", 3, 13),
    ("- name: x\n  any: A\n  throttle: {per: 1h}\n", "lacks-key", 3, 13),
    ("- name: x\n  any: A\n  throttle: {max: 5}\n", "lacks-key", 3, 13),
    ("- name: x\n  any: A\n  throttle: {max: -5, per: 1h}\n", "want-count", 3, 19),
    ("- name: x\n  any: A\n  throttle: {max: 5, per: hour}\n", "want-duration", 3, 27),
    ("- name: x\n  any: A\n  when_body_missing: wait\n", "want-choice", 3, 22),
    ("- name: [x]\n  any: A\n", "want-word", 1, 9),
    ("- name:\n  any: A\n", "empty-value", 1, 8),
    ("- any: A\n  none: B\n", "no-name", 1, 3),
    ("- name: x\n  note: y\n", "no-condition", 1, 3),
    ("- name: x\n  none: [A]\n", "no-positive", 1, 3),
    ("- name: x\n  any: [A, {none: B}]\n", "no-positive", 1, 3),
    ("- name: x\n  any: []\n", "empty-list", 2, 8),
    ("- name: x\n  any: [A, {boundary: part}]\n", "empty-block", 2, 12),
    ("- name: x\n  title: {body: A}\n", "field-in-field", 2, 11),
    ("- name: x\n  any: A\n  unless_part_of: [{any: B}]\n", "unless-not-word", 3, 19),
    ('- name: x\n  any: A\n  unless_part_of: ["AB*"]\n', "unless-star", 3, 19),
    ("- name: x\n  any: A\n  notify: crisi\n", "unknown-channel-meant", 3, 11),
    ("- name: x\n  any: A\n  notify: [crisis, zzz]\n", "unknown-channel", 3, 20),
    ("- name: x\n  any: A\n  notify: []\n", "empty-list", 3, 11),
    ("notify: crisi\nrules: [A]\n", "unknown-channel-meant", 1, 9),
    ("- name: x\n  any: A\n  sources: tv\n", "want-scope", 3, 12),
    ("- name: x\n  any: A\n  sources: {group: tv}\n", "unknown-key-meant", 3, 13),
    ("- name: x\n  any: A\n  sources: {languages: [japanese]}\n", "not-a-language-meant", 3, 25),
    ("- name: x\n  any: A\n  sources: {languages: [ja, jp]}\n", "not-a-language-meant", 3, 29),
    ("- name: x\n  any: A\n  sources: {languages: [zh_CN]}\n", "not-a-language-meant", 3, 25),
    ("- name: x\n  any: A\n  sources: {languages: [日本人]}\n", "not-a-language", 3, 25),
    ("- name: x\n  any: A\n  sources: {languages: xx}\n", "not-a-language", 3, 24),
    ("- name: x\n  any: A\n  mention: '@'\n", "empty-mention", 3, 12),
    ("- name: x\n  any: A\n  fold: {case: false, dots: false}\n", "fold-case", 3, 10),
    ("- name: x\n  near: {left: [A], rigth: [B], within: 3}\n", "unknown-key-meant", 2, 21),
    ("- name: x\n  at_least: {n: 1, off: [A, B]}\n", "unknown-key-meant", 2, 20),
    ("- name: x\n  at_least: {of: [A, B]}\n", "lacks-key", 2, 13),
    ("- name: x\n  any: A\n  tests:\n    ignore:\n", "empty-value", 4, 12),
    ("- name: x\n  regex: ''\n", "empty-value", 2, 10),
    ("- Name: x\n  any: A\n", "unknown-key-meant", 1, 3),
    ("- 名前: x\n  any: A\n", "unknown-key-meant", 1, 3),
    ("lists: {a: [A], b: [B]}\nrules:\n  - {name: x, any: '$a, $b'}\n", "list-refs", 3, 20),
    ("lists: {a: [A], b: [B]}\nrules:\n  - {name: x, any: [$a $b]}\n", "list-refs", 3, 21),
    ("lists:\n  a: [$b]\n  b: [$a]\nrules:\n  - {name: x, any: $a}\n", "list-cycle", 3, 7),
    ("- name: x\n  any: A\n  tests: [A]\n", "want-tests", 3, 10),
    ("- name: x\n  any: A\n  tests:\n    hit: [A]\n", "unknown-key-meant", 4, 5),
    ("- name: x\n  any: A\n  tests:\n    match: []\n", "empty-list", 4, 12),
    ("- name: x\n  any: A\n  tests:\n    match:\n      - A\n        - A, B\n", "many-lines", 5, 9),
    ("- name: x\n  any: A\n  tests:\n    match:\n      - [A]\n", "want-example", 5, 9),
    ("- name: x\n  any: A\n  tests:\n    match:\n      - Breaking: A\n", "colon-in-term", 5, 9),
    ("- name: x\n  any: A\n  tests:\n    match:\n      - {title: A, published: soon}\n", "not-an-instant", 5, 31),
    ("- name: x\n  any: A\n  tests:\n    match:\n      - {source: A}\n", "want-example", 5, 9),
    ("- name: x\n  any: A\n  [a]: b\n", "key-not-word", 3, 3),
    ("NATO\n", "not-a-rule-file", 1, 1),
    ("notify: crisis\nname: x\nany: A\n", "bare-rule", 2, 1),
    ("rules: NATO\n", "want-rules", 1, 8),
    ("lists: NATO\nrules: [A]\n", "want-lists", 1, 8),
    # lists
    ("- name: x\n  any: $nato\n", "no-lists", 2, 8),
    ("lists: {putin: [A]}\nrules:\n  - {name: x, any: $nato}\n", "unknown-list", 3, 20),
    ("lists: {nato: [NATO]}\nrules:\n  - {name: x, any: $natto}\n", "unknown-list-meant", 3, 20),
    ("lists: {nato: [NATO], west: [$natto, EU]}\nrules: [$west]\n", "unknown-list-meant", 1, 30),
    ("lists:\n  [a]: [A]\nrules: [B]\n", "key-not-word", 2, 3),
    ("lists:\n  a: [$b]\n  b: [$a]\nrules: [$a]\n", "list-cycle", 3, 7),
    ("lists:\n  a: [$a, A]\nrules: [$a]\n", "list-cycle", 2, 7),
    ("lists:\n  a: [A]\n  a: [B]\nrules: [$a]\n", "double-list", 3, 6),
    ("lists:\n  a:\n    - A: B\nrules: [$a, C]\n", "list-of-words", 3, 7),
    ("lists:\n  a: []\nrules: [C]\n", "empty-list", 2, 6),
    # doubles
    ("- NATO\n- EU\n- NATO\n", "double-name", 3, 3),
    ("- {name: 二次関税, any: A}\n- {name: 「二次関税」, any: B}\n", "double-id", 2, 3),
    ("- {name: x, id: same, any: A}\n- {name: y, id: same, any: B}\n", "double-id", 2, 3),
]


@pytest.mark.parametrize(("text", "code", "line", "column"), ERRORS, ids=[f"{e[1]}-{n}" for n, e in enumerate(ERRORS)])
def test_mistake_is_found_where_it_stands(load, text, code, line, column):
    errors = [finding for finding in load(text).findings if finding.severity is Severity.ERROR]
    assert [(e.code, e.line, e.column) for e in errors] == [(f"rules.{code}", line, column)]
    error = errors[0]
    assert error.file.endswith("main.yaml")
    assert error.source_line == text.splitlines()[line - 1][:500]
    _assert_told(error)


WARNINGS = [
    ("- NO\n", "trap", 1, 3),
    ("- name: x\n  any: [NATO, 0120]\n", "trap", 2, 15),
    ("- name: x\n  any:\n    - A\n    - 1:30\n", "trap", 4, 7),
    ("- ~\n", "trap", 1, 3),
    ("- 2026-02-31\n", "trap", 1, 3),
    ("- name: x\n  any: [中国、北京]\n", "fullwidth-comma", 2, 9),
    ("- 停戦、和平\n", "fullwidth-comma", 1, 3),
    ("- name: x\n  any:\n    - 停戦，和平\n", "fullwidth-comma", 3, 7),
    ("- name: x\n  any: 中国, 北京\n", "fullwidth-comma", 2, 8),
    ("- 停戦 OR 和平\n", "operator-in-term", 1, 3),
    ("- 停戦または和平\n", "operator-in-term", 1, 3),
    ("- 停戦 and 和平\n", "operator-in-term", 1, 3),
    ("- name: x\n  none: 停戦 AND 和平\n  any: A\n", "operator-in-term", 2, 9),
    ("- 停戦 NOT 和平\n", "operator-not", 1, 3),
    ("- 停戦|和平\n", "sign-in-term", 1, 3),
    ("- 停戦／和平\n", "sign-in-term", 1, 3),
    ("- 停戦/和平\n", "sign-in-term", 1, 3),
    ("- name: x\n  any: [BB; CC]\n", "sign-in-term", 2, 9),
    ("- name: x\n  any: A\n  none: 停戦|和平\n", "sign-in-term-key", 3, 9),
    ("- name: x\n  any: 中国\n  unless_part_of: 中国電力、中国地方\n", "fullwidth-comma-key", 3, 19),
    ("lists:\n  a: [停戦　和平]\nrules: [$a]\n", "space-in-term-key", 2, 7),
    ("- 「停戦」\n", "bracketed-term", 1, 3),
    ("- name: x\n  any: [A, （停戦）]\n", "bracketed-term", 2, 12),
    ("- トラ*プ\n", "inner-star", 1, 3),
    ('- "トラ*プ*"\n', "inner-star", 1, 3),
    ("- name: x\n  any: |\n    停戦\n    和平\n", "joined-lines", 2, 8),
    ("- NATO ＃ 重要\n", "remark-in-term", 1, 3),
    ("- NATO // 重要\n", "remark-in-term", 1, 3),
    ("- 、\n", "only-signs", 1, 3),
    ("- name: x\n  any: A\n  notify: [crisis, crisis]\n", "double-channel", 3, 20),
    ("- name: x\n  any: A\n  notify: ['#news', '#News']\n", "double-channel", 3, 21),
    ("- name: x\n  any: A\n  mention: here\n", "mention-meant", 3, 12),
    ("- name: x\n  any: A\n  mention: ['@here', ＠山田]\n", "mention-meant", 3, 22),
    ("- name: x\n  any: A\n  mention: '@everyone'\n", "mention-everyone", 3, 12),
    ("- 2026-11-23\n", "trap", 1, 3),
    ("- 1e5\n", "trap", 1, 3),
    ("- ウクライナ　和平\n", "space-in-term", 1, 3),
    ("- NATO　首脳会議\n", "space-in-term", 1, 3),
    ("- name: x\n  any: [ウクライナ 和平, A]\n", "space-in-term", 2, 9),
    ("- name: x\n  any: [1,000円, A]\n", "split-number", 2, 9),
    ("- name: x\n  any: [Biden, Jr., A]\n", "split-number", 2, 9),
    ("- name: x\n  any: [A, Washington, D.C.]\n", "split-number", 2, 12),
    ("- name: x\n  any: [「停戦, 和平」, A]\n", "split-number", 2, 9),
    ("- name: x\n  any: [日本（東京, 大阪, 京都）発, A]\n", "split-number", 2, 9),
    ("lists:\n  a: [Tesla, Inc]\nrules: [$a]\n", "split-number", 2, 7),
    ("- name: x\n  any: [A, {any: [B]}]\n", "repeated-key", 2, 12),
    ("- name: x\n  all:\n    - A\n    - all: [B, C]\n", "repeated-key", 4, 7),
    ("lists:\n  a: [A]\nrules: [B]\n", "unused-list", 2, 6),
    ("lists: {a: [A, $b], b: [B], c: [$b]}\nrules: [$a]\n", "unused-list", 1, 32),
    ("names:\n  a: {family: ゼレンスキー}\nrules: [B]\n", "unused-list", 2, 6),
    ("- トランプ＊\n", "fullwidth-sign", 1, 3),
    ("- ＄nato\n", "fullwidth-sign", 1, 3),
    ("- name: x\n  any:\n    - ウクライナ\n      停戦\n", "joined-lines", 3, 7),
    ("lists: {a: [A, B]}\nrules:\n  - {name: x, all: $a}\n", "all-of-list", 3, 20),
    ("- name: x\n  any: A\n  tests:\n    match: [A, B]\n", "flow-tests", 4, 12),
    ("- name: x\n  any: A\n  threshold: {stories: 1, within: 6h}\n", "threshold-of-one", 3, 14),
    (
        "- name: x\n  any: A\n  age: 3d\n  tests:\n    match:\n      - {title: A, published: 2026-11-23}\n",
        "dated-test",
        6,
        9,
    ),
]


@pytest.mark.parametrize(("text", "code", "line", "column"), WARNINGS)
def test_doubtful_writing_is_a_warning_and_the_rule_works(load, text, code, line, column):
    book = load(text)
    assert [(f.code, f.line, f.column, f.severity) for f in book.findings] == [
        (f"rules.{code}", line, column, Severity.WARNING)
    ]
    assert len(book.rules) == 1
    _assert_told(book.findings[0])


def _assert_told(finding):
    for language in ("ja", "en"):
        assert say(finding.code, language, **dict(finding.facts))
        assert say(f"{finding.code}-hint", language, **dict(finding.facts))


@pytest.mark.parametrize(
    "term",
    [
        *(
            "1,000円",
            "Washington, D.C.",
            "NATO 首脳会議",
            "peace talks",
            '"停戦、和平"',
            '"和平　交渉"',
            '"停戦 OR 和平"',
        ),
        *(
            "AC/DC",
            "9/11",
            "24/7体制",
            "A/B試験",
            "かつて",
            "【速報】",
            '"「停戦」"',
            "「停戦」合意",
            "2026",
            "3.11",
            '"A*STAR"',
        ),
    ],
)
def test_commas_and_spaces_that_part_nothing_are_no_doubt(load, term):
    assert load(f"- {term}\n").findings == ()


@pytest.mark.parametrize(
    "listed",
    [
        "[「停戦」, 「和平」]",
        "[「停戦, A]",
        "[Jr, A]",
        "['1', 000]",
        "[l’OTAN, ‘peace’, A]",
        "[(A), B]",
        '["Biden, Jr.", A]',
        "[A, {any: [B], boundary: part}, {all: [C, D]}]",
    ],
)
def test_pieces_that_were_never_one_are_no_doubt(load, listed):
    codes = {finding.code for finding in load(f"- name: x\n  any: {listed}\n").findings}
    assert not codes & {"rules.split-number", "rules.repeated-key"}


@pytest.mark.parametrize(
    "text",
    [
        "lists: {a: [A]}\nrules: [{name: x, any: $a, enabled: false}]\n",
        "lists: {a: [中国電力]}\nrules: [{name: x, any: 中国, unless_part_of: $a}]\n",
        "lists: {a: $b, b: $c, c: [A]}\nrules: [$a]\n",
        "names: {a: {family: ゼレンスキー}}\nlists: {b: [$a]}\nrules: [$b]\n",
    ],
)
def test_lists_that_serve_somewhere_are_used(load, text):
    assert load(text).findings == ()


def test_a_file_that_cannot_be_read_might_use_a_list(load):
    book = load("lists: {a: [A]}\nrules: [B]\n", other="- 'abc\n")
    assert [finding.code for finding in book.findings] == ["rules.yaml-quote"]


def test_pieces_on_several_lines_are_told_as_one(load):
    (finding,) = load("- name: x\n  any: [「停戦,\n    和平」]\n").findings
    assert dict(finding.facts)["term"] == "「停戦, 和平」"


@pytest.mark.parametrize(
    "typed",
    [
        *(
            "［中国, 北京］",
            "(中国, 北京)",
            "中国、北京",
            "中国　北京",
            "中国 OR 北京",
            "中国または北京",
            "中国/北京",
            "中国 ; 北京",
        ),
    ],
)
def test_what_was_meant_is_written_out(load, typed):
    (finding,) = load(f"- name: x\n  any: {typed}\n").findings
    assert "[中国, 北京]" in say(f"{finding.code}-hint", "ja", **dict(finding.facts))


@pytest.mark.parametrize(
    ("rule", "meant"),
    [
        ("{name: x, any: A, unless_part_of: 中国電力、中国地方}", "unless_part_of: [中国電力, 中国地方]"),
        ("{name: x, any: A, none: 停戦 OR 和平 交渉}", "none: [停戦, 和平 交渉]"),
        ("{name: x, any: A, title: 停戦　和平}", "title: [停戦, 和平]"),
        ("{name: x, at_least: {n: 1, of: 停戦、和平}}", "of: [停戦, 和平]"),
        ("{name: x, near: {left: A, right: 停戦、和平}}", "right: [停戦, 和平]"),
        ("停戦 NOT 和平", "none: [和平]"),
        ("停戦 AND 和平", "all: [停戦, 和平]"),
        ("『停戦』", "停戦"),
    ],
)
def test_the_hint_names_the_key_at_hand(load, rule, meant):
    (finding,) = load(f"- {rule}\n").findings
    assert meant in say(f"{finding.code}-hint", "ja", **dict(finding.facts))


@pytest.mark.parametrize("typed", ["NO", "0120", "1:30", "null", "~", "1.10", "yes", "2026-11-23", "0x1F"])
def test_words_are_read_as_typed(load, typed):
    book = load(f"- {typed}\n")
    assert [rule.name for rule in book.rules] == [typed]


def test_a_key_at_the_left_margin_is_told_with_the_rule_that_lacks_it(load):
    book = load("rules:\n- name: 中国\nany: [中国]\ntests: {match: [中国]}\nnotify: crisis\n")
    assert [(f.code, f.line, f.column) for f in book.findings] == [
        ("rules.no-condition", 2, 3),
        ("rules.left-margin", 3, 1),
        ("rules.left-margin", 4, 1),
    ]
    for finding in book.findings:
        _assert_told(finding)


def test_everything_wrong_is_told_in_one_run(load):
    book = load(
        "rules:\n  - name: x\n    anny: [A]\n    notify: crisi\n    when: soon\n  - 中国: 電力\n  - OK\n",
        broken="- 'abc\n",
    )
    assert [(Path(f.file).name, f.code) for f in book.findings] == [
        ("broken.yaml", "rules.yaml-quote"),
        ("main.yaml", "rules.unknown-key-meant"),
        ("main.yaml", "rules.unknown-channel-meant"),
        ("main.yaml", "rules.want-choice"),
        ("main.yaml", "rules.colon-in-term"),
    ]
    assert [rule.name for rule in book.rules] == ["OK"]


def test_names_are_checked_against_what_is_configured(tmp_path):
    (tmp_path / "a.yaml").write_text(
        "- {name: x, any: A, notify: news, sources: {only: [asahi-wrie], groups: [zzz]}}\n"
    )
    findings = load_rules(tmp_path, channels=(), sources=[make_source(group="tv")]).findings
    assert [f.code for f in findings] == ["rules.no-channels", "rules.unknown-source-meant", "rules.unknown-source"]
    for finding in findings:
        _assert_told(finding)


@pytest.mark.parametrize("mention", ["@here", "@山田", "U0123ABCD", "S0123ABCD", "<!subteam^S0123ABCD>"])
def test_who_is_mentioned_is_no_doubt(load, mention):
    assert load(f"- {{name: x, any: A, mention: '{mention}'}}\n").findings == ()


@pytest.mark.parametrize("language", ["ja", "JA", "ja-JP", "zh-Hant-TW", "fil"])
def test_languages_that_there_are(load, language):
    assert load(f"- {{name: x, any: A, sources: {{languages: {language}}}}}\n").findings == ()


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("jp", "ja"),
        ("jpn", "ja"),
        ("日本語", "ja"),
        ("cn", "zh"),
        ("kr", "ko"),
        ("ua", "uk"),
        ("gr", "el"),
        ("zh_CN", "zh-cn"),
    ],
)
def test_the_language_that_was_meant_is_named(load, typed, meant):
    (finding,) = load(f"- {{name: x, any: A, sources: {{languages: {typed}}}}}\n").findings
    assert dict(finding.facts)["meant"] == meant


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        *(("not", "none"), ("exclude", "none"), ("or", "any"), ("and", "all"), ("channel", "notify"), ("to", "notify")),
        *(
            ("名前", "name"),
            ("タイトル", "name"),
            ("通知先", "notify"),
            ("どれか", "any"),
            ("Any", "any"),
            ("ｔｅｓｔｓ", "tests"),
        ),
    ],
)
def test_what_other_tools_call_a_key_is_understood(load, typed, meant):
    findings = load(f"- {{name: x, any: A, {typed}: B}}\n").findings
    assert [dict(f.facts).get("meant") for f in findings if f.code == "rules.unknown-key-meant"] == [meant]


def test_the_meaning_of_a_word_depends_on_its_place(load):
    book = load("- {name: x, any: A, sources: {exclude: nhk}}\n")
    assert [dict(f.facts)["meant"] for f in book.findings] == ["except"]


@pytest.mark.parametrize(("said", "meant"), [("false", "exact"), ("true", "fold")])
def test_capitals_in_fold_have_a_key_of_their_own(load, said, meant):
    (finding,) = load(f"- {{name: x, any: A, fold: {{case: {said}}}}}\n").findings
    assert dict(finding.facts)["meant"] == meant
    _assert_told(finding)


def test_a_misspelt_key_of_near_hides_nothing_else(load):
    book = load("- {name: x, near: {left: [], rigth: [C], within: 30文字, unit: 文, order: right_first}}\n")
    assert [f.code.removeprefix("rules.") for f in book.findings] == [
        *("empty-list", "unknown-key-meant", "want-count", "want-choice", "want-choice"),
    ]


def test_a_source_of_an_example_must_be_there(tmp_path):
    test = "tests: {match: [{title: A, source: asahi-wrie}, {title: A, source: zzz}, {title: A, source: asahi-world}]}"
    (tmp_path / "a.yaml").write_text(f"- {{name: x, any: A, {test}}}\n")
    findings = load_rules(
        tmp_path, channels=(), sources=[make_source(id="asahi-wire"), make_source(id="asahi-world")]
    ).findings
    assert [(f.code, f.severity) for f in findings] == [
        ("rules.unknown-test-source-meant", Severity.WARNING),
        ("rules.unknown-test-source", Severity.WARNING),
    ]
    for finding in findings:
        _assert_told(finding)


def test_names_stand_before_ids_in_hints(tmp_path):
    (tmp_path / "a.yaml").write_text("- {name: x, any: A, sources: {only: [zzz]}}\n")
    sources = [make_source(id=f"www-example-com-{n}-rss-xml", name=f"新聞{n}") for n in range(3)]
    (finding,) = load_rules(tmp_path, channels=(), sources=sources).findings
    assert dict(finding.facts)["known"].startswith("新聞0, 新聞1, 新聞2, www-example-com-0")


def test_suggestions_name_what_was_meant(load):
    facts = [dict(f.facts) for f in load("- {name: x, any: A, notify: crisi}\n- {name: y, ani: B, any: C}\n").findings]
    assert [fact["meant"] for fact in facts] == ["crisis", "any"]


def test_a_finding_carries_the_id_of_its_rule(load):
    assert [f.rule for f in load("- {name: 二次 関税, any: A, when: soon}\n").findings] == ["二次-関税"]


@pytest.mark.parametrize(
    ("codec", "name"), [("cp932", "Shift_JIS (Windows-31J)"), ("euc_jp", "EUC-JP"), ("utf-16", "UTF-16")]
)
def test_another_encoding_is_named(load, codec, name):
    text = "- NATO\n- ウクライナ情勢とゼレンスキー大統領\n"
    (finding,) = load(text.encode(codec)).findings
    assert (finding.code, dict(finding.facts)["encoding"]) == ("rules.not-utf8", name)
    assert finding.line == (2 if codec in ("cp932", "euc_jp") else 1)
    _assert_told(finding)


def test_bytes_of_no_encoding_are_no_guess(load):
    (finding,) = load(b"- A\n- \xff\xff\x80").findings
    assert (finding.code, finding.line, finding.facts) == ("rules.broken-utf8", 2, ())
    _assert_told(finding)


def test_a_byte_order_mark_and_windows_line_ends_are_fine(load):
    book = load("\ufeff- NATO\r\n- EU\r\n".encode())
    assert ([rule.name for rule in book.rules], book.findings) == (["NATO", "EU"], ())


@pytest.mark.parametrize("text", ["", "\n\n", "# only a comment\n", "---\n"])
def test_an_empty_file_is_a_warning(load, text):
    book = load(text, other="- NATO\n")
    assert [(f.code, f.severity) for f in book.findings] == [("rules.empty-file", Severity.WARNING)]


def test_a_folder_without_rules_is_an_error(load, tmp_path):
    assert [f.code for f in load("").findings] == ["rules.empty-file", "rules.no-rules"]
    missing = load_rules(tmp_path / "nowhere", channels=())
    assert [f.code for f in missing.findings] == ["rules.no-folder"]
    _assert_told(missing.findings[0])


def test_a_huge_file_is_refused(load):
    (finding,) = load(b"- NATO\n" * (MAX_BYTES // 7 + 1)).findings
    assert finding.code == "rules.too-large"
    _assert_told(finding)


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_an_unreadable_file_is_told(load, tmp_path):
    (tmp_path / "secret.yaml").write_text("- A")
    (tmp_path / "secret.yaml").chmod(0)
    assert [f.code for f in load("- NATO\n").findings] == ["rules.unreadable"]


def test_a_dangling_link_is_told_and_the_rest_is_read(load, tmp_path):
    (tmp_path / "gone.yaml").symlink_to(tmp_path / "nowhere")
    book = load("- NATO\n")
    assert [f.code for f in book.findings] == ["rules.unreadable"]
    assert [rule.name for rule in book.rules] == ["NATO"]
    _assert_told(book.findings[0])


def test_files_are_found_in_order_below_the_folder(tmp_path):
    for name in ("b.yml", "a/z.yaml", "a/.hidden.yaml", ".git/c.yaml", "notes.txt", "c.yaml~", "B.YAML"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("- A")
    (tmp_path / "a" / "loop").symlink_to(tmp_path)
    found = [str(path.relative_to(tmp_path)) for path in rule_files(tmp_path)]
    assert found == ["B.YAML", "a/z.yaml", "b.yml"]


def test_an_alias_bomb_is_refused_before_it_costs(load):
    levels = "\n".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12))
    (finding,) = load(f"a0: &a0 [x, x]\n{levels}\n").findings
    assert finding.code == "rules.too-many-nodes"
    _assert_told(finding)


def test_deep_nesting_is_refused_before_it_costs(load):
    assert [f.code for f in load("[" * 100_000).findings] == ["rules.too-deep"]


def test_lists_and_names_are_shared_by_all_files(load):
    book = load("lists: {nato: [NATO]}\nrules: [A]\n", other="lists: {nato: [OTAN]}\nrules: [A, $nato]\n")
    assert [(Path(f.file).name, f.code) for f in book.findings] == [
        ("other.yaml", "rules.double-list"),
        ("other.yaml", "rules.double-name"),
    ]
    assert [dict(f.facts)["first"] for f in book.findings] == ["main.yaml:1", "main.yaml:2"]
