"""A bureau for tests: a folder with config and rules, a news site, a Slack, and monitor as a process of its own."""

import asyncio
import json
import os
import queue
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email.utils import formatdate
from html import escape
from pathlib import Path
from typing import Any

import slack_standin
from slack_standin import SlackStandIn
from website import Answer, Website

ROOT = Path(__file__).parents[2]
MONITOR = ("-m", "monitor")
HURRIED = (str(Path(__file__).with_name("hurried.py")),)
#: Far more than anything here takes on a busy machine; only a hang gets there.
DEADLINE = 60.0


def until(happened: Callable[[], object], seconds: float = DEADLINE, what: str = "it") -> Any:
    """What `happened` gives as soon as that is true; AssertionError after so many seconds."""
    ends = time.monotonic() + seconds
    while not (result := happened()):
        assert time.monotonic() < ends, f"{what} did not happen within {seconds:.0f} s"
        time.sleep(0.01)
    return result


@contextmanager
def slack_in_thread() -> Iterator[SlackStandIn]:
    """The stand-in in a thread of its own, so that a test may wait for a process meanwhile."""
    opened: queue.Queue[tuple[SlackStandIn, asyncio.AbstractEventLoop, asyncio.Event]] = queue.Queue()

    async def serve() -> None:
        async with slack_standin.serve() as slack:
            end = asyncio.Event()
            opened.put((slack, asyncio.get_running_loop(), end))
            await end.wait()

    thread = threading.Thread(target=asyncio.run, args=(serve(),), daemon=True)
    thread.start()
    slack, loop, end = opened.get(timeout=DEADLINE)
    try:
        yield slack
    finally:
        loop.call_soon_threadsafe(end.set)
        thread.join(DEADLINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """A process that has ended."""

    code: int
    out: str
    err: str


class Running:
    """A process, with what it has written so far."""

    def __init__(self, command: list[str], folder: Path, environment: dict[str, str]) -> None:
        number = len(list(folder.glob("*.err")))
        self._out, self._err = folder / f"{number}.out", folder / f"{number}.err"
        with self._out.open("wb") as out, self._err.open("wb") as err:
            self.process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                cwd=folder,
                env=environment,
                start_new_session=True,
            )
        self.pid = self.process.pid

    @property
    def out(self) -> str:
        return self._out.read_text(encoding="utf-8")

    @property
    def err(self) -> str:
        return self._err.read_text(encoding="utf-8")

    @property
    def alive(self) -> bool:
        return self.process.poll() is None

    def says(self, words: str, seconds: float = DEADLINE) -> str:
        """Wait until it has said this on standard error; the line."""

        def line() -> str | None:
            if self.process.poll() is not None and words not in self.err:
                raise AssertionError(f"it ended with {self.process.returncode} before it said {words!r}:\n{self.err}")
            return next((one for one in self.err.splitlines() if words in one), None)

        return until(line, seconds, f"{words!r} in\n{self.err}")

    def end(self, number: int, seconds: float = DEADLINE) -> Ended:
        """Send a signal and wait."""
        self.process.send_signal(number)
        return self.wait(seconds)

    def wait(self, seconds: float = DEADLINE) -> Ended:
        code = self.process.wait(seconds)
        ended = Ended(code=code, out=self.out, err=self.err)
        assert "Traceback" not in ended.err, ended.err
        return ended

    def kill(self) -> None:
        """End it and all that it started."""
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        self.process.wait(DEADLINE)

    def leaves_nothing(self) -> None:
        """Wait until every process that it started has ended, too."""

        def empty() -> bool:
            try:
                os.killpg(self.pid, 0)
            except ProcessLookupError:
                return True
            return False

        until(empty, what="the end of its children")


