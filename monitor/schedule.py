"""Instants + settings -> decisions about time: next poll, next digest, next try. Pure; `now` is an argument.

Digest slots are local times of day in the operator's zone. They are computed here and not by the scheduler's cron trigger,
which runs a slot twice when the clocks go back and knows nothing of slots missed while the process was down.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from http import HTTPStatus
from zoneinfo import ZoneInfo

from monitor.config.channels import Channel
from monitor.config.settings import Quiet
from monitor.errors import FetchError, MonitorError, ParseError
from monitor.model import SourceState
from monitor.ports import Backlog, Reading, Reckoning

#: No source is left alone for longer than this, whatever it or its failures say; a site's Retry-After may ask for more.
LONGEST_INTERVAL = timedelta(days=1)
LONGEST_RETRY_AFTER = timedelta(days=7)
#: How much longer than it has to a source waits at most, so that sources do not stay in step.
_JITTER = 0.1
#: Likewise as a factor; what is rounded on the way through the store is no more than that.
_MOST_JITTER = 1 + _JITTER + 1e-6
#: After this many polls in a row that had to be killed, a source rests for a day.
STRIKES = 3
#: A digest that comes later than this after its slot says so.
LATENESS = timedelta(minutes=15)
#: How long a message may take to become visible in a channel's history; two look-ups apart must miss it. Longer where
#: `monitor slack test` has measured so.
SETTLE = timedelta(seconds=30)
#: A message that took longer than a third of this to show would be a fault of Slack, and no measure of it.
LONGEST_SETTLE = timedelta(minutes=10)
#: Days in which a channel that has slots has one: with "mon -holidays" two Mondays in a row may be holidays.
LOOK = 35
#: A wall clock that leapt ahead is believed once it has run like the steady one for so long: nobody has corrected it.
BELIEF = timedelta(days=3)
#: As far as the two may part between two looks; and the longest downtime of a machine that is switched off now and then.
SLEWED, DOWNTIME = timedelta(minutes=1), timedelta(days=7)
#: What was noted for so long after now was noted while the clock stood ahead.
AHEAD = timedelta(hours=1)


def settle_time(lag: timedelta | None) -> timedelta:
    """How long after an attempt a message that is not seen is certainly absent: thrice the lag that was measured."""
    return SETTLE if lag is None else min(max(3 * lag, SETTLE), LONGEST_SETTLE)


class Reason(StrEnum):
    """Why something is due, or not, or when: what is logged and tested."""

    INTERVAL = "interval"
    SITE_WISH = "site_wish"
    RETRY_AFTER = "retry_after"
    BACK_OFF = "back_off"
    STRIKES = "strikes"
    GONE = "gone"
    SLOT = "slot"
    MISSED_SLOT = "missed_slot"
    COLLECTED = "collected"
    RELEASED = "released"
    BREAKING = "breaking"
    ASKED = "asked"
    NOTHING = "nothing"
    COLLECTING = "collecting"
    BEFORE_SLOT = "before_slot"
    QUIET = "quiet"


# --- polling ----------------------------------------------------------------------------------------------------------


def after_success(
    state: SourceState, *, every: timedelta, wish: timedelta | None, now: datetime, jitter: float
) -> tuple[SourceState, Reason]:
    """The state after a poll that came to its end. `wish` is the site's own hint: it may lengthen `every`, never shorten it.

    `jitter` in [0, 1) adds up to a tenth, so that sources do not stay in step.
    """
    wish = min(wish or timedelta(0), LONGEST_INTERVAL)
    interval = max(every, wish)
    return (
        replace(
            state,
            next_poll_at=now + interval * (1 + _JITTER * jitter),
            failures=0,
            last_poll_at=now,
            last_ok_at=now,
            first_ok_at=state.first_ok_at or now,
            last_error=None,
        ),
        Reason.SITE_WISH if wish > every else Reason.INTERVAL,
    )


def after_failure(
    state: SourceState, error: MonitorError, *, every: timedelta, now: datetime, jitter: float
) -> tuple[SourceState, Reason]:
    """The state after a failed poll: linear back-off, never sooner than the site's Retry-After; 410 ends the polling."""
    failures = state.failures + 1
    wait, reason = _back_off(every, failures), Reason.BACK_OFF
    if (
        isinstance(error, ParseError)
        and error.code in {"parsing.timeout", "parsing.memory", "parsing.died"}
        and failures >= STRIKES
    ):
        wait, reason = max(every, LONGEST_INTERVAL), Reason.STRIKES
    if isinstance(error, FetchError) and error.retry_after and error.retry_after > wait:
        wait, reason = min(error.retry_after, LONGEST_RETRY_AFTER), Reason.RETRY_AFTER
    gone = isinstance(error, FetchError) and error.status == HTTPStatus.GONE
    failed = replace(
        state,
        next_poll_at=now + wait * (1 + _JITTER * jitter),
        failures=failures,
        last_poll_at=now,
        last_error=error.memo(),
        gone=gone,
    )
    return failed, Reason.GONE if gone else reason


