"""`monitor run` under a wall clock that is moved (libfaketime): by minutes, hours and months, through nights on which the
clocks change, and stopped for a while."""

import shutil
import signal
import subprocess
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from end_to_end.bureau import MONITOR, until
from slack_standin import Fault
from website import Answer

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(shutil.which("faketime") is None, reason="libfaketime is not installed"),
]

SOON = 10.0
CRISIS = '[channels.crisis]\nslack = "#pr-crisis"\nwhen = "now"\nwait = "1s"\n'
TO_CRISIS = "notify: crisis\nrules:\n  - 二次関税\n"
DAY = 86400
#: Whose calls of Slack have their usual time: what is put off for long on a busy machine is not what is looked for here.
PATIENT = (
    "-c",
    """
import sys
from end_to_end import hurried
from monitor.commands import main
hurried.TIMEOUT = 15
hurried.hurry()
main(sys.argv[1:])
""",
)
#: Seconds after which messages show, and the same program waiting longer than that, as monitor does.
LAG = 4.0
SETTLING = ("-c", PATIENT[1].replace("hurry()", "hurry(settle=6)"))


class WallClock:
    """The clock on the wall of one process, which a test moves; the clock that only runs on stays true."""

    def __init__(self, folder):
        self._file = folder / "faketime"
        self.offset = 0.0
        self.move(0)
        wrapped = subprocess.run(["faketime", "-m", "-f", "+0", "env"], capture_output=True, text=True, check=True)
        [library] = [line for line in wrapped.stdout.splitlines() if line.startswith("LD_PRELOAD=")]
        self.environment = {
            "LD_PRELOAD": library.partition("=")[2],
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_NO_CACHE": "1",
            "DONT_FAKE_MONOTONIC": "1",
            "TZ": "UTC",
        }

    def move(self, seconds):
        """Have it stand ahead of the true time by so many seconds."""
        self.offset = seconds
        draft = self._file.with_suffix(".draft")
        draft.write_text(f"{seconds:+f}\n")
        draft.replace(self._file)

    def set(self, at):
        """Have it say this now, and run on."""
        self.move(at.timestamp() - time.time())

    def now(self):
        return datetime.fromtimestamp(time.time() + self.offset, UTC)


@pytest.fixture
def wall(bureau):
    return WallClock(bureau.folder)


@pytest.fixture
def daemon(bureau, wall):
    """Starts it under that clock, with a channel that is told at once."""

    def start(program=PATIENT, every="1s", rules=TO_CRISIS):
        bureau.settings = bureau.settings or CRISIS
        bureau.fetch = f'every = "{every}"\n'
        bureau.rule("first.yaml", rules)
        running = bureau.start("run", program=program, more=wall.environment)
        running.says("event=started")
        return running

    return start


def polls(bureau):
    return bureau.site.asked.count("/feed.xml")


def told_once(bureau, *names, channel="pr-crisis"):
    return bureau.told(channel) == Counter(bureau.url(name) for name in names)


@pytest.mark.fault(40)
def test_set_back_by_ten_minutes_it_goes_on_at_once(bureau, wall, daemon):
    """A source that is due within two seconds is polled within ten."""
    bureau.publish(before="米、二次関税を警告")
    running = daemon(MONITOR, every="2s")
    until(lambda: bureau.told("pr-crisis"))
    polled = polls(bureau)
    wall.move(-600)
    bureau.publish(after="二次関税、再び")
    until(lambda: polls(bureau) > polled, SOON)
    until(lambda: told_once(bureau, "before", "after"))
    assert running.err.count("event=clock_moved seconds=-600") == 1
    # Nothing waits for an instant of the old clock.
    [(due_at,)] = bureau.rows("select max(next_poll_at) from sources")
    assert due_at < wall.now().timestamp() + 5
    assert running.end(signal.SIGTERM, SOON).code == 0
    assert told_once(bureau, "before", "after")


@pytest.mark.fault(41)
def test_set_forward_by_two_hours_what_may_have_been_stored_is_found_by_slacks_clock(bureau, wall, daemon):
    """With the own clock a look-up would begin two hours after the message, and all time to show would seem to be over."""
    bureau.slack.fail(Fault(store=True, answer="reset"))
    bureau.slack.workspace.settings.lag = LAG
    bureau.publish(tariff="米、二次関税を警告")
    running = daemon(SETTLING)
    until(lambda: bureau.rows("select 1 from deliveries where state = 'unknown'"))
    wall.move(7200)
    until(lambda: bureau.rows("select 1 from deliveries where state = 'sent'"))
    assert len(bureau.slack.calls("chat.postMessage")) == 1
    assert told_once(bureau, "tariff")
    assert running.end(signal.SIGTERM, SOON).code == 0


