"""App -> one round of polls: everything that is due, to its end; for cron."""

from collections.abc import Callable

from monitor.app import App
from monitor.engines.dispatch import open_dispatcher
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
    await open_dispatcher(app, note, due_by=app.clock()).run_until_idle()
    await app.revisit(REVISITS)
    return tuple(reports)
