"""`--help` answers at once: what is slow to import is imported by the command that needs it."""

import subprocess
import sys

import pytest

#: Libraries that take tens or hundreds of milliseconds to import, and the room through which most of them come.
HEAVY = {
    "aiohttp",
    "apscheduler",
    "asyncio",
    "bs4",
    "feedparser",
    "holidays",
    "jinja2",
    "lxml",
    "monitor.app",
    "py3langid",
    "pydantic",
    "rich",
    "slack_sdk",
    "sqlite_utils",
    "structlog",
    "sudachipy",
    "trafilatura",
    "yaml",
}


def loaded(*arguments: str) -> set[str]:
    """What a fresh interpreter has loaded when a command has answered."""
    code = (
        "import sys; from monitor.commands import cli\n"
        f"cli.main({list(arguments)!r}, prog_name='monitor', standalone_mode=False)\n"
        "print(*sys.modules, file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stderr.split())


@pytest.mark.parametrize("arguments", [("--help",), ("--version",)], ids=" ".join)
def test_answers_without_loading_anything_heavy(arguments):
    assert loaded(*arguments) & HEAVY == set()


def test_would_notice():
    """The help of a command loads its file, and with it what it works with."""
    assert {"pydantic", "rich"} <= loaded("run", "--help")