@pytest.mark.fault(42)
@pytest.mark.parametrize("restarted", [False, True])
def test_three_months_ahead_at_the_start_and_then_put_right(bureau, wall, daemon, restarted):
    """No source, delivery, revisit or slot is parked, and nothing is told twice."""
    wall.move(90 * DAY)
    bureau.settings = CRISIS + '[digest]\nat = ["00:00", "06:00", "12:00", "18:00"]\n'
    rules = f"{TO_CRISIS}  - {{name: 円安, any: 円安, notify: '#news'}}\n"
    bureau.publish(before="米、二次関税を警告", held="二次関税、続報")
    bureau.site.pages["/a/held"] = Answer(b"", 503)
    # The third message is not taken while the clock stands ahead, and waits for its next try.
    running = daemon(rules=rules)
    until(lambda: told_once(bureau, "before", "held"))
    bureau.slack.fail(Fault(answer="status", status=503, times=2))
    bureau.publish(between="二次関税、三たび")
    until(lambda: bureau.rows("select 1 from deliveries where state in ('pending', 'unknown') and attempts > 0"))
    if restarted:
        running.kill()
    wall.move(0)
    if restarted:
        running = daemon(rules=rules)
    bureau.publish(after="二次関税で協議", yen="円安が進む")
    until(lambda: told_once(bureau, "before", "held", "between", "after"))
    until(lambda: not parked(bureau, wall), what="freedom of all that waits")
    assert bureau.rows("select 1 from tellings where telling = 'waiting'") == [(1,)]
    wall.set(next_slot(wall.now()))
    until(lambda: told_once(bureau, "yen", channel="news"))
    assert running.end(signal.SIGTERM, SOON).code == 0
    assert told_once(bureau, "before", "held", "between", "after")
    assert len(bureau.slack.messages("news")) == 1


def parked(bureau, wall):
    """What stands an hour or more ahead, though something waits for it."""
    late = wall.now().timestamp() + 3600
    columns = {"sources": "due_at", "deliveries": "due_at", "revisits": "due_at", "slots": "done_at", "pauses": "until"}
    found = {
        table: bureau.rows(f"select count(*) from {table} where {column} > {late}") for table, column in columns.items()
    }
    found["deliveries"] = bureau.rows(
        f"select count(*) from deliveries where due_at > {late} and state in ('pending', 'unknown')"
    )
    return [table for table, [(count,)] in found.items() if count]


