"""How things stand -> every reason why news may not arrive. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from monitor.errors import recall
from monitor.eyes.standing import Standing
from monitor.messages import say

#: Seconds without a turn of the dispatcher, which turns every second, after which it counts as hanging: before whoever
#: supervises the process ends it.
STILL = 20.0
#: Likewise without an answer of the store. A long backup or a lock that passes is no reason to call anybody.
SILENT = 30.0
#: How long the fate of a message may be unknown, or one that is due may wait.
LONGEST_DOUBT = timedelta(minutes=30)
#: Bytes that the disk must have left, or this part of a small one.
LEAST_FREE, LEAST_SHARE = 50_000_000, 0.05
#: How far the clock may be from Slack's: digests would come at the wrong time.
LONGEST_OFFSET = timedelta(minutes=5)
_MEGABYTE = 1_000_000


class Phase(StrEnum):
    """Where in its life the daemon is."""

    STARTING = "starting"
    RUNNING = "running"
    STOPPING = "stopping"


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """What the daemon alone knows of itself."""

    phase: Phase
    #: Seconds since the dispatcher last turned, and since the store last answered.
    still: float
    silent: float
    rules: int
    #: What the store could not do just now: a memo (`MonitorError.memo`).
    store_trouble: str | None = None
    #: Why Slack has refused the token, when it was last asked: likewise.
    refused: str | None = None
    #: How far our clock is ahead of Slack's, once that has told the time.
    ahead: timedelta | None = None
    #: How far the clock was set ahead within `LONGEST_DOUBT`, which is no wait of anybody's.
    leapt: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """One reason; the code is one of `CODES`."""

    code: str
    facts: Mapping[str, object] = field(default_factory=dict)
    #: An error that says why.
    memo: str | None = None

    def message(self, language: str) -> str:
        """What it is, and what to do, on one line."""
        why = recall(self.memo, language) if self.memo else ""
        return " ".join(say(f"eyes.{self.code}", language, why=why, **self.facts).split())


#: Every reason there can be.
CODES = (
    "not-running",
    "starting",
    "stopping",
    "standstill",
    "store-silent",
    "store-failing",
    "no-rules",
    "slack-refused",
    "destination-held",
    "delivery-held",
    "delivery-unknown",
    "delivery-late",
    "disk-full",
    "clock-off",
)


def is_alive(process: Process) -> bool:
    """Whether the dispatcher turns; before the start and in the drain there is nothing to turn."""
    return process.phase is not Phase.RUNNING or process.still < STILL


def doubts(standing: Standing | None, process: Process | None) -> tuple[Doubt, ...]:
    """What speaks against telling news now, the gravest first; without a process what the memory and its disk say of it."""
    found = [*_of_process(process)] if process else []
    if standing is not None:
        if process is None and not _is_at_work(standing):
            found.append(Doubt(code="not-running"))
        found += _of_memory(standing, standing.at - (process.leapt if process else timedelta(0)))
    return tuple(found)


def _of_process(process: Process) -> Iterator[Doubt]:
    if process.phase is not Phase.RUNNING:
        yield Doubt(code=process.phase.value)
    elif process.still >= STILL:
        yield Doubt(code="standstill", facts={"seconds": round(process.still)})
    if process.phase is Phase.RUNNING and process.silent >= SILENT:
        yield Doubt(code="store-silent", facts={"seconds": round(process.silent)})
    if process.store_trouble:
        yield Doubt(code="store-failing", memo=process.store_trouble)
    if process.rules == 0:
        yield Doubt(code="no-rules")
    if process.refused:
        yield Doubt(code="slack-refused", memo=process.refused)
    if process.ahead is not None and abs(process.ahead) >= LONGEST_OFFSET:
        yield Doubt(code="clock-off", facts={"seconds": round(process.ahead.total_seconds())})


def _is_at_work(standing: Standing) -> bool:
    """A daemon leaves signs of life; rounds from cron leave polls."""
    if standing.has_ended:
        return False
    last = standing.vitals.last_poll_at
    is_polled = last is not None and standing.at - last <= LONGEST_DOUBT
    return is_polled or (standing.life is not None and standing.life.is_fresh(standing.at))


def _of_memory(standing: Standing, by: datetime) -> Iterator[Doubt]:
    vitals = standing.vitals
    for name, (until, memo) in sorted(vitals.paused.items()):
        if until is None:
            yield Doubt(code="destination-held", facts={"name": name}, memo=memo)
    if held := vitals.deliveries.get("held", 0) + vitals.notes.get("held", 0):
        yield Doubt(code="delivery-held", facts={"count": held})
    yield from _of_waiting("delivery-unknown", "unknown", vitals.oldest, by)
    yield from _of_waiting("delivery-late", "pending", vitals.oldest, by)
    if standing.disk_free is not None and standing.disk_size is not None:
        least = min(LEAST_FREE, standing.disk_size * LEAST_SHARE)
        if standing.disk_free < least:
            yield Doubt(code="disk-full", facts={"megabytes": round(standing.disk_free / _MEGABYTE, 1)})


def _of_waiting(code: str, state: str, oldest: Mapping[str, datetime], by: datetime) -> Iterator[Doubt]:
    since = oldest.get(state)
    if since is not None and by - since >= LONGEST_DOUBT:
        yield Doubt(code=code, facts={"minutes": round((by - since) / timedelta(minutes=1))})
