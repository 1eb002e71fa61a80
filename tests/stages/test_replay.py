"""Articles that rules answer -> what would have been told, per rule, source and day, and beside another version."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from builders import NOW, make_article, make_source

from monitor.model import TextFrom
from monitor.rules.files import RuleFile
from monitor.rules.findings import Report
from monitor.rules.load import read_rules
from monitor.rules.matcher import compile_rules
from monitor.stages.replay import Judged, Pair, compare, dated, judge, judge_joined, line_up, newest, tally, time_of

TOKYO = ZoneInfo("Asia/Tokyo")
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
SINCE = NOW - 30 * DAY


def book(text: str):
    made = read_rules([RuleFile(name="a.yaml", text=text, report=Report("a.yaml"))], folder=".", channels=())
    assert made.findings == ()
    return made


def one(id_: str, *rules: int, at: datetime = NOW, source: str = "s1", story: str | None = None, withheld=()) -> Judged:
    return Judged(id_, story or id_, source, at, rules, withheld)


def tallies(judged, text="- 一\n- 二\n", *, first=SINCE, samples=5):
    time = time_of(SINCE, make_article(fetched_at=first), NOW, TOKYO)
    return tally(judged, book(text).rules, time, samples=samples)


class TestJudging:
    def judged(self, written: str, **article):
        return judge(make_article(**article), make_source(group="tv"), compile_rules(book(written).rules))

    def test_the_rules_that_tell_it_stand_by_their_places(self):
        text = "- NATO\n- 二次関税\n- ロシア\n"
        assert self.judged(text) == Judged(
            "0123456789abcdef", "0123456789abcdef", "asahi-wire", NOW - HOUR, rules=(1, 2)
        )

    def test_an_article_that_none_answers_is_nothing(self):
        assert self.judged("- NATO\n") is None

    def test_the_scope_is_that_of_the_source(self):
        assert self.judged("- {name: 一, any: [ロシア], sources: {groups: [tv]}}\n").rules == (0,)
        assert self.judged("- {name: 一, any: [ロシア], sources: {groups: [wire]}}\n") is None

    @pytest.mark.parametrize(
        ("said", "rules", "withheld"), [("tell", (0,), ()), ("hold", (), (0,)), ("skip", (), (0,))]
    )
    def test_without_the_body_the_rule_says_whether_it_is_told(self, said, rules, withheld):
        text = f"- {{name: 一, any: [ロシア], none: [停戦], when_body_missing: {said}}}\n"
        found = self.judged(text, text="", text_from=TextFrom.TITLE, missing="fetch.closed")
        assert (found.rules, found.withheld) == (rules, withheld)

    def test_other_sources_that_carry_it_count_for_rules_that_choose_sources(self):
        text = (
            "- ロシア\n- {name: 甲, any: [ロシア], sources: {groups: [wire]}}\n"
            "- {name: 乙, any: [ロシア], sources: {groups: [tv]}}\n"
            "- {name: 丙, any: [ロシア], none: [停戦], when_body_missing: hold, sources: {only: [s2]}}\n"
        )
        matcher = compile_rules(book(text).rules)
        article = make_article(text="", text_from=TextFrom.TITLE, missing="fetch.closed")
        sources = [
            make_source(id=f"s{n}", name=f"s{n}", group=group) for n, group in enumerate(["tv", "tv", "wire", "wire"])
        ]
        first = judge(article, sources[0], matcher)
        assert first.rules == (0, 2)
        assert [
            (one.source, one.rules, one.withheld) for one in judge_joined(article, sources[1:], matcher, first)
        ] == [("s2", (1,), (3,))]
        assert [one.rules for one in judge_joined(article, sources[:1], matcher, None)] == [(2,)]
        assert list(judge_joined(make_article(title="", text=""), sources, matcher, None)) == []

    def test_an_article_has_the_time_of_its_news(self):
        assert dated(make_article(published_at=NOW - DAY, fetched_at=NOW)) == NOW - DAY
        assert dated(make_article(published_at=None, fetched_at=NOW)) == NOW
        assert dated(make_article(published_at=NOW + DAY, fetched_at=NOW)) == NOW


class TestTallies:
    def test_each_rule_has_its_own_figures(self):
        first, second = tallies([one("a", 0), one("b", 0, 1, source="s2"), one("c", 0, source="s2", story="b")])
        assert (first.articles, first.stories, first.told, first.withheld) == (3, 2, 2, 0)
        assert list(first.sources.items()) == [("s2", 2), ("s1", 1)]
        assert (second.articles, second.stories, dict(second.sources)) == (1, 1, {"s2": 1})

    def test_a_rule_that_nothing_answers_has_a_tally_too(self):
        _, second = tallies([one("a", 0)])
        assert (second.articles, second.stories, second.per_day) == (0, 0, 0)
        assert (second.days, second.sources, second.newest) == ({}, {}, ())

    def test_a_story_counts_on_the_day_of_its_first_article_in_the_zone_of_the_newsroom(self):
        evening = datetime(2026, 11, 20, 15, 30, tzinfo=UTC)
        (found, _) = tallies(
            [one("b", 0, at=evening + DAY, story="a"), one("a", 0, at=evening), one("c", 0, at=evening - HOUR)]
        )
        assert found.days == {date(2026, 11, 20): 1, date(2026, 11, 21): 1}
        assert list(found.days) == sorted(found.days)

    def test_what_waits_for_its_body_is_counted_apart(self):
        (found, _) = tallies([one("a", withheld=(0,)), one("b", 0)])
        assert (found.articles, found.withheld) == (1, 1)

    def test_the_newest_are_samples_one_of_a_story(self):
        judged = [one(f"a{n}", 0, at=NOW - n * HOUR, story="x" if n < 2 else None) for n in range(5)][::-1]
        (found, _) = tallies(judged, samples=3)
        assert [sample.id for sample in found.newest] == ["a0", "a2", "a3"]
        assert newest([], 3) == ()

    def test_a_threshold_keeps_back_what_does_not_reach_it(self):
        text = "- {name: 一, any: [x一], threshold: {stories: 2, within: 3h}}\n- 二\n"
        judged = [
            one("a", 0, 1, at=NOW - 2 * DAY),
            one("b", 0, 1, at=NOW - HOUR),
            one("c", 0, 1, at=NOW),
            one("d", 0, 1, at=NOW - 9 * DAY),
            one("e", 0, 1, at=NOW - 9 * DAY, story="d"),
        ]
        first, second = tallies(judged, text)
        assert (first.articles, first.stories, first.told) == (5, 4, 2)
        assert (second.told, len(second.newest)) == (4, 4)
        assert sum(first.days.values()) == 2
        assert [sample.id for sample in first.newest] == ["c", "b"]

    def test_a_threshold_of_outlets(self):
        text = "- {name: 一, any: [x一], threshold: {sources: 2, within: 3h}}\n"
        assert tallies([one("a", 0), one("b", 0)], text)[0].told == 0
        assert tallies([one("a", 0), one("b", 0, source="s2")], text)[0].told == 2


class TestTheAverage:
    def test_counts_the_days_since_the_archive_is_kept(self):
        judged = [one(f"a{n}", 0, at=NOW - n * DAY) for n in range(10)]
        assert tallies(judged, first=SINCE - DAY)[0].per_day == pytest.approx(10 / 30)
        assert tallies(judged, first=NOW - 5 * DAY)[0].per_day == pytest.approx(6 / 5)

    def test_of_an_archive_that_has_just_begun_is_that_of_the_last_day(self):
        judged = [one("a", 0, at=NOW - HOUR), one("b", 0, at=NOW - 20 * DAY)]
        assert tallies(judged, first=NOW)[0].per_day == 1

    def test_of_a_time_without_length_is_finite(self):
        time = time_of(NOW, None, NOW, TOKYO)
        assert tally([one("a", 0)], book("- 一\n").rules, time, samples=1)[0].per_day == 24


OLD = """
- name: 同じ
  any: [停戦]