def hastened(state: SourceState, *, before: timedelta, every: timedelta) -> datetime:
    """When a source is due whose `every` was `before`: sooner where it is polled more often now, with the jitter it had.

    What was put off for longer than `before` says was put off by the site, and stays so.
    """
    if state.last_poll_at is None or every >= before:
        return state.next_poll_at
    usual, waits = _back_off(before, state.failures), state.next_poll_at - state.last_poll_at
    stretch = max(waits / usual, 1.0)
    if stretch > _MOST_JITTER:
        return state.next_poll_at
    return min(state.next_poll_at, state.last_poll_at + _back_off(every, state.failures) * stretch)


def _back_off(every: timedelta, failures: int) -> timedelta:
    """Linear: after `failures` in a row."""
    return min(every * max(failures, 1), max(every, LONGEST_INTERVAL))


def tellable_since(initial: timedelta, *, first_ok_at: datetime | None, now: datetime) -> datetime | None:
    """The oldest publication time that may be told; `None`: whatever is new.

    Only the first successful poll is held back, so that a new source floods nobody.
    """
    if first_ok_at is not None or initial == timedelta.max:
        return None
    return now - initial


# --- revisiting -------------------------------------------------------------------------------------------------------

#: When a page that could not be had is asked for again, counted from the first time.
REVISITS = (timedelta(minutes=10), timedelta(hours=1), timedelta(hours=6), timedelta(hours=24))
#: A closed door is tried once more, as step 1 of REVISITS: an editor may have put the page up before its time.
_SHUT_STEP = 1
#: What passes by itself.
_PASSING = frozenset(
    (
        *("fetch.timeout", "fetch.hanging", "fetch.busy", "fetch.server", "fetch.dns", "fetch.refused"),
        *("fetch.broken", "fetch.proxy", "fetch.tls"),
        *("parsing.timeout", "parsing.memory", "parsing.died", "parsing.start", "parsing.closed"),
    )
)
#: What no time changes: addresses that may not be asked, answers that go nowhere or are too large.
_HOPELESS = frozenset(
    (
        *("fetch.address", "fetch.private", "fetch.port", "fetch.downgrade", "fetch.headers"),
        *("fetch.too-large", "fetch.redirect", "fetch.redirects"),
    )
)


def revisit_step(code: str, step: int) -> int | None:
    """The first of REVISITS, from `step` on, at which a page that failed with `code` is worth asking for; `None`: no more."""
    if code in _PASSING:
        return step if step < len(REVISITS) else None
    return _SHUT_STEP if step <= _SHUT_STEP and code not in _HOPELESS else None


def revisit_at(step: int, *, retry_after: timedelta | None, now: datetime) -> datetime:
    """When step `step` is due, the one before it having been due now; never sooner than the site's Retry-After."""
    gap = REVISITS[step] - (REVISITS[step - 1] if step else timedelta(0))
    return now + max(gap, min(retry_after or timedelta(0), REVISITS[-1]))


