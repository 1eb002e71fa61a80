"""Months of the daemon in minutes, while everything goes wrong that may: what the web published is told once, and nothing grows.

    .venv/bin/python -m pytest -m soak -s tests/end_to_end/test_months.py

SOAK_SEEDS="1 2 3", SOAK_DAYS=92. The daemon skips the time in which it would only wait (`lapse.py`), so that polls, digests,
quiet hours, backups, retention and the rest come at their hours; the web and Slack live by the same clock. Kills, ends, jumps
of its clock, full disks, broken edits, faults of Slack and foul weather of the web are drawn by lot. In the last third no
process ends, so that what grows would show.
"""

import json
import os
import random
import re
import signal
import sqlite3
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import formatdate
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from end_to_end.bureau import Bureau, Running, links, until
from end_to_end.fickle_web import DAY, FOUL, UNUSUAL, Article, FickleWeb, Outlet
from end_to_end.lapse import Clock
from slack_standin import Fault
from slack_workspace import Channel, Workspace

QUICKENED = (str(Path(__file__).with_name("quickened.py")),)
SEEDS = [int(seed) for seed in os.environ.get("SOAK_SEEDS", "1").split()]
DAYS = int(os.environ.get("SOAK_DAYS", "92"))
#: Part of the days after which no process ends any more.
LONG_LIFE = 0.65
#: Days at the end in which nothing goes wrong; every channel has its time in them.
REST = 6
MOST_LOG = 40_000_000
BEGINS = datetime(2026, 9, 1, 3, 0, tzinfo=UTC).timestamp()
HOUR, MINUTE = 3600, 60
ZONES = ("Asia/Tokyo", "Europe/Berlin", "America/New_York")
SETTINGS = """\
timezone = "{zone}"
language = "en"
database = "disk/monitor.db"
[slack]
channel = "#news"
api_url = "{slack}"
[ops]
slack = "#ops"
[http]
listen = ""
[keep]
articles = "30d"
bodies = "7d"
[backup]
at = "03:30"
keep = 3
folder = "disk/backups"
[digest]
at = ["09:00", "18:00"]
days = "mon-fri"
quiet = "22:00-07:00"
[channels.crisis]
slack = "#pr-crisis"
when = "now"
wait = "30s"
quiet = "22:00-07:00"
[channels.desk]
slack = "#desk"
when = "now"
wait = "10m"
[channels.world]
slack = "#world"
at = ["12:00"]
[fetch]
every = "3h"
timeout = "10s"
max_bytes = "1MB"
per_host = 8
allow_private = ["127.0.0.0/8"]
"""
#: Channels with quiet hours, as the log calls them.
QUIET = ("#news", "crisis")
CHANNELS = ("news", "pr-crisis", "desk", "world")
#: Words of headlines in turn, words of the page alone, and where they are told.
KINDS = (
    ("二次関税", "", {"news", "pr-crisis"}),
    ("リコール", "", {"pr-crisis"}),
    ("首脳会談", "", {"desk", "world"}),
    ("首脳会談で二次関税", "", set(CHANNELS)),
    ("発表", "認証不正があった。", {"news"}),
    ("天気", "", set()),
    ("天気", "", set()),
)
RULES = [
    {"name": "二次関税", "any": ["二次関税"], "notify": ["#news", "crisis"]},
    {"name": "リコール", "any": ["リコール"], "notify": ["crisis"], "severity": "breaking"},
    {"name": "首脳会談", "any": ["首脳会談"], "notify": ["desk", "world"]},
    {"name": "認証不正", "any": ["認証不正"], "notify": ["#news"]},
]
#: What the editor adds, one a week.
NEW_WORDS = ("為替介入", "断水", "停電", "噴火", "脱線", "冷害", "竜巻", "減税", "豪雨", "利上げ", "渇水", "雪崩")
#: What headlines have besides, now and then.
HOSTILE = (
    "<!channel> {}",
    "{} <@U0SATO0001> <!here>",
    "<http://127.0.0.1/evil|{}>",
    "{}</title></item></channel>",
    "{}\u202e\u0000\u200b]]>",
    "*_~`{}`~_*",
    "{} " + "長い見出し" * 600,
    "<script>alert('{}')</script>",
)
ANSWERS = ("reset", "close", "hang", "truncate", "garbage", "status", "error", "limit")
METHODS = ("chat.postMessage",) * 4 + ("conversations.history", "conversations.replies", "auth.test")
POINTS = (
    *(
        "match-inserted",
        "articles-saved",
        "digest-inserted",
        "digest-committed",
        "claim-written",
        "claimed",
        "responded",
    ),
    *("sent-written", "sent", "failure-written", "failure-noted", "looked-up", "look-up-written", "recovered"),
)
#: At most this much more than after the first day of a life of a month.
MOST_MEMORY, MOST_FILES, MOST_THREADS = 48_000, 12, 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Weight:
    """Kilobytes, open files and threads of a process."""

    memory: int
    files: int
    threads: int

    @classmethod
    def of(cls, pid: int) -> "Weight":
        lines = Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines()
        facts = {name: value.split() for name, _, value in (line.partition(":") for line in lines)}
        files = len(list(Path(f"/proc/{pid}/fd").iterdir()))
        return cls(memory=int(facts["VmRSS"][0]), files=files, threads=int(facts["Threads"][0]))


