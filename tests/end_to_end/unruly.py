"""Run as a program: hurried monitor in which one thing goes wrong, as soon as the file `now` is there. UNRULY names it."""

import asyncio
import os
import re
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from end_to_end.hurried import hurry

from monitor.commands import main
from monitor.engines import daemon, supervise
from monitor.engines.dispatch import Dispatcher
from monitor.housekeeping import Housekeeping
from monitor.sinks.slack.bot import SlackSink
from monitor.stores.sqlite import opening


def is_time() -> bool:
    return Path("now").exists()


def instead(owner: Any, name: str, misdeed: Callable[[], None]) -> None:
    """Do that first, once it is time."""
    work = getattr(owner, name)

    async def unruly(*args: Any, **kwargs: Any) -> Any:
        if is_time():
            misdeed()
        return await work(*args, **kwargs)

    setattr(owner, name, unruly)


def block() -> None:
    time.sleep(3600)


def fail(error: BaseException) -> Callable[[], None]:
    def misdeed() -> None:
        raise error

    return misdeed


def unruly_cranks() -> None:
    instead(Housekeeping, "turn", fail(SystemExit(3)))
    instead(Housekeeping, "prune", fail(asyncio.CancelledError()))
    daemon.KEEP = daemon.PRUNE = 0.2
    instead(SlackSink, "check", fail(asyncio.CancelledError()))


def unruly_tasks() -> None:
    """A job whose own tasks end as they should not."""
    prune = Housekeeping.prune

    async def give_up() -> None:
        await asyncio.sleep(0)
        raise SystemExit(3)

    async def unruly(house: Housekeeping) -> None:
        await (asyncio.gather(prune(house), give_up()) if is_time() else prune(house))

    Housekeeping.prune = unruly
    daemon.PRUNE = 0.2


def compute() -> None:
    """Without end, in C, on the only thread."""
    re.match(r"(a+)+$", "a" * 99 + "b")


def stuck_alone(misdeed: Callable[[], None]) -> None:
    supervise.STUCK = 1.0
    supervise.LOOK = 0.1
    instead(Dispatcher, "fill", misdeed)


def start_slowly() -> None:
    """As one that has much to migrate: in C, on the only thread."""
    supervise.PLEA = 0.5
    apply = opening.MIGRATIONS.apply

    def slowly(db: Any) -> None:
        apply(db)
        time.sleep(2)

    opening.MIGRATIONS.apply = slowly


KINDS: dict[str, Callable[[], None]] = {
    "blocked": lambda: instead(Dispatcher, "fill", block),
    "raising": lambda: instead(Dispatcher, "fill", fail(RuntimeError("out of order"))),
    "cranks": unruly_cranks,
    "tasks": unruly_tasks,
    "alone": lambda: stuck_alone(block),
    "computing": lambda: stuck_alone(compute),
    "stopped": lambda: stuck_alone(lambda: None),
    "slow start": start_slowly,
}


if __name__ == "__main__":
    hurry()
    daemon.SILENCE = timedelta(seconds=1)
    KINDS[os.environ["UNRULY"]]()
    main(sys.argv[1:])
