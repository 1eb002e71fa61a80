"""App at work -> what can be said of it: is it alive, is it ready and if not why, its metrics.

Whatever happens is noted on the daemon's loop; what is asked is answered on another thread, so that it is answered even
while that loop stands still.
"""

import asyncio
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Protocol

from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import Metric
from prometheus_client.registry import Collector

from monitor.app import App
from monitor.clock import Leaps
from monitor.errors import StoreError
from monitor.eyes.gauges import Sight, families
from monitor.eyes.readiness import LONGEST_DOUBT, Doubt, Phase, Process, doubts, is_alive
from monitor.eyes.standing import Standing, look
from monitor.eyes.tally import Tally
from monitor.jobs.greet import Greeting
from monitor.jobs.verdict import WORKSPACE
from monitor.journal import Happening

#: Seconds for which a look at the store is good, and for which an answer waits for a new one.
FRESH, PATIENCE = 5.0, 2.0
#: Seconds for which it counts that the store could not do its work.
TROUBLED = 20.0
#: More than this between the two clocks, and ours was moved since Slack told the time.
_MOVED = timedelta(seconds=5)


class Work(Protocol):
    """What the engine knows of its work; the dispatcher."""

    @property
    def in_flight(self) -> int:
        """Polls that have begun and are not done."""
        ...

    @property
    def trouble(self) -> tuple[float, StoreError] | None:
        """What the store could not do last, and when, by the clock that only runs on."""
        ...


class Watch:
    """Looks at one app."""

    def __init__(self, app: App, steady: Callable[[], float] = time.monotonic) -> None:
        self.phase = Phase.STARTING
        #: Host and port, where it is shown.
        self.shown_at: tuple[str, int] | None = None
        self._work: Work | None = None
        self._app, self._steady, self._leaps = app, steady, Leaps(app.clock, steady)
        self._registry = CollectorRegistry()
        self._tally = Tally(self._registry)
        _OwnProcess(registry=self._registry)
        self._began_at = self._answered_at = self._looked_at = steady()
        self._trouble: tuple[float, StoreError] | None = None
        self._ahead: tuple[timedelta, timedelta] | None = None
        self._standing: Standing | None = None
        self._reading: asyncio.Task[None] | None = None

    # --- on the daemon's loop ---

    def runs(self, work: Work) -> None:
        """The start is over."""
        self._work = work
        self._began_at = self._answered_at = self._steady()
        self.phase = Phase.RUNNING

    def note(self, happening: Happening) -> None:
        """Count what happens."""
        self._tally.note(happening)
        if isinstance(happening, Greeting):
            slack = self._app.boards.now.sink_of(WORKSPACE)
            self._ahead = self._app.clock() - slack.now(), self._drift()

    # --- on the thread that answers ---

    def process(self) -> Process:
        """What the daemon knows of itself."""
        now = self._steady()
        troubles = [one for one in (self._trouble, self._work and self._work.trouble) if one]
        return Process(
            phase=self.phase,
            still=now - max(self._began_at, self._app.ticked_at or 0),
            silent=now - self._answered_at,
            rules=len(self._app.judge.book.rules),
            store_trouble=next((error.memo() for at, error in troubles if now - at < TROUBLED), None),
            refused=self._tally.refused,
            ahead=self._clock_ahead(),
            leapt=self._leaps.within(LONGEST_DOUBT),
        )

    @property
    def is_alive(self) -> bool:
        """Whether the dispatcher turns."""
        return is_alive(self.process())

    async def doubts(self) -> tuple[Doubt, ...]:
        """Every reason why news may not arrive; none: it is ready."""
        await self._look()
        return doubts(self._standing, self.process())

    async def metrics(self) -> bytes:
        """Everything as Prometheus reads it (text format 0.0.4)."""
        found = await self.doubts()
        sight = Sight(
            at=self._app.clock(),
            process=self.process(),
            doubts=found,
            standing=self._standing,
            reload_ok=self._app.reload_ok,
            reloaded_at=self._app.loaded_at,
            in_flight=self._work.in_flight if self._work else 0,
            faults=self._app.faults,
            kills=self._app.parser.kills,
        )
        return generate_latest(_Shown(sight, self._registry))

    async def _look(self) -> None:
        """Look at the store unless that was done just now; what was seen last stays where it does not answer in time."""
        if self._standing is not None and self._steady() - self._looked_at < FRESH:
            return
        if self._reading is None or self._reading.done():
            self._reading = asyncio.create_task(self._read())
        await asyncio.wait({self._reading}, timeout=PATIENCE)

    async def _read(self) -> None:
        app = self._app
        try:
            self._standing = await app.in_store(look, app.store, app.config, now=app.clock())
        except StoreError as error:
            self._trouble = self._steady(), error
        else:
            self._looked_at = self._answered_at = self._steady()

    def _clock_ahead(self) -> timedelta | None:
        """How far our clock is ahead of Slack's, unless one of the two was moved since they were compared."""
        if self._ahead is None or abs(self._drift() - self._ahead[1]) > _MOVED:
            return None
        return self._ahead[0]

    def _drift(self) -> timedelta:
        return timedelta(seconds=self._app.clock().timestamp() - self._steady())


class _Shown(Collector):
    """What is to be written: without the moments of creation, which would double the number of series."""

    def __init__(self, sight: Sight, registry: CollectorRegistry) -> None:
        self._sight, self._registry = sight, registry

    def collect(self) -> Iterator[Metric]:
        yield from families(self._sight)
        for metric in self._registry.collect():
            metric.samples = [sample for sample in metric.samples if not sample.name.endswith("_created")]
            yield metric


class _OwnProcess(ProcessCollector):
    """Memory, time and files of this process; /proc/stat, which the library wants, is hidden from a confined service."""

    def _boot_time(self) -> float:
        return time.time() - time.clock_gettime(time.CLOCK_BOOTTIME)
