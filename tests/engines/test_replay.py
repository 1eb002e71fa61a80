"""The archive judged in this process and by workers: the same, and nothing is left behind."""

import multiprocessing
import os
import signal
from contextlib import closing
from datetime import timedelta

import pytest
from builders import NOW, make_article, make_source

from monitor.engines import replay as engine
from monitor.engines.replay import Errand, prepare, replay
from monitor.errors import ConfigError, MonitorError, StoreError, UsageError
from monitor.model import Telling
from monitor.ports import Taken
from monitor.stores import open_store

TITLES = ("停戦へ前進", "NATO首脳会議", "きょうの天気", "停戦とNATO")
SINCE = NOW - timedelta(days=30)


@pytest.fixture
def errand(tmp_path):
    """Forty articles, one an hour, and two rules."""
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "a.yaml").write_text("- 停戦\n- {name: NATO, any: [NATO], sources: {only: [wire]}}\n")
    path = str(tmp_path / "monitor.db")
    with closing(open_store(path)) as store:
        articles = [
            make_article(
                id=f"a{n}", story=f"a{n}", url=f"http://127.0.0.1/{n}", title=f"{TITLES[n % 4]} {n}", text="",
                source_id="wire" if n % 8 < 4 else "gone", published_at=None, fetched_at=NOW - timedelta(hours=n),
            )
            for n in range(40)
        ]  # fmt: skip
        store.polls.save_articles(
            [Taken(article=one, matches=(), telling=Telling.WAITING, key=one.id) for one in articles]
        )
    wire = make_source(id="wire", name="朝の通信")
    return Errand(database=path, rules=tmp_path / "rules", channels=frozenset(), sources=(wire,), since=SINCE)


@pytest.fixture
def crowd(monkeypatch):
    """Two workers, small parts."""
    monkeypatch.setattr(engine, "WORTH_WORKERS", 1)
    monkeypatch.setattr(engine, "PART", 7)
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    yield
    assert multiprocessing.active_children() == []


def run(errand: Errand):
    with closing(open_store(errand.database, create=False)) as store:
        extent = store.archive.extent(since=errand.since)
        with closing(replay(errand, prepare(errand), store.archive, extent)) as coming:
            return list(coming)


def judged(parts):
    return sorted((one.id, one.rules) for part in parts for one in part.judged)


def test_every_article_is_judged_by_the_rules_in_the_folder(errand):
    parts = run(errand)
    assert sum(part.read for part in parts) == sum(part.bare for part in parts) == 40
    found = dict(judged(parts))
    assert (found["a0"], found["a3"], found["a1"]) == ((0,), (0, 1), (1,))
    # A source that has left the configuration is known by its id alone.
    assert (found["a4"], found["a7"], "a5" in found) == ((0,), (0,), False)


@pytest.mark.slow
def test_workers_find_the_same(errand, crowd):
    parts = run(errand)
    assert len(parts) == 6
    assert sum(part.articles for part in parts) == 40
    assert judged(parts) == judged([engine._judge_part(errand, prepare(errand), _archive(errand), range(100))])


def _archive(errand):
    return open_store(errand.database, create=False).archive


def test_articles_from_before_the_time_are_read_and_left_out(errand, tmp_path):
    with closing(open_store(errand.database)) as store:
        old = make_article(id="old", url="http://127.0.0.1/old", title="停戦", published_at=SINCE - timedelta(days=1))
        store.polls.save_articles([Taken(article=old, matches=(), telling=Telling.WAITING, key="old")])
    (part,) = run(errand)
    assert (part.read, part.articles) == (41, 40)
    assert "old" not in dict(judged([part]))


def test_a_source_that_joined_later_counts_too(errand):
    with closing(open_store(errand.database)) as store:
        store.polls.unseen("wire", ["a5"], now=NOW)
    assert dict(judged(run(errand)))["a5"] == (1,)


def only(errand, **changes):
    values = {name: getattr(errand, name) for name in ("database", "rules", "channels", "sources", "since")}
    return Errand(**values | changes)


class TestPreparing:
    def test_a_rule_that_is_named_is_judged_even_if_it_is_switched_off(self, errand):
        (errand.rules / "a.yaml").write_text("- NATO\n- {name: 停戦, any: [停戦], enabled: false}\n")
        assert dict(judged(run(errand))).get("a0") is None
        assert dict(judged(run(only(errand, only="停戦"))))["a0"] == (0,)

    def test_an_unknown_rule_is_answered_with_the_nearest(self, errand):
        with pytest.raises(UsageError) as caught:
            prepare(only(errand, only="停戰"))
        assert caught.value.facts["name"] == "停戰"

    def test_two_versions_are_judged_side_by_side(self, errand, tmp_path):
        (tmp_path / "old").mkdir()
        (tmp_path / "old" / "a.yaml").write_text("- 停戦\n- 天気\n")
        found = dict(judged(run(only(errand, before=tmp_path / "old"))))
        assert (found["a1"], found["a2"], "a0" in found) == ((0,), (1,), False)
        assert prepare(only(errand, before=tmp_path / "old", only="天気")).lineup.rules[0].id == "天気"

    @pytest.mark.parametrize("which", ["rules", "before"])
    def test_broken_rules_are_told_with_their_place(self, errand, tmp_path, which):
        (tmp_path / "broken").mkdir()
        (tmp_path / "broken" / "b.yaml").write_text("- {name: 一}\n")
        with pytest.raises(ConfigError) as caught:
            prepare(only(errand, **{which: tmp_path / "broken"}))
        assert {finding.file for finding in caught.value.findings} == {str(tmp_path / "broken" / "b.yaml")}

    def test_rules_without_a_difference_judge_nothing(self, errand):
        bench = prepare(only(errand, before=errand.rules))
        assert bench.lineup.rules == ()
        assert judged(run(only(errand, before=errand.rules))) == []


@pytest.mark.slow
class TestWorkers:
    def start(self, errand):
        store = open_store(errand.database, create=False)
        return replay(errand, prepare(errand), store.archive, store.archive.extent())

    def test_end_at_once_when_nobody_wants_more(self, errand, crowd):
        coming = self.start(errand)
        next(coming)
        assert len(multiprocessing.active_children()) == 2
        coming.close()

    def test_leave_the_interrupt_as_it_was(self, errand, crowd):
        before = signal.getsignal(signal.SIGINT)
        with closing(self.start(errand)) as coming:
            next(coming)
            assert signal.getsignal(signal.SIGINT) is before

    def test_one_that_is_killed_ends_the_replay_with_a_sentence(self, errand, crowd):
        with closing(self.start(errand)) as coming:
            next(coming)
            for process in multiprocessing.active_children():
                process.kill()
            with pytest.raises(MonitorError) as caught:
                list(coming)
        assert caught.value.code == "replay.worker-ended"

    def test_rules_that_were_edited_meanwhile_are_not_mixed(self, errand, crowd):
        coming = self.start(errand)
        (errand.rules / "b.yaml").write_text("- 天気\n")
        with pytest.raises(UsageError) as caught:
            list(coming)
        assert caught.value.code == "replay.rules-changed"

    def test_what_they_cannot_read_is_told_as_ever(self, errand, crowd, tmp_path):
        with closing(open_store(errand.database, create=False)) as store:
            missing = only(errand, database=str(tmp_path / "nowhere.db"))
            with pytest.raises(StoreError):
                list(replay(missing, prepare(errand), store.archive, store.archive.extent()))
