"""What the newest articles of the archive say of the rules."""

from datetime import timedelta

import pytest
from builders import NOW, make_article, make_source

from monitor.rules.files import RuleFile
from monitor.rules.findings import Report
from monitor.rules.load import read_rules
from monitor.rules.matcher import compile_rules
from monitor.stages.checked import names_json, per_day, show_names, show_skipped, survey_json
from monitor.stages.survey import Estimate, survey

DAY = timedelta(days=1)
RULES = """
- name: 停戦
  any: [停戦]
- name: 通信社の停戦
  any: [停戦]
  sources: {only: [wire]}
- インド
- name: 止めたルール
  any: [停戦]
  enabled: false
"""


def rules(text=RULES):
    return read_rules([RuleFile(name="r.yaml", text=text, report=Report("r.yaml"))], folder="", channels=())


def article(number, text, days, **changes):
    at = NOW - days * DAY
    values = {
        "id": f"a{number}",
        "story": f"a{number}",
        "title": "",
        "text": text,
        "fetched_at": at,
        "published_at": at,
    }
    return make_article(**values | changes)


def seen(*articles, text=RULES):
    matcher = compile_rules(rules(text).rules)
    return survey(articles, matcher, sources=[make_source(id="wire")], now=NOW, zone=NOW.tzinfo)


def test_stories_a_day_are_counted_per_rule():
    found = seen(
        article(1, "停戦へ", 0.5, source_id="wire"),
        article(2, "停戦へ", 1, story="a1", source_id="gone"),
        article(3, "停戦の行方", 3, source_id="gone"),
        article(4, "晴れ", 4),
    )
    assert (found.articles, found.days) == (4, 4)
    assert found.estimates == (
        Estimate(rule="停戦", stories=2, per_day=0.5),
        Estimate(rule="通信社の停戦", stories=1, per_day=0.25),
        Estimate(rule="インド", stories=0, per_day=0),
        Estimate(rule="止めたルール", stories=0, per_day=0),
    )


def test_nothing_is_stored_yet():
    found = seen()
    assert (found.articles, found.days, {one.per_day for one in found.estimates}) == (0, 1, {0})


def test_what_a_new_source_listed_from_before_says_nothing_of_a_day():
    (first, *_) = seen(article(1, "停戦へ", 0.1, published_at=NOW - 300 * DAY)).estimates
    assert (first.stories, first.per_day) == (1, 0)


def test_as_json():
    found = survey_json(seen(article(1, "停戦へ。インドネシアと", 0.3)))
    assert found["estimates"]["articles"] == 1
    assert found["estimates"]["rules"][0] == {"rule": "停戦", "stories": 1, "per_day": 1.0}
    assert found["skipped"] == [{"term": "インド", "count": 1, "articles": 1, "inside": {"インドネシア": 1}}]


class Page:
    """A terminal that keeps its lines."""

    def __init__(self):
        self.lines = []

    def line(self, text, _style=""):
        self.lines.append(text)


@pytest.mark.parametrize(
    ("texts", "shown"),
    [
        (["インドネシア"] * 2, []),
        (["インドネシア"] * 2 + ["マハインド"], ["  インド: 3 places in 3 articles (インドネシア 2, マハインド 1)"]),
    ],
)
def test_what_is_skipped_often_is_shown(texts, shown):
    page = Page()
    show_skipped(seen(*(article(n, text, 1) for n, text in enumerate(texts))), "en", page)
    assert page.lines[2:] == shown


def test_few_terms_and_few_words_are_shown():
    words = ("XNATO", "YNATO", "ZNATO", "QNATO", "WNATO")
    terms = ("abc", "def", "ghi", "jkl", "mno")
    text = "。".join([*words, *(f"q{term}" for term in terms * 3)])
    page = Page()
    show_skipped(seen(article(1, text, 1), text="".join(f"- {term}\n" for term in ("NATO", *terms))), "en", page)
    assert page.lines[2] == "  NATO: 5 places in 1 article (QNATO 1, WNATO 1, XNATO 1, YNATO 1, …)" or page.lines[
        2
    ].endswith(", …)")
    assert len(page.lines) == 2 + 5 + 1
    assert page.lines[-1].startswith("  … and 1 more")


NAMES = (
    "names:\n  z: {family: ゼレンスキー, given: ウォロディミル}\n  t: {family: 高市, given: 早苗}\nrules: [$z, $t]\n"
)


def test_names_are_shown_with_their_spellings():
    book, page = rules(NAMES), Page()
    show_names(book.names, "ja", page, every=False)
    assert page.lines[2] == "  $z: ゼレンスキー, ウォロディミル・ゼレンスキー"
    assert "--verbose" in page.lines[3]
    every = Page()
    show_names(book.names, "ja", every, every=True)
    assert len(every.lines[3]) > len(page.lines[3])
    assert names_json(book.names)["z"] == ["ゼレンスキー", "ウォロディミル・ゼレンスキー"]


def test_without_names_nothing_is_shown():
    page = Page()
    show_names({}, "ja", page, every=True)
    assert page.lines == []


@pytest.mark.parametrize(
    ("rate", "shown"),
    [(0, "0"), (0.01, "<0.1"), (0.04, "<0.1"), (0.06, "0.1"), (3.24, "3.2"), (9.96, "10.0"), (123.4, "123")],
)
def test_a_rate_as_people_say_it(rate, shown):
    assert per_day(rate) == shown
