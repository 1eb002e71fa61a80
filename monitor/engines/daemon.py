"""App -> a process that polls and tells until it is asked to stop. APScheduler turns its cranks.

The scheduler holds a few jobs and never one per source: what is due stands in the store. Each job drains what is due,
so that a turn that was skipped or late is made up by the next one.
"""

import asyncio
import logging
import signal
import traceback
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

import structlog
from apscheduler.events import EVENT_JOB_ERROR, JobExecutionEvent
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from monitor.app import App
from monitor.engines.clockwatch import ClockWatch, watch_clock
from monitor.engines.dispatch import PassingErrors, open_dispatcher
from monitor.engines.heart import Day, Heart
from monitor.engines.reload import Reloading
from monitor.engines.supervise import DeadMan, Supervisor
from monitor.errors import MonitorError, RunningError, StoreError
from monitor.eyes.readiness import Phase
from monitor.eyes.server import open_eyes
from monitor.jobs.blocks import lift_blocks
from monitor.jobs.deliver import Urge

#: Seconds that posts in flight get to end when the process is asked to stop: as long as a post may take.
TELL_SECONDS = 15
#: Likewise polls, which are safe to repeat.
POLL_SECONDS = 3
#: Seconds between two turns of each crank.
TICK, TELL, WATCH, REVISIT, KEEP, PRUNE, DAY = 1, 5, 2, 30, 60, 3600, 86_400
#: A dispatcher that does not turn for so long does not mend itself.
SILENCE = timedelta(seconds=30)
_ENDING = (signal.SIGTERM, signal.SIGINT)

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """Who looks at what from outside."""

    #: Raises StoreError when the lock or the database is no longer the one that was opened.
    check_files: Callable[[], None]
    reloading: Reloading
    supervisor: Supervisor


async def run_daemon(app: App, watch: Watch, *, deliver_now: bool = False) -> None:
    """Run until SIGTERM or SIGINT, taking up edits on SIGHUP; raises what no job may survive (StoreError, RunningError)."""
    with open_eyes(app) as eyes, _signals() as (stop, hang_up):
        await app.start()
        await lift_blocks(app.in_store, app.store.deliveries)
        await app.housekeeping.tidy()
        daemon = _Daemon(app, watch, hang_up, deliver_now=deliver_now)
        await daemon.heart.beat()
        log.info("started", sources=len(app.sources), rules=len(app.judge.book.rules))
        eyes.runs(daemon.dispatcher)
        watch.supervisor.ready()
        await asyncio.wait({stop, *daemon.ends}, return_when=asyncio.FIRST_COMPLETED)
        eyes.phase = Phase.STOPPING
        watch.supervisor.stopping(timedelta(seconds=TELL_SECONDS + POLL_SECONDS))
        await daemon.stop()
    log.info("stopped")
    for end in daemon.ends:
        if end.done() and not end.cancelled():
            end.result()


