"""Log lines: one event, one line, no secrets, and what is needed to mend a fault."""

import json
import logging
import os
import sys

import pytest
import structlog

from monitor.log import Form, set_up_logging, without_secrets
from monitor.sinks.slack.quiet import sdk_logger


@pytest.fixture(autouse=True)
def as_before():
    """What is set up holds for the whole process."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    structlog.reset_defaults()
    root.handlers[:] = handlers
    root.setLevel(level)


def logged(capsys, write, **settings):
    set_up_logging(**settings)
    write(structlog.get_logger())
    return capsys.readouterr().err


def test_one_line_of_keys_and_values(capsys):
    line = logged(capsys, lambda log: log.info("polled", source="a", new=3, error=None, text="two\nlines"))
    assert "level=info event=polled" in line
    assert "source=a new=3" in line
    assert "error" not in line
    assert line.count("\n") == 1


def test_a_fault_brings_its_traceback_on_the_same_line(capsys):
    def burst():
        raise RuntimeError("the seam burst, xoxb-123-abc")

    def write(log):
        try:
            burst()
        except RuntimeError:
            log.exception("poll_broke", source="a")

    line = logged(capsys, write)
    assert "RuntimeError: the seam burst" in line
    assert "test_log.py" in line
    assert line.count("\n") == 1
    assert "xoxb-123" not in line


def test_tokens_and_webhooks_are_cut_out(capsys):
    line = logged(capsys, lambda log: log.info("x", a="xoxb-1-2", b="https://hooks.slack.com/services/T/B/x"))
    assert "xoxb" not in line
    assert "services" not in line


@pytest.mark.parametrize(
    "secret",
    [
        "xoxb-123-abc",
        "xoxe.xoxp-1-Mi0y",
        "xapp-1-A-2-b",
        "https://hooks.slack.com/services/T0/B0/abc",
        "https://hooks.slack-gov.com/workflows/T0/A0/abc",
        "wss://wss.slack.com/link/?ticket=abc-def",
        "http://desk:hunter2@proxy.example:3128",
    ],
)
def test_what_looks_like_a_secret_is_cut_out(secret):
    text = without_secrets(f"refused: {secret} (again)")
    assert "[redacted]" in text
    for part in ("123", "Mi0y", "1-A", "abc", "hunter2"):
        assert part not in text


def test_what_is_named_a_secret_is_cut_out_however_it_looks(capsys):
    line = logged(capsys, lambda log: log.info("x", a="got hush(42 there"), secrets=["hush(42", ""])
    assert 'a="got [redacted] there"' in line


def test_json_lines(capsys):
    def write(log):
        log.info("polled", source="ある新聞", new=3, error=None, ok=True)
        log.warning("two\nlines")

    first, second = logged(capsys, write, form=Form.JSON).splitlines()
    assert list(json.loads(first)) == ["timestamp", "level", "event", "source", "new", "ok"]
    assert "ある新聞" in first
    assert json.loads(second)["event"] == "two lines"


@pytest.mark.parametrize("form", list(Form))
def test_what_libraries_say_is_a_line_like_any_other(capsys, form):
    def burst():
        raise RuntimeError("posting to https://hooks.slack.com/services/T/B/x\nfailed")

    def speak(_):
        try:
            burst()
        except RuntimeError:
            logging.getLogger("slack_sdk.web").exception("a request with %s", "xoxb-1-2")
            logging.getLogger("slack_sdk.web").info("chatter")
            sdk_logger().info("chatter")

    lines = logged(capsys, speak, form=form)
    assert "xoxb" not in lines
    assert "services/T" not in lines
    assert "chatter" not in lines
    # On a terminal, a traceback stands below its line.
    assert lines.count("\n") == (2 if form is Form.CONSOLE else 1)
    assert "RuntimeError" in lines
    assert "slack_sdk.web" in lines


def test_no_colours_but_on_a_terminal_that_wants_them(capsys, monkeypatch):
    def write(log):
        log.info("started")

    assert "\x1b" not in logged(capsys, write, form=Form.CONSOLE)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    assert "\x1b" in logged(capsys, write, form=Form.CONSOLE)
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b" not in logged(capsys, write, form=Form.CONSOLE)


def test_the_journal_is_told_how_grave_a_line_is(capfd, monkeypatch):
    stat = os.fstat(sys.__stderr__.fileno())
    monkeypatch.setattr(sys, "stderr", sys.__stderr__)
    monkeypatch.setenv("JOURNAL_STREAM", f"{stat.st_dev}:{stat.st_ino}")
    set_up_logging(form=Form.LOGFMT)
    structlog.get_logger().info("started")
    structlog.get_logger().warning("poll_failed")
    logging.getLogger("asyncio").error("slow")
    first, second, third = capfd.readouterr().err.splitlines()
    assert (first[:3], second[:3], third[:3]) == ("<6>", "<4>", "<3>")
    assert "event=started" in first


def test_quiet_and_verbose(capsys):
    def write(log):
        log.debug("a")
        log.info("b")
        log.error("c")

    assert logged(capsys, write, quiet=True).count("\n") == 1
    assert logged(capsys, write, verbose=True).count("\n") == 3
