"""The engine, held against the slow and obvious evaluator of `reference.py` on random rules and texts."""

import json

import pytest
from builders import make_article, make_source
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st
from rules.reference import Reference

from monitor.model import TextFrom
from monitor.rules.files import RuleFile
from monitor.rules.findings import Report
from monitor.rules.language import Verdict
from monitor.rules.load import read_rules
from monitor.rules.matcher import compile_rules, judge
from monitor.rules.trace import explain

LISTS = {"countries": ["中国", "インド", "ロシア"], "cars": ["トヨタ", "recall*"]}
PIECES = [
    "二次関税", "第二次関税", "二次", "関税", "インド", "インドネシア", "ＮＡＴＯ", "NATO", "nato", "SENATOR", "US", " us ", " US ",
    "ｾﾞﾚﾝｽｷｰ", "ゼレンスキー", "トランプ", "トランプノミクス", "サーバ", "サーバー", "中国", "中国電力", "トヨタ", "ﾄﾖﾀ", " recalls ",
    "髙市", "高市", "邊", "30億円", "３億円", "、", " ", "と", "は", "。", ". ", "\n\n", "が\u3099", "Toyota's ", "・", "A",
]  # fmt: skip
TERMS = [
    "二次関税", "関税", "インド", "NATO", "US", "ゼレンスキー", "トランプ", "トランプ*", "サーバー", "中国", "tariff", "SENAT*",
    "高市", "渡辺", "Toyota", "$countries", "$cars",
]  # fmt: skip
#: What `re` writes otherwise: its \b knows more than ASCII, its \w not the marks that belong to a letter.
EXPRESSIONS = {
    r"\bUS\b": r"(?a:\bUS\b)",
    r"\bnato\w?": r"(?a:\b)nato[\w\u3099\u309a]?",
    r"\w+関税": r"[\w\u3099\u309a]+関税",
}
PATTERNS = [
    *EXPRESSIONS, "ﾈｼｱ", "ＮＡＴＯ", r"\d+億円", r"中国.{0,4}中国", "第.次|関税", "[ア-ン]ンド", r"\s中国", "高市", "(サーバ)ー?", "[^、。]と",
]  # fmt: skip

texts = st.lists(st.sampled_from(PIECES), max_size=9).map("".join)
words = st.lists(st.sampled_from(TERMS), min_size=1, max_size=3)
governing = {
    "boundary": st.sampled_from(["auto", "part", "part", "whole"]),
    "case": st.sampled_from(["auto", "exact", "fold"]),
    "unless_part_of": st.lists(
        st.sampled_from(["第二次関税", "中国電力", "インドネシア", "トランプノミクス", "US"]), min_size=1, max_size=2
    ),
    "fold": st.dictionaries(st.sampled_from(["width", "dashes", "dots", "variants"]), st.booleans(), min_size=1),
}
near = st.fixed_dictionaries(
    {"left": words, "right": words},
    optional={
        "within": st.sampled_from([1, 3, 8]),
        "order": st.sampled_from(["any", "left_first"]),
        "unit": st.sampled_from(["characters", "words", "sentence"]),
    },
)
patterns = st.one_of(
    st.sampled_from(PATTERNS), st.lists(st.sampled_from(PATTERNS), min_size=1, max_size=2, unique=True)
)


def n_of(things):
    """`at_least` with a number that can be reached."""
    listed = st.lists(things, min_size=1, max_size=3).flatmap(
        lambda of: st.fixed_dictionaries({"n": st.integers(1, len(of)), "of": st.just(of)})
    )
    return listed | st.integers(1, 3).map(lambda n: {"n": n, "of": "$countries"})


def blocks(inner):
    things = st.one_of(st.sampled_from(TERMS), inner)
    listed = st.lists(things, min_size=1, max_size=3)
    keys = {"any": listed, "all": listed, "at_least": n_of(things), "near": near, "regex": patterns, "none": listed}
    also = {"none": listed, "all": listed, "min_hits": st.integers(1, 3), **governing}
    return st.one_of(
        st.fixed_dictionaries({kind: keys[kind]}, optional={key: also[key] for key in also if key != kind})
        for kind in ("any", "all", "at_least", "near", "regex", "none")
    )


