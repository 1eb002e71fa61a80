"""What a replay came to -> JSON and lines."""

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from builders import NOW, make_article, make_source

from monitor.rules.files import RuleFile
from monitor.rules.findings import Report
from monitor.rules.load import read_rules
from monitor.rules.matcher import compile_rules
from monitor.stages.replay import Lineup, compare, judge, line_up, tally, time_of
from monitor.stages.replayed import Replayed, changes_json, show_changes, show_tallies, tallies_json
from monitor.stages.samples import Shelf

DAY = timedelta(days=1)
ARTICLES = [
    make_article(id="a", story="a", text="ロシアは停戦に応じた。"),
    make_article(id="b", story="b", title="停戦へ前進", text="", published_at=NOW - 2 * DAY, source_id="wire"),
    make_article(id="c", story="b", title="停戦へ前進", text="", published_at=NOW - 1 * DAY),
]
RULES = "- 停戦\n- {name: 関税の動き, id: tariffs, any: [関税]}\n- NATO\n- {name: 大量, any: [停戦], threshold: {stories: 3, within: 5d}}\n"


class Paper:
    """Keeps the lines."""

    width, plain = 60, False

    def __init__(self) -> None:
        self.lines: list[str] = []

    def line(self, text, style=""):
        self.lines.append(text)

    def snippet(self, before, shown, *, behind="", link=None):
        self.lines.append(before + shown.text + behind)

    @property
    def text(self) -> str:
        return "\n".join(self.lines)


def book(text: str):
    return read_rules([RuleFile(name="a.yaml", text=text, report=Report("a.yaml"))], folder=".", channels=())


def replayed(lineup: Lineup, *, language="en", bare=0):
    matcher = compile_rules(lineup.rules)
    sources = {"asahi-wire": make_source(), "wire": make_source(id="wire", name="夕方の通信")}
    stored = {article.id: article for article in ARTICLES}
    judged = [one for article in ARTICLES if (one := judge(article, sources[article.source_id], matcher))]
    run = Replayed(
        language=language,
        time=time_of(NOW - 10 * DAY, make_article(fetched_at=NOW - 20 * DAY), NOW, ZoneInfo("Asia/Tokyo")),
        articles=3,
        bare=bare,
        shelf=Shelf(matcher=matcher, source=sources.__getitem__, article=stored.get),
    )
    return run, judged


def told(text=RULES, **changes):
    rules = book(text).rules
    run, judged = replayed(Lineup(rules=rules), **changes)
    tallies = tally(judged, rules, run.time, samples=5)
    return run, [(place, rule, one) for place, (rule, one) in enumerate(zip(rules, tallies, strict=True))]


def test_json_holds_every_figure():
    found = tallies_json(*told())
    assert {key: found[key] for key in ("since", "until", "articles", "without_text")} == {
        "since": "2026-11-12T23:30:00+00:00",
        "until": "2026-11-22T23:30:00+00:00",
        "articles": 3,
        "without_text": 0,
    }
    first, second, third, fourth = found["rules"]
    assert (first["rule"], first["articles"], first["stories"], first["told"], first["per_day"]) == (
        "停戦",
        3,
        2,
        2,
        0.2,
    )
    assert first["days"] == {"2026-11-21": 1, "2026-11-23": 1}
    assert first["sources"] == {"asahi-wire": 2, "wire": 1}
    assert first["samples"][0] == {
        "article": "a",
        "url": "http://127.0.0.1/a/1",
        "title": "トランプ氏、ロシアに二次関税を警告",
        "source": "asahi-wire",
        "outlet": "朝の通信",
        "at": "2026-11-22T22:30:00+00:00",
        "terms": ["停戦"],
        "snippet": "ロシアは停戦に応じた。",
    }
    assert (second["rule"], second["name"], second["samples"][0]["snippet"]) == ("tariffs", "関税の動き", None)
    assert (third["articles"], third["samples"]) == (0, [])
    assert (fourth["stories"], fourth["told"]) == (2, 0)
    json.dumps(found)


def test_people_read_figures_bars_sources_and_samples():
    paper = Paper()
    show_tallies(*told(bare=2), paper)
    assert paper.lines[0] == "2026-11-13 – 2026-11-23: 3 articles, 4 rules"
    assert "2 of them" in paper.lines[1]
    start = paper.lines.index("停戦")
    assert paper.lines[start + 1 : start + 7] == [
        "  3 articles, 2 stories, 0.2 stories a day",
        "  11-13 ········█·█ 11-23",
        "  sources: 朝の通信 2, 夕方の通信 1",
        "  11-23 07:30  朝の通信  トランプ氏、ロシアに二次関税を警告",
        "      ロシアは停戦に応じた。",
        "  11-22 08:30  朝の通信  停戦へ前進",
    ]
    assert "関税の動き [tariffs]" in paper.lines
    assert "of which 0 reach the threshold" in paper.text
    assert paper.lines[-1] == "no article answers 1 rule: NATO"


def test_what_is_told_now_and_then_is_not_said_never_to_be():
    run, figures = told("- 関税\n- 停戦\n")
    months = time_of(NOW - 300 * DAY, make_article(fetched_at=NOW - 300 * DAY), NOW, run.time.zone)
    tallies = tally(replayed(Lineup(rules=book("- 停戦\n").rules))[1], book("- 停戦\n").rules, months, samples=0)
    paper = Paper()
    show_tallies(run, [(0, figures[0][1], tallies[0])], paper)
    assert "0.01 stories a day" in paper.text


def test_where_every_rule_tells_something_none_is_named_at_the_end():
    paper = Paper()
    show_tallies(*told("- 停戦\n", language="ja"), paper)
    assert "該当記事のない" not in paper.text
    assert "記事 3 件、話題 2 件、1 日平均 0.2 件" in paper.text