# --- forgetting -------------------------------------------------------------------------------------------------------


def reckon(before: Reckoning | None, now: Reading) -> Reckoning:
    """How far time has gone on for certain: what is forgotten goes by it, as it cannot be had back.

    A wall clock that leaps ahead (a battery that is dead, a typing error) looks like a machine that was off for as long. It
    is believed when nobody has corrected it for `BELIEF`; until then only the time counts that was seen to pass.
    """
    if before is None:
        return Reckoning(certain_at=now.wall_at, reading=now)
    passed = _passed(before.reading, now)
    certain_at = before.certain_at + (passed or timedelta(0))
    agreed = _agreed(before, now, passed)
    if now.wall_at - certain_at <= SLEWED:
        # What a machine says that has just been started proves nothing, in neither direction.
        return Reckoning(certain_at=now.wall_at if passed is not None else max(now.wall_at, certain_at), reading=now)
    if agreed >= BELIEF:
        return Reckoning(certain_at=now.wall_at, reading=now)
    return Reckoning(certain_at=certain_at, reading=now, agreed=agreed)


def _passed(before: Reading, now: Reading) -> timedelta | None:
    """By the steady clock; `None` where the kernel was started between."""
    return now.steady - before.steady if now.boot == before.boot and now.steady >= before.steady else None


def _agreed(before: Reckoning, now: Reading, passed: timedelta | None) -> timedelta:
    """How long the clocks have run alike; that a machine is off for a night or a weekend does not begin it anew."""
    by_the_wall = now.wall_at - before.reading.wall_at
    if passed is None:
        return before.agreed if timedelta(0) <= by_the_wall <= DOWNTIME else timedelta(0)
    return before.agreed + passed if abs(by_the_wall - passed) <= SLEWED else timedelta(0)


# --- telling ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """Whether a channel is to be told now, and why."""

    due: bool
    reason: Reason
    #: The digest slot that is being done.
    slot: datetime | None = None
    #: When it was to be done, where that is longer ago than `LATENESS`.
    late_for_at: datetime | None = None
    #: Quiet hours hold everything else, and a slot in them is done at their end.
    breaking_only: bool = False


