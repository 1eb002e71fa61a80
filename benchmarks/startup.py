"""Commands and an idle daemon -> a table: how fast monitor answers, what it takes while there is nothing to do.

    python benchmarks/startup.py [--sources 10000] [--seconds 60] [--runs 10]

Commands are compared with an interpreter that does nothing, started in turns with them; medians count. The idle daemon is
`monitor run` with 10,000 sources none of which is due, read from /proc (Linux).
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

from polling import Daemon, Talker, write_folder
from processes import compile_house, peak_rss, usage

from monitor.config import list_sources, load_config
from monitor.stores import open_store

SETTLE_SECONDS = 5
LOADED = (
    "import sys; from monitor.commands import cli; cli.main(['--help'], standalone_mode=False);"
    "print(*sorted({name.partition('.')[0] for name in sys.modules} - sys.stdlib_module_names), file=sys.stderr)"
)


def timed(*arguments: object) -> tuple[float, float]:
    """Seconds on the wall and of CPU that a process takes."""
    before, began = os.times(), time.perf_counter()
    subprocess.run(
        [sys.executable, *map(str, arguments)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False
    )
    after = os.times()
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return time.perf_counter() - began, cpu


def tell_commands(folder: Path, runs: int) -> None:
    config = ("--config", folder / "config.toml")
    rows: dict[str, tuple[object, ...]] = {
        "an interpreter alone": ("-c", "pass"),
        "monitor --help": ("-m", "monitor", "--help"),
        "monitor check": ("-m", "monitor", "check", *config),
        "monitor status": ("-m", "monitor", "status", *config),
    }
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in rows}
    for _ in range(runs):
        for name, arguments in rows.items():
            found[name].append(timed(*arguments))
    print(f"{'':<42}{'wall ms':>10}{'CPU ms':>10}")
    for name, times in found.items():
        wall, cpu = (median(column) * 1000 for column in zip(*times, strict=True))
        print(f"{name:<42}{wall:>10.0f}{cpu:>10.0f}", flush=True)
    loaded = subprocess.run([sys.executable, "-c", LOADED], capture_output=True, text=True, check=True).stderr
    print(f"  --help loads, beside the standard library: {loaded.strip()}")


@contextmanager
def small_folder() -> Iterator[Path]:
    """A newsroom with 10 sources, polled once."""
    with tempfile.TemporaryDirectory(prefix="monitor-startup-") as name:
        folder = Path(name)
        stand = Talker(Path(__file__).with_name("newsstand.py"), 10, 0)
        write_folder(folder, int(stand.hear()), 10, full_text=False)
        began = time.perf_counter()
        daemon = Daemon(folder)
        daemon.first_round(10)
        print(f"monitor run: 10 sources polled for the first time {time.perf_counter() - began:.1f} s after its start")
        daemon.end()
        yield folder
        stand.end()


def tell_idle(sources: int, seconds: float) -> None:
    with tempfile.TemporaryDirectory(prefix="monitor-idle-") as name:
        folder = Path(name)
        write_folder(folder, 80, sources, full_text=False)
        fill_queue(folder)
        began = time.perf_counter()
        daemon = Daemon(folder)
        daemon.wait_for_log("event=started")
        ready = time.perf_counter() - began
        time.sleep(SETTLE_SECONDS)
        before = usage(daemon.pid)
        time.sleep(seconds)
        after = usage(daemon.pid)
        spent = after.since(before)
        print(
            f"idle with {sources:,} sources: ready after {ready:.1f} s, {after.own_rss / 1e6:.0f} MB "
            f"(at most {peak_rss(daemon.pid) / 1e6:.0f} MB), {after.children_now} children {after.children_rss / 1e6:.0f} MB, "
            f"{spent.cpu / seconds * 60 * 1000:.0f} ms CPU a minute = {spent.cpu / seconds:.2%} of a core"
        )
        daemon.end()


def fill_queue(folder: Path) -> None:
    """As after a round of polls that ended just now: nothing is due for an hour."""
    config, now = load_config(folder / "config.toml"), datetime.now(UTC)
    store = open_store(config.database)
    store.polls.sync_sources(list_sources(config), now=now)
    states = store.archive.source_states().values()
    polled = {"last_poll_at": now, "last_ok_at": now, "first_ok_at": now, "next_poll_at": now + timedelta(hours=1)}
    store.polls.save_states([replace(state, body_hash="0" * 64, **polled) for state in states])
    store.close()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--sources", type=int, default=10_000)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--runs", type=int, default=10)
    wanted = parser.parse_args()
    compile_house()
    with small_folder() as folder:
        tell_commands(folder, wanted.runs)
    tell_idle(wanted.sources, wanted.seconds)


if __name__ == "__main__":
    main()
