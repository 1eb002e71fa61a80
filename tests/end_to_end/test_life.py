"""The life of `monitor run` as a process: one at a time, ready when it is, ended when asked, watched while it works."""

import os
import re
import signal
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest
from end_to_end.bureau import HURRIED, MONITOR, until
from end_to_end.eyes import Eyes
from slack_standin import Fault

from monitor.clock import utc_now
from monitor.stores import open_store
from monitor.stores.process import this_process

pytestmark = pytest.mark.long

UNRULY = (str(Path(__file__).with_name("unruly.py")),)
CRISIS = '[channels.crisis]\nslack = "#pr-crisis"\nwhen = "now"\nwait = "1s"\n'
TO_CRISIS = "notify: crisis\nrules:\n"


@pytest.fixture
def daemon(bureau):
    """Starts it with a channel that is told at once, and a feed that is polled every second."""

    def start(program=HURRIED, more=None):
        bureau.settings = CRISIS
        bureau.fetch = 'every = "1s"\n'
        bureau.rule("first.yaml", f"{TO_CRISIS}  - 二次関税\n")
        running = bureau.start("run", program=program, more=more)
        running.says("event=started")
        return running

    return start


def polls(bureau):
    return bureau.site.asked.count("/feed.xml")


def heeds(pid, number):
    """Whether a process has a handler for a signal."""
    [caught] = re.findall(r"SigCgt:\s*(\w+)", Path(f"/proc/{pid}/status").read_text())
    return int(caught, 16) >> (number - 1) & 1


def processor_time(pid):
    """Seconds that a process has spent."""
    user, system = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def check_told_once(bureau, *names):
    """X1: everything once, and known to be sent under the number that Slack gave it."""
    until(lambda: bureau.told("pr-crisis") == dict.fromkeys(map(bureau.url, names), 1), what="each told once")
    until(lambda: bureau.rows("select distinct state from deliveries") == [("sent",)])
    receipts = {receipt for (receipt,) in bureau.rows("select receipt from deliveries")}
    assert receipts == {message["ts"] for message in bureau.slack.messages("pr-crisis")}


class TestOneAtATime:
    @pytest.mark.fault(47)
    def test_a_second_one_names_the_first_and_disturbs_nothing(self, bureau, daemon):
        running = daemon()
        began, asked = time.monotonic(), os.times()
        second = bureau.run("run")
        took = time.monotonic() - began
        now = os.times()
        # On a machine that is busy with something else it is the time of the processor that counts.
        spent = now.children_user + now.children_system - asked.children_user - asked.children_system
        assert min(took, spent) < 2
        assert (second.code, second.out) == (75, "")
        assert f"process {running.pid}" in second.err
        polled = polls(bureau)
        until(lambda: polls(bureau) > polled)
        assert running.end(signal.SIGTERM).code == 0

    def test_one_on_another_host_is_named(self, bureau):
        bureau.write()
        store = open_store(str(bureau.folder / "monitor.db"))
        store.lives.begin(replace(this_process(utc_now()), host="elsewhere", boot="another", pid=4711))
        store.close()
        ended = bureau.run("run")
        assert ended.code == 75
        assert "elsewhere, process 4711" in ended.err
        assert bureau.rows("select pid from life") == [(4711,)]

    def test_status_knows_it_while_it_runs(self, bureau, daemon):
        running = daemon()
        assert f"process {running.pid}" in bureau.run("status").out
        assert running.end(signal.SIGTERM).code == 0
        assert "monitor is not running" in bureau.run("status").out

    def test_one_that_was_killed_is_followed_at_once(self, bureau, daemon):
        killed = daemon()
        killed.kill()
        assert f"has ended without being stopped: process {killed.pid}" in bureau.run("status").out
        assert daemon().end(signal.SIGTERM).code == 0