leaves = st.one_of(
    st.fixed_dictionaries({"any": words}, optional=governing | {"min_hits": st.integers(1, 3)}),
    st.fixed_dictionaries({"near": near}, optional=governing),
    st.fixed_dictionaries({"regex": patterns}, optional=governing),
)
nested = st.recursive(leaves, blocks, max_leaves=5)
rules = st.one_of(
    nested,
    nested.flatmap(lambda block: st.fixed_dictionaries({"title": nested}).map(lambda field: block | field)),
    st.fixed_dictionaries({"title": nested}, optional={"body": nested, "none": words, **governing}),
    st.fixed_dictionaries({"any": st.lists(st.fixed_dictionaries({"body": nested}) | nested, min_size=1, max_size=2)}),
)
BODIES = [
    {},
    {"text": "", "text_from": TextFrom.TITLE, "missing": "fetch.closed"},
    {"text_from": TextFrom.ENTRY, "missing": "fetch.closed"},
]
VALUES = {True: Verdict.TRUE, False: Verdict.FALSE, None: Verdict.UNKNOWN}


def matcher_of(blocks):
    """Rules as Python values, through YAML (JSON is YAML) and the loader; what is no rule is no example."""
    rules = [{"name": f"r{n}"} | block for n, block in enumerate(blocks)]
    text = json.dumps({"lists": LISTS, "rules": rules}, ensure_ascii=False)
    book = read_rules([RuleFile(name="x", text=text, report=Report("x"))], folder="x", channels=())
    errors = {finding.code for finding in book.findings if finding.severity == "error"}
    assert errors <= {"rules.no-positive", "rules.min-hits-nothing"}, book.findings
    assume(not errors)
    return compile_rules(book.rules)


def agree(blocks, articles):
    matcher = matcher_of(blocks)
    for article in articles:
        expected = [Reference(article, LISTS, EXPRESSIONS, whole=True).block(block) for block in blocks]
        hits = matcher.find(article, make_source())
        assert [hit.rule.order for hit in hits] == [n for n, (value, _) in enumerate(expected) if value]
        for hit in hits:
            places = {(str(one.field), one.start, one.end) for one in hit.occurrences}
            assert places == expected[hit.rule.order][1]
        found = matcher.look(article)
        values = [VALUES[Reference(article, LISTS, EXPRESSIONS).block(block)[0]] for block in blocks]
        assert [judge(rule, found, make_source(), article) for rule in matcher.rules] == values
        explained = explain(matcher, article, make_source())
        assert [why.verdict for why in explained] == values
        assert [why.rule.order for why in explained if why.told] == [hit.rule.order for hit in hits]


articles = st.builds(
    lambda title, body, state: make_article(title=title, **{"text": body} | state),
    texts,
    texts,
    st.sampled_from(BODIES),
)
QUICK = settings(derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))


@settings(QUICK, max_examples=120)
@example(
    [{"any": ["US"]}, {"any": ["US"], "case": "fold"}, {"any": ["NATO"], "case": "exact"}],
    [make_article(title="to us", text="nato")],
)
@example([{"any": [{"regex": r"\w+関税"}]}], [make_article(title="が\u3099二次関税", text="")])
@example([{"near": {"left": ["NATO"], "right": ["US"]}}], [make_article(title="", text="NATO " + "は" * 31 + " US")])
@given(st.lists(rules, min_size=1, max_size=2), st.lists(articles, min_size=2, max_size=4))
def test_the_engine_agrees_with_the_slow_evaluator(blocks, articles):
    agree(blocks, articles)


@pytest.mark.slow
@settings(QUICK, max_examples=1_000)
@given(st.lists(rules, min_size=1, max_size=3), st.lists(articles, min_size=2, max_size=6))
def test_the_engine_agrees_with_the_slow_evaluator_on_a_thousand(blocks, articles):
    agree(blocks, articles)


@pytest.mark.long
@settings(max_examples=10_000, derandomize=False, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(rules, min_size=1, max_size=3), st.lists(articles, min_size=2, max_size=6))
def test_the_engine_agrees_with_the_slow_evaluator_on_new_ones(blocks, articles):
    agree(blocks, articles)


@settings(QUICK, max_examples=50)
@given(rules, texts, texts)
def test_a_missing_body_only_ever_makes_verdicts_unknown(block, title, body):
    """Whatever is said without the body must still hold when the body comes."""
    matcher = matcher_of([block])
    (early,) = explain(matcher, make_article(title=title, **BODIES[1]), make_source())
    (late,) = explain(matcher, make_article(title=title, text=body), make_source())
    assert early.verdict in (Verdict.UNKNOWN, late.verdict)
