"""Health and metrics as a machine sees them, and what a client can do to them."""

import json
import socket
import threading
import time
import urllib.error
import urllib.request
from datetime import timedelta

import pytest
from stores.making import make_promise

from monitor.app import open_app
from monitor.config import Secrets
from monitor.errors import ListenError, StoreError
from monitor.eyes import server, watch
from monitor.eyes.readiness import Phase
from monitor.eyes.server import open_eyes
from monitor.eyes.watch import Watch
from monitor.journal import Reloaded


@pytest.fixture
def ask(eyes):
    """A request of another program, from the very thread that works: (status, text)."""

    def ask(path, method="GET", **headers):
        host, port = eyes.shown_at
        request = urllib.request.Request(f"http://{host}:{port}{path}", method=method, headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=5) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    return ask


def test_alive_and_ready(ask):
    assert ask("/livez") == (200, "alive\n")
    assert ask("/readyz") == (200, "ready\n")
    assert json.loads(ask("/readyz?format=json")[1]) == {"ready": True, "reasons": []}


async def test_until_the_start_is_over_it_lives_and_is_not_ready(app, work):
    with open_eyes(app) as eyes:
        assert eyes.is_alive
        assert [doubt.code for doubt in await eyes.doubts()] == ["starting"]
        eyes.runs(work)
        assert await eyes.doubts() == ()
        eyes.phase = Phase.STOPPING
        assert [doubt.code for doubt in await eyes.doubts()] == ["stopping"]
        assert eyes.is_alive


def test_one_reason_per_line(app, ask):
    app.store.deliveries.pause("slack", until=None, reason="no token")
    app.store.deliveries.pause("#news", until=None, reason="archived xoxb-1-2 https://hooks.slack.com/services/T/B/x")
    status, text = ask("/readyz")
    assert status == 503
    first, second = text.splitlines()
    assert first.startswith("destination-held: #news")
    assert second.startswith("destination-held: slack")
    assert "xoxb" not in text
    assert "services" not in text
    status, text = ask("/readyz", Accept="application/json")
    told = json.loads(text)
    assert (status, told["ready"]) == (503, False)
    assert [one["code"] for one in told["reasons"]] == ["destination-held"] * 2


def test_a_dispatcher_that_stands_still_is_told_while_the_loop_is_blocked(app, eyes, ask):
    """This test holds the loop of the daemon the whole time."""
    eyes._began_at = app.ticked_at = time.monotonic() - 25
    assert ask("/livez") == (503, "standstill\n")
    assert ask("/readyz")[1].startswith("standstill: ")
    app.ticked_at = time.monotonic()
    assert ask("/livez")[0] == 200


def test_metrics_are_text_that_prometheus_reads(app, ask):
    app.reload_ok = False
    app.witness(Reloaded(taken_up=False))
    _, text = ask("/metrics")
    assert "\nmonitor_ready 1.0\n" in text
    assert "\nmonitor_config_last_reload_successful 0.0\n" in text
    assert '\nmonitor_config_reloads_total{outcome="refused"} 1.0\n' in text
    assert '\nmonitor_sources{state="never_polled"} 1.0\n' in text
    assert "\nprocess_resident_memory_bytes " in text
    assert "_created" not in text
    assert "\nmonitor_backup_last_success_timestamp_seconds 0.0\n" in text


def test_a_backup_is_dated(app, ask, tmp_path):
    (tmp_path / "backups").mkdir()
    (tmp_path / "backups" / "monitor-2026-11-23T0330+0900.db").write_bytes(b"")
    assert "\nmonitor_backup_last_success_timestamp_seconds 1.7953722e+09\n" in ask("/metrics")[1]


