"""Sources -> a table: CPU per poll of the whole daemon beside a bare aiohttp loop that makes the same requests.

    python benchmarks/polling.py [--sources 2000] [--rounds 5]

The daemon is `monitor run` as it ships, with its store on disk, its rules, its log and its parser children; the loop is
`ClientSession.get` with If-None-Match, the body read. Both ask the same 2,000 hosts on loopback, 200 at once, and take
turns; each has been round once before anything is measured. CPU is that of the client's process and of its children,
read from /proc (the server has a process of its own), and the median of the rounds counts.
"""

import argparse
import asyncio
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

import aiohttp
from newsstand import host_of
from processes import Usage, compile_house, peak_rss, usage

from monitor.errors import StoreError
from monitor.stores import open_store

CONCURRENCY = 200
#: One source in twenty has something new.
UNCHANGED = 0.95
PATIENCE = 300

CONFIG = """
timezone = "Asia/Tokyo"
contact = "mailto:desk@example.jp"
[fetch]
every = "1d"
concurrency = {concurrency}
allow_private = ["127.0.0.0/8"]
"""
RULES = """
- 二次関税
- 停戦
- NATO
- 半導体
- secondary tariff*
"""
SOURCE = """
[[sources]]
id = "s{n}"
feed = "http://{host}:{port}/feed.xml"
initial = "all"
full_text = {full_text}
"""


# --- the bare loop ----------------------------------------------------------------------------------------------------


async def bare_loop(port: int, sources: int) -> None:
    """A round of requests for each line of standard input."""
    addresses = [f"http://{host_of(n)}:{port}/feed.xml" for n in range(sources)]
    etags: dict[str, str] = {}
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar()) as session:
        while await asyncio.to_thread(sys.stdin.readline):
            waiting = iter(addresses)
            await asyncio.gather(*(bare_worker(session, waiting, etags) for _ in range(CONCURRENCY)))
            print("done", flush=True)


async def bare_worker(session: aiohttp.ClientSession, addresses: Iterator[str], etags: dict[str, str]) -> None:
    for address in addresses:
        headers = {"If-None-Match": etags[address]} if address in etags else {}
        async with session.get(address, headers=headers) as response:
            await response.read()
            etags[address] = response.headers["ETag"]


# --- those who take part ----------------------------------------------------------------------------------------------


