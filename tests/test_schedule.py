"""Decisions about time: back-off, slots on days the clocks change, quiet hours."""

import itertools
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import holidays
import pytest
from builders import NOW

from monitor.config.channels import Channel
from monitor.config.settings import Days, Quiet
from monitor.errors import FetchError, ParseError, recalled_code
from monitor.model import SourceState
from monitor.ports import Backlog, Reading, Reckoning
from monitor.schedule import (
    BELIEF,
    REVISITS,
    Reason,
    Timetable,
    after_failure,
    after_success,
    hastened,
    reckon,
    revisit_at,
    revisit_step,
    settle_time,
    tellable_since,
)

TEN = timedelta(minutes=10)
TOKYO = ZoneInfo("Asia/Tokyo")


def state(**changes):
    return SourceState(source_id="a", next_poll_at=NOW, **changes)


def channel(**changes):
    values = {
        "name": "news",
        "destination": "#news",
        "when": "digest",
        "wait": timedelta(seconds=30),
        "at": (time(8, 30), time(12), time(18)),
        "days": Days(),
        "quiet": None,
        "mention": None,
    }
    return Channel(**values | changes)


def backlog(**changes):
    values = {
        "channel": "news",
        "destination": "#news",
        "when": "digest",
        "matches": 1,
        "first_matched_at": NOW,
        "first_breaking_at": None,
    }
    return Backlog(**values | changes)


def timetable(zone=TOKYO, off=()):
    return Timetable(zone, frozenset(off).__contains__)


