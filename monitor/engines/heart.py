"""One turn of the dispatcher a second -> signs of life: for the supervisor, in the database, in the log once a day."""

import time
from collections import Counter
from collections.abc import Callable
from datetime import timedelta

import structlog

from monitor.app import App
from monitor.engines.dispatch import Dispatcher
from monitor.engines.supervise import Supervisor
from monitor.errors import StoreError
from monitor.jobs.revisit import RevisitReport
from monitor.jobs.send import DeliverReport
from monitor.journal import Happening, Polled
from monitor.messages import say
from monitor.model import DeliveryState

#: Seconds between two signs of life in the database.
BEAT = 10.0

log = structlog.get_logger()


class Heart:
    """Turns the dispatcher, and says so only when it has turned."""

    def __init__(
        self,
        app: App,
        dispatcher: Dispatcher,
        supervisor: Supervisor,
        dead_man: Callable[[], None],
        steady: Callable[[], float] = time.monotonic,
    ) -> None:
        self._app, self._dispatcher, self._supervisor, self._steady = app, dispatcher, supervisor, steady
        self._dead_man = dead_man
        self._beat_at = -float("inf")
        app.ticked_at = steady()

    async def tick(self) -> None:
        """Start what is due. Raises what is not sure to pass by itself; then nobody is told that all is well."""
        fetch = self._app.config.fetch
        self._dispatcher.resize(concurrency=fetch.concurrency, per_host=fetch.per_host)
        try:
            await self._dispatcher.fill()
            if self._steady() - self._beat_at >= BEAT:
                await self.beat()
        except StoreError as error:
            # A disk that is full is no reason to be started again.
            if not self._dispatcher.passing.take(error):
                raise
        self._app.ticked_at = self._steady()
        self._supervisor.alive()
        self._dead_man()

    async def beat(self) -> None:
        """Leave a sign of life in the database, and say how much there is to do. Raises RunningError beside another host."""
        app = self._app
        self._beat_at = self._steady()
        if app.life is not None:
            load = await app.in_store(app.store.lives.beat, app.life, now=app.clock())
            facts = {"sources": len(app.sources), "rules": len(app.judge.book.rules)}
            status = say("app.status", app.config.language, due=load.due, waiting=load.waiting, **facts)
            refused = "" if app.reload_ok else f"; {say('app.status-refused', app.config.language)}"
            self._supervisor.status(status + refused)

    def for_how_long_silent(self) -> timedelta:
        """Since when the dispatcher has not turned to its end."""
        return timedelta(seconds=self._steady() - (self._app.ticked_at or 0.0))


class Day:
    """What happened since the last line of the log about it: a bot that has died and one that finds nothing are silent alike."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._counts: Counter[str] = Counter()
        self._next = app.witness
        app.witness = self._note

    def _note(self, happening: Happening) -> None:
        match happening:
            case Polled(report=report):
                self._counts.update(
                    polls=1, failed_polls=report.error is not None, articles=report.new, matches=report.matched
                )
            case RevisitReport():
                self._counts.update(matches=happening.matched)
            case DeliverReport(delivery=delivery):
                self._counts.update(messages=delivery.state is DeliveryState.SENT)
        self._next(happening)

    async def sum_up(self) -> None:
        """The line, and begin anew."""
        app = self._app
        states = await app.in_store(app.store.archive.source_states)
        counts, self._counts = self._counts, Counter()
        names = ("polls", "failed_polls", "articles", "matches", "messages")
        failing = sum(bool(state.last_error) for id_, state in states.items() if id_ in app.sources)
        log.info(
            "alive",
            **{name: int(counts[name]) for name in names},
            sources=len(app.sources),
            failing_sources=failing,
            faults=app.faults,
        )
