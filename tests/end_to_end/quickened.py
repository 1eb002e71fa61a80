"""Run as a program: monitor that skips the time in which it would only wait (LAPSE: the folder of the clock). Arguments as
monitor's. Its cranks turn a hundred times more seldom, else months would be turns of cranks and little else; DOOM and
DOOM_AFTER as in `doomed.py`.
"""

import asyncio
import os
import sys
from collections.abc import Callable
from datetime import timedelta, timezone
from functools import wraps
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from end_to_end.lapse import Clock, dates_of, live_by

CLOCK = Clock(Path(os.environ["LAPSE"]))
WORK = live_by(CLOCK)

import apscheduler.executors.base  # noqa: E402 - whatever takes the time is to take that one
import apscheduler.schedulers.base  # noqa: E402 - likewise
import apscheduler.triggers.interval  # noqa: E402 - likewise
import structlog.processors  # noqa: E402 - likewise
from end_to_end.doomed import POINTS  # noqa: E402 - likewise

import monitor.clock  # noqa: E402 - likewise
import monitor.fetch.client  # noqa: E402 - likewise
import monitor.sinks.slack.clock  # noqa: E402 - likewise
from monitor.app import App  # noqa: E402 - likewise
from monitor.commands import main  # noqa: E402 - likewise
from monitor.engines import clockwatch, daemon, heart  # noqa: E402 - likewise
from monitor.parsing.children import Children  # noqa: E402 - likewise


def count(owner: Any, name: str, whose: str) -> None:
    """Know of a coroutine while it is at it."""
    do = getattr(owner, name)

    @wraps(do)
    async def doing(*args: Any, **kwargs: Any) -> Any:
        setattr(WORK, whose, getattr(WORK, whose) + 1)
        try:
            return await do(*args, **kwargs)
        finally:
            setattr(WORK, whose, getattr(WORK, whose) - 1)

    setattr(owner, name, doing)


def count_threads() -> None:
    hand_over = asyncio.BaseEventLoop.run_in_executor

    def done(_future: asyncio.Future[Any]) -> None:
        WORK.own -= 1

    def run(loop: asyncio.BaseEventLoop, executor: Any, unit: Callable[..., Any], *args: Any) -> asyncio.Future[Any]:
        future = hand_over(loop, executor, unit, *args)
        WORK.own += 1
        future.add_done_callback(done)
        return future

    asyncio.BaseEventLoop.run_in_executor = run


#: Who asks `datetime` for the time.
ASKING = (
    *(apscheduler.executors.base, apscheduler.schedulers.base, apscheduler.triggers.interval),
    *(monitor.clock, monitor.fetch.client, monitor.sinks.slack.clock),
)


def hang_clock() -> None:
    dates = dates_of(CLOCK)
    for module in ASKING:
        module.datetime = dates
    structlog.processors.datetime = SimpleNamespace(datetime=dates, timezone=timezone)


def slow_down() -> None:
    """Fewer turns of the cranks."""
    daemon.TICK, daemon.TELL, daemon.WATCH, daemon.REVISIT, daemon.KEEP = 180, 420, 300, 600, 900
    daemon.SILENCE = timedelta(hours=1)
    heart.BEAT = 600.0
    clockwatch.watch_clock.__kwdefaults__["every"] = 60.0


if __name__ == "__main__":
    hang_clock()
    count_threads()
    for coroutine in ("poll", "tell", "revisit"):
        count(App, coroutine, "others")
    count(Children, "call", "own")
    slow_down()
    for point in os.environ.get("DOOM", "").split():
        POINTS[point]()
    main(sys.argv[1:])
