"""Demos leave a folder each, and the next ones tidy up."""

import os
import tempfile

import pytest

from monitor.commands import main
from monitor.commands.demo import KEPT, forget_old_demos

NOW = 2_000_000_000.0


@pytest.fixture
def make(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    def make(name, *, age=KEPT + 1, marked="config.toml"):
        (tmp_path / name / "rules").mkdir(parents=True)
        (tmp_path / name / marked).touch()
        for path in (*(tmp_path / name).iterdir(), tmp_path / name):
            os.utime(path, (NOW - age, NOW - age))
        return tmp_path / name

    return make


def test_old_folders_of_demos_go_and_nothing_else_does(make, tmp_path):
    old = make("monitor-demo-old")
    others = [
        make("monitor-demo-new", age=KEPT - 1),
        make("monitor-demo-foreign", marked="letter.txt"),
        make("my-demo"),
    ]
    used = make("monitor-demo-used")
    os.utime(used / "rules", (NOW, NOW))
    (tmp_path / "monitor-demo-link").symlink_to(others[2])
    forget_old_demos(NOW)
    assert not old.exists()
    assert all(path.exists() for path in (*others, used, others[2] / "config.toml"))


@pytest.mark.skipif(os.geteuid() != 0, reason="root alone may give files away")
def test_what_belongs_to_somebody_else_stays(make):
    foreign = make("monitor-demo-foreign")
    os.chown(foreign, 12345, 12346)
    forget_old_demos(NOW)
    assert foreign.exists()


@pytest.fixture
def demo(tmp_path, monkeypatch, capsys):
    """The command in a folder of its own: its exit code, and what it printed on stderr."""
    monkeypatch.chdir(tmp_path)

    def demo(*arguments):
        with pytest.raises(SystemExit) as left:
            main(["demo", "--language", "en", *arguments])
        return left.value.code, " ".join(capsys.readouterr().err.split())

    return demo


def test_a_folder_is_kept_and_what_was_changed_in_it_stays(demo, tmp_path, capsys):
    for _ in range(2):
        code, said = demo("--folder", "kept/here")
        assert code == 0, said
        (rules, *_) = sorted((tmp_path / "kept" / "here" / "rules").iterdir())
        rules.write_text(f"# ours\n{rules.read_text(encoding='utf-8')}", encoding="utf-8")
    assert rules.read_text(encoding="utf-8").startswith("# ours\n# ours\n")
    with pytest.raises(SystemExit) as left:
        main(["--config", "kept/here/config.toml", "search", "NATO"])
    assert left.value.code == 0
    assert "NATO" in capsys.readouterr().out


def test_a_folder_with_a_configuration_of_its_own_is_left_alone(demo, tmp_path):
    (tmp_path / "config.toml").write_text("timezone = 'UTC'\n", encoding="utf-8")
    code, said = demo("--folder", ".")
    assert (code, "config.toml exists already; nothing was written" in said) == (2, True)
    assert [path.name for path in tmp_path.iterdir()] == ["config.toml"]


@pytest.mark.parametrize("folder", ["file/demo", "folder"])
def test_a_folder_that_cannot_be_written(demo, tmp_path, folder):
    (tmp_path / "file").touch()
    (tmp_path / "folder" / "config.toml").mkdir(parents=True)
    code, said = demo("--folder", folder)
    assert code == 2
    assert said.startswith("monitor: "), said


def test_no_place_for_temporary_files(demo, monkeypatch):
    def refuse(**_):
        raise FileNotFoundError(2, "No usable temporary directory found")

    monkeypatch.setattr(tempfile, "mkdtemp", refuse)
    assert demo() == (2, "monitor: cannot write monitor-demo-*: No usable temporary directory found")
