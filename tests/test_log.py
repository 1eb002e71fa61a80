"""Log lines: one event, one line, no secrets, and what is needed to mend a fault."""

import structlog

from monitor.log import set_up_logging


def logged(capsys, write):
    set_up_logging()
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
