"""Noticing that rule files have changed: every kind of change, and never one that is only half done."""

import os
import shutil

import pytest

from monitor.errors import ConfigError
from monitor.jobs.watch import FileWatch, Reload, fingerprint, reload_files, reload_now
from monitor.model import Finding, Severity


@pytest.fixture
def rules(tmp_path):
    folder = tmp_path / "rules"
    (folder / "deep").mkdir(parents=True)
    (folder / "a.yaml").write_text("- NATO\n")
    (folder / "deep" / "b.yml").write_text("- EU\n")
    return folder


def watch_of(rules):
    watch = FileWatch()
    watch.follow(rules, ())
    return watch


def rename(rules):
    (rules / "a.yaml").rename(rules / "c.yaml")


def delete(rules):
    (rules / "a.yaml").unlink()


def add(rules):
    (rules / "new.yaml").write_text("- UN\n")


def add_in_new_folder(rules):
    (rules / "x" / "y").mkdir(parents=True)
    (rules / "x" / "y" / "new.yaml").write_text("- UN\n")


def rename_folder(rules):
    (rules / "deep").rename(rules / "deeper")


def hide_folder(rules):
    (rules / "deep").rename(rules / ".deep")


def remove_everything(rules):
    shutil.rmtree(rules)


def same_size_and_time(rules):
    """As `cp -p` or a coarse clock leaves it."""
    file = rules / "a.yaml"
    before = file.stat()
    file.write_text("- OTAN\n")
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))


def replaced_with_the_same_time(rules):
    """As an editor does that writes beside the file and renames."""
    file, draft = rules / "a.yaml", rules / "a.draft"
    before = file.stat()
    draft.write_text("- OTAN\n")
    os.utime(draft, ns=(before.st_atime_ns, before.st_mtime_ns))
    draft.replace(file)


def link_folder(rules):
    outside = rules.parent / "outside"
    outside.mkdir()
    (outside / "linked.yaml").write_text("- UN\n")
    (rules / "link").symlink_to(outside)


CHANGES = (
    rename, delete, add, add_in_new_folder, rename_folder, hide_folder, remove_everything, same_size_and_time,
    replaced_with_the_same_time, link_folder,
)  # fmt: skip


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_every_change_is_seen_once_it_has_settled(rules, change):
    watch = watch_of(rules)
    assert not watch.has_settled_anew()
    change(rules)
    assert [watch.has_settled_anew(), watch.has_settled_anew()] == [False, True]
    assert watch.confirm()
    assert not watch.has_settled_anew()


@pytest.mark.parametrize(
    "name", [".a.yaml.swp", "a.yaml~", "#a.yaml#", ".#a.yaml", "a.yaml.bak", "4913", "notes.txt", ".a.yaml"]
)
def test_what_editors_leave_beside_a_file_does_not_matter(rules, name):
    before = fingerprint(rules)
    (rules / name).write_text("half a fil")
    assert fingerprint(rules) == before


def test_a_file_written_in_steps_is_read_when_it_stands_still(rules):
    watch = watch_of(rules)
    looks = []
    for text in ("", "- NA", "- NATO\n- E", "- NATO\n- EU\n"):
        (rules / "a.yaml").write_text(text)
        looks.append(watch.has_settled_anew())
    assert looks == [False] * 4
    assert watch.has_settled_anew()


def test_a_file_that_comes_back_as_it_was_changes_nothing(rules):
    """A folder that is away for a moment: a network disk, another branch."""
    watch = watch_of(rules)
    rules.rename(rules.with_name("away"))
    assert not watch.has_settled_anew()
    rules.with_name("away").rename(rules)
    assert [watch.has_settled_anew(), watch.has_settled_anew()] == [False, False]


def test_a_folder_that_vanished_and_came_back_is_read_again(rules):
    watch = watch_of(rules)
    rules.rename(rules.with_name("away"))
    assert [watch.has_settled_anew(), watch.has_settled_anew(), watch.confirm()] == [False, True, True]
    rules.with_name("away").rename(rules)
    assert [watch.has_settled_anew(), watch.has_settled_anew(), watch.confirm()] == [False, True, True]


def test_what_changes_while_it_is_read_is_not_taken_and_read_again(rules):
    watch = watch_of(rules)
    add(rules)
    assert [watch.has_settled_anew(), watch.has_settled_anew()] == [False, True]
    delete(rules)
    assert not watch.confirm()
    assert watch.has_settled_anew()
    assert watch.confirm()


def test_what_changes_while_the_rules_are_read_first_is_not_missed(rules):
    watch = watch_of(rules)
    add(rules)
    assert [watch.has_settled_anew(), watch.has_settled_anew()] == [False, True]


def test_a_link_to_a_folder_is_followed_and_a_circle_ends(rules):
    link_folder(rules)
    (rules.parent / "outside" / "circle").symlink_to(rules)
    watch = watch_of(rules)
    (rules.parent / "outside" / "linked.yaml").write_text("- changed\n")
    assert [watch.has_settled_anew(), watch.has_settled_anew()] == [False, True]


