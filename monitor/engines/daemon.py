"""App -> a process that polls and tells until it is asked to stop. APScheduler turns five cranks.

The scheduler holds a few jobs and never one per source: what is due stands in the store. Each job drains what is due,
so that a turn that was skipped or late is made up by the next one.
"""

import asyncio
import logging
import signal
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import structlog
from apscheduler.events import EVENT_JOB_ERROR, JobExecutionEvent
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from monitor.app import App
from monitor.engines.clockwatch import ClockWatch, watch_clock
from monitor.engines.dispatch import PassingErrors, open_dispatcher
from monitor.errors import StoreError
from monitor.jobs.blocks import lift_blocks
from monitor.jobs.deliver import Urge

#: Seconds that posts in flight get to end when the process is asked to stop: as long as a post may take.
TELL_SECONDS = 15
#: Likewise polls, which are safe to repeat.
POLL_SECONDS = 3
#: Seconds between two turns of each crank.
TICK, TELL, WATCH, REVISIT, KEEP, PRUNE = 1, 5, 2, 30, 60, 3600

log = structlog.get_logger()


async def run_daemon(app: App, *, check_files: Callable[[], None], deliver_now: bool = False) -> None:
    """Run until SIGTERM or SIGINT; raises what no job may survive (StoreError).

    `check_files` raises StoreError when the lock or the database is no longer the one that was opened.
    """
    dispatcher = open_dispatcher(app)
    telling = asyncio.Lock()
    watch = ClockWatch(app.clock)

    async def tell() -> None:
        check_files()
        async with telling:
            await app.tell()

    with _stop_on_signals() as stop:
        await app.start()
        await lift_blocks(app.in_store, app.store.deliveries)
        await app.housekeeping.tidy()
        if deliver_now:
            await app.tell(Urge.ALL)
        scheduler = _start_scheduler(
            (dispatcher.fill, TICK),
            (tell, TELL),
            (app.watch_rules, WATCH),
            (app.revisit, REVISIT),
            (app.keep_house, KEEP),
            (app.housekeeping.prune, PRUNE),
        )
        failed = _watch_jobs(scheduler, dispatcher.passing)
        clock = asyncio.create_task(_follow_clock(watch, app, scheduler, dispatcher.passing))
        log.info("started", sources=len(app.sources), rules=len(app.judge.book.rules))
        await asyncio.wait({stop, failed, dispatcher.fatal, clock}, return_when=asyncio.FIRST_COMPLETED)
        log.info("stopping", in_flight=dispatcher.in_flight)
        if not clock.done():
            clock.cancel()
        # Shutting the scheduler down cancels its coroutines at once: a post in flight is waited for before that.
        scheduler.pause()
        app.stop_telling()
        await asyncio.gather(_wait_for(telling), dispatcher.drain(POLL_SECONDS))
        scheduler.shutdown(wait=False)
    log.info("stopped")
    for end in (failed, dispatcher.fatal, clock):
        if end.done() and not end.cancelled():
            end.result()


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
        scheduler.add_job(crank, "interval", seconds=seconds)
    scheduler.start()
    return scheduler


def _watch_jobs(scheduler: AsyncIOScheduler, passing: PassingErrors) -> asyncio.Future[None]:
    """Done, with its error, when a job raised one: the scheduler itself would only log it."""
    failed: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def note(event: JobExecutionEvent) -> None:
        if (
            not passing.take(event.exception)
            and not failed.done()
            and not isinstance(event.exception, asyncio.CancelledError)
        ):
            failed.set_exception(event.exception)

    scheduler.add_listener(note, EVENT_JOB_ERROR)
    return failed


async def _wait_for(telling: asyncio.Lock) -> None:
    try:
        async with asyncio.timeout(TELL_SECONDS), telling:
            pass
    except TimeoutError:
        # What is still on the wire is found as "sending" at the next start and looked up before it is sent again.
        log.warning("cut_off_while_telling")


@contextmanager
def _stop_on_signals() -> Iterator[asyncio.Future[None]]:
    """A future that SIGTERM or SIGINT completes; a second signal ends the process at once, which the store survives."""
    loop = asyncio.get_running_loop()
    stop: asyncio.Future[None] = loop.create_future()

    def ask() -> None:
        if stop.done():
            loop.remove_signal_handler(signal.SIGTERM)
            loop.remove_signal_handler(signal.SIGINT)
            signal.raise_signal(signal.SIGTERM)
        else:
            stop.set_result(None)

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ask)
    try:
        yield stop
    finally:
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)