class TestTheEnd:
    @pytest.mark.parametrize("after", [0, 0.2, 0.5, 1.0, 1.5])
    def test_asked_to_end_while_it_starts_it_ends_in_order(self, bureau, after):
        running = bureau.start("run")
        until(lambda: heeds(running.pid, signal.SIGTERM))
        # Not after all the libraries: they take six times as long.
        assert processor_time(running.pid) < 0.2
        time.sleep(after)
        ended = running.end(signal.SIGTERM)
        assert (ended.code, ended.out) == (0, "")

    @pytest.mark.fault(48)
    def test_a_post_in_flight_comes_to_its_end(self, bureau, daemon):
        bureau.slack.fail(Fault(answer="slow", seconds=3))
        bureau.publish(tariff="米、二次関税を警告")
        running = daemon(MONITOR)
        until(lambda: bureau.slack.calls("chat.postMessage"))
        assert running.end(signal.SIGTERM, 20).code == 0
        check_told_once(bureau, "tariff")
        assert len(bureau.slack.calls("chat.postMessage")) == 1

    @pytest.mark.fault(49)
    def test_asked_twice_it_ends_at_once_and_nothing_is_lost(self, bureau, daemon):
        bureau.slack.fail(Fault(answer="slow", seconds=30, store=True))
        bureau.publish(tariff="米、二次関税を警告")
        running = daemon(MONITOR)
        until(lambda: bureau.slack.calls("chat.postMessage"))
        running.process.send_signal(signal.SIGTERM)
        running.says("event=stopping")
        began = time.monotonic()
        running.process.send_signal(signal.SIGTERM)
        running.process.wait(10)
        assert time.monotonic() - began < 2
        assert bureau.rows("select state from deliveries") == [("sending",)]
        running = daemon()
        check_told_once(bureau, "tariff")
        assert running.end(signal.SIGTERM).code == 0


class TestTheSupervisor:
    def test_hears_when_it_is_ready_how_it_is_and_that_it_stops(self, bureau, daemon, ear):
        running = daemon(more=ear.environment())
        until(lambda: ear.heard().count("WATCHDOG=1") > 2)
        assert running.end(signal.SIGTERM).code == 0
        told = ear.heard()
        assert told.index("READY=1") < told.index("WATCHDOG=1")
        assert any(re.match(r"STATUS=1 source, \d due; 0 messages waiting; 1 rule$", line) for line in told)
        assert told[-1].startswith("STOPPING=1\nEXTEND_TIMEOUT_USEC=")

    def test_is_not_told_that_it_is_ready_when_it_is_not(self, bureau, ear):
        bureau.rule("first.yaml", "- {name: x, anny: y}\n")
        assert bureau.start("run", more=ear.environment()).wait().code == 2
        assert "READY=1" not in ear.heard()

    def test_is_asked_for_time_while_a_large_memory_is_brought_up_to_date(self, bureau, daemon, ear):
        running = daemon(UNRULY, {"UNRULY": "slow start", **ear.environment()})
        until(lambda: "READY=1" in ear.heard())
        told = ear.heard()
        pleas = [line for line in told[: told.index("READY=1")] if line.startswith("EXTEND_TIMEOUT_USEC=")]
        assert len(pleas) >= 3
        assert running.end(signal.SIGTERM).code == 0

    @pytest.mark.fault(50)
    def test_hears_of_a_reload_and_a_broken_edit_changes_nothing(self, bureau, daemon, ear):
        bureau.listen = "127.0.0.1:0"
        running = daemon(more=ear.environment())
        eyes = Eyes.of(running)
        until(lambda: "READY=1" in ear.heard())
        for text, event in (("- {name: x, any: [\n", "rules_kept"), (f"{TO_CRISIS}  - 停戦\n", "rules_reloaded")):
            before = len(ear.heard())
            bureau.rule("first.yaml", text)
            running.process.send_signal(signal.SIGHUP)
            running.says(f"event={event}")
            until(lambda before=before: "READY=1" in ear.heard()[before:])
            told = [line for line in ear.heard()[before:] if line.startswith(("RELOADING", "READY"))]
            assert re.fullmatch(r"RELOADING=1\nMONOTONIC_USEC=\d+", told[0])
            assert told[1] == "READY=1"
            assert eyes.metric("monitor_config_last_reload_successful") == (event == "rules_reloaded")
            if event == "rules_kept":
                bureau.publish(tariff="米、二次関税を警告")
                check_told_once(bureau, "tariff")
        bureau.publish(truce="停戦で合意")
        check_told_once(bureau, "tariff", "truce")
        assert running.end(signal.SIGTERM).code == 0

    @pytest.mark.fault(52)
    def test_hears_nothing_of_a_dispatcher_that_stands_still_and_the_next_process_goes_on(self, bureau, daemon, ear):
        """As systemd does: it is ended with SIGABRT when it has been silent."""
        running = daemon(UNRULY, {"UNRULY": "blocked", **ear.environment()})
        until(lambda: "WATCHDOG=1" in ear.heard())
        (bureau.folder / "now").touch()
        time.sleep(0.5)
        before = len(ear.heard())
        time.sleep(3)
        assert ear.heard()[before:] == []
        ended = running.end(signal.SIGABRT)
        assert ended.code == -signal.SIGABRT
        assert "in block" in ended.err
        (bureau.folder / "now").unlink()
        bureau.publish(tariff="米、二次関税を警告")
        running = daemon()
        check_told_once(bureau, "tariff")
        assert running.end(signal.SIGTERM).code == 0

    @pytest.mark.fault(45)
    def test_after_a_stop_and_a_continuation_it_is_told_at_once(self, bureau, daemon, ear):
        """With WatchdogSec longer than the stop."""
        running = daemon(more=ear.environment(watchdog=10))
        until(lambda: "WATCHDOG=1" in ear.heard())
        running.process.send_signal(signal.SIGSTOP)
        time.sleep(6)
        before, polled = len(ear.heard()), polls(bureau)
        running.process.send_signal(signal.SIGCONT)
        until(lambda: "WATCHDOG=1" in ear.heard()[before:], 3)
        assert polls(bureau) - polled <= 3
        assert running.end(signal.SIGTERM).code == 0


