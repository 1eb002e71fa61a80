"""What is said to systemd, and when it is not."""

import os
import socket
import threading
import time
from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from monitor.engines import supervise
from monitor.engines.supervise import LOOK, STUCK, DeadMan, Supervisor

MINUTE = timedelta(minutes=1)


class Ear:
    """The socket that systemd would listen to."""

    def __init__(self, name: str) -> None:
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(f"\0{name[1:]}" if name.startswith("@") else name)
        self.socket.setblocking(False)

    def heard(self) -> list[str]:
        told = []
        while True:
            try:
                told.append(self.socket.recv(4096).decode())
            except BlockingIOError:
                return told


@pytest.fixture(params=["path", "abstract"])
def name(request, tmp_path):
    return str(tmp_path / "notify") if request.param == "path" else f"@monitor-test-{os.getpid()}"


@pytest.fixture
def ear(name):
    ear = Ear(name)
    yield ear
    ear.socket.close()


def test_life_is_told_line_by_line(ear, name):
    supervisor = Supervisor.of({"NOTIFY_SOCKET": name})
    supervisor.ready()
    supervisor.status("3 sources,\n 2 due")
    supervisor.status("3 sources, 2 due")
    supervisor.stopping(timedelta(seconds=20))
    assert ear.heard() == ["READY=1", "STATUS=3 sources, 2 due", "STOPPING=1\nEXTEND_TIMEOUT_USEC=20000000"]


def test_more_time_is_asked_for_until_it_is_ready(ear, name, monkeypatch):
    monkeypatch.setattr(supervise, "PLEA", 0.01)
    supervisor = Supervisor(name)
    supervisor.starting()
    ear.socket.settimeout(10)
    assert [ear.socket.recv(4096) for _ in range(5)] == [b"EXTEND_TIMEOUT_USEC=30000"] * 5
    supervisor.ready()
    [asking] = [thread for thread in threading.enumerate() if thread.name == "starting"] or [None]
    if asking is not None:
        asking.join(10)
    ear.socket.setblocking(False)
    told = ear.heard()
    # One that was on its way may come behind it.
    assert "READY=1" in told[-2:]
    supervisor.alive()
    assert ear.heard() == []


def test_a_start_that_hangs_asks_no_more(ear, name, monkeypatch):
    monkeypatch.setattr(supervise, "PLEA", 0.01)
    now = iter([0.0, 1.0, 7199.0, 7200.0])
    Supervisor(name, steady=lambda: next(now)).starting()
    ear.socket.settimeout(10)
    assert [ear.socket.recv(4096) for _ in range(2)] == [b"EXTEND_TIMEOUT_USEC=30000"] * 2
    for thread in threading.enumerate():
        if thread.name == "starting":
            thread.join(10)
    ear.socket.setblocking(False)
    assert ear.heard() == []


def test_where_nobody_listens_nobody_is_asked():
    Supervisor().starting()
    assert "starting" not in {thread.name for thread in threading.enumerate()}


def test_a_reload_carries_the_time_of_the_clock_that_only_runs_on(ear, name):
    before = time.monotonic_ns() // 1000
    Supervisor(name).reloading()
    [told] = ear.heard()
    first, second = told.split("\n")
    assert first == "RELOADING=1"
    assert before <= int(second.removeprefix("MONOTONIC_USEC=")) <= time.monotonic_ns() // 1000


def test_the_watchdog_is_told_twice_in_its_time_and_only_when_somebody_calls(ear, name):
    now = [100.0]
    supervisor = Supervisor(name, MINUTE, steady=lambda: now[0])
    told = []
    for _ in range(121):
        supervisor.alive()
        told += [now[0] - 100] * len(ear.heard())
        now[0] += 1
    assert told == [0, 30, 60, 90, 120]


def test_the_environment_is_taken_so_that_no_child_speaks_in_our_name(ear, name):
    environment = {"NOTIFY_SOCKET": name, "WATCHDOG_USEC": "60000000", "WATCHDOG_PID": str(os.getpid()), "HOME": "/"}
    Supervisor.of(environment).alive()
    assert ear.heard() == ["WATCHDOG=1"]
    assert environment == {"HOME": "/"}


@pytest.mark.parametrize(
    "environment",
    [{"WATCHDOG_USEC": "60000000", "WATCHDOG_PID": "1"}, {"WATCHDOG_USEC": "0"}, {"WATCHDOG_USEC": "x"}, {}],
)
def test_a_watchdog_that_is_not_meant_for_us_hears_nothing(ear, name, environment):
    Supervisor.of({"NOTIFY_SOCKET": name, **environment}).alive()
    assert ear.heard() == []


@pytest.mark.parametrize("environment", [{}, {"NOTIFY_SOCKET": ""}])
def test_without_a_supervisor_nobody_is_told(environment):
    Supervisor.of(environment).ready()


def test_a_supervisor_that_is_gone_ends_nothing_and_is_said_once(tmp_path):
    supervisor = Supervisor(str(tmp_path / "nobody"))
    with capture_logs() as lines:
        for _ in range(3):
            supervisor.ready()
    assert [line["event"] for line in lines] == ["supervisor_lost"]


def test_a_supervisor_that_does_not_read_holds_up_nothing(ear, name):
    supervisor = Supervisor(name)
    with capture_logs() as lines:
        for _ in range(10_000):
            supervisor.ready()
    assert [line["event"] for line in lines] == ["supervisor_lost"]


class Nights:
    """What happens in each sleep of a dead man: who calls, and how long it takes."""

    def __init__(self):
        self.now, self.slept, self.happens = 0.0, 0, {}
        self.dead_man = DeadMan(self.sleep, lambda: self.now)

    def sleep(self, seconds):
        self.slept += 1
        self.now += self.happens.get(self.slept, lambda: seconds)() or seconds


@pytest.fixture
def nights(monkeypatch):
    monkeypatch.setattr(supervise.signal, "setitimer", lambda *_: None)
    return Nights()


def test_a_dead_man_waits_for_a_call_for_so_long_and_no_longer(nights):
    nights.dead_man.wait()
    assert nights.now == STUCK
    nights.happens = {nights.slept + 10: nights.dead_man}
    nights.dead_man.wait()
    assert nights.now == STUCK + 10 * LOOK + STUCK


def test_while_the_process_is_stopped_nobody_has_to_call(nights):
    nights.happens = {19: lambda: 3600.0, 30: lambda: 2 * LOOK}
    nights.dead_man.wait()
    assert nights.slept == 30 + STUCK / LOOK
