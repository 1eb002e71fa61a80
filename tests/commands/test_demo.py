"""Demos leave a folder each, and the next ones tidy up."""

import os
import tempfile

import pytest

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