class TestWhatGoesWrong:
    @pytest.mark.fault(52)
    def test_a_dispatcher_that_raises_on_and_on_ends_the_process(self, bureau, daemon, ear):
        running = daemon(UNRULY, {"UNRULY": "raising", **ear.environment()})
        until(lambda: "WATCHDOG=1" in ear.heard())
        (bureau.folder / "now").touch()
        running.says("event=crank_broke")
        before = len(ear.heard())
        code = running.process.wait(30)
        assert code == 1
        assert "WATCHDOG=1" not in ear.heard()[before:]
        assert "Polling has not gone on for" in running.err

    @pytest.mark.fault(52)
    def test_one_that_stands_still_where_nobody_watches_ends_itself(self, bureau, daemon):
        running = daemon(UNRULY, {"UNRULY": "alone"})
        (bureau.folder / "now").touch()
        ended = running.wait(30)
        assert ended.code == 1
        assert "in block" in ended.err

    def test_one_that_computes_without_end_is_ended(self, bureau, daemon):
        running = daemon(UNRULY, {"UNRULY": "computing"})
        (bureau.folder / "now").touch()
        ended = running.wait(30)
        assert ended.code == -signal.SIGPROF
        assert "in compute" in ended.err

    def test_one_that_was_stopped_for_long_goes_on(self, bureau, daemon):
        running = daemon(UNRULY, {"UNRULY": "stopped"})
        running.process.send_signal(signal.SIGSTOP)
        time.sleep(2)
        running.process.send_signal(signal.SIGCONT)
        polled = polls(bureau)
        until(lambda: polls(bureau) > polled)
        assert running.end(signal.SIGTERM).code == 0

    @pytest.mark.fault(53)
    def test_jobs_that_raise_what_they_should_not_hold_up_nobody(self, bureau, daemon):
        bureau.listen = "127.0.0.1:0"
        running = daemon(UNRULY, {"UNRULY": "cranks"})
        eyes = Eyes.of(running)
        assert eyes.metric("monitor_faults_total") == 0
        (bureau.folder / "now").touch()
        until(lambda: running.err.count("event=crank_broke") > 1)
        until(lambda: eyes.metric("monitor_faults_total") >= 2)
        assert "CancelledError" in running.err
        assert "SystemExit" in running.err
        polled = polls(bureau)
        bureau.publish(tariff="米、二次関税を警告")
        check_told_once(bureau, "tariff")
        until(lambda: polls(bureau) > polled)
        running.process.send_signal(signal.SIGTERM)
        assert running.process.wait(30) == 0

    def test_jobs_whose_own_tasks_give_up_hold_up_nobody(self, bureau, daemon):
        running = daemon(UNRULY, {"UNRULY": "tasks"})
        (bureau.folder / "now").touch()
        until(lambda: running.err.count("event=crank_broke") > 1)
        assert "in give_up" in running.err
        bureau.publish(tariff="米、二次関税を警告")
        check_told_once(bureau, "tariff")
        running.process.send_signal(signal.SIGTERM)
        assert running.process.wait(30) == 0

    @pytest.mark.fault(51)
    def test_files_that_are_cut_off_while_it_is_asked_to_read_them(self, bureau, daemon):
        """With a process of its own."""
        running = daemon()
        config, over = (bureau.folder / "config.toml").read_text(encoding="utf-8"), threading.Event()
        rules = bureau.folder / "rules" / "first.yaml"
        whole = rules.read_text(encoding="utf-8")

        def scribble():
            for cut in range(1000):
                (bureau.folder / "config.toml").write_text(config[: cut % len(config)], encoding="utf-8")
                rules.write_text(whole[: cut % len(whole)], encoding="utf-8")
                (bureau.folder / "config.toml").write_text(config, encoding="utf-8")
                rules.write_text(whole, encoding="utf-8")
            over.set()

        writer = threading.Thread(target=scribble)
        writer.start()
        while not over.is_set():
            running.process.send_signal(signal.SIGHUP)
            time.sleep(0.05)
        writer.join()
        bureau.publish(tariff="米、二次関税を警告")
        check_told_once(bureau, "tariff")
        assert not re.search(r"sources=0|rules=0", running.err)
        assert running.end(signal.SIGTERM).code == 0


