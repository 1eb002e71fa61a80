"""Hundreds of deaths drawn by lot, while Slack fails in every way: a bot token loses nothing and doubles nothing.

    .venv/bin/python -m pytest -m soak -s tests/end_to_end/test_soak.py

SOAK_SEEDS="1 2 3", SOAK_ROUNDS=220: each round is one process that is killed, at a point of `doomed.py`, by Slack before
or after it stores a message, or at some moment.
"""

import os
import random
import signal
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import slack_standin
from end_to_end.bureau import Bureau, Running, links, until
from end_to_end.doomed import POINTS
from slack_standin import Fault
from slack_workspace import Channel

DOOMED = (str(Path(__file__).with_name("doomed.py")),)
SEEDS = [int(seed) for seed in os.environ.get("SOAK_SEEDS", "1").split()]
ROUNDS = int(os.environ.get("SOAK_ROUNDS", "220"))
#: Slack's clock is told in whole seconds, so that two readings of it may be a second off: a lag must be shorter than the rest.
SETTLE, LAGS = 2.0, (0.0, 0.2, 0.5)
SETTINGS = "".join(
    f'[channels.{name}]\n{where}\nwhen = "now"\nwait = "0s"\n'
    for name, where in (
        ("news", 'slack = "#news"'),
        ("crisis", 'slack = "#pr-crisis"'),
        ("world", 'slack = "#world"'),
        ("hook", 'webhook_env = "HOOK"'),
    )
)
RULES = """\
rules:
  - name: 二次関税
    any: 二次関税
    notify: [news, crisis, world, hook]
  - name: リコール
    any: リコール
    notify: [crisis]
  - name: 首脳会談
    any: 首脳会談
    notify: [news, hook]
"""
#: Where the bot tells.
CHANNELS = ("news", "pr-crisis", "world")
#: Words of the headlines in turn, and where they are told. The webhook leads to #desk.
KINDS = (
    ("二次関税", {"news", "pr-crisis", "world", "desk"}),
    ("リコール", {"pr-crisis"}),
    ("首脳会談で二次関税", {"news", "pr-crisis", "world", "desk"}),
    ("首脳会談", {"news", "desk"}),
    ("天気", set()),
)
#: Articles of a digest that goes on in its thread, and how seldom there is one.
BURST, SELDOM = 45, 0.06
RECOVERY = {"recovery-written", "recovered"}
ANSWERS = ("reset", "close", "hang", "truncate", "garbage", "status", "error", "limit")
METHODS = ("chat.postMessage",) * 4 + ("webhook",) * 2 + ("conversations.history", "conversations.replies")