@dataclass(kw_only=True)
class Bureau:
    """What a test needs to act as an operator or an editor, and to be the world."""

    folder: Path
    site: Website
    slack: SlackStandIn
    #: Further text for the top of config.toml, for `[fetch]`, and the `[[sources]]` beside the first.
    settings: str = ""
    fetch: str = ""
    timezone: str = "Asia/Tokyo"
    #: Where health is shown.
    listen: str = ""
    database: Path = Path("monitor.db")
    sources: list[str] = field(default_factory=list)
    feed: dict[str, str] = field(default_factory=dict)
    started: list[Running] = field(default_factory=list)

    def __post_init__(self) -> None:
        (self.folder / "rules").mkdir()
        self.rule("first.yaml", "- 二次関税\n")
        self.source("s0", f"{self.site.url}/feed.xml", name="朝の通信")
        self.publish()

    # --- the operator and the editor ---

    def rule(self, name: str, text: str) -> None:
        """Write a rule file as an editor's program does: the new file takes the old one's place at once."""
        path = self.folder / "rules" / name
        draft = path.with_suffix(".draft")
        draft.write_text(text, encoding="utf-8")
        draft.replace(path)

    def source(self, name_id: str, feed: str, *, name: str | None = None, more: str = "") -> None:
        name_line = f"name = {json.dumps(name or name_id, ensure_ascii=False)}\n"
        self.sources.append(f'[[sources]]\nid = "{name_id}"\nfeed = "{feed}"\n{name_line}initial = "all"\n{more}')

    def write(self) -> None:
        """Write config.toml."""
        settings = (
            f'timezone = "{self.timezone}"\nlanguage = "en"\ndatabase = "{self.database}"\n'
            f'[slack]\nchannel = "#news"\napi_url = "{self.slack.api_url}"\n'
            f'[http]\nlisten = "{self.listen}"\n[fetch]\nallow_private = ["127.0.0.0/8"]\n{self.fetch}\n{self.settings}\n'
        )
        (self.folder / "config.toml").write_text(settings + "\n".join(self.sources), encoding="utf-8")

    def start(
        self, *arguments: str, program: tuple[str, ...] = MONITOR, more: Mapping[str, str] | None = None
    ) -> Running:
        """Type a command; `more` goes into its environment."""
        if not (self.folder / "config.toml").exists():
            self.write()
        passed = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
        paths = os.pathsep.join((str(ROOT), str(ROOT / "tests")))
        environment = {**passed, "PYTHONPATH": paths, "LANG": "C.UTF-8", "SLACK_BOT_TOKEN": self.slack.token}
        environment |= more or {}
        running = Running([sys.executable, *program, *arguments], self.folder, environment)
        self.started.append(running)
        return running

    def run(self, *arguments: str, program: tuple[str, ...] = MONITOR) -> Ended:
        """Type a command and wait for its end."""
        return self.start(*arguments, program=program).wait()

    def deliver(self, program: tuple[str, ...] = MONITOR) -> Ended:
        return self.run("run", "--once", "--deliver-now", program=program)

    def close(self) -> None:
        for running in self.started:
            running.kill()

    # --- the world ---

    def publish(self, **articles: str) -> None:
        """Have the feed list these besides what it lists: name in the address -> headline. Each has a page that repeats it."""
        for name, title in articles.items():
            self.feed = {name: title, **self.feed}
            page = f"<html lang=ja><head><meta charset=utf-8><title>{escape(title)}</title></head><body><article>"
            page += f"<h1>{escape(title)}</h1><p>{escape(title)}。{'晴れるでしょう。' * 30}</p></article></body></html>"
            headers = {"Content-Type": "text/html; charset=utf-8"}
            self.site.pages[f"/a/{name}"] = Answer(page.encode("utf-8", "replace"), headers=headers)
        self.site.pages["/feed.xml"] = feed_answer(self.site.url, self.feed)

    # --- what became of it ---

    def url(self, name: str) -> str:
        return f"{self.site.url}/a/{name}"

    def told(self, channel: str) -> Counter[str]:
        """How often each address was linked in the messages of a channel."""
        return Counter(url for message in self.slack.messages(channel) for url in links(message.get("blocks")))

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Look into the database."""
        connection = sqlite3.connect(f"file:{self.folder / self.database}?mode=ro", uri=True, timeout=DEADLINE)
        try:
            return connection.execute(sql).fetchall()
        finally:
            connection.close()

    def check_no_secrets(self) -> None:
        """The token stands in no byte that was written: output, database, its log, anything else."""
        for path in self.folder.rglob("*"):
            assert path.is_dir() or self.slack.token.encode() not in path.read_bytes(), path


def feed_answer(site: str, articles: dict[str, str], headers: dict[str, str] | None = None) -> Answer:
    """RSS that lists articles: name in the address -> headline. Titles of RSS are HTML, so they are escaped twice."""
    stamp = formatdate(usegmt=True)
    entries = "".join(
        f"<item><title>{escape(escape(title))}</title><link>{site}/a/{name}</link><pubDate>{stamp}</pubDate></item>"
        for name, title in articles.items()
    )
    body = (
        f"<?xml version='1.0' encoding='utf-8'?><rss version='2.0'><channel><title>f</title>{entries}</channel></rss>"
    )
    return Answer(body.encode("utf-8", "replace"), headers={"Content-Type": "application/rss+xml", **(headers or {})})


def links(block: Any) -> Iterator[str]:
    """Every address that blocks link to, in order."""
    if isinstance(block, dict):
        if block.get("type") == "link":
            yield block["url"]
        block = list(block.values())
    if isinstance(block, list):
        for one in block:
            yield from links(one)


def texts(block: Any) -> Iterator[str]:
    """Every text in blocks, in order."""
    if isinstance(block, dict):
        if isinstance(block.get("text"), str):
            yield block["text"]
        block = list(block.values())
    if isinstance(block, list):
        for one in block:
            yield from texts(one)
