"""Why one version of a rule tells an article and the other does not; and what is shown of it."""

from datetime import timedelta

import pytest
from builders import make_article, make_source

from monitor.model import TextFrom
from monitor.rules.files import RuleFile
from monitor.rules.findings import Report
from monitor.rules.load import read_rules
from monitor.rules.matcher import compile_rules
from monitor.stages.reasons import Reason
from monitor.stages.replay import compare, judge, line_up
from monitor.stages.samples import Shelf


def book(text: str):
    return read_rules([RuleFile(name="a.yaml", text=text, report=Report("a.yaml"))], folder=".", channels=())


def samples(before: str, after: str, *articles, source=None):
    """What is shown of the one rule that differs."""
    source = source or make_source()
    lineup = line_up(book(f"- {{name: 一, {before}}}\n"), book(f"- {{name: 一, {after}}}\n"))
    matcher = compile_rules(lineup.rules)
    stored = {article.id: article for article in articles or (make_article(),)}
    judged = [one for article in stored.values() if (one := judge(article, source, matcher))]
    shelf = Shelf(matcher=matcher, source=lambda _: source, article=stored.get)
    (change,) = compare(judged, lineup)
    return list(shelf.signed(change, 10))


def why(before: str, after: str, **article):
    (sample,) = samples(before, after, make_article(**article))
    return sample.sign, sample.why


REASONS = [
    ("any: [停戦]", "any: [停戦, 二次関税]", "+", Reason(kind="word", terms=("二次関税",))),
    ("any: [停戦, 二次関税]", "any: [停戦]", "-", Reason(kind="word", terms=("二次関税",))),
    (
        "any: [ロシア], none: [二次関税]",
        "any: [ロシア]",
        "+",
        Reason(kind="none", terms=("二次関税",)),
    ),
    ("any: [ロシア]", "any: [ロシア], none: [警告]", "-", Reason(kind="none", terms=("警告",))),
    (
        "any: [関税], boundary: whole, unless_part_of: [二次関税]",
        "any: [関税], boundary: whole",
        "+",
        Reason(kind="skipped", terms=("関税",), inside="二次関税"),
    ),
    ("all: [ロシア, 停戦]", "all: [ロシア]", "+", Reason(kind="lacking", terms=("停戦",))),
    ("any: [ロシア], sources: {groups: [tv]}", "any: [ロシア]", "+", Reason(kind="scope")),
    ("any: [ロシア], age: 1m", "any: [ロシア]", "+", Reason(kind="age")),
    ("any: [ロシア], enabled: false", "any: [ロシア]", "+", Reason(kind="disabled")),
    ("all: [ロシア, 停戦, 和平]", "all: [ロシア]", "+", Reason(kind="other")),
]


@pytest.mark.parametrize(("before", "after", "sign", "reason"), REASONS, ids=lambda one: str(one)[:40])
def test_the_reason_is_what_the_other_version_has_or_lacks(before, after, sign, reason):
    assert why(before, after) == (sign, reason)


def test_a_rule_that_waits_for_the_body_says_so():
    article = {"text": "", "text_from": TextFrom.TITLE, "missing": "fetch.closed"}
    rule = "any: [ロシア], none: [停戦]"
    assert why(f"{rule}, when_body_missing: skip", rule, **article) == ("+", Reason(kind="body"))


def test_a_sample_shows_the_article_as_the_rule_would():
    (sample,) = samples("any: [停戦]", "any: [停戦, 二次関税]")
    assert sample.match.terms == ("二次関税",)
    assert [sample.match.title.text[start:end] for start, end in sample.match.title.highlights] == ["二次関税"]
    assert (sample.article.id, sample.source.name) == ("0123456789abcdef", "朝の通信")


def test_gained_come_before_lost_and_the_newest_first():
    now = make_article().published_at
    articles = [
        make_article(id=f"a{n}", story=f"a{n}", title=title, text="", published_at=now - timedelta(minutes=n))
        for n, title in enumerate(["停戦", "和平", "停戦へ", "和平へ"])
    ]
    found = samples("any: [停戦]", "any: [和平]", *articles)
    assert [(one.sign, one.article.id) for one in found] == [("+", "a1"), ("+", "a3"), ("-", "a0"), ("-", "a2")]


def test_a_rule_that_is_new_needs_no_reason_and_what_was_forgotten_is_passed_over():
    lineup = line_up(book("- 停戦\n"), book("- 停戦\n- ロシア\n- 二次関税\n"))
    matcher = compile_rules(lineup.rules)
    judged = judge(make_article(), make_source(), matcher)
    changes = compare([judged, judged._replace(id="forgotten", story="forgotten")], lineup)
    asked = []
    stored = {make_article().id: make_article()}
    shelf = Shelf(
        matcher=matcher, source=lambda _: make_source(), article=lambda id_: asked.append(id_) or stored.get(id_)
    )
    found = [one for change in changes for one in shelf.signed(change, 10)]
    assert [(one.sign, one.why, one.match.rule_id) for one in found] == [("+", None, "ロシア"), ("+", None, "二次関税")]
    assert sorted(asked) == ["0123456789abcdef", "forgotten"]


@pytest.mark.parametrize(
    ("before", "after", "reason"),
    [
        ("title: [石油]", "any: [石油]", Reason(kind="lacking", terms=("石油",))),
        (
            "near: {left: [トランプ], right: [ロシア], within: 1}",
            "near: {left: [トランプ], right: [ロシア]}",
            Reason(kind="other"),
        ),
    ],
)
def test_every_near_miss_has_a_reason_that_can_be_said(before, after, reason):
    assert why(before, after) == ("+", reason)