class TestEditsOfTheConfiguration:
    def test_a_source_and_a_channel_are_added_and_a_source_removed(self, bureau, daemon):
        running = daemon()
        bureau.site.pages["/second.xml"] = bureau.site.pages["/feed.xml"]
        bureau.sources.clear()
        bureau.source("second", f"{bureau.site.url}/second.xml")
        bureau.settings += '[channels.desk]\nslack = "#desk"\nwhen = "now"\nwait = "1s"\n'
        bureau.write()
        running.says("sources_added=second sources_removed=s0")
        bureau.rule("first.yaml", "notify: [crisis, desk]\nrules:\n  - 二次関税\n")
        running.says("event=rules_reloaded")
        until(lambda: "/second.xml" in bureau.site.asked)
        polled = polls(bureau)
        bureau.publish(tariff="米、二次関税を警告")
        bureau.site.pages["/second.xml"] = bureau.site.pages["/feed.xml"]
        until(lambda: bureau.told("desk") == {bureau.url("tariff"): 1})
        until(lambda: bureau.told("pr-crisis") == {bureau.url("tariff"): 1})
        assert polls(bureau) <= polled + 1
        assert running.end(signal.SIGTERM).code == 0

    @pytest.mark.fault(26)
    def test_a_new_token_is_taken_up_after_the_old_one_was_refused(self, bureau, daemon):
        """As far as reloading goes."""
        (bureau.folder / "token").write_text("xoxb-revoked")
        environment = {"CREDENTIALS_DIRECTORY": str(bureau.folder)}
        (bureau.folder / "token").rename(bureau.folder / "slack_bot_token")
        running = daemon(more=environment)
        bureau.publish(tariff="米、二次関税を警告")
        until(lambda: bureau.rows("select 1 from pauses"))
        assert bureau.told("pr-crisis") == {}
        (bureau.folder / "slack_bot_token").write_text(bureau.slack.token)
        running.process.send_signal(signal.SIGHUP)
        running.says("secrets_changed")
        check_told_once(bureau, "tariff")
        assert running.end(signal.SIGTERM).code == 0