class TestPolling:
    def test_a_success_waits_the_interval(self):
        following, reason = after_success(state(failures=3, last_error="x"), every=TEN, wish=None, now=NOW, jitter=0)
        assert (following.next_poll_at, following.failures, following.last_error) == (NOW + TEN, 0, None)
        assert following.first_ok_at == following.last_ok_at == NOW
        assert reason is Reason.INTERVAL

    def test_the_first_success_is_remembered_once(self):
        earlier = NOW - timedelta(days=3)
        assert (
            after_success(state(first_ok_at=earlier), every=TEN, wish=None, now=NOW, jitter=0)[0].first_ok_at == earlier
        )

    @pytest.mark.parametrize(
        ("wish", "wait", "reason"),
        [
            (timedelta(minutes=1), TEN, Reason.INTERVAL),
            (timedelta(hours=1), timedelta(hours=1), Reason.SITE_WISH),
            (timedelta(days=30), timedelta(days=1), Reason.SITE_WISH),
        ],
    )
    def test_a_wish_may_lengthen_but_not_shorten(self, wish, wait, reason):
        following, why = after_success(state(), every=TEN, wish=wish, now=NOW, jitter=0)
        assert (following.next_poll_at - NOW, why) == (wait, reason)

    def test_jitter_adds_up_to_a_tenth(self):
        following, _ = after_success(state(), every=TEN, wish=None, now=NOW, jitter=0.5)
        assert following.next_poll_at == NOW + timedelta(minutes=10, seconds=30)

    def test_failures_back_off_linearly_up_to_a_day(self):
        waits, current = [], state()
        for _ in range(200):
            current, reason = after_failure(current, FetchError("fetch.timeout"), every=TEN, now=NOW, jitter=0)
            waits.append(current.next_poll_at - NOW)
            assert reason is Reason.BACK_OFF
        assert waits[:3] == [TEN, 2 * TEN, 3 * TEN]
        assert max(waits) == timedelta(days=1)
        assert recalled_code(current.last_error) == "fetch.timeout"

    def test_retry_after_is_kept(self):
        error = FetchError("fetch.busy", status=429, retry_after=timedelta(hours=3))
        following, reason = after_failure(state(), error, every=TEN, now=NOW, jitter=0)
        assert (following.next_poll_at - NOW, reason) == (timedelta(hours=3), Reason.RETRY_AFTER)

    def test_a_short_retry_after_does_not_shorten(self):
        error = FetchError("fetch.busy", status=503, retry_after=timedelta(seconds=1))
        assert after_failure(state(), error, every=TEN, now=NOW, jitter=0)[0].next_poll_at == NOW + TEN

    def test_gone_is_the_end(self):
        following, reason = after_failure(state(), FetchError("fetch.gone", status=410), every=TEN, now=NOW, jitter=0)
        assert following.gone
        assert reason is Reason.GONE

    def test_three_killed_polls_rest_for_a_day(self):
        error = ParseError("parsing.timeout")
        following, reason = after_failure(state(failures=2), error, every=TEN, now=NOW, jitter=0)
        assert (following.next_poll_at - NOW, reason) == (timedelta(days=1), Reason.STRIKES)

    @pytest.mark.parametrize("jitter", [0, 0.3, 0.999])
    @pytest.mark.parametrize("failures", [0, 1, 2])
    def test_what_is_polled_more_often_is_due_sooner_with_the_jitter_it_had(self, jitter, failures):
        def after(every):
            if not failures:
                return after_success(state(), every=every, wish=None, now=NOW, jitter=jitter)[0]
            error = FetchError("fetch.timeout")
            return after_failure(state(failures=failures - 1), error, every=every, now=NOW, jitter=jitter)[0]

        hour = timedelta(hours=1)
        due_at = hastened(after(hour), before=hour, every=TEN)
        assert abs(due_at - after(TEN).next_poll_at) < timedelta(milliseconds=1)
        assert hastened(after(TEN), before=TEN, every=hour) == after(TEN).next_poll_at

    def test_what_the_site_asked_for_is_kept(self):
        busy = FetchError("fetch.busy", status=429, retry_after=timedelta(hours=3))
        asked, _ = after_failure(state(), busy, every=TEN, now=NOW, jitter=0)
        wished, _ = after_success(state(), every=TEN, wish=timedelta(hours=2), now=NOW, jitter=0.9)
        for kept in (asked, wished):
            assert hastened(kept, before=TEN, every=timedelta(minutes=1)) == kept.next_poll_at

    def test_what_was_never_polled_or_is_due_sooner_anyway_stays(self):
        for kept in (state(), state(last_poll_at=NOW + TEN), state(last_poll_at=NOW - timedelta(minutes=1))):
            assert hastened(kept, before=2 * TEN, every=TEN) == kept.next_poll_at

    @pytest.mark.parametrize(
        ("initial", "first_ok_at", "since"),
        [
            (timedelta(hours=24), None, NOW - timedelta(hours=24)),
            (timedelta(0), None, NOW),
            (timedelta.max, None, None),
            (timedelta(hours=24), NOW - timedelta(days=1), None),
        ],
    )
    def test_only_the_first_poll_is_held_back(self, initial, first_ok_at, since):
        assert tellable_since(initial, first_ok_at=first_ok_at, now=NOW) == since


def local(zone, *parts, fold=0):
    return datetime(*parts, tzinfo=zone, fold=fold).astimezone(UTC)