@dataclass(kw_only=True)
class Months:
    bureau: Bureau
    web: FickleWeb
    clock: Clock
    chance: random.Random
    disk: Path
    #: Whether the disk is a small one of its own.
    can_fill: bool
    zone: str
    done: Counter = field(default_factory=Counter)
    running: Running | None = None
    #: When what is put right again, in order of no kind.
    mends: list[tuple[float, Callable[[], None]]] = field(default_factory=list)
    expected: dict[str, Counter] = field(default_factory=lambda: {channel: Counter() for channel in CHANNELS})
    number: int = 0
    #: Words of the rules, and how many of them are certainly in force.
    words: list[str] = field(default_factory=list)
    in_force: int = 0
    reloads_before: int = 0
    is_broken: bool = False
    is_full: bool = False
    may_die: bool = True
    asked_to_end: bool = False
    young: Weight | None = None
    old: Weight | None = None

    # --- the flow of time ---

    def live(self, days: float) -> None:
        ends_at = self.clock.now() + days * DAY
        while self.clock.now() < ends_at:
            hours = self.chance.uniform(0.3, 6)
            self.publish(hours)
            self.add_word()
            for mishap, share in MISHAPS.items():
                if self.chance.random() < share:
                    mishap(self)
            self.go_on(hours * HOUR)

    def go_on(self, seconds: float) -> None:
        """Let so much time pass, putting right what is to be put right in it."""
        ends_at = self.clock.now() + seconds
        while (now := self.clock.now()) < ends_at:
            for mend in [one for one in self.mends if one[0] <= now]:
                self.mends.remove(mend)
                mend[1]()
            self.pass_to(min([ends_at, *(at for at, _ in self.mends)]))

    def pass_to(self, at: float) -> None:
        if self.running is None:
            self.clock.may_go_on_to(at)
            self.clock.skip(max(0.0, at - self.clock.now()))
            return
        running = self.running
        self.clock.may_go_on_to(at)
        until(lambda: self.clock.now() >= at or not running.alive, 300, "the flow of time")
        if not running.alive:
            self.bury(running)

    def after(self, hours: float, mend: Callable[[], None]) -> None:
        self.mends.append((self.clock.now() + hours * HOUR, mend))

    # --- lives ---

    def start(self) -> None:
        if self.running is not None:
            return
        doomed = self.may_die and self.chance.random() < 0.5
        doom = {"DOOM": " ".join(self.chance.sample(POINTS, 3)), "DOOM_AFTER": str(self.chance.choice((0, 2, 8, 30)))}
        self.asked_to_end = False
        running = self.bureau.start("run", program=QUICKENED, more=self.clock.environment() | (doom if doomed else {}))
        # While it starts, time goes by as it does.
        until(lambda: not running.alive or "event=started" in running.err, what="a start")
        self.running = running
        self.done["lives"] += 1
        if "event=started" in running.err and not self.is_broken:
            self.in_force = len(self.words)
        if not running.alive:
            self.bury(running)

    def bury(self, running: Running) -> None:
        code = running.process.wait()
        self.running = None
        self.done["daily lines of life"] += running.err.count("event=alive")
        # It would strike whoever has this number next.
        faults = self.bureau.slack._faults
        faults[:] = [one for one in faults if one.answer != "kill"]
        if code == -signal.SIGKILL:
            self.done["kills"] += 1
        elif not self.asked_to_end:
            assert self.is_broken or self.is_full, f"ended with {code}:\n{running.err}"
            self.done["refused starts"] += 1
        hours = self.chance.choice((0, 0, 0.1, 1, 3, 10, 30 * (self.chance.random() < 0.2)))
        hours = max(hours, 0.5) if code > 0 else hours
        self.after(hours, self.start)

    def kill(self) -> None:
        if self.running is not None and self.may_die:
            self.running.process.send_signal(signal.SIGKILL)
            self.bury(self.running)

    def kill_by_slack(self) -> None:
        if self.running is not None and self.may_die:
            fault = Fault(answer="kill", pid=self.running.pid, store=self.chance.random() < 0.5)
            self.bureau.slack.fail(fault)

    def end(self) -> None:
        if self.running is not None and self.may_die:
            self.ask_to_end()
            self.bury(self.running)

    def ask_to_end(self) -> None:
        assert self.running is not None
        self.asked_to_end = True
        self.running.process.send_signal(signal.SIGTERM)
        self.clock.may_go_on_to(self.clock.now() + MINUTE)
        assert self.running.process.wait(60) in (0, -signal.SIGKILL), self.running.err
        self.done["ends"] += 1

    # --- the web ---

    def publish(self, hours: float) -> None:
        for _ in range(round(self.chance.expovariate(1) * hours * 0.45)):
            title, inside, channels = self.chance.choice(KINDS)
            if self.in_force and self.chance.random() < 0.15:
                title, inside, channels = self.chance.choice(self.words[: self.in_force]), "", {"world"}
            self.add(title, inside, channels)

    def add(self, title: str, inside: str, channels: set[str], *, pinned: bool = False) -> None:
        self.number += 1
        title = f"第{self.number}報 {title}"
        if self.chance.random() < 0.15:
            title = self.chance.choice(HOSTILE).format(title)
        now = self.clock.now()
        stated = [formatdate(now, usegmt=True)] * 6 + [None, "昨日", formatdate(0), formatdate(now + 3 * DAY)]
        article = Article(number=self.number, title=title, inside=inside, at=now, stated=self.chance.choice(stated))
        outlets = self.chance.sample(sorted(self.web.outlets), self.chance.choice((1, 1, 1, 2)))
        self.web.publish(article, *outlets)
        if pinned:
            self.web.outlets[outlets[0]].pinned = article
        for channel in channels:
            self.expected[channel][f"/a/{self.number}"] += 1

    def foul_weather(self) -> None:
        outlet = self.web.outlets[self.chance.choice(sorted(self.web.outlets))]
        if outlet.until > self.clock.now():
            return
        outlet.weather = self.chance.choice((*FOUL, *UNUSUAL, *UNUSUAL))
        if self.chance.random() < 0.01:
            outlet.weather = "attributes"
        outlet.stale = self.web.feed(outlet)
        outlet.until = self.clock.now() + self.chance.uniform(0.5, 20) * HOUR
        self.done["foul weather"] += 1

    def pages_fail(self) -> None:
        # Shorter than the last time at which they are asked for again, whatever the clock says meanwhile.
        for outlet in self.web.outlets.values():
            outlet.pages_until = self.clock.now() + self.chance.uniform(0.5, 4) * HOUR

    # --- Slack ---

    def break_slack(self) -> None:
        for _ in range(self.chance.randint(1, 4)):
            answer = self.chance.choice(ANSWERS)
            fault = Fault(
                method=self.chance.choice(METHODS),
                answer=answer,
                # What Slack limits is certainly not stored.
                store=self.chance.random() < 0.5 and answer != "limit",
                error=self.chance.choice(("fatal_error", "internal_error", "zzz_new")),
                status=self.chance.choice((500, 502, 503)),
                retry_after=self.chance.choice(("1", "30", "900", None)),
            )
            self.bureau.slack.fail(fault)
            self.done["faults of Slack"] += 1
        self.bureau.slack.workspace.settings.lag = self.chance.choice((0.0, 2.0, 8.0))

    # --- clock and disk ---

    def jump(self) -> None:
        by = self.chance.choice((7, 30, 300, 3600, 4 * HOUR, 10 * HOUR)) * self.chance.choice((-1, 1))
        self.turn_clock(by)
        self.after(self.chance.uniform(0.1, 12), lambda: self.turn_clock(0))

    def turn_clock(self, to: float) -> None:
        if to != self.clock.jump:
            self.clock.jump = to
            self.done["jumps"] += 1

    def fill_disk(self) -> None:
        if not self.can_fill or self.is_full:
            return
        self.is_full = True
        self.done["full disks"] += 1
        # Whatever is given up meanwhile is taken, too.
        for hours in (0, 0.5, 2):
            self.after(hours, self.take_room)
        self.after(self.chance.uniform(0.2, 8), self.free_disk)

    def take_room(self) -> None:
        if not self.is_full:
            return
        with (self.disk / "filler").open("ab", buffering=0) as filler, suppress(OSError):
            while True:
                filler.write(bytes(65536))
        with (self.disk / "filler").open("ab", buffering=0) as filler, suppress(OSError):
            while True:
                filler.write(bytes(512))

    def free_disk(self) -> None:
        (self.disk / "filler").unlink(missing_ok=True)
        self.is_full = False

    # --- edits ---

    def config(self) -> str:
        settings = SETTINGS.format(zone=self.zone, slack=self.bureau.slack.api_url)
        sources = (
            f'[[sources]]\ninitial = "all"\nid = "{name}"\nfeed = "{self.web.url}/feed/{name}"\nname = "The {name}"\n'
            for name in self.web.outlets
        )
        return settings + "".join(sources)

    def rules(self) -> str:
        """As JSON, of which no beginning is whole."""
        words = [{"name": "新語", "any": self.words, "notify": ["world"]}] if self.words else []
        return json.dumps({"rules": RULES + words}, ensure_ascii=False, indent=1)

    def write(self, *, config: str | None = None, rules: str | None = None) -> None:
        """In place, as simple editors do."""
        (self.bureau.folder / "config.toml").write_text(config or self.config(), encoding="utf-8")
        (self.bureau.folder / "rules" / "first.yaml").write_text(rules or self.rules(), encoding="utf-8")
        if self.running is not None and self.chance.random() < 0.5:
            self.running.process.send_signal(signal.SIGHUP)

    def break_edit(self) -> None:
        if self.is_broken:
            return
        self.is_broken = True
        config, rules = self.config(), self.rules()
        cut = self.chance.random()
        broken = (
            {"rules": rules[: int(cut * (len(rules) - 3)) + 1]},
            {"rules": rules.replace('"any"', '"anny"')},
            {"rules": rules.replace('"crisis"', '"crisys"')},
            {"rules": "\x00\x01\x02"},
            {"rules": rules.replace("二次関税", "二次関税*x", 1)[:-1]},
            {"config": config[: int(cut * len(config)) + 1]},
            {"config": config.replace("[fetch]", "[fetsch]")},
            {"config": config.replace('"3h"', '"soon"')},
            {"config": config.replace('"Asia/', '"Asien/').replace('"#pr-crisis"', '""')},
        )
        self.write(**self.chance.choice(broken))
        self.done["broken edits"] += 1
        self.after(self.chance.uniform(0.2, 12), self.mend_edit)

    def mend_edit(self) -> None:
        self.is_broken = False
        self.reloads_before = self.reloads()
        self.write()

    def add_word(self) -> None:
        """One a week; headlines have it once it is in force."""
        if self.is_broken or self.is_full:
            return
        if self.in_force < len(self.words):
            self.in_force += self.reloads() > self.reloads_before
        elif self.clock.now() > BEGINS + (len(self.words) + 1) * 7 * DAY and len(self.words) < len(NEW_WORDS):
            self.words.append(NEW_WORDS[len(self.words)])
            name = f"new{len(self.words)}"
            if len(self.words) % 3 == 0:
                self.web.outlets[name] = Outlet(name=name)
            self.reloads_before = self.reloads()
            self.write()
            self.done["edits"] += 1

    def reloads(self) -> int:
        return sum(one.err.count("event=rules_reloaded") for one in self.bureau.started[-1:])

    # --- the end ---

    def grow_old(self, days: float) -> None:
        """In one life, which nobody dooms."""
        if self.running is not None:
            self.kill()
        self.may_die = False
        self.heal()
        self.go_on(30 * HOUR)
        self.young = Weight.of(self.running.pid)
        self.live(days)

    def rest(self) -> None:
        """Nothing goes wrong any more, and there is time to tell everything."""
        self.heal()
        self.go_on(REST * DAY)
        self.old = Weight.of(self.running.pid)
        running = self.running
        self.ask_to_end()
        assert running.wait().code == 0

    def heal(self) -> None:
        self.bureau.slack._faults.clear()
        self.bureau.slack.workspace.settings.lag = 0.0
        for outlet in self.web.outlets.values():
            outlet.until = outlet.pages_until = 0.0
        self.mends.clear()
        self.free_disk()
        self.turn_clock(0)
        self.is_broken = False
        self.write()
        self.start()

    def told(self, channel: str) -> Counter:
        """By the path, as one article is listed with several queries."""
        urls = (url for message in self.bureau.slack.messages(channel) for url in links(message.get("blocks")))
        return Counter(f"/{url.partition('//')[2].partition('/')[2]}".partition("?")[0] for url in urls)

    def lost(self) -> int:
        return sum((self.expected[channel] - self.told(channel)).total() for channel in CHANNELS)

    def doubled(self) -> int:
        return sum((self.told(channel) - self.expected[channel]).total() for channel in CHANNELS)

    def rows(self, sql: str, path: Path | None = None) -> list[tuple]:
        connection = sqlite3.connect(f"file:{path or self.disk / 'monitor.db'}?mode=ro", uri=True, timeout=60)
        try:
            return connection.execute(sql).fetchall()
        finally:
            connection.close()