class Timetable:
    """Slots and quiet hours of channels in one zone."""

    def __init__(self, zone: ZoneInfo, is_holiday: Callable[[date], bool]) -> None:
        self.zone = zone
        self._is_holiday = is_holiday

    def slots(self, channel: Channel, day: date) -> Iterator[datetime]:
        """The slots of one local day, in UTC. A time that the clocks skip is done when they have skipped it."""
        if day.weekday() not in channel.days.weekdays:
            return
        if not channel.days.holidays and self._is_holiday(day):
            return
        for at in channel.at:
            yield self.to_utc(day, at)

    def to_utc(self, day: date, at: time) -> datetime:
        """A local time of day in UTC: in a fold its first occurrence, in a gap the instant at which the gap ends or the
        same time told by the clock before it (RFC 5545, section 3.3.5).
        """
        return datetime.combine(day, at, tzinfo=self.zone).astimezone(UTC)

    def last_slot(self, channel: Channel, now: datetime) -> datetime | None:
        """The latest slot that is not after `now`, looked for some weeks back."""
        today = now.astimezone(self.zone).date()
        for back in range(LOOK):
            past = [slot for slot in self.slots(channel, today - timedelta(days=back)) if slot <= now]
            if past:
                return max(past)
        return None

    def next_slot(self, channel: Channel, now: datetime) -> datetime | None:
        """When the next digest is told after `now`, looked for some weeks ahead: one of quiet hours is told at their end."""
        today = now.astimezone(self.zone).date()
        for ahead in range(-1, LOOK):
            slots = self.slots(channel, today + timedelta(days=ahead))
            coming = [at for slot in slots if (at := self.quiet_until(channel.quiet, slot) or slot) > now]
            if coming:
                return min(coming)
        return None

    def is_of_another_clock(self, slot: datetime, now: datetime) -> bool:
        """Whether a slot was noted as done while the clock stood ahead. A clock that was set back by less repeats no slot."""
        return slot > now + AHEAD

    def is_quiet(self, quiet: Quiet | None, now: datetime) -> bool:
        """Whether `now` stands in quiet hours; their end does not."""
        return self.quiet_until(quiet, now) is not None

    def quiet_until(self, quiet: Quiet | None, now: datetime) -> datetime | None:
        """The end of the quiet hours that `now` stands in."""
        return next((end for start, end in self._quiet_spans(quiet, now) if start <= now < end), None)

    def quiet_ended(self, quiet: Quiet | None, now: datetime) -> datetime | None:
        """The last end of quiet hours that is not after `now`."""
        return max((end for _, end in self._quiet_spans(quiet, now) if end <= now), default=None)

    def _quiet_spans(self, quiet: Quiet | None, now: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Those of today and the days before. One a day: an hour that comes twice does not end and begin them again."""
        if quiet is None:
            return
        today = now.astimezone(self.zone).date()
        for back in range(3):
            first = today - timedelta(days=back)
            last = first if quiet.start < quiet.end else first + timedelta(days=1)
            yield self.to_utc(first, quiet.start), self.to_utc(last, quiet.end)

    def slot_name(self, slot: datetime) -> str:
        """Names a slot once for ever: its local date and time of day, "2026-11-23/08:30"."""
        return slot.astimezone(self.zone).strftime("%Y-%m-%d/%H:%M")

    def decide(self, channel: Channel, backlog: Backlog, *, last_slot_at: datetime | None, now: datetime) -> Decision:
        """Whether what waits for a channel is to be told now."""
        if self.is_quiet(channel.quiet, now):
            return self._decide_breaking(channel, backlog, last_slot_at, now)
        if backlog.when == "now":
            return self._decide_now(channel, backlog.first_matched_at, now)
        return self._decide_digest(channel, last_slot_at, now)

    def _decide_now(self, channel: Channel, first: datetime, now: datetime) -> Decision:
        quiet_ended = self.quiet_ended(channel.quiet, now)
        if quiet_ended is not None and first < quiet_ended:
            return Decision(due=True, reason=Reason.RELEASED)
        collected = now >= first + channel.wait or first > now + AHEAD
        return Decision(due=collected, reason=Reason.COLLECTED if collected else Reason.COLLECTING)

    def _decide_digest(self, channel: Channel, last_slot_at: datetime | None, now: datetime) -> Decision:
        slot = self.last_slot(channel, now)
        if slot is None or last_slot_at is None or slot <= last_slot_at:
            return Decision(due=False, reason=Reason.BEFORE_SLOT)
        meant_for = self.quiet_until(channel.quiet, slot) or slot
        late = now - meant_for > LATENESS
        reason = Reason.MISSED_SLOT if late else Reason.SLOT
        return Decision(due=True, reason=reason, slot=slot, late_for_at=meant_for if late else None)

    def _decide_breaking(
        self, channel: Channel, backlog: Backlog, last_slot_at: datetime | None, now: datetime
    ) -> Decision:
        """In quiet hours: what is breaking has its usual times."""
        first = backlog.first_breaking_at
        if first is None:
            return Decision(due=False, reason=Reason.QUIET)
        if backlog.when == "now":
            usual = self._decide_now(channel, first, now)
        else:
            usual = self._decide_digest(channel, last_slot_at, now)
            # The slot stays open for what is held: what is found after it waits for the next.
            if usual.slot is not None and usual.slot < first <= now + AHEAD:
                usual = Decision(due=False, reason=Reason.BEFORE_SLOT)
        return Decision(due=usual.due, reason=Reason.BREAKING if usual.due else usual.reason, breaking_only=True)
