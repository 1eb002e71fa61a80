"""The tests inside the rules: run, failed, and why in one line."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from builders import make_source

from monitor.messages import say
from monitor.rules.trials import _article, run_tests

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
RULE = """- name: 二次関税
  any: [二次関税, US, "tariff*"]
  all: [協議]
  none: [世論調査]
  unless_part_of: [第二次関税]
  sources: {groups: [wire], languages: [ja]}
  tests:
    %s:
      - %s
"""


@pytest.mark.parametrize(
    ("kind", "text", "code"),
    [
        ("match", "二次関税の協議", None),
        ("match", "新税", "test-missed"),
        ("match", "二次関税を警告", "test-missed-lacking"),
        ("match", "二次関税の協議に世論調査", "test-missed-none"),
        ("match", "第二次関税の協議", "test-missed-part"),
        ("match", "a bus 協議", "test-missed-border"),
        ("match", "us 協議", "test-missed-case"),
        ("match", "{title: 二次関税の協議, source: nhk, language: en}", "test-missed-scope"),
        ("match", "{title: 新税, source: nhk}", "test-missed-scope"),
        ("ignore", "二次関税の協議", "test-found"),
        ("ignore", "第二次関税の協議", None),
        ("ignore", "{body: 二次関税の協議, source: nhk}", None),
        ("match", "{body: 二次関税の協議, source: 通信社}", None),
    ],
)
def test_a_failed_test_says_why(load, kind, text, code):
    book = load(RULE % (kind, text))
    assert not book.findings
    report = run_tests(book, sources=[make_source(id="wire-1", name="通信社", group="wire")])
    assert (report.run, report.failed) == (1, 0 if code is None else 1)
    assert [(f.code, f.line, f.column, f.rule) for f in report.findings] == (
        [] if code is None else [(f"rules.{code}", 9, 9, "二次関税")]
    )
    for finding in report.findings:
        assert finding.source_line == f"      - {text}"
        for language in ("ja", "en"):
            assert "\n" not in say(finding.code, language, **dict(finding.facts))
            assert say(f"{finding.code}-hint", language, **dict(finding.facts))


def test_the_reason_names_the_words(load):
    (finding,) = run_tests(load(RULE % ("match", "二次関税の協議に世論調査"))).findings
    assert say(finding.code, "ja", **dict(finding.facts)) == (
        "一致するはずが、`none` の 世論調査 が含まれています: 二次関税の協議に世論調査"
    )


def test_disabled_rules_are_tested_too(load):
    book = load("- {name: x, any: NATO, enabled: false, tests: {match: [EU]}}\n")
    assert run_tests(book).failed == 1


def test_a_string_is_title_and_body_at_once(load):
    book = load("- {name: x, title: NATO, body: NATO, tests: {match: [NATO], ignore: [{title: NATO}, {body: NATO}]}}\n")
    assert (run_tests(book).run, run_tests(book).failed) == (3, 0)


@pytest.mark.parametrize(
    ("published", "instant"),
    [
        ("2026-11-23T08:30:00+09:00", datetime(2026, 11, 23, 8, 30, tzinfo=timezone(timedelta(hours=9)))),
        ("2026-11-23T08:30", datetime(2026, 11, 23, 8, 30, tzinfo=UTC)),
        ("2026-11-23", datetime(2026, 11, 23, tzinfo=UTC)),
    ],
)
def test_a_test_may_say_when_it_was_published(load, published, instant):
    book = load(f"- {{name: x, any: A, tests: {{match: [{{title: A, published: '{published}'}}, {{title: A}}]}}}}\n")
    assert (book.findings, run_tests(book).failed) == ((), 0)
    (rule,) = book.rules
    assert [_article(test, NOW).published_at for test in rule.tests] == [instant, None]


@pytest.mark.parametrize(
    ("kind", "published", "code"),
    [
        ("match", "3d", None),
        ("ignore", "5d", None),
        ("match", "5d", "test-missed-age"),
        ("ignore", "73h", None),
        ("ignore", "2026-11-19", None),
        ("ignore", "2026-11-21", "test-found"),
        ("ignore", "2027-01-01", "test-found"),
    ],
)
def test_age_counts_where_a_test_states_when_it_was_published(load, kind, published, code):
    book = load(f"- {{name: x, any: A, age: 3d, tests: {{{kind}: [{{title: A, published: {published}}}]}}}}\n")
    assert not book.findings
    assert [f.code for f in run_tests(book, now=NOW).findings] == ([] if code is None else [f"rules.{code}"])


def test_a_date_is_never_too_old_where_it_is_not_said_what_day_it_is(load):
    book = load(
        "- {name: x, any: A, age: 3d, tests: {ignore: [{title: A, published: 2020-01-01}, {title: A, published: 5d}]}}\n"
    )
    assert [f.line for f in run_tests(book).findings] == [1]


def test_source_comes_before_age_among_the_reasons(load):
    book = load(
        "- {name: x, any: A, age: 3d, sources: {only: [s]}, tests: {match: [{title: A, source: t, published: 5d}]}}\n"
    )
    (finding,) = run_tests(book, now=NOW).findings
    assert finding.code == "rules.test-missed-scope"


@pytest.mark.parametrize(
    ("rule", "test", "said"),
    [
        (
            "title: {any: [中国], none: [発表]}",
            "{title: 会見, body: 中国が発表した}",
            "一致するはずが、中国 は本文にだけあり、見出しにはありません(`title` は見出しだけを調べます): 会見",
        ),
        (
            "body: [中国]",
            "{title: 中国, body: 会見}",
            "一致するはずが、中国 は見出しにだけあり、本文にはありません(`body` は本文だけを調べます): 中国",
        ),
        (
            "author: [山田, 佐藤]",
            "山田記者",
            "一致するはずが、`author` の 山田, 佐藤 を調べられません(テストには `author` を書けません): 山田記者",
        ),
        (
            "title: {none: [中国]}, body: [停戦]",
            "{title: 会見, body: 中国}",
            "一致するはずが、どの語も含まれていません(中国, 停戦): 会見",
        ),
        (
            "near: {left: [中国], right: [日本], order: left_first, within: 2}",
            "日本を訪れた中国の外相",
            "一致するはずが、`near` の語の順序が逆で、4 文字離れていました(許すのは 2 文字まで、中国, 日本): 日本を訪れた中国の外相",
        ),
        (
            "near: {left: [中国], right: [日本], unit: sentence, within: 2}",
            "日本は反対。中国は賛成",
            "一致するはずが、`near` の語が別々の文にありました(中国, 日本): 日本は反対。中国は賛成",
        ),
    ],
)
def test_a_word_in_another_field_and_words_apart_in_several_ways(load, rule, test, said):
    (finding,) = run_tests(load(f"- {{name: x, {rule}, tests: {{match: [{test}]}}}}\n")).findings
    assert say(finding.code, "ja", **dict(finding.facts)) == said
    for language in ("ja", "en"):
        assert say(f"{finding.code}-hint", language, **dict(finding.facts))