class TestSlots:
    def test_last_and_next(self):
        now = local(TOKYO, 2026, 11, 23, 9, 0)
        assert timetable().last_slot(channel(), now) == local(TOKYO, 2026, 11, 23, 8, 30)
        assert timetable().next_slot(channel(), now) == local(TOKYO, 2026, 11, 23, 12, 0)

    def test_a_slot_belongs_to_its_own_instant(self):
        now = local(TOKYO, 2026, 11, 23, 8, 30)
        assert timetable().last_slot(channel(), now) == now
        assert timetable().next_slot(channel(), now) > now

    @pytest.mark.fault(46)
    def test_weekends_are_passed_over(self):
        workdays = channel(days=Days(weekdays=frozenset(range(5))))
        saturday = local(TOKYO, 2026, 11, 21, 10, 0)
        assert timetable().last_slot(workdays, saturday) == local(TOKYO, 2026, 11, 20, 18, 0)
        assert timetable().next_slot(workdays, saturday) == local(TOKYO, 2026, 11, 23, 8, 30)

    def test_holidays_are_passed_over_when_asked(self):
        labour_day = date(2026, 11, 23)
        table = timetable(off=[labour_day])
        no_holidays = channel(days=Days(weekdays=frozenset(range(5)), holidays=False))
        sunday = local(TOKYO, 2026, 11, 22, 10, 0)
        assert table.next_slot(no_holidays, sunday) == local(TOKYO, 2026, 11, 24, 8, 30)
        assert table.next_slot(channel(), sunday) < local(TOKYO, 2026, 11, 23, 0, 0)

    def test_workdays_in_japan_are_those_of_its_calendar(self):
        """Holidays that move to the next Monday, substitutes for those on a Sunday, and a day between two of them."""
        table = Timetable(TOKYO, holidays.country_holidays("JP").__contains__)
        workdays = channel(days=Days(weekdays=frozenset(range(5)), holidays=False), at=(time(9),))
        now, days = local(TOKYO, 2026, 9, 17, 12, 0), []
        for _ in range(3):
            now = table.next_slot(workdays, now)
            days.append(now.astimezone(TOKYO).date())
        # From the 21st to the 23rd: the aged, a day between two holidays, the equinox.
        assert days == [date(2026, 9, 18), date(2026, 9, 24), date(2026, 9, 25)]
        golden_week = table.next_slot(workdays, local(TOKYO, 2026, 5, 1, 12, 0))
        assert golden_week == local(TOKYO, 2026, 5, 7, 9, 0)

    @pytest.mark.fault(43, 44)
    @pytest.mark.parametrize("zone", ["Asia/Tokyo", "America/New_York", "Australia/Lord_Howe", "Europe/London"])
    def test_every_slot_of_a_year_is_done_exactly_once(self, zone):
        zone = ZoneInfo(zone)
        table, half_hours = timetable(zone), channel(at=(time(0, 30), time(1, 30), time(2, 15), time(2, 30), time(23)))
        start = datetime(2026, 6, 30, 12, tzinfo=UTC)
        done, names, last = 0, set(), table.last_slot(half_hours, start)
        for minutes in range(0, 365 * 24 * 60, 15):
            slot = table.last_slot(half_hours, start + timedelta(minutes=minutes))
            if slot > last:
                done, last = done + 1, slot
                names.add(table.slot_name(slot))
        days = 365
        assert done >= 5 * days - 1
        assert len(names) == done

    @pytest.mark.fault(43)
    def test_a_fold_tells_once(self):
        new_york = ZoneInfo("America/New_York")
        slot = timetable(new_york).to_utc(date(2026, 11, 1), time(1, 30))
        assert slot == local(new_york, 2026, 11, 1, 1, 30, fold=0)

    @pytest.mark.fault(44)
    def test_a_gap_is_told_after_it(self):
        new_york = ZoneInfo("America/New_York")
        slot = timetable(new_york).to_utc(date(2027, 3, 14), time(2, 30))
        assert local(new_york, 2027, 3, 14, 3, 0) <= slot <= local(new_york, 2027, 3, 14, 3, 30)


