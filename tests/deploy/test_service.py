"""The unit as systemd reads it: nothing it does not understand, little that the daemon could do to the machine."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from monitor.engines.daemon import POLL_SECONDS, TELL_SECONDS
from monitor.parsing.children import Limits

DEPLOY = Path(__file__).parents[2] / "deploy"
UNIT = DEPLOY / "monitor.service"
#: The highest exposure that `systemd-analyze security` may find, of 10.
EXPOSURE = 1.5

needs_systemd = pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed")


def settings() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in re.findall(r"^(\w+)=(.*)$", UNIT.read_text(encoding="utf-8"), re.MULTILINE):
        found.setdefault(name, []).append(value)
    return found


def setting(name: str) -> str:
    (value,) = settings()[name]
    return value


@needs_systemd
def test_systemd_understands_every_line(tmp_path):
    """Except that nothing is installed under /opt/monitor here."""
    unit = tmp_path / UNIT.name
    text = UNIT.read_text(encoding="utf-8")
    unit.write_text(re.sub(r"^(ExecStart|ExecReload)=\S+", r"\1=/bin/sh", text, flags=re.MULTILINE), encoding="utf-8")
    done = subprocess.run(
        ["systemd-analyze", "--man=no", "verify", unit], capture_output=True, text=True, check=False, timeout=60
    )
    assert [line for line in done.stderr.splitlines() if UNIT.name in line or str(tmp_path) in line] == []
    assert done.returncode == 0, done.stderr


@needs_systemd
def test_the_daemon_is_confined():
    done = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--no-pager", UNIT],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    exposure = re.search(r"exposure level for monitor\.service: ([\d.]+)", done.stdout)
    assert float(exposure[1]) <= EXPOSURE, done.stdout


def test_a_post_on_the_wire_may_end_before_systemd_ends_the_daemon():
    assert int(setting("TimeoutStopSec")) >= max(TELL_SECONDS, POLL_SECONDS) + 5


def test_a_child_that_a_page_blows_up_fits_into_the_memory_beside_the_daemon():
    assert setting("MemoryMax") == "2G"
    assert 2 * Limits().memory < 2 * 1024**3


def test_the_token_is_a_credential_and_nowhere_else():
    assert setting("LoadCredential") == "slack_bot_token:/etc/monitor/slack-token"
    assert "Environment" not in settings()
    assert "SLACK_BOT_TOKEN" not in UNIT.read_text(encoding="utf-8")
    assert setting("LimitCORE") == "0"


def test_what_may_be_better_later_is_tried_again_for_ever():
    assert (setting("Restart"), setting("StartLimitIntervalSec")) == ("on-failure", "0")
    assert setting("RestartPreventExitStatus") == "2"


@pytest.mark.skipif(shutil.which("systemd-tmpfiles") is None, reason="systemd-tmpfiles is not installed")
def test_the_account_and_the_modes_are_understood(tmp_path):
    for folder, name in (("sysusers.d", "monitor.sysusers"), ("tmpfiles.d", "monitor.tmpfiles")):
        (tmp_path / "etc" / folder).mkdir(parents=True, exist_ok=True)
        shutil.copy(DEPLOY / name, tmp_path / "etc" / folder / "monitor.conf")
    for program in (["systemd-sysusers"], ["systemd-tmpfiles", "--create"]):
        done = subprocess.run(
            [*program, f"--root={tmp_path}", "monitor.conf"], capture_output=True, text=True, check=False, timeout=60
        )
        refused = [line for line in done.stderr.splitlines() if "permitted" in line or "chown" in line]
        assert done.returncode == 0 or refused, done.stderr
    if (tmp_path / "etc/monitor").exists():
        assert (tmp_path / "etc/monitor").stat().st_mode & 0o777 == 0o751
        assert (tmp_path / "var/lib/monitor").stat().st_mode & 0o777 == 0o700