async def test_a_store_that_does_not_answer(app, work, monkeypatch):
    monkeypatch.setattr(watch, "PATIENCE", 0.05)
    now = [100.0]
    eyes = Watch(app, steady=lambda: now[0])
    eyes.runs(work)
    app.ticked_at = now[0]
    assert await eyes.doubts() == ()
    go_on = threading.Event()
    held = app.in_store._thread.submit(go_on.wait)
    try:
        now[0] += 10
        # What was seen last is shown meanwhile.
        assert await eyes.doubts() == ()
        assert b"monitor_sources_due" in await eyes.metrics()
        now[0] += 25
        app.ticked_at = now[0]
        assert [doubt.code for doubt in await eyes.doubts()] == ["store-silent"]
    finally:
        go_on.set()
        held.result()
    monkeypatch.setattr(watch, "PATIENCE", 5)
    assert await eyes.doubts() == ()


async def test_a_store_that_cannot_do_its_work(app, work):
    now = [100.0]
    eyes = Watch(app, steady=lambda: now[0])
    eyes.runs(work)
    app.ticked_at = now[0]
    work.trouble = (now[0], StoreError("stores.full", path="x", detail="full"))
    assert [doubt.code for doubt in await eyes.doubts()] == ["store-failing"]
    now[0] += 19
    assert [doubt.code for doubt in await eyes.doubts()] == ["store-failing"]
    now[0] += 1
    app.ticked_at = now[0]
    assert await eyes.doubts() == ()


async def test_a_look_that_fails_is_a_reason_too(app, work, monkeypatch):
    def fail(*_, **__):
        raise StoreError("stores.full", path="x", detail="full")

    monkeypatch.setattr(watch, "look", fail)
    eyes = Watch(app)
    eyes.runs(work)
    assert [doubt.code for doubt in await eyes.doubts()] == ["store-failing"]
    # What the database says is left out until it has said it.
    assert b"monitor_sources" not in await eyes.metrics()


def test_a_folder_of_backups_that_cannot_be_read_has_none(ask, tmp_path):
    (tmp_path / "backups").write_text("no folder", encoding="utf-8")
    assert "\nmonitor_backup_last_success_timestamp_seconds 0.0\n" in ask("/metrics")[1]


async def test_a_look_is_good_for_some_seconds(app, work, monkeypatch):
    looks = []
    real = watch.look
    monkeypatch.setattr(watch, "look", lambda *given, **named: looks.append(1) or real(*given, **named))
    now = [100.0]
    eyes = Watch(app, steady=lambda: now[0])
    eyes.runs(work)
    for _ in range(20):
        await eyes.metrics()
    assert len(looks) == 1
    now[0] += 5
    await eyes.doubts()
    assert len(looks) == 2


@pytest.mark.parametrize("path", ["/", "/metrics/", "/livez/x", "/../etc/passwd", "/favicon.ico"])
def test_nothing_else_is_there(ask, path):
    assert ask(path)[0] == 404


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "TRACE"])
def test_nothing_can_be_done(ask, method):
    assert ask("/metrics", method)[0] == 405


def test_a_page_in_a_browser_cannot_read_it_by_a_name_of_its_own(ask):
    assert ask("/metrics", Host="evil.example:9464")[0] == 421
    for host in ("localhost", "localhost:9464", "127.0.0.1", "[::1]:9464", "10.0.0.1:1"):
        assert ask("/livez", Host=host)[0] == 200


def speak(eyes, data):
    connection = socket.create_connection(eyes.shown_at, timeout=5)
    connection.sendall(data)
    return connection


def test_slow_and_silly_clients_hold_nothing_up(eyes, ask, monkeypatch, capfd):
    monkeypatch.setattr(server, "LIFETIME", 0.3)  # instead of 10
    began = time.monotonic()
    slow = [
        speak(eyes, b"GET /metrics HTTP/1.1\r\nHost: "),
        speak(eyes, b"GET /livez HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1000000000\r\n\r\nabc"),
        speak(eyes, b""),
    ]
    assert ask("/livez")[0] == 200
    for connection in slow:
        with connection:
            while read(connection):
                pass
    assert time.monotonic() - began < 8
    for silly in (
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
        b"GET /" + b"x" * 100_000 + b" HTTP/1.1\r\n\r\n",
    ):
        with speak(eyes, b"") as connection:
            try:
                connection.sendall(silly)
            except ConnectionError:
                continue
            assert b" 400 " in read(connection)
    assert ask("/livez")[0] == 200
    assert "Traceback" not in capfd.readouterr().err


