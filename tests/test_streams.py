"""A process whose standard streams are full, closed or gone: it says so, or goes on, and writes into no file instead."""

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from monitor.streams import Lossy, is_unwritable

#: Full at once and for good.
FULL = "/dev/full"
ENGLISH = {**os.environ, "LC_ALL": "C.UTF-8"}


def run(command, **streams):
    """The exit code and what was said on standard error, of a process that is given these streams."""
    asked = {"stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE} | streams
    done = subprocess.run([sys.executable, "-m", "monitor", *command], **asked, env=ENGLISH, check=False, text=True)
    return done.returncode, done.stderr


@pytest.mark.parametrize("command", [["slack", "manifest"], ["--help"]], ids=" ".join)
def test_output_that_cannot_be_written_is_said(command):
    with Path(FULL).open("w") as full:
        code, said = run(command, stdout=full)
    assert code == 1
    assert said.startswith("monitor: cannot write to standard output: No space left on device.")
    assert said.count("\n") == 1


def test_closed_output_is_said():
    code, said = run(["slack", "manifest"], preexec_fn=lambda: os.close(1))
    assert (code, said.count("\n")) == (1, 1)
    assert said.startswith("monitor: cannot write to standard output: Bad file descriptor.")


def test_closed_streams_are_taken_by_no_file():
    code = "from monitor.streams import settle_streams as s; s(); print(open('/dev/zero').fileno())"

    def close():
        os.close(0)
        os.close(2)

    done = subprocess.run([sys.executable, "-c", code], stdout=subprocess.PIPE, preexec_fn=close, check=True)
    assert int(done.stdout) > 2


@pytest.mark.parametrize("stderr", ["full", "closed"])
def test_a_log_that_cannot_be_written_ends_nothing(stderr):
    """The message about the missing configuration is lost; the exit code is not."""
    with Path(FULL).open("w") as full:
        close = (lambda: os.close(2)) if stderr == "closed" else None
        code, _ = run(["status", "--config", "/nowhere.toml"], stderr=full, preexec_fn=close)
    assert code == 2


def test_what_there_is_room_for_is_written(tmp_path):
    with Lossy(tmp_path / "log", "w") as file:
        assert file.write(b"one\n") == 4
    assert (tmp_path / "log").read_bytes() == b"one\n"


def test_what_there_is_no_room_for_is_lost():
    with Lossy(FULL, "w") as file:
        assert file.write(b"one\n") == 4


def test_faults_of_files_are_not_taken_for_faults_of_streams(tmp_path):
    assert is_unwritable(OSError(errno.ENOSPC, "No space left on device"))
    assert not is_unwritable(OSError(errno.ENOSPC, "No space left on device", str(tmp_path)))
    assert not is_unwritable(FileNotFoundError(errno.ENOENT, "No such file or directory"))
