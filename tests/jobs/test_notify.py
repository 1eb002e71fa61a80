"""Telling the operator, on the real store: once when something begins, once when it is over, whatever restarts between."""

from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from builders import NOW, make_source
from fakes import Clock, in_store
from stores.making import make_promise

from monitor.clock import Leaps
from monitor.errors import BlockedError, FetchError, PayloadError, UncertainError, UnknowableError
from monitor.jobs.notify import FAILURES, GATHERING, MOST_LINES, NoticeDesk, Words, notify, refused_rules
from monitor.messages import LANGUAGES
from monitor.model import DeliveryState, SourceState
from monitor.stores import open_store

HOUR = timedelta(hours=1)


class Steady:
    """The clock that nobody moves."""

    seconds = 0.0

    def __call__(self):
        return self.seconds


class Office:
    """Sources and destinations that fail as they are told, and what the operator hears of it."""

    def __init__(self, database, *, sources=3, ops="#ops", language="en") -> None:
        self.clock, self.steady = Clock(), Steady()
        self.leaps = Leaps(self.clock, self.steady)
        self.database, self.ops = str(database), ops
        self.store = open_store(self.database)
        self.sources = {f"s{n}": make_source(id=f"s{n}", name=f"源{n}", url=f"http://h/{n}") for n in range(sources)}
        self.store.polls.sync_sources(list(self.sources.values()), now=self.clock())
        self.words = Words(language=language, zone=ZoneInfo("Asia/Tokyo"))
        self.refused = None
        self.reached = set()
        self.read = 0

    def restart(self) -> None:
        self.store.close()
        self.store = open_store(self.database)
        self.reached, self.refused = set(), None

    def fail(self, *ids, failures=FAILURES, last_ok=timedelta(hours=1), error=None, gone=False) -> None:
        error = error or FetchError("fetch.busy", url="http://h/", status=503, answer=503)
        self._save(ids, failures=failures, last_error=error.memo(), gone=gone, last_ok_at=last_ok and NOW - last_ok)

    def recover(self, *ids) -> None:
        self._save(ids, failures=0, last_error=None, last_ok_at=self.clock())

    def _save(self, ids, **changes) -> None:
        states = [SourceState(source_id=id_, next_poll_at=NOW, last_poll_at=self.clock(), **changes) for id_ in ids]
        self.store.polls.save_states(states)

    def block(self, name) -> None:
        memo = BlockedError("sinks.archived", destination=name).memo()
        self.store.deliveries.pause(name, until=None, reason=memo)

    def lift(self, name) -> None:
        self.store.deliveries.pause(name, until=None, reason=None)

    def refuse(self, *findings) -> None:
        self.refused = refused_rules(findings, since_at=self.clock(), words=self.words)

    async def turn(self, **later):
        """Another look, so much later; the notes that it made."""
        self.clock.move(**later)
        self.steady.seconds += timedelta(**later).total_seconds()
        desk = NoticeDesk(
            in_store=in_store,
            notices=self.store.notices,
            archive=self.store.archive,
            deliveries=self.store.deliveries,
            halts=self.store.halts,
            sources=self.sources,
            words=self.words,
            clock=self.clock,
            ops=self.ops,
            render=lambda lines: ("\n".join(lines),),
            leapt=self.leaps.within,
        )
        await notify(desk, refused=self.refused, reached=self.reached, rules=12)
        notes = self.store._connection.rows("select payload from deliveries order by number") if self.store else []
        fresh = [row["payload"].split("\n") for row in notes[self.read :]]
        self.read = len(notes)
        return fresh


@pytest.fixture
def office(tmp_path):
    office = Office(tmp_path / "monitor.db")
    yield office
    office.store.close()


async def test_while_all_is_well_nothing_is_said(office):
    assert await office.turn() == []


