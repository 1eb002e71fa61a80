"""`monitor unblock`: what is held goes out again, also beside the daemon."""

import json
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from stores.making import make_promise

from monitor.errors import BlockedError, PayloadError, UnknowableError
from monitor.model import DeliveryState
from monitor.stores import hold_lock, open_store

NOW = datetime.now(UTC)
ARCHIVED = BlockedError("sinks.archived", destination="#news").memo()
REFUSED = PayloadError("sinks.refused", destination="#news", error="invalid_blocks").memo()
BLIND = UnknowableError("sinks.webhook-blind", destination="webhook:pr").memo()
LOST = BlockedError("app.no-destination", destination="old").memo()


@pytest.fixture
def room(newsroom, monkeypatch):
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-1")
    monkeypatch.setenv("PR", "https://hooks.slack.com/services/T/B/secret")
    newsroom.settings = (
        '[slack]\nchannel = "#news"\n[channels.crisis]\nslack = "#pr-crisis"\n[channels.pr]\nwebhook_env = "PR"\n'
    )
    newsroom.rule("third.yaml", "rules:\n  - name: 停戦\n    any: 停戦\n    notify: '#trade'\n")
    newsroom.write()
    newsroom.store = open_store(str(newsroom.folder / "monitor.db"))
    yield newsroom
    newsroom.store.close()


def halt(room, state, error, *, channel="#news", destination="#news", period="now/1", before="sending"):
    promise = make_promise(channel=channel, destination=destination, period=period)
    (delivery,) = room.store.deliveries.promise(promise, now=NOW, slot=None)
    room.store.deliveries.claim(delivery.id, now=NOW, send_started_at=NOW)
    for name in (before, state):
        moved = replace(delivery, state=DeliveryState(name), last_error=error)
        room.store.deliveries.close(moved, now=NOW, note="x")
    return delivery


def states(room):
    return {row["id"]: row["state"] for row in room.store.archive.rows("deliveries", since=None)}


@pytest.mark.fault(25)
@pytest.mark.parametrize(
    ("typed", "destination"),
    [
        ("#news", "#news"),
        ("news", "#news"),
        ("C0NEWS0001", "#news"),
        ("crisis", "#pr-crisis"),
        ("#pr-crisis", "#pr-crisis"),
        ("pr-crisis", "#pr-crisis"),
        ("pr", "webhook:pr"),
        ("slack", "slack"),
    ],
)
def test_a_channel_goes_by_every_name_it_has(room, typed, destination):
    room.store.contacts.learn("#news", "C0NEWS0001", now=NOW)
    room.store.deliveries.pause(destination, until=None, reason=ARCHIVED)
    code, out, err = room.run("unblock", typed)
    assert (code, err) == (0, "")
    assert f"{destination} への送信を再開します" in out
    assert room.store.deliveries.paused() == {}


def test_only_the_one_that_was_named_is_lifted(room):
    for name in ("#news", "#pr-crisis", "slack"):
        room.store.deliveries.pause(name, until=None, reason=ARCHIVED)
    _, out, _ = room.run("unblock", "news")
    assert set(room.store.deliveries.paused()) == {"#pr-crisis", "slack"}
    assert "monitor unblock slack" in out


def test_where_nothing_is_blocked_it_says_so(room):
    assert "#trade は止まっていません" in room.run("unblock", "#trade")[1]
    assert "送信を止めているチャンネルはありません" in room.run("unblock")[1]


@pytest.mark.parametrize("typed", ["crisis", "#pr-crisis", "pr-crisis", "pr", "webhook:pr"])
def test_every_name_of_a_channel_is_known_where_nothing_is_blocked(room, typed):
    code, out, _ = room.run("unblock", typed)
    assert (code, out.count("\n")) == (0, 1)


def test_what_slack_wishes_cannot_be_lifted(room):
    room.store.deliveries.pause("slack", until=datetime.now(UTC) + timedelta(minutes=5), reason="{}")
    code, out, _ = room.run("unblock", "slack")
    assert (code, "手動では解除できません" in out) == (0, True)
    assert len(room.store.deliveries.paused()) == 1


def test_what_is_held_is_sent_and_what_was_refused_only_on_demand(room):
    dead = halt(room, "dead", REFUSED)
    held = halt(room, "held", BLIND, channel="pr", destination="webhook:pr", before="unknown")
    _, out, _ = room.run("unblock", "pr")
    assert "保留していた 1 件を送ります" in out
    assert states(room) == {dead.id: "dead", held.id: "pending"}
    (again,) = room.store.deliveries.due(now=datetime.now(UTC))
    assert again.absent_reads == 1
    _, out, _ = room.run("unblock", "news")
    assert "invalid_blocks" in out
    assert "monitor unblock news --retry-dead" in out
    assert states(room)[dead.id] == "dead"
    _, out, _ = room.run("unblock", "news", "--retry-dead")
    assert "拒否された 1 件をもう一度送ります" in out
    assert states(room)[dead.id] == "pending"


def test_a_channel_that_left_the_configuration_stays_held(room):
    lost = halt(room, "held", LOST, channel="old", destination="#old-crisis", before="pending")
    for typed in ("old", "#old-crisis"):
        assert "old は config.toml から外れています" in room.run("unblock", typed)[1]
    assert states(room) == {lost.id: "held"}


def test_what_is_held_is_listed_and_shown(room):
    room.store.deliveries.pause("#news", until=None, reason=ARCHIVED)
    dead = halt(room, "dead", REFUSED, channel="crisis", destination="#pr-crisis")
    for command in ("unblock", "status"):
        shown = room.run(command)[1]
        assert "#news に送れません: チャンネル #news はアーカイブされています" in shown
        (line,) = [line for line in shown.splitlines() if line.startswith("#news に送れません")]
        assert line.count("monitor unblock") == line.count("`monitor unblock news`") == 1
        assert f"のメッセージは拒否です({dead.id})" in shown
        assert "invalid_blocks" in shown
    shown = json.loads(room.run("status", "--json")[1])
    assert list(shown["held"]) == ["#news"]
    (one,) = shown["halted"]
    assert (one["delivery"], one["channel"], one["state"]) == (dead.id, "crisis", "dead")
    assert "invalid_blocks" in one["error"]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (("unblock", "crisi"), "近いのは crisis"),
        (("unblock", "#nws"), "近いのは #news"),
        (("unblock", "zzzzzz"), "あるのは"),
        (("unblock", "--retry-dead"), "チャンネルの指定が必要"),
    ],
)
def test_mistakes_are_answered_with_what_to_write(room, line, said):
    code, out, err = room.run(*line)
    assert (code, out) == (2, "")
    assert said in err


def test_it_works_beside_the_daemon(room):
    room.store.deliveries.pause("#news", until=None, reason=ARCHIVED)
    with hold_lock(str(room.folder / "monitor.db")):
        raw = room.store._connection.raw
        raw.execute("begin immediate")
        timer = threading.Timer(0.2, lambda: raw.execute("commit"))
        timer.start()
        assert room.run("unblock", "#news")[0] == 0
        timer.join()
    assert room.store.deliveries.paused() == {}