@dataclass(kw_only=True)
class Soak:
    bureau: Bureau
    chance: random.Random
    kills: Counter = field(default_factory=Counter)
    published: int = 0
    faults: int = 0

    def rage(self, rounds: int) -> None:
        for _ in range(rounds):
            self.publish(BURST if self.chance.random() < SELDOM else self.chance.randint(1, 4))
            self.bureau.slack.workspace.settings.lag = self.chance.choice(LAGS)
            self.break_slack()
            self.strike()

    def publish(self, many: int) -> None:
        numbers = range(self.published, self.published + many)
        self.bureau.publish(**{f"n{number}": f"第{number}報 {KINDS[number % len(KINDS)][0]}" for number in numbers})
        self.published += many
        # A feed shows what is new; what has left it before anybody looked was never there.
        self.bureau.feed = dict(list(self.bureau.feed.items())[:1000])

    def break_slack(self) -> None:
        while self.chance.random() < 0.4:
            answer, store = self.chance.choice(ANSWERS), self.chance.random() < 0.5
            method = self.chance.choice(METHODS)
            self.bureau.slack.fail(
                Fault(
                    method=method,
                    answer=answer,
                    # What Slack limits is certainly not stored.
                    store=store and answer != "limit",
                    error=self.chance.choice(("fatal_error", "internal_error", "zzz_new")),
                    status=self.chance.choice((500, 502, 503)),
                    retry_after=self.chance.choice(("1", "0.5", None)) if method.startswith("conv") else "1",
                )
            )
            self.faults += 1

    def strike(self) -> None:
        way = self.chance.choices(("point", "slack", "moment"), (6, 2, 2))[0]
        # Whichever it comes to; every start passes the points of recovery.
        points = RECOVERY if self.chance.random() < 0.1 else self.chance.sample(sorted(POINTS.keys() - RECOVERY), 4)
        doom = {"DOOM": " ".join(sorted(points)), "DOOM_AFTER": str(self.chance.choice((0, 0, 1, 2, 4, 8, 12)))}
        running = self.start(**(doom if way == "point" else {}))
        if way == "slack":
            method = self.chance.choice(("chat.postMessage", "chat.postMessage", "webhook", "conversations.history"))
            self.bureau.slack.fail(
                Fault(method=method, answer="kill", pid=running.pid, store=self.chance.random() < 0.5)
            )
        self.wait(running, self.chance.uniform(0, 2.5) if way == "moment" else 5)
        if running.alive:
            way = "moment"
            running.process.send_signal(signal.SIGKILL)
        if running.process.wait() == -signal.SIGKILL:
            self.kills[way] += 1
        assert "Traceback" not in running.err, running.err
        # It would strike whoever has this number next.
        self.bureau.slack._faults[:] = [one for one in self.bureau.slack._faults if one.answer != "kill"]

    def start(self, **more: str) -> Running:
        environment = {"HOOK": self.bureau.slack.webhook_url, "DOOM_SETTLE": str(SETTLE), **more}
        return self.bureau.start("run", program=DOOMED, more=environment)

    def wait(self, running: Running, seconds: float) -> None:
        """So long after it has begun; news comes in meanwhile."""
        until(lambda: not running.alive or "event=started" in running.err)
        ends, news_at = time.monotonic() + seconds, 0.0
        while running.alive and (now := time.monotonic()) < ends:
            if now > news_at:
                self.publish(self.chance.randint(0, 2))
                news_at = now + 0.5
            time.sleep(0.005)

    def calm(self) -> None:
        self.bureau.slack._faults.clear()
        running = self.start()
        until(lambda: self.at_rest() or not running.alive, 120, "rest")
        ended = running.end(signal.SIGTERM)
        assert ended.code == 0, ended.err

    def at_rest(self) -> bool:
        rows = self.bureau.rows
        return (
            rows("select count(*) from articles") == [(self.published,)]
            and not rows("select 1 from tellings where telling = 'waiting'")
            and not rows("select 1 from deliveries where state <> 'sent'")
        )

    # --- what became of it ---

    def expected(self, channel: str) -> Counter:
        numbers = (number for number in range(self.published) if channel in KINDS[number % len(KINDS)][1])
        return Counter({self.bureau.url(f"n{number}"): 1 for number in numbers})

    def table(self, seed: int, seconds: float) -> dict[str, object]:
        lost = doubled = 0
        for channel in CHANNELS:
            told, expected = self.bureau.told(channel), self.expected(channel)
            lost += (expected - told).total()
            doubled += (told - expected).total()
        hook = self.bureau.slack.messages("desk")
        told = {url for message in hook for url in links(message["blocks"])}
        marked = [message for message in hook if "repeat" in message["text"][:40].lower()]
        plain = Counter(message["metadata"]["event_payload"]["delivery"] for message in hook if message not in marked)
        states = self.bureau.rows("select destination, part from deliveries")
        return {
            "seed": seed,
            "deliveries": len(states),
            "of these replies": sum(part > 0 for _, part in states),
            "by webhook": sum(destination.startswith("webhook:") for destination, _ in states),
            "kills": self.kills.total(),
            "ways": dict(self.kills),
            "faults": self.faults,
            "lost": lost,
            "doubled": doubled,
            "webhook lost": len(set(self.expected("desk")) - told),
            "webhook repeats, marked": len(marked),
            "webhook repeats, unmarked": sum(count - 1 for count in plain.values()),
            "during a limit": self.bureau.slack.workspace.impatient,
            "seconds": round(seconds),
        }


@pytest.mark.fault(10)
@pytest.mark.soak
@pytest.mark.parametrize("seed", SEEDS)
def test_nothing_is_lost_and_nothing_is_doubled(bureau, seed, monkeypatch):
    monkeypatch.setattr(slack_standin, "WEBHOOK_CHANNEL", "desk")
    bureau.slack.workspace.channels.append(Channel(id="C0WORLD001", name="world"))
    bureau.settings, bureau.fetch = SETTINGS, 'every = "1s"\n'
    bureau.sources.clear()
    bureau.source("s0", f"{bureau.site.url}/feed.xml", more="full_text = false\n")
    bureau.rule("first.yaml", RULES)
    soak = Soak(bureau=bureau, chance=random.Random(seed))
    began = time.monotonic()
    soak.rage(ROUNDS)
    soak.calm()
    table = soak.table(seed, time.monotonic() - began)
    print("\n" + "\n".join(f"{name:>26}: {value}" for name, value in table.items()))  # noqa: T201 - the figures
    check(soak, table)


def check(soak: Soak, table: dict[str, object]) -> None:
    bad = ("lost", "doubled", "webhook lost", "webhook repeats, unmarked")
    assert {name: table[name] for name in bad} == dict.fromkeys(bad, 0)
    # A soak without kills would prove nothing.
    assert soak.kills.total() >= 0.9 * ROUNDS
    bureau = soak.bureau
    receipts = dict(bureau.rows("select id, receipt from deliveries where destination not like 'webhook:%'"))
    messages = [message for channel in CHANNELS for message in bureau.slack.messages(channel)]
    assert Counter(one["metadata"]["event_payload"]["delivery"] for one in messages) == Counter(list(receipts))
    assert {one["metadata"]["event_payload"]["delivery"]: one["ts"] for one in messages} == receipts
    parents = {message["ts"] for message in messages if "thread_ts" not in message}
    assert {message["thread_ts"] for message in messages if "thread_ts" in message} <= parents