class _Daemon:
    """The cranks at work, and what ends them."""

    def __init__(self, app: App, watch: Watch, hang_up: asyncio.Event, *, deliver_now: bool) -> None:
        self._app, self._watch = app, watch
        self.dispatcher = open_dispatcher(app)
        self._telling = asyncio.Lock()
        self._urge = Urge.ALL if deliver_now else Urge.DUE
        dead_man = DeadMan()
        self.heart = Heart(app, self.dispatcher, watch.supervisor, dead_man)
        self._scheduler = _start_scheduler(
            (self.heart.tick, TICK),
            (self._tell, TELL),
            (watch.reloading.turn, WATCH),
            (app.revisit, REVISIT),
            (app.keep_house, KEEP),
            (app.housekeeping.prune, PRUNE),
            (Day(app).sum_up, DAY),
        )
        dead_man.start()
        self._failed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._scheduler.add_listener(self._note_failure, EVENT_JOB_ERROR)
        passing = self.dispatcher.passing
        self._tasks = [
            asyncio.create_task(_follow_clock(ClockWatch(app.clock), app, self._scheduler, passing)),
            asyncio.create_task(self._reload_when_asked(hang_up)),
        ]

    @property
    def ends(self) -> list[asyncio.Future[None]]:
        """Each is done, with its error, when the process has to end."""
        return [self._failed, self.dispatcher.fatal, *self._tasks]

    async def _tell(self) -> None:
        self._watch.check_files()
        async with self._telling:
            urge, self._urge = self._urge, Urge.DUE
            await self._app.tell(urge)

    async def stop(self) -> None:
        """Claim nothing more, give what is in flight its time, cut off the rest."""
        log.info("stopping", in_flight=self.dispatcher.in_flight)
        for task in self._tasks:
            task.cancel()
        # Shutting the scheduler down cancels its coroutines at once: a post in flight is waited for before that.
        self._scheduler.pause()
        self._app.stop_telling()
        await asyncio.gather(_wait_for(self._telling), self.dispatcher.drain(POLL_SECONDS))
        self._scheduler.remove_listener(self._note_failure)
        self._scheduler.shutdown(wait=False)

    async def _reload_when_asked(self, hang_up: asyncio.Event) -> None:
        while True:
            await hang_up.wait()
            hang_up.clear()
            self._watch.supervisor.reloading()
            reading = asyncio.create_task(self._watch.reloading.at_once())
            await asyncio.wait([reading])
            if error := reading.exception():
                self._note(error, "reload", "".join(traceback.format_exception(error)))
            self._watch.supervisor.ready()

    def _note_failure(self, event: JobExecutionEvent) -> None:
        self._note(event.exception, event.job_id, event.traceback)

    def _note(self, error: BaseException, crank: str, at: str) -> None:
        """An error of our own making ends the turn of one crank; the others go on, as long as the dispatcher turns."""
        if self.dispatcher.passing.take(error) or self._failed.done():
            return
        if isinstance(error, StoreError | RunningError):
            self._failed.set_exception(error)
            return
        log.error("crank_broke", crank=crank, error=repr(error), traceback=at)
        self._app.faults += 1
        silent = self.heart.for_how_long_silent()
        if silent >= SILENCE:
            facts = {"seconds": round(silent.total_seconds()), "what": type(error).__name__}
            self._failed.set_exception(MonitorError("app.tick-broke", **facts))


async def _follow_clock(watch: ClockWatch, app: App, scheduler: AsyncIOScheduler, passing: PassingErrors) -> None:
    """Whenever the wall clock is moved, let each crank turn after its interval, and have put right what waits for an instant."""

    async def follow(moved: timedelta) -> None:
        for job in scheduler.get_jobs():
            job.modify(next_run_time=app.clock() + job.trigger.interval)
        while True:
            try:
                return await app.clock_moved(moved)
            except StoreError as error:
                if not passing.take(error):
                    raise
            await asyncio.sleep(TICK)

    await watch_clock(watch, follow)


def _start_scheduler(*cranks: tuple[Callable[[], Awaitable[object]], float]) -> AsyncIOScheduler:
    # A turn that is still at it when the next is due is no fault: it drains what is due.
    logging.getLogger("apscheduler").setLevel(logging.CRITICAL)
    scheduler = AsyncIOScheduler(
        timezone="UTC", job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
    )
    for crank, seconds in cranks:
        scheduler.add_job(crank, "interval", seconds=seconds, id=f"{crank.__module__}.{crank.__qualname__}")
    scheduler.start()
    return scheduler


async def _wait_for(telling: asyncio.Lock) -> None:
    try:
        async with asyncio.timeout(TELL_SECONDS), telling:
            pass
    except TimeoutError:
        # What is still on the wire is found as "sending" at the next start and looked up before it is sent again.
        log.warning("cut_off_while_telling")


@contextmanager
def _signals() -> Iterator[tuple[asyncio.Future[None], asyncio.Event]]:
    """A future that SIGTERM or SIGINT completes, and an event that SIGHUP sets.

    A second SIGTERM or SIGINT ends the process at once, which the store survives.
    """
    loop = asyncio.get_running_loop()
    stop: asyncio.Future[None] = loop.create_future()
    hang_up = asyncio.Event()

    def ask() -> None:
        if stop.done():
            loop.remove_signal_handler(signal.SIGTERM)
            loop.remove_signal_handler(signal.SIGINT)
            signal.raise_signal(signal.SIGTERM)
        else:
            stop.set_result(None)

    for number in _ENDING:
        loop.add_signal_handler(number, ask)
    loop.add_signal_handler(signal.SIGHUP, hang_up.set)
    try:
        yield stop, hang_up
    finally:
        for number in _ENDING:
            loop.remove_signal_handler(number)
        loop.remove_signal_handler(signal.SIGHUP)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
