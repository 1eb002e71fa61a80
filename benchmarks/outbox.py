"""Deliveries -> a table of what sending costs, and whether Slack's pace is kept. Run: python benchmarks/outbox.py [--many 600]

The real store (fsync before and after each call), the real sink and slack-sdk, a Slack on loopback in another process.
CPU time of this process; wall time depends on the disk.
"""

import argparse
import asyncio
import itertools
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter, process_time
from typing import Any
from zoneinfo import ZoneInfo

import aiohttp

from monitor.app import CROWD_PACE, PACE
from monitor.jobs.send import SendDesk, send_due
from monitor.model import Digest, DigestEntry, DigestSection, Snippet
from monitor.ports import Promise
from monitor.sinks import SinkSettings, open_sink
from monitor.sinks.pace import Pace
from monitor.stores import open_store
from monitor.stores.thread import StoreThread

TESTS = str(Path(__file__).parents[1] / "tests")
TOKEN = "xoxb-stand-in"


def digest(number: int, destination: str) -> Digest:
    """Ten stories."""
    now = datetime.now(UTC)
    entries = tuple(
        DigestEntry(
            article_id=f"{number}-{story}",
            title=Snippet(
                text=f"第{number}報 米、ロシア産石油の購入国に二次関税を警告({story})", highlights=((16, 20),)
            ),
            url=f"https://news.example/a/{number}/{story}",
            outlet="朝の通信",
            at=now,
            dated=True,
            snippet=Snippet(
                text="大統領は、ロシア産石油の購入国に二次関税を課す可能性があると述べた。", highlights=((16, 20),)
            ),
        )
        for story in range(10)
    )
    section = DigestSection(rule_id="r", rule_name="二次関税", entries=entries)
    return Digest(
        channel=destination,
        destination=destination,
        period=f"now/{number}",
        since_at=None,
        until_at=now,
        composed_at=now,
        sections=(section,),
    )


@asynccontextmanager
async def slack(channels: int, pace: float) -> AsyncIterator[str]:
    """The stand-in as a process of its own, with so many channels."""
    program = (
        "import sys; sys.path.insert(0, sys.argv[1]); import asyncio, slack_standin as s, slack_workspace as w\n"
        "made = w.Workspace.__init__\n"
        "def more(self, *given):\n"
        "    made(self, *given)\n"
        "    self.channels += [w.Channel(id=f'C0BENCH{n:03}', name=f'c{n}') for n in range(int(sys.argv[2]))]\n"
        "w.Workspace.__init__ = more\n"
        "asyncio.run(s._run(0, float(sys.argv[3])))\n"
    )
    command = [sys.executable, "-c", program, TESTS, str(channels), str(pace)]
    process = await asyncio.create_subprocess_exec(*command, stdout=subprocess.PIPE)
    assert process.stdout is not None
    try:
        yield (await process.stdout.readline()).decode().strip()
    finally:
        process.terminate()
        await process.wait()


async def state(api_url: str) -> dict[str, Any]:
    async with aiohttp.ClientSession() as session, session.get(api_url.replace("/api/", "/_control/state")) as answer:
        return dict(await answer.json())


async def run(counts: dict[str, int], pace: Pace, slack_pace: float) -> dict[str, Any]:
    """Send so many digests to each channel; what it took."""
    with tempfile.TemporaryDirectory() as folder:
        store, in_store = open_store(str(Path(folder) / "monitor.db")), StoreThread()
        async with slack(len(counts), slack_pace) as api_url:
            settings = SinkSettings(
                language="ja", zone=ZoneInfo("Asia/Tokyo"), api_url=api_url, secret=TOKEN, in_store=in_store,
                contacts=store.contacts,
            )  # fmt: skip
            sink = open_sink("slack", settings)
            await sink.check()
            number = 0
            for destination, count in counts.items():
                for _ in range(count):
                    number += 1
                    made = digest(number, destination)
                    promise = Promise(digest=made, payloads=sink.render(made), told=(), covered=())
                    await in_store(store.deliveries.promise, promise, now=datetime.now(UTC), slot=None)
            desk = SendDesk(
                in_store=in_store, deliveries=store.deliveries, halts=store.halts, sink_of=lambda _: sink,
                clock=lambda: datetime.now(UTC), turn=pace,
            )  # fmt: skip
            began, cpu = perf_counter(), process_time()
            reports = await send_due(desk)
            took, cpu = perf_counter() - began, process_time() - cpu
            kept = await state(api_url)
        await in_store(store.close)
        in_store.close()
    moments = {
        f"#{name}": [float(message["ts"]) for message in messages]
        for name, messages in kept["channels"].items()
        if messages
    }
    return {"reports": reports, "seconds": took, "cpu": cpu, "moments": moments, "impatient": kept["impatient"]}


def gaps(moments: list[float]) -> list[float]:
    return [after - before for before, after in itertools.pairwise(moments)]


async def measure(many: int) -> None:
    print("Pacing switched off:")
    print("| channels | deliveries | CPU ms each | a second (wall) |")
    print("|---|---|---|---|")
    off = timedelta(0)
    for channels in (1, 10, 50):
        done = await run({f"#c{n}": many // channels for n in range(channels)}, Pace(off), 0)
        sent = len(done["reports"])
        each, rate = 1000 * done["cpu"] / sent, sent / done["seconds"]
        print(f"| {channels} | {sent} | {each:.1f} | {rate:.0f} |")
    print("\nAs it ships, and Slack refuses more than a message a second and channel:")
    done = await run({"#c0": 30, "#c1": 5}, Pace(PACE, CROWD_PACE), 1.0)
    report(done)
    done = await run({f"#c{n}": 6 for n in range(20)}, Pace(PACE, CROWD_PACE), 1.0)
    report(done)


def report(done: dict[str, Any]) -> None:
    moments = done["moments"]
    first = min(times[0] for times in moments.values())
    smallest = min(min(gaps(times)) for times in moments.values())
    everything = sorted(itertools.chain(*moments.values()))
    busiest = max(sum(at <= other < at + 60 for other in everything) for at in everything)
    last = {name: times[-1] - first for name, times in moments.items()}
    print(
        f"{len(everything)} deliveries, {len(moments)} channels: {done['seconds']:.1f} s, smallest gap in a channel "
        f"{smallest:.2f} s, {busiest} in the busiest minute, refused for haste {done['impatient']}, "
        f"first channel done after {min(last.values()):.1f} s"
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--many", type=int, default=600)
    asyncio.run(measure(parser.parse_args().many))