def read(connection):
    try:
        return connection.recv(65536)
    except ConnectionError:
        return b""


def test_no_more_than_so_many_at_once(eyes, ask, monkeypatch):
    monkeypatch.setattr(server, "MOST", 3)
    held = [speak(eyes, b"GET") for _ in range(3)]
    with pytest.raises(OSError):
        ask("/livez")
    for connection in held:
        connection.close()
    deadline = time.monotonic() + 5
    while True:
        try:
            assert ask("/livez")[0] == 200
            break
        except OSError:
            assert time.monotonic() < deadline


async def test_ipv6(configure, work):
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        pytest.skip("no IPv6 here")
    async with open_app(configure("[::1]:0"), Secrets()) as app:
        with open_eyes(app) as eyes, socket.create_connection(eyes.shown_at, timeout=5) as connection:
            connection.sendall(b"GET /livez HTTP/1.1\r\nHost: [::1]\r\n\r\n")
            assert connection.recv(100).startswith(b"HTTP/1.1 200 ")


async def test_a_port_that_is_taken_is_said(configure):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        async with open_app(configure(f"127.0.0.1:{port}"), Secrets()) as app:
            with pytest.raises(ListenError) as caught, open_eyes(app):
                pass
    assert str(port) in caught.value.message("en")
    assert "[http]" in caught.value.message("ja")


async def test_switched_off_nothing_listens_and_all_is_counted(configure, work):
    async with open_app(configure(""), Secrets()) as app:
        with open_eyes(app) as eyes:
            eyes.runs(work)
            app.witness(Reloaded(taken_up=True))
            assert eyes.shown_at is None
            assert b'monitor_config_reloads_total{outcome="taken_up"} 1.0' in await eyes.metrics()
    assert not [thread for thread in threading.enumerate() if thread.name == "eyes"]


async def test_how_far_the_clock_is_off(app, work, monkeypatch):
    """Slack tells its time with the answer to the greeting; a clock that is moved afterwards makes that worthless."""

    class Slack:
        def now(self):
            return wall[0] - timedelta(minutes=7)

    now, wall = [100.0], [app.clock()]
    monkeypatch.setattr(app, "clock", lambda: wall[0])
    monkeypatch.setattr(app.boards.now, "sink_of", lambda _: Slack())
    eyes = Watch(app, steady=lambda: now[0])
    eyes.runs(work)
    app.ticked_at = now[0]
    eyes.note(watch.Greeting())
    assert [doubt.code for doubt in await eyes.doubts()] == ["clock-off"]
    assert b"monitor_clock_offset_seconds 420.0" in await eyes.metrics()
    wall[0] -= timedelta(minutes=7)
    assert await eyes.doubts() == ()
    assert b"monitor_clock_offset_seconds" not in await eyes.metrics()


async def test_a_clock_that_is_set_ahead_makes_no_message_late(app, work, monkeypatch):
    now, wall = [100.0], [app.clock()]
    monkeypatch.setattr(app, "clock", lambda: wall[0])
    eyes = Watch(app, lambda: now[0])
    eyes.runs(work)
    app.store.deliveries.promise(make_promise(), now=wall[0], slot=None)
    now[0], wall[0] = now[0] + 6, wall[0] + timedelta(hours=1)
    assert await eyes.doubts() == ()
    now[0], wall[0] = now[0] + 1800, wall[0] + timedelta(seconds=1800)
    assert "delivery-late" in [doubt.code for doubt in await eyes.doubts()]