def next_slot(now):
    """The end of a quarter of the day, by the clock of Tokyo."""
    there = now.astimezone(ZoneInfo("Asia/Tokyo"))
    midnight = there.replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight + timedelta(hours=6 * (there.hour // 6 + 1))


NEW_YORK, LORD_HOWE = "America/New_York", "Australia/Lord_Howe"


@pytest.mark.fault(43, 44)
@pytest.mark.parametrize(
    ("zone", "at", "told_at", "others"),
    [
        # 01:30 comes twice; the first is the one.
        (NEW_YORK, "01:30", "2026-11-01T05:30:00Z", ["2026-11-01T06:30:00Z", "2026-11-01T07:30:00Z"]),
        # 02:30 never comes.
        (NEW_YORK, "02:30", "2027-03-14T07:30:00Z", ["2027-03-14T07:31:00Z", "2027-03-15T06:29:50Z"]),
        # Half an hour that comes twice, and one that never comes.
        (LORD_HOWE, "01:45", "2027-04-03T14:45:00Z", ["2027-04-03T15:15:00Z", "2027-04-03T16:00:00Z"]),
        (LORD_HOWE, "02:15", "2026-10-03T15:45:00Z", ["2026-10-03T15:46:00Z", "2026-10-04T15:14:50Z"]),
    ],
)
def test_a_digest_of_the_night_on_which_the_clocks_change_is_told_once(bureau, wall, daemon, zone, at, told_at, others):
    told_at = datetime.fromisoformat(told_at)
    bureau.timezone = zone
    bureau.settings = f'[digest]\nat = ["{at}"]\n'
    wall.set(told_at - timedelta(hours=2))
    bureau.publish(first="米、二次関税を警告")
    running = daemon(every="1s", rules="- 二次関税\n")
    until(lambda: bureau.rows("select 1 from tellings where telling = 'waiting'"))
    wall.set(told_at - timedelta(seconds=5))
    time.sleep(1)
    assert bureau.slack.messages("news") == []
    until(lambda: told_once(bureau, "first", channel="news"))
    bureau.publish(second="二次関税、再び")
    until(lambda: bureau.rows("select 1 from tellings where telling = 'waiting'"))
    for other in others:
        wall.set(datetime.fromisoformat(other))
        time.sleep(2)
    assert told_once(bureau, "first", channel="news")
    wall.set(told_at + timedelta(hours=25))
    until(lambda: told_once(bureau, "first", "second", channel="news"))
    assert running.end(signal.SIGTERM, SOON).code == 0
    periods = [period for (period,) in bureau.rows("select period from deliveries order by number")]
    local = told_at.astimezone(ZoneInfo(zone))
    # A time that the clocks skip is named after the one that stood on them.
    assert periods == [f"digest/#news/{local:%Y-%m-%d/%H:%M}", f"digest/#news/{local.date() + timedelta(days=1)}/{at}"]


#: Says on standard error whenever a crank turns.
COUNTING = (
    "-c",
    """
import sys
from end_to_end import hurried
from monitor.commands import main
from monitor.engines import daemon
hurried.TIMEOUT = 15
hurried.hurry()
start_scheduler = daemon._start_scheduler
def noting(crank):
    async def turn():
        print("turn=" + crank.__qualname__, file=sys.stderr, flush=True)
        return await crank()
    turn.__module__, turn.__qualname__ = crank.__module__, crank.__qualname__
    return turn
daemon._start_scheduler = lambda *cranks: start_scheduler(*((noting(crank), span) for crank, span in cranks))
main(sys.argv[1:])
""",
)
STOP, WATCHDOG = 180, 240
#: Cranks and their intervals here.
CRANKS = {"Heart.tick": 0.2, "_Daemon._tell": 0.2, "Reloading.turn": 0.2, "App.revisit": 0.2, "App.keep_house": 60.0}


@pytest.mark.fault(45)
def test_stopped_for_three_minutes_every_crank_turns_once_for_all_that_it_missed(bureau, wall, ear):
    """F45: as a machine that sleeps, under a supervisor that waits for four minutes."""
    bureau.settings = '[digest]\nat = ["12:00"]\n'
    bureau.fetch = 'every = "1s"\n'
    bureau.rule("first.yaml", "- 二次関税\n")
    noon = datetime(2026, 11, 23, 12, 0, tzinfo=ZoneInfo("Asia/Tokyo"))
    wall.set(noon - timedelta(hours=1))
    bureau.publish(first="米、二次関税を警告")
    running = bureau.start("run", program=COUNTING, more=wall.environment | ear.environment(WATCHDOG))
    running.says("event=started")
    until(lambda: bureau.rows("select 1 from tellings where telling = 'waiting'"))
    wall.set(noon - timedelta(seconds=10))
    until(lambda: "clock_moved" in running.err)
    until(lambda: "WATCHDOG=1" in ear.heard())
    running.process.send_signal(signal.SIGSTOP)
    time.sleep(STOP)
    turned = {crank: running.err.count(f"turn={crank}\n") for crank in CRANKS}
    polled, signs, began = polls(bureau), len(ear.heard()), time.monotonic()
    running.process.send_signal(signal.SIGCONT)
    # Half of its time has passed: it hears of life at once, before its time is over.
    until(lambda: "WATCHDOG=1" in ear.heard()[signs:], SOON)
    until(lambda: told_once(bureau, "first", channel="news"), SOON)
    # A turn that was at it when it was stopped comes to its end first.
    until(lambda: all(running.err.count(f"turn={crank}\n") > turned[crank] for crank in CRANKS))
    for crank, span in CRANKS.items():
        turns = running.err.count(f"turn={crank}\n") - turned[crank]
        assert turns <= 2 + (time.monotonic() - began) / span, crank
    assert polls(bureau) - polled <= 2 + time.monotonic() - began
    assert running.end(signal.SIGTERM, SOON).code == 0
    assert running.err.count("event=clock_moved") == 1
    assert len(bureau.slack.messages("news")) == 1
    assert bureau.rows("select period from deliveries") == [("digest/#news/2026-11-23/12:00",)]


@pytest.mark.fault(42)
def test_a_start_in_2040_that_is_corrected_forgets_nothing(bureau, wall):
    """As one whose battery is dead; a round forgets what is old at its end."""
    bureau.settings = CRISIS
    bureau.rule("first.yaml", TO_CRISIS)
    for name, ahead in (("before", 0), ("ahead", 5000 * DAY), ("after", 0)):
        wall.move(ahead)
        bureau.publish(**{name: f"米、二次関税を警告({name})"})
        ended = bureau.start("run", "--once", "--deliver-now", program=PATIENT, more=wall.environment).wait()
        assert ended.code == 0, ended.err
        bodies = bureau.rows("select count(*) from articles where text <> ''")
    assert bodies == [(3,)]
    assert told_once(bureau, "before", "ahead", "after")


@pytest.mark.fault(45)
def test_stopped_for_a_while_it_makes_up_what_it_missed_once(bureau, wall, daemon):
    """As a machine that sleeps."""
    bureau.settings = '[digest]\nat = ["12:00"]\n'
    noon = datetime(2026, 11, 23, 12, 0, tzinfo=ZoneInfo("Asia/Tokyo"))
    wall.set(noon - timedelta(hours=1))
    bureau.publish(first="米、二次関税を警告")
    running = daemon(every="1s", rules="- 二次関税\n")
    until(lambda: bureau.rows("select 1 from tellings where telling = 'waiting'"))
    wall.set(noon - timedelta(seconds=10))
    until(lambda: "clock_moved" in running.err)
    moves = running.err.count("clock_moved")
    running.process.send_signal(signal.SIGSTOP)
    time.sleep(180)
    polled, began = polls(bureau), time.monotonic()
    running.process.send_signal(signal.SIGCONT)
    until(lambda: told_once(bureau, "first", channel="news"))
    time.sleep(2)
    # One turn for all that was missed, and from then on one a second.
    assert polls(bureau) - polled <= 2 + time.monotonic() - began
    assert running.end(signal.SIGTERM, SOON).code == 0
    assert len(bureau.slack.messages("news")) == 1
    assert running.err.count("clock_moved") == moves
