"""Run as a program: hurried monitor that ends itself by SIGKILL when it comes to one point. DOOM names the point, or several.

DOOM_AFTER: how often it passes the point before; DOOM_SETTLE: seconds that a message is given to show.

A point is a door of the daemon and a moment at it: within its transaction, just before the commit, or just after it.
"""

import asyncio
import os
import signal
import sys
from collections.abc import Callable
from functools import wraps
from typing import Any

from end_to_end.hurried import hurry

from monitor.commands import main
from monitor.model import Delivery, DeliveryState
from monitor.sinks.slack.bot import SlackSink
from monitor.stores.sqlite.delivering import Delivering
from monitor.stores.sqlite.polling import Polling


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


class Lot:
    """Whether it is time to die at the point."""

    def __init__(self, passes: int) -> None:
        self.passes = passes

    def falls(self) -> bool:
        self.passes -= 1
        return self.passes < 0


LOT = Lot(int(os.environ.get("DOOM_AFTER", "0")))


class DoomedRaw:
    """sqlite3's connection, which dies instead of committing."""

    def __init__(self, raw: Any) -> None:
        self._raw = raw

    def __getattr__(self, name: str) -> Any:
        return getattr(self._raw, name)

    def execute(self, sql: str, *facts: Any) -> Any:
        if sql == "commit":
            die()
        return self._raw.execute(sql, *facts)


def unit(owner: type, name: str, *, committed: bool, when: Callable[..., bool] = lambda *_, **__: True) -> None:
    """Die in one of the store's units of work, before or after its commit."""
    work = getattr(owner, name)

    @wraps(work)
    def doomed(self: Any, *args: Any, **kwargs: Any) -> Any:
        if not when(*args, **kwargs) or not LOT.falls():
            return work(self, *args, **kwargs)
        if not committed:
            self._db.raw = DoomedRaw(self._db.raw)
        work(self, *args, **kwargs)
        return die()

    setattr(owner, name, doomed)


def answer(name: str) -> None:
    """Die as soon as Slack has answered."""
    call = getattr(SlackSink, name)

    @wraps(call)
    async def doomed(self: SlackSink, delivery: Delivery) -> Any:
        answered = await call(self, delivery)
        if not LOT.falls():
            return answered
        # What the answer has set going on the way belongs to a moment later.
        await asyncio.sleep(0)
        return die()

    setattr(SlackSink, name, doomed)


def some(taken: Any) -> bool:
    return any(one.matches for one in taken)


def sent(_delivery: Delivery, *, note: str, **_: Any) -> bool:
    return note == "sent"


def failed(delivery: Delivery, **_: Any) -> bool:
    looked_up = delivery.absent_reads or delivery.state is DeliveryState.SENT
    return not looked_up


def looked_up(delivery: Delivery, *, note: str, **_: Any) -> bool:
    return note == "found" or bool(delivery.absent_reads)


POINTS: dict[str, Callable[[], None]] = {
    "match-inserted": lambda: unit(Polling, "save_articles", committed=False, when=some),
    "articles-saved": lambda: unit(Polling, "save_articles", committed=True, when=some),
    "digest-inserted": lambda: unit(Delivering, "promise", committed=False),
    "digest-committed": lambda: unit(Delivering, "promise", committed=True),
    "claim-written": lambda: unit(Delivering, "claim", committed=False),
    "claimed": lambda: unit(Delivering, "claim", committed=True),
    "responded": lambda: answer("send"),
    "sent-written": lambda: unit(Delivering, "close", committed=False, when=sent),
    "sent": lambda: unit(Delivering, "close", committed=True, when=sent),
    "failure-written": lambda: unit(Delivering, "close", committed=False, when=failed),
    "failure-noted": lambda: unit(Delivering, "close", committed=True, when=failed),
    "looked-up": lambda: answer("find"),
    "look-up-written": lambda: unit(Delivering, "close", committed=False, when=looked_up),
    "look-up-noted": lambda: unit(Delivering, "close", committed=True, when=looked_up),
    "recovery-written": lambda: unit(Delivering, "recover", committed=False),
    "recovered": lambda: unit(Delivering, "recover", committed=True),
}


if __name__ == "__main__":
    hurry(settle=float(os.environ.get("DOOM_SETTLE", "0.3")))
    for point in os.environ.get("DOOM", "").split():
        POINTS[point]()
    main(sys.argv[1:])