def test_what_waits_for_its_body_is_named():
    run, figures = told("- 停戦\n")
    paper = Paper()
    waiting = tally([one._replace(rules=(), withheld=(0,)) for one in replayed(Lineup(rules=book("- 停戦\n").rules))[1]],
                    book("- 停戦\n").rules, run.time, samples=1)  # fmt: skip
    show_tallies(run, [(0, figures[0][1], waiting[0])], paper)
    assert "3 more without a body" in paper.text


def test_many_sources_are_cut_short():
    run, figures = told("- 停戦\n")
    run.shelf.source.__self__.update({f"s{n}": make_source(id=f"s{n}", name=f"S{n}") for n in range(7)})
    many = [
        one._replace(id=f"x{n}", source=f"s{n}")
        for n, one in enumerate([replayed(Lineup(rules=book("- 停戦\n").rules))[1][0]] * 7)
    ]
    paper = Paper()
    show_tallies(run, [(0, figures[0][1], tally(many, book("- 停戦\n").rules, run.time, samples=0)[0])], paper)
    assert "sources: S0 1, S1 1, S2 1, S3 1, S4 1, 2 more" in paper.text


BEFORE = "- {name: 停戦, any: [停戦]}\n- {name: 静か, any: [原油]}\n- {name: 旧名, any: [欧州]}\n- {name: 去る, any: [関税]}\n"
AFTER = "- {name: 停戦, any: [停戦], none: [ロシア]}\n- {name: 静か, any: [原油, 石炭]}\n- {name: 新名, any: [欧州]}\n- {name: 来る, any: [関税]}\n"


def compared(before=BEFORE, after=AFTER, **changes):
    lineup = line_up(book(before), book(after))
    run, judged = replayed(lineup, **changes)
    return run, compare(judged, lineup), lineup.renamed


def test_differences_as_json_name_every_article():
    found = changes_json(
        *compared(
            "- {name: 停戦, any: [停戦]}\n- 原油\n",
            "- {name: 停戦, any: [停戦], none: [ロシア]}\n- 欧州\n- {name: 新, any: [関税]}\n",
        )
    )
    assert (found["equal"], found["added"], found["removed"], found["changed"]) == (
        False,
        ["欧州", "新"],
        ["原油"],
        ["停戦"],
    )
    rule = found["rules"][0]
    assert (rule["rule"], rule["change"], rule["gained"], rule["lost"], rule["kept"]) == (
        "停戦",
        "changed",
        [],
        ["a"],
        2,
    )
    assert rule["sources"] == {"asahi-wire": {"gained": 0, "lost": 1}}
    (sample,) = rule["samples"]
    assert (sample["sign"], sample["reason"], sample["article"]) == ("-", "none: ロシア", "a")
    assert found["rules"][2]["samples"][0]["reason"] is None
    json.dumps(found)


def test_differences_for_people():
    paper = Paper()
    show_changes(
        *compared(
            "- {name: 停戦, any: [停戦]}\n- {name: 静か, any: [原油]}\n- {name: 旧名, any: [欧州]}\n- {name: 去る, any: [二次関税]}\n"
        ),
        Path("old"),
        paper,
    )
    assert "compared with old" in paper.lines[0]
    assert "旧名 is now 新名; the rule says the same" in paper.lines
    start = paper.lines.index("停戦")
    assert paper.lines[start + 1 : start + 5] == [
        "  +0 -1, 2 as before",
        "  by source: 朝の通信 +0 -1",
        "  - 11-23 07:30  朝の通信  トランプ氏、ロシアに二次関税を警告  [none: ロシア]",
        "      ロシアは停戦に応じた。",
    ]
    assert "  new rule: +1" in paper.lines
    assert "  rule removed: -1" in paper.lines
    assert paper.lines[-2:] == [
        "Rules that were changed, with the same result in this time: 静か",
        "+1 -2 articles in all",
    ]


@pytest.mark.parametrize(("language", "words"), [("en", "No difference"), ("ja", "違いはありません")])
def test_no_difference_is_said(language, words):
    paper = Paper()
    show_changes(*compared(BEFORE, BEFORE, language=language), Path("old"), paper)
    assert words in paper.lines[-1]


@pytest.mark.parametrize(
    ("before", "after", "words"), [("停戦", "石炭", "no more there: 停戦"), ("石炭", "停戦", "new: 停戦")]
)
def test_words_that_came_or_went_are_the_reason(before, after, words):
    run, changes, renamed = compared(
        f"- {{name: 一, any: [原油, {before}]}}\n", f"- {{name: 一, any: [原油, {after}]}}\n"
    )
    paper = Paper()
    show_changes(run, changes, renamed, Path("old"), paper)
    assert f"[{words}]" in paper.text


@pytest.mark.parametrize("since", [timedelta(hours=30), timedelta(hours=6)])
def test_less_than_a_day_has_no_average_of_days(since):
    run, shown = told()
    run = replace(run, time=time_of(NOW - since, make_article(fetched_at=NOW - 20 * DAY), NOW, run.time.zone))
    paper = Paper()
    show_tallies(run, shown, paper)
    assert any("a day" in line for line in paper.lines) is (since > DAY)
    assert "  3 articles, 2 stories, of which 0 reach the threshold" in paper.text


def test_what_is_told_otherwise_is_said_though_the_articles_are_the_same():
    paper = Paper()
    show_changes(*compared("- {name: 停戦, any: [停戦], none: [ロシア], when: now}\n"), Path("old"), paper)
    assert "停戦: also told otherwise now (when)" in paper.lines