class TestRules:
    async def test_a_refused_edit_is_told_once_with_its_lines(self, office):
        office.refuse("rules/a.yaml:4:5: unknown key anny → any", "rules/b.yaml:1:1: no rules")
        [note] = await office.turn()
        assert note[0].startswith("The edited rules or settings were not taken up: 2 errors")
        assert note[1:3] == ["• rules/a.yaml:4:5: unknown key anny → any", "• rules/b.yaml:1:1: no rules"]
        assert await office.turn(minutes=5) == []

    async def test_other_findings_are_news_and_the_same_in_another_order_are_not(self, office):
        office.refuse("a:1: x", "b:2: y")
        await office.turn()
        office.refuse("b:2: y", "a:1: x")
        assert await office.turn() == []
        office.refuse("a:1: x")
        assert len(await office.turn()) == 1
        [known] = office.store.notices.incidents()
        assert known.incident.since_at == NOW

    async def test_in_force_again(self, office):
        office.refuse("a:1: x")
        await office.turn()
        office.refused = None
        assert await office.turn() == [["The rules are in force again: 12 rules."]]
        assert await office.turn() == []
        assert office.store.notices.incidents() == []

    async def test_rules_mended_while_the_daemon_was_down_are_told_to_be_in_force(self, office):
        office.refuse("a:1: x")
        await office.turn()
        office.restart()
        assert await office.turn() == [["The rules are in force again: 12 rules."]]

    async def test_a_thousand_findings_are_one_message(self, office):
        office.refuse(*(f"a:{number}: {'x' * 5_000}" for number in range(1_000)))
        [note] = await office.turn()
        assert len(note) == MOST_LINES + 3
        assert max(map(len, note)) < 400
        assert note[-2] == "… and 985 more"


async def test_a_source_is_not_silent_for_the_hours_that_a_clock_was_set_ahead(office):
    office.fail("s0", failures=2)
    office.clock.move(hours=7)
    assert await office.turn() == []
    assert await office.turn(hours=4, minutes=58) == []
    [note] = await office.turn(minutes=3)
    assert "源0" in note[1]


class TestSources:
    async def test_a_failure_or_two_are_nobodys_business(self, office):
        office.fail("s0", failures=1, last_ok=48 * HOUR)
        office.fail("s1", failures=FAILURES - 1)
        office.fail("s2", failures=2, last_ok=None)
        assert await office.turn() == []

    @pytest.mark.parametrize(
        "how",
        [{"failures": FAILURES}, {"failures": 2, "last_ok": 7 * HOUR}, {"failures": 1, "gone": True}],
        ids=["many failures", "long silence", "gone"],
    )
    async def test_a_lasting_failure_is_told_once_and_its_end_too(self, office, how):
        office.fail("s0", **how)
        [note] = await office.turn()
        assert note[0] == "1 source cannot be read"
        assert note[1].startswith("• 源0: ")
        assert "503" in note[1]
        office.fail("s0", **how | {"failures": 90})
        office.restart()
        assert await office.turn(minutes=30) == []
        office.recover("s0")
        assert await office.turn() == [["1 source can be read again", "• 源0"]]
        office.restart()
        assert await office.turn() == []

    async def test_a_network_that_is_down_is_one_message(self, office):
        office.fail("s0", failures=FAILURES)
        office.fail("s1", failures=FAILURES - 2)
        office.fail("s2", failures=1)
        [note] = await office.turn()
        assert note[0] == "2 sources cannot be read"
        office.fail("s2", failures=3)
        assert await office.turn(minutes=20) == []

    async def test_those_that_come_back_are_told_together(self, office):
        office.fail("s0", "s1", "s2")
        await office.turn()
        office.recover("s0")
        assert await office.turn() == []
        office.recover("s1", "s2")
        [note] = await office.turn(minutes=2)
        assert note == ["3 sources can be read again", "• 源0", "• 源1", "• 源2"]

    async def test_but_not_later_than_a_quarter_of_an_hour(self, office):
        office.fail("s0", "s1")
        await office.turn()
        office.recover("s0")
        assert await office.turn() == []
        office.restart()
        assert await office.turn(seconds=GATHERING.total_seconds()) == [["1 source can be read again", "• 源0"]]

    async def test_one_that_comes_and_goes_is_not_told_each_time(self, office):
        office.fail("s0", "s1")
        await office.turn()
        for _ in range(5):
            office.recover("s0")
            assert await office.turn(minutes=1) == []
            office.fail("s0", failures=1)
            assert await office.turn(minutes=1) == []

    async def test_a_source_that_ends_after_failing_is_news(self, office):
        office.fail("s0")
        await office.turn()
        office.fail("s0", gone=True)
        assert len(await office.turn()) == 1

    async def test_a_source_that_left_the_configuration_has_not_recovered(self, office):
        office.fail("s0")
        await office.turn()
        del office.sources["s0"]
        office.store.polls.sync_sources(list(office.sources.values()), now=NOW)
        assert await office.turn() == []
        assert office.store.notices.incidents() == []

    async def test_many_are_counted(self, tmp_path):
        office = Office(tmp_path / "many.db", sources=100)
        office.fail(*office.sources)
        [note] = await office.turn()
        assert note[0] == "100 sources cannot be read"
        assert len(note) == MOST_LINES + 3
        assert "85 more" in note[-2]