class TestDecide:
    SLOT = local(TOKYO, 2026, 11, 23, 8, 30)
    BEFORE = local(TOKYO, 2026, 11, 22, 18, 0)

    def decide(self, now, *, what=None, at=None, last=BEFORE):
        return timetable().decide(at or channel(), what or backlog(), last_slot_at=last, now=now)

    def test_waits_for_its_slot(self):
        assert self.decide(self.SLOT - timedelta(seconds=1)).reason is Reason.BEFORE_SLOT

    def test_is_due_at_its_slot(self):
        decision = self.decide(self.SLOT)
        assert (decision.due, decision.slot, decision.late_for_at) == (True, self.SLOT, None)

    def test_is_done_once(self):
        assert not self.decide(self.SLOT + timedelta(minutes=1), last=self.SLOT).due

    def test_a_slot_missed_while_down_is_made_up_and_says_so(self):
        decision = self.decide(self.SLOT + timedelta(hours=1))
        assert (decision.due, decision.reason, decision.late_for_at) == (True, Reason.MISSED_SLOT, self.SLOT)

    def test_now_collects_first(self):
        what = backlog(when="now", first_matched_at=self.SLOT)
        assert self.decide(self.SLOT + timedelta(seconds=29), what=what).reason is Reason.COLLECTING
        assert self.decide(self.SLOT + timedelta(seconds=30), what=what).reason is Reason.COLLECTED

    def test_what_was_found_while_the_clock_stood_ahead_waits_for_nothing(self):
        waiting = backlog(when="now", first_matched_at=NOW + timedelta(days=90))
        assert timetable().decide(channel(), waiting, last_slot_at=None, now=NOW).due

    def test_a_clock_that_is_set_back_a_little_repeats_no_slot(self):
        slot = timetable().last_slot(channel(), NOW)
        assert not timetable().is_of_another_clock(slot, slot - TEN)
        assert timetable().is_of_another_clock(slot, slot - timedelta(days=90))

    @pytest.mark.parametrize("when", ["now", "digest"])
    def test_quiet_hours_hold_both_kinds_and_release_at_their_end(self, when):
        night = channel(quiet=Quiet(start=time(22), end=time(9)))
        what = backlog(when=when, first_matched_at=self.BEFORE)
        assert self.decide(self.SLOT, what=what, at=night).reason is Reason.QUIET
        released = self.decide(local(TOKYO, 2026, 11, 23, 9, 0), what=what, at=night)
        assert released.due
        assert released.late_for_at is None

    def test_breaking_passes_quiet_hours_alone_after_its_wait(self):
        night = channel(quiet=Quiet(start=time(22), end=time(9)))
        found = self.SLOT - timedelta(hours=1)
        what = backlog(when="now", first_matched_at=self.BEFORE, first_breaking_at=found)
        early = self.decide(found + timedelta(seconds=29), what=what, at=night)
        assert (early.due, early.reason) == (False, Reason.COLLECTING)
        decision = self.decide(found + timedelta(seconds=30), what=what, at=night)
        assert (decision.due, decision.reason, decision.breaking_only) == (True, Reason.BREAKING, True)

    def test_a_slot_in_quiet_hours_is_for_what_is_breaking_and_stays_open(self):
        night = channel(quiet=Quiet(start=time(22), end=time(9)))
        before, after = self.SLOT - timedelta(minutes=1), self.SLOT + timedelta(minutes=1)
        decision = self.decide(self.SLOT, what=backlog(first_breaking_at=before), at=night)
        assert (decision.due, decision.slot, decision.breaking_only) == (True, None, True)
        assert not self.decide(before, what=backlog(first_breaking_at=before), at=night).due
        late = self.decide(after + TEN, what=backlog(first_breaking_at=after), at=night)
        assert (late.due, late.reason) == (False, Reason.BEFORE_SLOT)

    def test_what_quiet_hours_held_is_released_without_further_waiting(self):
        night = channel(quiet=Quiet(start=time(22), end=time(9)))
        end = local(TOKYO, 2026, 11, 23, 9, 0)
        what = backlog(when="now", first_matched_at=end - timedelta(seconds=1))
        assert self.decide(end, what=what, at=night).reason is Reason.RELEASED
        what = backlog(when="now", first_matched_at=end)
        assert self.decide(end, what=what, at=night).reason is Reason.COLLECTING

    def test_a_slot_of_quiet_hours_is_late_only_after_their_end(self):
        night = channel(quiet=Quiet(start=time(22), end=time(9)))
        end = local(TOKYO, 2026, 11, 23, 9, 0)
        assert self.decide(end + timedelta(minutes=15), at=night).late_for_at is None
        late = self.decide(end + timedelta(minutes=16), at=night)
        assert (late.slot, late.late_for_at, late.reason) == (self.SLOT, end, Reason.MISSED_SLOT)

    def test_the_next_digest_of_a_slot_in_quiet_hours_comes_at_their_end(self):
        night = channel(at=(time(23), time(12)), quiet=Quiet(start=time(22), end=time(7)))
        end = local(TOKYO, 2026, 11, 23, 7, 0)
        for now in (local(TOKYO, 2026, 11, 22, 22, 30), local(TOKYO, 2026, 11, 22, 23, 30)):
            assert timetable().next_slot(night, now) == end
        assert timetable().next_slot(night, end) == local(TOKYO, 2026, 11, 23, 12, 0)

    @pytest.mark.parametrize(
        ("clock", "quiet"), [((21, 59), False), ((22, 0), True), ((3, 0), True), ((6, 59), True), ((7, 0), False)]
    )
    def test_quiet_hours_may_pass_midnight(self, clock, quiet):
        night = Quiet(start=time(22), end=time(7))
        assert timetable().is_quiet(night, local(TOKYO, 2026, 11, 23, *clock)) is quiet

    def test_an_hour_that_comes_twice_does_not_end_quiet_hours_and_begin_them_again(self):
        new_york = ZoneInfo("America/New_York")
        table, start = timetable(new_york), local(new_york, 2026, 10, 31, 12, 0)
        for quiet in (Quiet(start=time(22), end=time(1, 30)), Quiet(start=time(1, 30), end=time(7))):
            minutes = [table.is_quiet(quiet, start + timedelta(minutes=minute)) for minute in range(24 * 60)]
            assert sum(now != then for now, then in itertools.pairwise(minutes)) == 2

    def test_two_holidays_in_a_row_hide_no_slot(self):
        mondays = channel(days=Days(weekdays=frozenset({0}), holidays=False))
        table = timetable(off=[date(2026, 11, 16), date(2026, 11, 23)])
        assert table.last_slot(mondays, local(TOKYO, 2026, 11, 24, 0, 0)) == local(TOKYO, 2026, 11, 9, 18, 0)
        assert table.next_slot(mondays, local(TOKYO, 2026, 11, 9, 18, 0)) == local(TOKYO, 2026, 11, 30, 8, 30)

    def test_quiet_hours_within_a_day(self):
        noon = Quiet(start=time(12), end=time(13))
        assert timetable().is_quiet(noon, local(TOKYO, 2026, 11, 23, 12, 30))
        assert not timetable().is_quiet(noon, local(TOKYO, 2026, 11, 23, 13, 0))
        assert not timetable().is_quiet(None, NOW)

    def test_a_channel_without_slots_is_never_due(self):
        assert not self.decide(self.SLOT, at=channel(at=())).due
        assert timetable().next_slot(channel(at=()), NOW) is None