class Talker:
    """A process of ours that answers each line with a line."""

    def __init__(self, *arguments: object) -> None:
        self._process = subprocess.Popen(
            [sys.executable, *map(str, arguments)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.pid = self._process.pid

    def hear(self) -> str:
        return self._process.stdout.readline().strip()

    def ask(self, line: str) -> str:
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()
        return self.hear()

    def end(self) -> None:
        self._process.stdin.close()
        self._process.wait(PATIENCE)
        self._process.stdout.close()


class Daemon:
    """`monitor run` on a folder; a round is over when every source has been asked since it began."""

    def __init__(self, folder: Path) -> None:
        self._database = str(folder / "monitor.db")
        self._log = (folder / "log").open("w", encoding="utf-8")
        self._process = subprocess.Popen(
            [sys.executable, "-m", "monitor", "run", "--config", folder / "config.toml"],
            stdout=self._log,
            stderr=self._log,
        )
        self.pid = self._process.pid

    def first_round(self, sources: int) -> None:
        """Wait until it has asked every source for the first time."""
        self._wait_until(lambda: len(self._asked_at()) == sources and all(self._asked_at()))

    def round(self) -> None:
        """Make every source due and wait until all have been asked."""
        began = datetime.now(UTC)
        store = open_store(self._database)
        due = [replace(state, next_poll_at=began) for state in store.archive.source_states().values()]
        store.polls.save_states(due)
        store.close()
        self._wait_until(lambda: min(self._asked_at()) >= began)

    def wait_for_log(self, words: str) -> None:
        """Wait until it has said so."""
        self._wait_until(lambda: words in Path(self._log.name).read_text(encoding="utf-8"))

    def _asked_at(self) -> list[datetime | None]:
        try:
            store = open_store(self._database, create=False)
        except StoreError:
            return []
        states = store.archive.source_states().values()
        store.close()
        return [state.last_ok_at for state in states]

    def _wait_until(self, is_done: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE
        while not is_done():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise SystemExit(f"the daemon failed: {Path(self._log.name).read_text(encoding='utf-8')[-2000:]}")
            time.sleep(0.2)

    def end(self) -> None:
        self._process.terminate()
        self._process.wait(60)
        self._log.close()


def write_folder(folder: Path, port: int, sources: int, *, full_text: bool) -> None:
    (folder / "rules").mkdir()
    (folder / "rules" / "all.yaml").write_text(RULES, encoding="utf-8")
    told = "true" if full_text else "false"
    blocks = [SOURCE.format(n=n, host=host_of(n), port=port, full_text=told) for n in range(sources)]
    (folder / "config.toml").write_text(CONFIG.format(concurrency=CONCURRENCY) + "".join(blocks), encoding="utf-8")


@contextmanager
def contest(sources: int, changing: int, *, full_text: bool) -> Iterator[tuple[Talker, Talker, Daemon]]:
    """The server, the loop and the daemon, each having been round once."""
    with tempfile.TemporaryDirectory(prefix="monitor-polling-") as name:
        folder = Path(name)
        stand = Talker(Path(__file__).with_name("newsstand.py"), sources, changing)
        port = int(stand.hear())
        write_folder(folder, port, sources, full_text=full_text)
        bare = Talker(__file__, "--bare", port, "--sources", sources)
        daemon = Daemon(folder)
        try:
            daemon.first_round(sources)
            bare.ask("round")
            yield stand, bare, daemon
        finally:
            for one in (daemon, bare, stand):
                one.end()


# --- measuring --------------------------------------------------------------------------------------------------------


def spent(pid: int, work: Callable[[], object]) -> Usage:
    before = usage(pid)
    work()
    return usage(pid).since(before)


def run_rounds(contestants: tuple[Talker, Talker, Daemon], count: int, *, publish: bool) -> list[tuple[Usage, Usage]]:
    """(bare, daemon) per round; they take turns in going first."""
    stand, bare, daemon = contestants
    runs: list[tuple[int, Callable[[], object]]] = [(bare.pid, lambda: bare.ask("round")), (daemon.pid, daemon.round)]
    found = []
    for number in range(count):
        if publish:
            stand.ask("publish")
        by_pid = {pid: spent(pid, work) for pid, work in (runs if number % 2 else reversed(runs))}
        found.append((by_pid[bare.pid], by_pid[daemon.pid]))
    return found


def tell(name: str, found: list[tuple[Usage, Usage]], sources: int) -> None:
    columns = (
        [bare.cpu for bare, _ in found],
        [daemon.own for _, daemon in found],
        [daemon.children for _, daemon in found],
        [daemon.cpu for _, daemon in found],
    )
    ratio = median([daemon.cpu / bare.cpu for bare, daemon in found])
    shown = "".join(f"{median(column) / sources * 1000:>10.3f}" for column in columns)
    print(f"{name:<42}{shown}{ratio:>9.2f}", flush=True)


def contend(sources: int, count: int, *, full_text: bool) -> None:
    changing = round(sources * (1 - UNCHANGED))
    with contest(sources, changing, full_text=full_text) as contestants:
        stand, _, daemon = contestants
        for connections in ("new", "kept"):
            stand.ask(connections)
            # Both come to the first round with their connections in the same state.
            run_rounds(contestants, 1, publish=False)
            for publish in (True,) if full_text else (False, True):
                what = f"{UNCHANGED:.0%} unchanged" if publish else "all unchanged"
                pages = ", articles' pages too" if full_text else ""
                found = run_rounds(contestants, count, publish=publish)
                tell(f"{what}{pages}, {connections} connections", found, sources)
        seen = usage(daemon.pid)
        print(
            f"  memory of the daemon: {seen.own_rss / 1e6:.0f} MB (at most {peak_rss(daemon.pid) / 1e6:.0f} MB), "
            f"of its {seen.children_now} children {seen.children_rss / 1e6:.0f} MB",
            flush=True,
        )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--sources", type=int, default=2_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--bare", type=int, metavar="PORT", help=argparse.SUPPRESS)
    wanted = parser.parse_args()
    if wanted.bare:
        asyncio.run(bare_loop(wanted.bare, wanted.sources))
        return
    compile_house()
    print(f"{'CPU ms per poll':<42}{'bare':>10}{'daemon':>10}{'children':>10}{'both':>10}{'ratio':>9}")
    for full_text in (False, True):
        contend(wanted.sources, wanted.rounds, full_text=full_text)


if __name__ == "__main__":
    main()
