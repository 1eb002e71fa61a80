"""Every reason why news may not arrive, each by itself, in both languages."""

from dataclasses import replace
from datetime import timedelta

import pytest
from builders import NOW

from monitor.errors import BlockedError, StoreError
from monitor.eyes.readiness import CODES, Doubt, Phase, Process, doubts, is_alive
from monitor.eyes.standing import Standing
from monitor.messages import LANGUAGES
from monitor.ports import Vitals

REFUSED = BlockedError("sinks.token-refused", whole_workspace=True, error="invalid_auth").memo()
FULL = StoreError("stores.full", path="/var/lib/monitor/monitor.db", detail="disk full").memo()
VITALS = Vitals(
    sources={"ok": 1, "failing": 0, "gone": 0, "never_polled": 0},
    due=0,
    due_since=None,
    last_poll_at=NOW,
    deliveries={"sent": 3, "dead": 1, "pending": 1},
    notes={},
    oldest={"sent": NOW - timedelta(days=9), "pending": NOW - timedelta(minutes=29)},
    waiting={},
    revisits=0,
    paused={"slack": (NOW + timedelta(minutes=1), "a limit")},
    incidents={"source": 2},
)
GIGABYTE = 1_000_000_000
STANDING = Standing(
    at=NOW,
    vitals=VITALS,
    database=1,
    write_ahead_log=1,
    disk_free=GIGABYTE,
    disk_size=100 * GIGABYTE,
    backed_up_at=None,
    backs_up=False,
    life=None,
)
PROCESS = Process(phase=Phase.RUNNING, still=1.0, silent=1.0, rules=1)


def codes(standing, process):
    return [doubt.code for doubt in doubts(standing, process)]


def test_nothing_speaks_against_a_daemon_at_work():
    """Neither what was refused for good, nor a limit that passes, nor a source that fails, which others are told of."""
    assert doubts(STANDING, PROCESS) == ()


@pytest.mark.parametrize(
    ("process", "code"),
    [
        (replace(PROCESS, phase=Phase.STARTING, still=99, silent=99), "starting"),
        (replace(PROCESS, phase=Phase.STOPPING, still=99, silent=99), "stopping"),
        (replace(PROCESS, still=20.0), "standstill"),
        (replace(PROCESS, silent=30.0), "store-silent"),
        (replace(PROCESS, store_trouble=FULL), "store-failing"),
        (replace(PROCESS, rules=0), "no-rules"),
        (replace(PROCESS, refused=REFUSED), "slack-refused"),
        (replace(PROCESS, ahead=timedelta(minutes=5)), "clock-off"),
        (replace(PROCESS, ahead=-timedelta(minutes=5)), "clock-off"),
    ],
)
def test_what_the_daemon_knows_of_itself(process, code):
    assert codes(STANDING, process) == [code]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"paused": {"slack": (None, REFUSED)}}, "destination-held"),
        ({"deliveries": {"held": 1}}, "delivery-held"),
        ({"notes": {"held": 1}}, "delivery-held"),
        ({"oldest": {"unknown": NOW - timedelta(minutes=30)}}, "delivery-unknown"),
        ({"oldest": {"pending": NOW - timedelta(minutes=30)}}, "delivery-late"),
    ],
)
def test_what_the_memory_says(changes, code):
    assert codes(replace(STANDING, vitals=replace(VITALS, **changes)), PROCESS) == [code]


@pytest.mark.parametrize(("state", "code"), [("unknown", "delivery-unknown"), ("pending", "delivery-late")])
def test_a_clock_that_was_set_ahead_makes_nobody_wait(state, code):
    standing = replace(STANDING, vitals=replace(VITALS, oldest={state: NOW - timedelta(minutes=40)}))
    assert codes(standing, replace(PROCESS, leapt=timedelta(minutes=11))) == []
    [doubt] = doubts(standing, replace(PROCESS, leapt=timedelta(minutes=9)))
    assert (doubt.code, doubt.facts) == (code, {"minutes": 31})


@pytest.mark.parametrize(
    ("free", "size", "is_full"),
    [
        (50_000_000, 100 * GIGABYTE, False),
        (49_999_999, 100 * GIGABYTE, True),
        # On a small disk a twentieth is enough.
        (200_000, 2_000_000, False),
        (50_000, 2_000_000, True),
        (None, None, False),
    ],
)
def test_room_on_the_disk(free, size, is_full):
    assert codes(replace(STANDING, disk_free=free, disk_size=size), PROCESS) == ["disk-full"] * is_full


@pytest.mark.parametrize("phase", [Phase.STARTING, Phase.STOPPING])
def test_only_at_work_the_dispatcher_has_to_turn(phase):
    assert is_alive(replace(PROCESS, still=19.9))
    assert not is_alive(replace(PROCESS, still=20.0))
    assert is_alive(replace(PROCESS, still=99.0, phase=phase))


def test_before_the_store_has_answered_only_the_process_is_asked():
    assert doubts(None, PROCESS) == ()


def test_without_a_daemon_its_last_sign_of_life_counts():
    late = replace(VITALS, last_poll_at=NOW - timedelta(minutes=31))
    assert codes(replace(STANDING, vitals=late), None) == ["not-running"]
    assert codes(replace(STANDING, vitals=replace(VITALS, last_poll_at=None)), None) == ["not-running"]
    # A round from cron that has just polled will come again.
    assert codes(STANDING, None) == []
    # One that was killed comes again by nobody.
    assert codes(replace(STANDING, has_ended=True), None) == ["not-running"]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", CODES)
def test_every_reason_is_one_line(code, language):
    facts = dict.fromkeys(("seconds", "minutes", "count", "megabytes", "name"), 7)
    line = Doubt(code=code, facts=facts, memo=REFUSED).message(language)
    assert line
    assert "\n" not in line
    assert "{" not in line


def test_the_reason_of_an_error_is_told_in_the_reader_s_language():
    [doubt] = doubts(replace(STANDING, vitals=replace(VITALS, paused={"#news": (None, REFUSED)})), PROCESS)
    assert "#news" in doubt.message("en")
    assert "invalid_auth" in doubt.message("ja")
    assert doubt.message("ja") != doubt.message("en")
