"""`monitor run` on a disk that fills up, beside a program that holds the database, and on a damaged or a newer database."""

import hashlib
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing

import pytest
from end_to_end.bureau import HURRIED, until
from end_to_end.disk import fill, kept_full
from end_to_end.eyes import Eyes
from slack_standin import Fault

CRISIS = '[channels.crisis]\nslack = "#pr-crisis"\nwhen = "now"\nwait = "0s"\n'
#: Hurried, and it looks after its ballast every five seconds.
TIDY = (
    "-c",
    """
import sys
from end_to_end.hurried import hurry
from monitor.commands import main
from monitor.engines import daemon
hurry()
daemon.KEEP = 5
main(sys.argv[1:])
""",
)
LOCKER = """
import sqlite3, sys, time
connection = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=30)
connection.execute("begin immediate")
print("held", flush=True)
time.sleep(float(sys.argv[2]))
connection.execute("rollback")
"""


@pytest.fixture
def daemon(bureau):
    """Starts it with a channel that is told at once, and health to look at."""

    def start(program=HURRIED, every="1s"):
        bureau.listen, bureau.settings, bureau.fetch = "127.0.0.1:0", CRISIS, f'every = "{every}"\n'
        bureau.rule("first.yaml", "notify: crisis\nrules:\n  - 二次関税\n")
        running = bureau.start("run", program=program)
        running.says("event=started")
        return running

    return start


def posts(bureau):
    return len(bureau.slack.calls("chat.postMessage"))


def states(bureau):
    return [state for (state,) in bureau.rows("select state from deliveries order by number")]


def check_told_once(bureau, *names):
    """X1: everything once, and known to be sent under the number that Slack gave it."""
    until(lambda: bureau.told("pr-crisis") == dict.fromkeys(map(bureau.url, names), 1), what="each told once")
    until(lambda: set(states(bureau)) == {"sent"})
    receipts = {receipt for (receipt,) in bureau.rows("select receipt from deliveries")}
    assert receipts == {message["ts"] for message in bureau.slack.messages("pr-crisis")}


def limit_the_first(bureau):
    """A message that is written down and waits two seconds for its next claim."""
    bureau.slack.fail(Fault(answer="limit", retry_after="2"))
    bureau.publish(tariff="米、二次関税を警告")
    until(lambda: bureau.rows("select 1 from deliveries where state = 'pending' and attempts = 1"))
    until(lambda: bureau.rows("select 1 from pauses"))


# --- a full disk ---


@pytest.mark.fault(31)
@pytest.mark.long
@pytest.mark.parametrize("small_disk", ["2M"], indirect=True)
@pytest.mark.parametrize("before", ["it was found", "it was claimed"])
def test_while_the_disk_is_full_nothing_is_sent_and_then_everything_once(bureau, daemon, small_disk, before):
    bureau.database = small_disk / "monitor.db"
    # The log of the database takes some room at every poll.
    running = daemon(every="4s")
    eyes = Eyes.of(running)
    assert eyes.ask("/readyz")[0] == 200
    if before == "it was claimed":
        limit_the_first(bureau)
    known = posts(bureau)
    with kept_full(small_disk / "filler"):
        if before == "it was found":
            bureau.publish(tariff="米、二次関税を警告")
        until(lambda: "disk-full" in eyes.reasons())
        assert eyes.ask("/readyz")[0] == 503
        ends = time.monotonic() + 6
        while time.monotonic() < ends:
            assert (posts(bureau), bureau.slack.messages("pr-crisis")) == (known, [])
            time.sleep(0.05)
        assert running.alive
        assert "is full" in running.err
        assert states(bureau) == ["pending"] * known
    check_told_once(bureau, "tariff")
    until(lambda: eyes.reasons() == ["ready"])
    assert running.end(signal.SIGTERM).code == 0
    check_told_once(bureau, "tariff")