@pytest.mark.parametrize(("lag", "settle"), [(None, 30), (0.4, 30), (10, 30), (20, 60), (7200, 600)])
def test_a_message_is_absent_after_thrice_the_lag_that_was_measured_within_bounds(lag, settle):
    measured = None if lag is None else timedelta(seconds=lag)
    assert settle_time(measured) == timedelta(seconds=settle)


class TestRevisiting:
    @pytest.mark.parametrize(
        ("code", "steps"),
        [
            ("fetch.busy", [0, 1, 2, 3, None]),
            ("parsing.died", [0, 1, 2, 3, None]),
            ("fetch.closed", [1, 1, None, None, None]),
            ("fetch.gone", [1, 1, None, None, None]),
            ("parsing.no-text", [1, 1, None, None, None]),
            ("something.new", [1, 1, None, None, None]),
            ("fetch.private", [None] * 5),
            ("fetch.too-large", [None] * 5),
        ],
    )
    def test_only_what_time_can_help_is_tried_more_than_once(self, code, steps):
        assert [revisit_step(code, step) for step in range(5)] == steps

    def test_from_step_to_step_a_day_passes_in_all(self):
        at = NOW
        for step, since in enumerate(REVISITS):
            at = revisit_at(step, retry_after=None, now=at)
            assert at == NOW + since

    def test_a_site_may_ask_for_more_up_to_a_day(self):
        assert revisit_at(1, retry_after=timedelta(hours=2), now=NOW) == NOW + timedelta(hours=2)
        assert revisit_at(1, retry_after=timedelta(seconds=2), now=NOW) == NOW + timedelta(minutes=50)
        assert revisit_at(1, retry_after=timedelta(days=90), now=NOW) == NOW + timedelta(days=1)