class TestChannels:
    async def test_a_blocked_channel_is_told_and_its_first_message_later_too(self, office):
        office.block("#trade")
        [note] = await office.turn()
        assert note[0].startswith("1 destination refuses messages")
        assert note[1].startswith("• #trade: The channel #trade is archived")
        assert await office.turn() == []
        office.lift("#trade")
        office.reached.add("#trade")
        assert await office.turn() == [["1 destination takes messages again", "• #trade"]]

    async def test_a_restart_lifts_the_pause_which_proves_nothing(self, office):
        office.block("#trade")
        await office.turn()
        office.restart()
        office.lift("#trade")
        assert await office.turn() == []
        office.block("#trade")
        assert await office.turn(minutes=1) == []

    async def test_a_channel_that_only_waits_is_not_blocked(self, office):
        office.store.deliveries.pause("slack", until=NOW + HOUR, reason="{}")
        assert await office.turn() == []

    @pytest.mark.parametrize("name", ["#ops", "slack"])
    async def test_nobody_is_told_in_a_channel_that_it_is_blocked(self, office, name):
        office.block(name)
        assert await office.turn() == []
        office.lift(name)
        office.reached.add(name)
        assert await office.turn() == []
        assert office.store.notices.incidents() == []


class TestMessages:
    """Messages that nothing sends by itself."""

    def write_down(self, office, state, error=None, *, period="now/1", destination="#trade", channel="#trade"):
        digest = make_promise(period=period, destination=destination, channel=channel)
        (delivery,) = office.store.deliveries.promise(digest, now=office.clock(), slot=None)
        return self.move(office, delivery, state, error)

    def move(self, office, delivery, state, error=None):
        office.store.deliveries.claim(delivery.id, now=office.clock(), send_started_at=office.clock())
        memo = error.memo() if error else None
        moved = replace(delivery, state=DeliveryState(state), last_error=memo)
        office.store.deliveries.close(moved, now=office.clock(), note="x")
        return moved

    @pytest.mark.fault(27)
    async def test_what_slack_refuses_in_every_form_is_told_once_with_what_slack_said(self, office):
        refused = PayloadError("sinks.refused", destination="#trade", error="invalid_blocks")
        dead = self.write_down(office, "dead", refused)
        [note] = await fresh(office)
        assert note[0].startswith("1 message needs somebody's eye")
        assert "invalid_blocks" in note[1]
        assert dead.id in note[1]
        assert "--retry-dead" in note[2]
        office.restart()
        assert await fresh(office, hours=5) == []

    async def test_it_is_over_once_it_is_on_its_way_and_news_when_it_is_refused_again(self, office):
        refused = PayloadError("sinks.refused", destination="#trade", error="invalid_blocks")
        dead = self.write_down(office, "dead", refused)
        await fresh(office)
        office.store.halts.release([dead.id], now=office.clock(), by_hand=True)
        [note] = await fresh(office)
        assert note[0].startswith("1 message is sent now")
        self.move(office, dead, "dead", refused)
        assert len(await fresh(office)) == 1

    async def test_what_is_held_as_the_operator_wished_is_told(self, office):
        blind = UnknowableError("sinks.webhook-blind", destination="webhook:pr")
        self.write_down(office, "held", blind, destination="webhook:pr", channel="pr")
        [note] = await fresh(office)
        assert "it may have arrived" in note[1]

    async def test_a_channel_that_left_the_configuration_is_told_once_until_it_takes_messages_again(self, office):
        lost = BlockedError("app.no-destination", destination="crisis")
        for number in range(3):
            self.write_down(office, "held", lost, period=f"now/{number}", destination="#pr-crisis", channel="crisis")
        [note] = await fresh(office)
        assert note[1] == "• crisis is no longer in config.toml; 3 messages for it will go out once it is back"
        assert await fresh(office, hours=1) == []
        ids = [one.id for one in office.store.halts.halted(before=None)]
        office.store.halts.release(ids, now=office.clock(), by_hand=False)
        assert await fresh(office) == []
        office.reached.add("#pr-crisis")
        assert await fresh(office) == [["1 destination takes messages again", "• crisis"]]

    async def test_what_is_tried_in_vain_is_told_after_an_hour_unless_its_channel_is_blocked(self, office):
        unsure = UncertainError("sinks.lookup-forbidden", destination="#trade", error="missing_scope")
        self.write_down(office, "unknown", unsure)
        assert await fresh(office, minutes=59) == []
        office.block("#trade")
        assert len(await fresh(office, minutes=2)) == 1
        office.lift("#trade")
        office.reached.add("#trade")
        notes = await fresh(office)
        assert ["tried in vain" in note[1] for note in notes] == [False, True]
        assert "missing_scope" in notes[1][1]

    async def test_a_clock_that_is_set_ahead_makes_nothing_stuck(self, office):
        unsure = UncertainError("sinks.lookup-forbidden", destination="#trade", error="missing_scope")
        self.write_down(office, "unknown", unsure)
        assert await fresh(office, minutes=5) == []
        office.clock.move(hours=2)
        assert await fresh(office) == []
        assert await fresh(office, minutes=54) == []
        [note] = await fresh(office, minutes=2)
        assert "tried in vain" in note[1]

    async def test_of_a_note_that_is_refused_there_is_no_note(self, office):
        self.write_down(office, "dead", PayloadError("sinks.refused", destination="#ops", error="x"), period="ops/7")
        assert await fresh(office) == []
        assert office.store.notices.incidents() == []


