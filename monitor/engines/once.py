"""App -> one round of polls: everything that is due, to its end; for cron."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

from monitor.app import App
from monitor.engines.dispatch import open_dispatcher
from monitor.engines.heart import BEAT
from monitor.errors import StoreError
from monitor.jobs.poll import PollReport

#: Articles that are asked for again in one round: cron starts the next one soon, but not while this one runs.
REVISITS = 200


async def poll_all(app: App, progress: Callable[[PollReport], None]) -> tuple[PollReport, ...]:
    """Poll whatever is due; `progress` is called after each poll."""
    reports: list[PollReport] = []

    def note(report: PollReport) -> None:
        reports.append(report)
        progress(report)

    await app.start()
    async with _signs_of_life(app):
        await open_dispatcher(app, note, due_by=app.clock()).run_until_idle()
        await app.revisit(REVISITS)
    return tuple(reports)


@asynccontextmanager
async def _signs_of_life(app: App) -> AsyncIterator[None]:
    """A round of many sources takes minutes, in which others want to know that it is at work."""

    async def beat() -> None:
        while app.life is not None:
            await asyncio.sleep(BEAT)
            with suppress(StoreError):
                await app.in_store(app.store.lives.beat, app.life, now=app.clock())

    beating = asyncio.create_task(beat())
    try:
        yield
    finally:
        beating.cancel()
        await asyncio.wait([beating])