#: What goes wrong, and how often in a step of three hours or so.
MISHAPS: dict[Callable[[Months], None], float] = {
    Months.kill: 0.05,
    Months.kill_by_slack: 0.03,
    Months.end: 0.02,
    Months.jump: 0.06,
    Months.fill_disk: 0.03,
    Months.break_edit: 0.06,
    Months.break_slack: 0.15,
    Months.foul_weather: 0.4,
    Months.pages_fail: 0.05,
}


@pytest.fixture
def clock(tmp_path):
    return Clock.make(tmp_path, BEGINS)


@pytest.fixture
def disk(tmp_path):
    """A small one of its own where that can be had."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=96M", "tmpfs", folder]
    mounted = os.geteuid() == 0 and subprocess.run(mount, capture_output=True, check=False).returncode == 0
    yield folder, mounted
    if mounted:
        subprocess.run(["umount", "-l", folder], check=True)


@pytest.mark.fault(10)
@pytest.mark.soak
@pytest.mark.parametrize("seed", SEEDS)
def test_after_months_of_mishaps_everything_was_told_once(bureau, clock, disk, seed):
    web = FickleWeb(clock.now, seed)
    slack = bureau.slack
    slack.workspace = Workspace(own_time=clock.now)
    slack.workspace.settings.pace = 1.0
    slack.workspace.channels += [Channel(id=f"C0{name.upper()}001", name=name) for name in ("world", "ops")]
    for number, name in enumerate(("alpha", "beta", "gamma", "delta")):
        web.outlets[name] = Outlet(name=name, suffix="?utm_source=rss" if number % 2 else "")
    folder, can_fill = disk
    chance = random.Random(seed)
    months = Months(
        bureau=bureau, web=web, clock=clock, chance=chance, disk=folder, can_fill=can_fill, zone=ZONES[seed % 3]
    )
    began = time.monotonic()
    try:
        months.add("二次関税", "", {"news", "pr-crisis"}, pinned=True)
        months.write()
        months.start()
        months.live(DAYS * LONG_LIFE)
        months.grow_old(DAYS * (1 - LONG_LIFE))
        months.rest()
        figures = table(months, seed, time.monotonic() - began)
        print("\n" + "\n".join(f"{name:>26}: {value}" for name, value in figures.items()))  # noqa: T201 - the figures
        check(months)
    finally:
        web.close()


def table(months: Months, seed: int, seconds: float) -> dict[str, object]:
    young, old, slack = months.young, months.old, months.bureau.slack
    bad = sum(count for kind, count in months.web.answered.items() if kind not in ("fair", "304", "page"))
    return {
        "seed": seed,
        "zone": months.zone,
        "days": round((months.clock.now() - BEGINS) / DAY),
        **dict(months.done),
        "polls and pages": months.web.answered.total(),
        "of these, bad answers": bad,
        "articles": months.number,
        "matches to be told": sum(map(Counter.total, months.expected.values())),
        "messages": sum(len(slack.messages(channel)) for channel in CHANNELS),
        "digests of a slot": len({period for _, _, period in promises(months) if period.startswith("digest/")}),
        "notes to the operator": len(slack.messages("ops")),
        "during a limit": slack.workspace.impatient,
        "lost": months.lost(),
        "doubled": months.doubled(),
        "memory, young": f"{young.memory // 1000} MB, {young.files} files, {young.threads} threads",
        "memory, a month later": f"{old.memory // 1000} MB, {old.files} files, {old.threads} threads",
        "seconds": round(seconds),
    }


def check(months: Months) -> None:
    for channel in CHANNELS:
        assert months.told(channel) == months.expected[channel]
    check_hours(months)
    check_inert(months)
    check_store(months)
    check_logs(months)
    young, old = months.young, months.old
    assert old.memory <= young.memory + MOST_MEMORY
    assert old.files <= young.files + MOST_FILES
    assert old.threads <= young.threads + MOST_THREADS
    assert DAYS < 10 or any(re.search(r"event=pruned rows=[1-9]", running.err) for running in months.bureau.started)
    # Without them it would prove nothing.
    assert months.done["kills"] >= DAYS / 6
    assert months.done["jumps"] >= DAYS / 6


PROMISED = re.compile(r"timestamp=(\S+) .*event=promised .*channel=(\S+) period=(\S+)")


def promises(months: Months) -> list[tuple[datetime, str, str]]:
    """When by the clock on the wall, for which channel, as what."""
    zone = ZoneInfo(months.zone)
    found = (line for running in months.bureau.started for line in PROMISED.findall(running.err))
    return [(datetime.fromisoformat(at).astimezone(zone), channel, period) for at, channel, period in found]


def check_hours(months: Months) -> None:
    """Quiet hours let what is breaking through and nothing else; digests have their days and hours."""
    for at, channel, period in promises(months):
        if channel in QUIET:
            assert 7 <= at.hour < 22 or period.startswith("breaking/"), (at, channel, period)
        kind, _, rest = period.partition("/")
        if kind == "digest" and channel == "#news":
            # Where the clock was set back, a slot comes again; what it tells then has a number.
            _, day, slot, *_ = rest.split("/")
            assert slot in ("09:00", "18:00"), period
            assert datetime.fromisoformat(day).weekday() < 5, period


def check_inert(months: Months) -> None:
    """Each message once, and what outlets call their articles is words."""
    messages = [message for channel in (*CHANNELS, "ops") for message in months.bureau.slack.messages(channel)]
    ids = Counter(message["metadata"]["event_payload"]["delivery"] for message in messages)
    assert set(ids.values()) == {1}
    for message in messages:
        assert not re.search(r"<(?!https?://|!date\^)", message["text"]), message
        # An error as it is kept is nothing to read.
        assert '"code"' not in message["text"], message
        kinds = set(kinds_in(message.get("blocks")))
        assert not kinds & {"user", "usergroup", "broadcast", "channel"}, message


def kinds_in(block: Any) -> Iterator[str]:
    if isinstance(block, dict):
        yield str(block.get("type"))
        block = list(block.values())
    if isinstance(block, list):
        for one in block:
            yield from kinds_in(one)


def check_store(months: Months) -> None:
    assert months.rows("pragma integrity_check") == [("ok",)]
    assert months.rows("pragma foreign_key_check") == []
    assert months.rows("select 1 from tellings where telling = 'waiting'") == []
    assert months.rows("select 1 from deliveries where state <> 'sent'") == []
    assert months.rows("select trouble, subject from incidents where over_at is null") == []
    log = months.disk / "monitor.db-wal"
    assert not log.exists() or log.stat().st_size < MOST_LOG
    now = months.clock.now()
    [(oldest,)] = months.rows("select min(fetched_at) from articles")
    assert oldest > now - 32 * DAY
    backups = sorted((months.disk / "backups").glob("*.db"))
    assert len(backups) == 3
    assert months.rows("pragma integrity_check", backups[-1]) == [("ok",)]
    [(newest,)] = months.rows("select max(fetched_at) from articles", backups[-1])
    assert newest > now - (REST + 2) * DAY


def check_logs(months: Months) -> None:
    months.bureau.check_no_secrets()
    for running in months.bureau.started:
        assert "Traceback" not in running.err, running.err
        assert "event=crank_broke" not in running.err, running.err
        assert not re.search(r"event=\w+_broke\b", running.err), running.err