async def fresh(office, **later):
    """The notes of another look; digests that were written down before it are none."""
    count = "select count(*) as many from deliveries"
    office.read = office.store._connection.rows(count)[0]["many"]
    return await office.turn(**later)


class TestWithoutOps:
    async def test_nothing_is_told_and_everything_remembered(self, office):
        office.ops = None
        office.refuse("a:1: x")
        office.fail("s0")
        assert await office.turn() == []
        assert len(office.store.notices.incidents()) == 2

    async def test_what_goes_on_is_told_once_there_is_an_ops_channel(self, office):
        office.ops = None
        office.fail("s0", "s1")
        await office.turn()
        office.recover("s1")
        await office.turn()
        office.ops = "#ops"
        [note] = await office.turn()
        assert note[:1] == ["1 source cannot be read"]


@pytest.mark.parametrize("language", LANGUAGES)
async def test_everything_can_be_said_in_both_languages(tmp_path, language):
    office = Office(tmp_path / "monitor.db", sources=20, language=language)
    office.refuse(*(f"a:{number}: x" for number in range(20)))
    office.fail(*office.sources, last_ok=None)
    office.block("#trade")
    assert len(await office.turn()) == 3
    office.refused = None
    office.recover(*office.sources)
    office.lift("#trade")
    office.reached.add("#trade")
    assert len(await office.turn()) == 3


async def test_hostile_names_stay_on_their_line(office):
    office.sources["s0"] = replace(office.sources["s0"], name="a\nb\u202e" + "x" * 500)
    office.fail("s0")
    [note] = await office.turn()
    assert len(note) == 3
    assert note[1].startswith("• a bx")
