"""Due sources -> polls in flight, a bounded number, politely per host; their states are remembered in batches."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

import structlog

from monitor.app import App
from monitor.engines.lanes import Lanes
from monitor.errors import StoreError
from monitor.jobs.poll import PollReport
from monitor.model import SourceState

#: Polls that finish within so many seconds are remembered in one transaction.
BATCH_WAIT = 0.1
#: Seconds after which a failure that goes on is logged again.
REPEAT = 600
#: When a poll is tried anew that the store had no room or no time for.
AGAIN = timedelta(seconds=15)

log = structlog.get_logger()


class PassingErrors:
    """Errors that end nothing: the store only could not do its work now, held by another program or on a full disk."""

    def __init__(self) -> None:
        self._said_at: dict[str, float] = {}
        #: The last one, and when, by the loop's clock.
        self.latest: tuple[float, StoreError] | None = None

    def take(self, error: BaseException) -> bool:
        """Whether it is one of them; said once, and again while it goes on, but not with every poll."""
        if not (isinstance(error, StoreError) and error.temporary):
            return False
        now = asyncio.get_running_loop().time()
        self.latest = now, error
        if now - self._said_at.get(error.code, -REPEAT) >= REPEAT:
            self._said_at[error.code] = now
            log.warning("store_unavailable", error=str(error))
        return True


class Dispatcher:
    """Takes due sources from the queue and polls them, at most `concurrency` at once and `per_host` for each host.

    `claim(limit)` leases due sources, `poll(state)` gives the state to be remembered, `save(states)` remembers;
    `put_off(state)` is what is remembered instead where the store failed during the poll.
    """

    def __init__(
        self,
        *,
        claim: Callable[[int], Awaitable[list[SourceState]]],
        poll: Callable[[SourceState], Awaitable[SourceState]],
        save: Callable[[list[SourceState]], Awaitable[None]],
        put_off: Callable[[SourceState], SourceState],
        host_of: Callable[[SourceState], str],
        concurrency: int,
        per_host: int,
    ) -> None:
        self._claim, self._poll, self._save, self._put_off, self._host_of = claim, poll, save, put_off, host_of
        self._concurrency = concurrency
        self._lanes = Lanes(per_host)
        #: Claimed and not done; such a source is never started twice, whatever its lease says.
        self._taken: set[str] = set()
        self._polls: set[asyncio.Task[None]] = set()
        #: Set while nothing is claimed, and when all is over.
        self._idle = asyncio.Event()
        self._finished: list[SourceState] = []
        self._writer: asyncio.Task[None] | None = None
        self._filling = asyncio.Lock()
        self._more = False
        self._draining = False
        #: Done when a poll or a write ended in an error that nobody below may swallow; waiting for it raises that error.
        self.fatal: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.passing = PassingErrors()

    def resize(self, *, concurrency: int, per_host: int) -> None:
        """Other bounds from now on; what is in flight goes on."""
        self._concurrency = concurrency
        self._lanes.widen(per_host)
        self._start_ready()

    @property
    def in_flight(self) -> int:
        """Polls that have begun and are not done."""
        return len(self._polls)

    @property
    def trouble(self) -> tuple[float, StoreError] | None:
        """What the store could not do last, and when, by the loop's clock."""
        return self.passing.latest

    async def fill(self) -> None:
        """Claim what is due while there is room, and start it. Returns at once when another call is at it."""
        if not self._filling.locked():
            await self._fill()

    async def _fill(self) -> None:
        async with self._filling:
            # What the store could not take up earlier.
            self._write_on()
            # What waits for a busy host takes no room, so that the sources of one slow host do not hide all others.
            while not self._draining and (room := 2 * self._concurrency - self._lively) > 0:
                claimed = await self._claim(room)
                self._more = len(claimed) == room
                for state in claimed:
                    self._take(state)
                self._start_ready()
                if not self._more:
                    return

    async def run_until_idle(self) -> None:
        """Poll everything that is due, to its end, and remember it; where that is cut off, what was done."""
        try:
            await self._fill()
            while self._taken and not self.fatal.done():
                await self._idle.wait()
                await self._fill()
        finally:
            # Polls must not go on when their caller has been cancelled and closes what they work with.
            await self.drain(0)
        if self.fatal.done():
            self.fatal.result()

    async def drain(self, seconds: float) -> None:
        """Start nothing more, give polls in flight so long to end, cut the rest off, and remember what was done."""
        self._draining = True
        self._taken.difference_update(state.source_id for state in self._lanes.clear())
        if self._polls:
            _, late = await asyncio.wait(self._polls, timeout=seconds)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        await self._write()

    @property
    def _lively(self) -> int:
        """Sources that are polled or could be."""
        return len(self._polls) + self._lanes.ready

    def _take(self, state: SourceState) -> None:
        if state.source_id not in self._taken:
            self._taken.add(state.source_id)
            self._idle.clear()
            self._lanes.enter(self._host_of(state), state)

    def _start_ready(self) -> None:
        while self._lanes.ready and len(self._polls) < self._concurrency and not self._draining:
            host, state = self._lanes.take()
            poll = self._start(self._run(state))
            self._polls.add(poll)
            poll.add_done_callback(partial(self._end, host, state))

    async def _run(self, state: SourceState) -> None:
        # Not in one line: the list to append to would be looked up before the poll, and written without it.
        try:
            following = await self._poll(state)
        except StoreError as error:
            if not self.passing.take(error):
                raise
            following = self._put_off(state)
        self._finished.append(following)
        self._write_on()

    def _end(self, host: str, state: SourceState, poll: asyncio.Task[None]) -> None:
        # A callback, since of a task that is cancelled before it begins nothing is ever run.
        self._polls.discard(poll)
        self._taken.discard(state.source_id)
        self._lanes.leave(host)
        self._start_ready()
        if not self._taken:
            self._idle.set()
        if self._more and self._lively <= self._concurrency and not self._filling.locked():
            self._start(self._fill())

    def _start(self, work: Coroutine[None, None, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        task.add_done_callback(self._note_failure)
        return task

    def _note_failure(self, task: asyncio.Task[None]) -> None:
        error = None if task.cancelled() else task.exception()
        if error is not None and not self.passing.take(error) and not self.fatal.done():
            self.fatal.set_exception(error)
            self._idle.set()

    async def _write_soon(self) -> None:
        await asyncio.sleep(BATCH_WAIT)
        try:
            while self._finished:
                finished, self._finished = self._finished, []
                try:
                    await self._save(finished)
                except StoreError:
                    self._finished = finished + self._finished
                    raise
        finally:
            self._writer = None

    def _write_on(self) -> None:
        if self._finished and self._writer is None:
            self._writer = self._start(self._write_soon())

    async def _write(self) -> None:
        """Have everything that is finished remembered now."""
        self._write_on()
        if self._writer is not None:
            await self._writer


def open_dispatcher(
    app: App, note: Callable[[PollReport], None] | None = None, *, due_by: datetime | None = None
) -> Dispatcher:
    """The dispatcher of an app's sources; `note` is called with each report.

    With `due_by` nothing that becomes due later is taken up: one round of polls.
    """

    async def poll(state: SourceState) -> SourceState:
        if state.source_id not in app.sources:
            # It has left the configuration since it was claimed.
            return state
        report = await app.poll(state)
        if note is not None:
            note(report)
        return report.state

    return Dispatcher(
        claim=lambda limit: app.claim(limit, due_by=due_by),
        poll=poll,
        save=app.remember,
        put_off=lambda state: replace(state, next_poll_at=app.clock() + AGAIN),
        host_of=app.host_of,
        concurrency=app.config.fetch.concurrency,
        per_host=app.config.fetch.per_host,
    )