- name: 変わる
  any: [ロシア]
- name: 消える
  any: [関税]
- name: 旧名
  any: [欧州連合]
"""
NEW = """
- name: 変わる
  any: [ロシア, ウクライナ]
- name: 同じ
  any: [停戦]
- name: 新名
  any: [欧州連合]
- name: 加わる
  any: [原油]
"""


class TestComparing:
    def test_only_rules_that_differ_are_judged(self):
        lineup = line_up(book(OLD), book(NEW))
        assert [rule.name for rule in lineup.rules] == ["変わる", "変わる", "加わる", "消える"]
        assert lineup.pairs == (
            Pair(before=0, after=1),
            Pair(before=None, after=2),
            Pair(before=3, after=None),
        )
        assert lineup.renamed == (("旧名", "新名"),)

    def test_one_rule_alone(self):
        assert [rule.name for rule in line_up(book(OLD), book(NEW), only="加わる").rules] == ["加わる"]
        assert [rule.name for rule in line_up(book(OLD), book(NEW), only="消える").rules] == ["消える"]
        assert line_up(book(OLD), book(NEW), only="同じ").pairs == ()
        assert line_up(book(OLD), book(NEW), only="新名").renamed == (("旧名", "新名"),)

    def test_the_same_rules_leave_nothing_to_judge(self):
        lineup = line_up(book(OLD), book(OLD))
        assert (lineup.rules, lineup.pairs, lineup.renamed) == ((), (), ())
        assert compare([], lineup) == []

    def test_what_a_threshold_keeps_back_is_not_told(self):
        old, new = (
            "- {name: 一, any: [x一]}\n",
            "- {name: 一, any: [x一], threshold: {stories: 9, within: 1h}, when: now}\n",
        )
        judged = [one(f"a{n}", 0, 1, at=NOW - n * HOUR) for n in range(4)]
        (change,) = compare(judged, line_up(book(old), book(new)))
        assert (len(change.lost), change.gained, change.kept) == (4, (), 0)
        assert change.told_otherwise == ("when",)

    def test_what_one_version_alone_tells_is_gained_or_lost(self):
        lineup = line_up(book(OLD), book(NEW))
        judged = [
            one("both", 0, 1, at=NOW - HOUR),
            one("lost", 0, at=NOW - 2 * HOUR, source="s2"),
            one("gained", 1, 2, at=NOW - 3 * HOUR, source="s2"),
            one("newer", 1, at=NOW, source="s2"),
            one("gone", 3),
        ]
        changed, added, removed = compare(judged, lineup)
        assert [sample.id for sample in changed.gained] == ["newer", "gained"]
        assert [sample.id for sample in changed.lost] == ["lost"]
        assert (changed.kept, changed.sources, changed.kind) == (1, {"s2": (2, 1)}, "changed")
        assert ([sample.id for sample in added.gained], added.lost, added.kept) == (["gained"], (), 0)
        assert (removed.gained, [sample.id for sample in removed.lost], removed.kept) == ((), ["gone"], 0)
        assert [(change.rule.name, change.kind) for change in (added, removed)] == [
            ("加わる", "added"),
            ("消える", "removed"),
        ]