@pytest.mark.fault(32)
@pytest.mark.long
@pytest.mark.parametrize("ballast", ["enough", "none, and it lives on", "none, and it dies"])
def test_a_disk_that_fills_up_before_slack_answers(bureau, daemon, small_disk, ballast):
    bureau.database = small_disk / "monitor.db"
    laid = small_disk / "monitor.db.ballast"

    def flood():
        if ballast != "enough":
            laid.unlink()
        fill(small_disk / "filler")

    running = daemon(TIDY)
    assert laid.exists()
    bureau.slack.fail(Fault(answer="slow", seconds=0, meanwhile=flood))
    bureau.publish(tariff="米、二次関税を警告")
    until(lambda: posts(bureau) == 1)
    if ballast == "enough":
        until(lambda: states(bureau) == ["sent"])
    else:
        until(lambda: "disk-full" in Eyes.of(running).reasons())
        time.sleep(2)
        assert states(bureau) == ["sending"]
        assert running.alive
    assert (posts(bureau), laid.exists()) == (1, False)
    if ballast == "none, and it dies":
        running.kill()
    (small_disk / "filler").unlink()
    if ballast == "none, and it dies":
        running = daemon(TIDY)
    check_told_once(bureau, "tariff")
    assert posts(bureau) == 1
    until(laid.exists)
    assert running.end(signal.SIGTERM).code == 0


# --- another program ---


@pytest.mark.fault(33)
@pytest.mark.long
@pytest.mark.parametrize("before", ["it was found", "it was claimed", "Slack answered"])
def test_a_database_that_another_program_holds_for_twenty_seconds(bureau, daemon, before):
    holders = []

    def hold():
        command = [sys.executable, "-c", LOCKER, str(bureau.folder / bureau.database), "20"]
        holders.append(subprocess.Popen(command, stdout=subprocess.PIPE, text=True))
        assert holders[0].stdout.readline() == "held\n"

    running = daemon(every="4s")
    if before == "it was claimed":
        limit_the_first(bureau)
    if before == "Slack answered":
        bureau.slack.fail(Fault(answer="slow", seconds=0, meanwhile=hold))
    else:
        hold()
    bureau.publish(tariff="米、二次関税を警告")
    until(lambda: holders)
    [holder] = holders
    with holder:
        known = {"it was found": 0, "it was claimed": 1, "Slack answered": 1}[before]
        until(lambda: posts(bureau) == known)
        while holder.poll() is None:
            assert posts(bureau) == known or holder.poll() is not None
            time.sleep(0.01)
    assert holder.returncode == 0
    check_told_once(bureau, "tariff")
    assert posts(bureau) == {"it was found": 1, "it was claimed": 2, "Slack answered": 1}[before]
    ended = running.end(signal.SIGTERM)
    assert ended.code == 0
    assert "crank_broke" not in ended.err


# --- a database that is not to be touched ---


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.fault(35)
@pytest.mark.slow
def test_a_damaged_database_is_refused_with_the_way_back_and_left_as_it_is(bureau):
    bureau.publish(**{f"n{number}": f"二次関税、第{number}報" for number in range(40)})
    assert bureau.deliver().code == 0
    backups = bureau.folder / "backups"
    backups.mkdir()
    bureau.settings = '[backup]\nfolder = "backups"\n'
    bureau.write()
    copy = backups / "monitor-2026-11-22T0330+0900.db"
    assert bureau.run("backup", str(copy)).code == 0
    path = bureau.folder / bureau.database
    content = bytearray(path.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 100] = bytes(byte ^ 0xFF for byte in content[middle : middle + 100])
    path.write_bytes(content)
    before, told = digest(path), posts(bureau)
    for arguments in (("run",), ("run", "--once")):
        ended = bureau.run(*arguments)
        assert ended.code not in (0, 75)
        assert "integrity" in ended.err
        assert str(copy) in ended.err
        assert digest(path) == before
    assert posts(bureau) == told


@pytest.mark.fault(37)
def test_a_database_of_a_newer_version_is_refused_and_left_as_it_is(bureau):
    assert bureau.deliver().code == 0
    path = bureau.folder / bureau.database
    with closing(sqlite3.connect(path)) as newer:
        newer.execute(
            "insert into _sqlite_migrations (migration_set, name, applied_at) values ('monitor', '999-later', 'then')"
        )
        newer.commit()
    before = digest(path)
    ended = bureau.run("run")
    assert ended.code not in (0, 75)
    assert "newer" in ended.err
    assert digest(path) == before