def test_a_file_that_leads_nowhere_is_no_file(tmp_path):
    (tmp_path / "gone.yaml").symlink_to(tmp_path / "nowhere")
    assert fingerprint(tmp_path) == frozenset()


class TestReload:
    async def test_nothing_is_read_while_nothing_changes(self, rules):
        assert await reload_files(watch_of(rules), pytest.fail) is None

    async def test_what_was_read_judges_from_now_on(self, rules):
        watch = watch_of(rules)
        add(rules)
        assert await reload_files(watch, lambda: "new") is None
        assert await reload_files(watch, lambda: "new") == Reload(plan="new")
        assert await reload_files(watch, pytest.fail) is None

    async def test_what_is_broken_comes_with_its_findings_and_is_read_once(self, rules):
        finding = Finding(severity=Severity.ERROR, code="rules.no-rules")
        watch = watch_of(rules)
        add(rules)

        def broken():
            raise ConfigError("app.rules-broken", findings=(finding,), count=1)

        assert await reload_files(watch, broken) is None
        assert await reload_files(watch, broken) == Reload(findings=(finding,))
        assert await reload_files(watch, pytest.fail) is None

    async def test_a_mixture_of_two_edits_is_never_taken(self, rules):
        watch = watch_of(rules)
        add(rules)

        def read_while_somebody_saves():
            rename(rules)
            return "mixture"

        assert await reload_files(watch, read_while_somebody_saves) is None
        assert await reload_files(watch, read_while_somebody_saves) is None
        assert await reload_files(watch, lambda: "whole") == Reload(plan="whole")


class TestFiles:
    @pytest.fixture
    def config(self, tmp_path):
        path = tmp_path / "config.toml"
        path.write_text("a = 1\n")
        return path

    def test_a_file_is_watched_like_the_folder(self, rules, config):
        watch = FileWatch(config)
        watch.follow(rules, {config})
        config.write_text("a = 2\n")
        assert [watch.has_settled_anew(), watch.has_settled_anew(), watch.confirm()] == [False, True, True]
        config.unlink()
        assert [watch.has_settled_anew(), watch.has_settled_anew()] == [False, True]

    def test_what_changes_before_the_folder_is_known_is_not_missed(self, rules, config):
        watch = FileWatch(config)
        config.write_text("a = 2\n")
        watch.follow(rules, {config})
        assert [watch.has_settled_anew(), watch.has_settled_anew()] == [False, True]

    def test_a_file_that_is_not_there_yet_is_watched(self, rules, config):
        token = config.with_name("token")
        watch = FileWatch(config)
        watch.follow(rules, {config, token})
        assert [watch.has_settled_anew(), watch.has_settled_anew()] == [False, False]
        token.write_text("x")
        assert [watch.has_settled_anew(), watch.has_settled_anew()] == [False, True]

    def test_another_folder_is_read_once_more_and_the_old_one_left_alone(self, rules, config):
        watch = FileWatch(config)
        watch.follow(rules, {config})
        others = rules.with_name("others")
        others.mkdir()
        watch.turn_to(others, {config})
        assert [watch.has_settled_anew(), watch.confirm(), watch.has_settled_anew()] == [True, True, False]
        add(rules)
        assert [watch.has_settled_anew(), watch.has_settled_anew()] == [False, False]
        watch.turn_to(others, {config})
        assert not watch.has_settled_anew()


class TestReloadNow:
    async def pause(self, _seconds):
        pass

    async def test_what_has_not_changed_is_read_all_the_same(self, rules):
        assert await reload_now(watch_of(rules), lambda: "again", self.pause) == Reload(plan="again")

    async def test_it_waits_until_the_files_stand_still(self, rules):
        watch, drafts = watch_of(rules), iter(["", "- NA", "- NATO\n"])

        async def go_on_writing(_seconds):
            if (draft := next(drafts, None)) is not None:
                (rules / "a.yaml").write_text(draft)

        (rules / "a.yaml").write_text("- N")
        read = []

        def load():
            read.append((rules / "a.yaml").read_text())
            return read[-1]

        assert await reload_now(watch, load, go_on_writing) == Reload(plan="- NATO\n")
        assert read == ["- NATO\n"]

    async def test_files_that_never_do_are_left(self, rules):
        async def scribble(_seconds):
            with (rules / "a.yaml").open("a") as file:
                file.write("- x\n")

        watch = watch_of(rules)
        await scribble(0)
        assert await reload_now(watch, pytest.fail, scribble) is None

    async def test_an_error_of_our_own_making_comes_out_once(self, rules):
        watch = watch_of(rules)
        add(rules)

        def broken():
            raise RuntimeError("a bug")

        assert await reload_files(watch, broken) is None
        with pytest.raises(RuntimeError):
            await reload_files(watch, broken)
        assert await reload_files(watch, pytest.fail) is None
