"""Every point at which the daemon may die x every way in which Slack may fail: nothing lost, nothing doubled.

The process is really killed (SIGKILL); then it is started again, dies at the same point where it comes to it once more,
and is started in peace. A quick choice runs in `make test`, the whole under the mark `matrix`.
"""

import signal
import time
from collections import Counter
from pathlib import Path

import pytest
from end_to_end.bureau import Bureau, Running, until
from end_to_end.doomed import POINTS
from slack_standin import Fault

DOOMED = (str(Path(__file__).with_name("doomed.py")),)
SETTINGS = "".join(
    f'[channels.{name}]\nslack = "#{slack}"\nwhen = "now"\nwait = "0s"\n'
    for name, slack in (("news", "news"), ("crisis", "pr-crisis"))
)
RULES = """\
rules:
  - name: 二次関税
    any: 二次関税
    notify: [news, crisis]
  - name: リコール
    any: リコール
    notify: crisis
"""
NEWS = {"n1": "第1報 二次関税", "n2": "第2報 二次関税でリコール", "n3": "第3報 天気"}
#: What every channel is told, once each: n1 and n2 stand in both.
EXPECTED = {"news": ("n1", "n2"), "pr-crisis": ("n1", "n2")}

FAULTS = {
    "none": None,
    "killed-before": Fault(answer="kill"),
    "killed-after": Fault(answer="kill", store=True),
    "reset-before": Fault(answer="reset"),
    "reset-after": Fault(answer="reset", store=True),
    "closed-after": Fault(answer="close", store=True),
    "hangs-after": Fault(answer="hang", store=True),
    "truncated-after": Fault(answer="truncate", store=True),
    "garbage-after": Fault(answer="garbage", store=True),
    "500-after": Fault(answer="status", status=500, store=True),
    "503-before": Fault(answer="status", status=503),
    "fatal-error-after": Fault(answer="error", error="fatal_error", store=True),
    "new-error-before": Fault(answer="error", error="zzz_new"),
    "limited": Fault(answer="limit", retry_after="1"),
}
CELLS = [(point, fault) for point in POINTS for fault in FAULTS]
#: Cells that nobody dies in: nothing fails there, or nothing is in doubt.
PEACEFUL = {("failure-written", "none"), ("failure-noted", "none")} | {
    (point, fault) for point in ("looked-up", "look-up-written", "look-up-noted") for fault in ("none", "limited")
}
QUICK = [
    ("match-inserted", "none"),
    ("claimed", "none"),
    ("responded", "none"),
    ("sent-written", "reset-after"),
    ("look-up-noted", "hangs-after"),
    ("recovered", "killed-after"),
]
SECONDS = 30


def at_rest(bureau: Bureau) -> bool:
    """Whether everything that the rules demand has been promised and sent, so far as the store knows."""
    if not (bureau.folder / "monitor.db").exists():
        return False
    articles = bureau.rows("select count(*) from sqlite_master where name = 'tellings'")
    if articles == [(0,)] or bureau.rows("select count(*) from articles") != [(len(NEWS),)]:
        return False
    waiting = bureau.rows("select 1 from tellings where telling = 'waiting'")
    unsent = bureau.rows("select 1 from deliveries where state <> 'sent'")
    return not waiting and not unsent and bool(bureau.rows("select 1 from deliveries"))


def watch(bureau: Bureau, running: Running) -> bool:
    """Wait until it has died or come to rest; whether it was killed."""
    until(lambda: not running.alive or at_rest(bureau), SECONDS, "death or rest")
    if running.alive:
        # A point just behind the last commit is come to a moment after it.
        ends = time.monotonic() + 0.3
        while running.alive and time.monotonic() < ends:
            time.sleep(0.01)
    if running.alive:
        running.process.send_signal(signal.SIGTERM)
    killed = running.process.wait(SECONDS) == -signal.SIGKILL
    assert "Traceback" not in running.err, running.err
    return killed


def start(bureau: Bureau, point: str | None, fault: Fault | None = None) -> Running:
    running = bureau.start("run", program=DOOMED, more={"DOOM": point} if point else {})
    if fault is not None:
        bureau.slack.fail(Fault(**{name: getattr(fault, name) for name in fault.__slots__} | {"pid": running.pid}))
    return running


def run_cell(bureau: Bureau, point: str, fault: str) -> int:
    """How often it was killed."""
    bureau.settings, bureau.fetch = SETTINGS, 'every = "1s"\n'
    bureau.rule("first.yaml", RULES)
    bureau.publish(**NEWS)
    kills = watch(bureau, start(bureau, point, FAULTS[fault]))
    # It would strike whoever has this number next.
    bureau.slack._faults[:] = [one for one in bureau.slack._faults if one.answer != "kill"]
    kills += watch(bureau, start(bureau, point))
    assert not watch(bureau, start(bureau, None)), "nobody kills the last one"
    check(bureau)
    return kills


def check(bureau: Bureau) -> None:
    """The multiset of (story, channel) in Slack is what the rules demand, and each message is one delivery's."""
    for channel, names in EXPECTED.items():
        assert bureau.told(channel) == Counter(map(bureau.url, names)), channel
    messages = [message for channel in bureau.slack.workspace.channels for message in channel.messages]
    posted = Counter(message["metadata"]["event_payload"]["delivery"] for message in messages)
    receipts = dict(bureau.rows("select id, receipt from deliveries"))
    assert posted == Counter(list(receipts))
    assert {one["metadata"]["event_payload"]["delivery"]: one["ts"] for one in messages} == receipts


@pytest.mark.fault(9)
@pytest.mark.parametrize(("point", "fault"), QUICK)
def test_a_choice_of_cells(bureau, point, fault):
    assert run_cell(bureau, point, fault) >= 1


@pytest.mark.fault(9, 5)
@pytest.mark.matrix
@pytest.mark.parametrize(("point", "fault"), CELLS)
def test_every_cell(bureau, point, fault, record_property):
    kills = run_cell(bureau, point, fault)
    record_property("kills", kills)
    assert kills or (point, fault) in PEACEFUL