class Machine:
    """A machine's clocks, and what was reckoned of them last."""

    def __init__(self):
        self.true, self.off, self.booted, self.boot = NOW, timedelta(0), NOW - timedelta(days=9), "first"
        self.reckoning: Reckoning | None = None
        self.look()

    @property
    def wall(self):
        return self.true + self.off

    def look(self):
        reading = Reading(wall_at=self.wall, steady=self.true - self.booted, boot=self.boot)
        self.reckoning = reckon(self.reckoning, reading)
        return min(self.wall, self.reckoning.certain_at)

    def run(self, **span):
        """An hour at a time, as it is pruned."""
        ends_at = self.true + timedelta(**span)
        while self.true < ends_at:
            self.true += timedelta(hours=1)
            now = self.look()
        return now

    def restart(self, boot, **downtime):
        self.true += timedelta(**downtime)
        self.booted, self.boot = self.true, boot
        return self.look()


@pytest.fixture
def machine():
    return Machine()


class TestReckoning:
    """How far time has gone on for certain."""

    def test_it_goes_with_a_clock_that_is_right(self, machine):
        assert machine.run(days=5) == machine.true

    def test_what_is_slewed_is_right(self, machine):
        for _ in range(100):
            machine.off += timedelta(seconds=50)
            assert machine.run(hours=1) == machine.wall

    @pytest.mark.parametrize("ahead", [timedelta(hours=2), timedelta(days=90), timedelta(days=5000)])
    def test_a_leap_ahead_counts_for_nothing_until_it_is_corrected(self, machine, ahead):
        machine.off = ahead
        assert machine.run(days=2) == machine.true
        machine.off = timedelta(0)
        assert machine.run(hours=1) == machine.true
        # What it was before is not held against it.
        machine.off = ahead
        assert machine.run(days=2) == machine.true

    def test_a_leap_that_nobody_corrects_is_believed_after_three_days(self, machine):
        machine.off = timedelta(days=90)
        assert machine.run(days=BELIEF.days) == machine.true
        assert machine.run(hours=2) == machine.wall

    def test_a_clock_that_leaps_again_and_again_is_not_believed(self, machine):
        for _ in range(5):
            machine.off += timedelta(days=30)
            assert machine.run(days=2) == machine.true

    @pytest.mark.parametrize("boot", ["second", None])
    def test_a_start_years_ahead_that_is_corrected_loses_nothing(self, machine, boot):
        machine.run(days=1)
        before = machine.true
        machine.off = timedelta(days=5000)
        assert machine.restart(boot, minutes=5) == before
        machine.true += timedelta(minutes=1)
        machine.off = timedelta(0)
        assert before <= machine.run(hours=1) <= machine.true
        assert machine.run(days=4) == machine.true

    def test_a_machine_that_was_off_for_long_forgets_after_three_days(self, machine):
        before = machine.true
        assert machine.restart("second", days=90) == before
        assert machine.run(days=2) == before + timedelta(days=2)
        assert machine.run(days=2) == machine.true

    def test_a_machine_that_is_on_by_day_forgets_too(self, machine):
        machine.restart("second", days=90)
        for day in range(20):
            machine.run(hours=8)
            machine.restart(f"day {day}", hours=16)
        assert machine.true - machine.look() < timedelta(days=20)

    def test_a_start_behind_and_put_right_is_no_leap(self, machine):
        before = machine.true
        machine.off = timedelta(days=-20_000)
        assert machine.restart("second", minutes=0) == machine.wall
        machine.off = timedelta(0)
        assert machine.run(hours=1) == machine.true == before + timedelta(hours=1)

    def test_a_steady_clock_that_begins_anew_tells_a_start_where_that_has_no_name(self, machine):
        machine.boot = None
        machine.run(hours=1)
        before = machine.look()
        machine.off = timedelta(days=90)
        assert machine.restart(None, minutes=5) == before

    def test_of_a_new_memory_the_first_look_is_taken_as_it_is(self, machine):
        assert machine.reckoning == Reckoning(certain_at=NOW, reading=machine.reckoning.reading)
