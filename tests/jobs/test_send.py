"""Sending, on the real store: nothing lost, nothing twice, whatever the other side answers."""

import itertools
from dataclasses import replace
from datetime import timedelta

import pytest
from jobs.test_deliver import Room

from monitor.config.channels import Channels
from monitor.config.settings import Config
from monitor.errors import (
    BlockedError,
    NotStoredError,
    PayloadError,
    StoreError,
    UncertainError,
    UnknowableError,
    recall,
)
from monitor.jobs.deliver import Urge, promise_digests
from monitor.jobs.send import send_due
from monitor.model import DeliveryState, Receipt
from monitor.stores import open_store


@pytest.fixture
def room(tmp_path):
    room = Room(tmp_path / "monitor.db")
    yield room
    room.store.close()


def no_room(room):
    """A unit of work, or a sink's, on a full disk."""

    def full(*_, **__):
        raise StoreError("stores.full", path=room.store.path)

    return full


class TestOutcomes:
    async def sent_after(self, room, *answers):
        room.add()
        room.sink.answers = list(answers)
        return await room.turn(Urge.ALL)

    async def test_a_receipt_closes_the_delivery(self, room):
        (report,) = await self.sent_after(room, None)
        assert (report.delivery.state, report.delivery.receipt) == (DeliveryState.SENT, "1.0")
        assert room.states() == ["sent"]

    async def test_not_stored_is_tried_again_later(self, room):
        await self.sent_after(room, NotStoredError("app.bug", what="x"))
        assert room.states() == ["pending"]
        await send_due(room.send_desk())
        assert len(room.sink.sent) == 1
        room.clock.move(seconds=6)
        await send_due(room.send_desk())
        assert room.states() == ["sent"]
        assert room.sink.sent[0].id == room.sink.sent[1].id

    async def test_retry_after_pauses_the_whole_workspace(self, room):
        await self.sent_after(room, NotStoredError("app.bug", retry_after=timedelta(seconds=60), what="x"))
        room.add("#other")
        await room.turn(Urge.ALL)
        assert len(room.sink.sent) == 1
        room.clock.move(seconds=61)
        await room.turn()
        assert sorted(delivery.destination for delivery in room.sink.sent[1:]) == ["#news", "#other"]

    async def test_a_limited_webhook_holds_itself_alone(self, room):
        room.channels = Channels(
            Config.model_validate({"timezone": "Asia/Tokyo", "channels": {"hook": {"webhook_env": "HOOK"}}})
        )
        room.add("hook")
        room.sink.answers = [NotStoredError("app.bug", retry_after=timedelta(seconds=60), what="x")]
        await room.turn(Urge.ALL)
        room.add("hook")
        room.add("#other")
        await room.turn(Urge.ALL)
        assert [delivery.destination for delivery in room.sink.sent] == ["webhook:hook", "#other"]

    async def test_uncertain_is_looked_up_and_found(self, room):
        await self.sent_after(room, UncertainError("app.bug", what="x"))
        assert room.states() == ["unknown"]
        room.sink.visible[room.sink.sent[0].id] = Receipt(id="9.9", received_at=room.clock())
        room.clock.move(seconds=20)
        (report,) = await send_due(room.send_desk())
        assert report.delivery.receipt == "9.9"
        assert len(room.sink.sent) == 1

    async def test_uncertain_is_sent_again_only_after_two_absent_reads_and_the_settle_time(self, room):
        await self.sent_after(room, UncertainError("app.bug", what="x"))
        room.clock.move(seconds=16)
        await send_due(room.send_desk())
        assert (room.sink.lookups, len(room.sink.sent)) == (1, 1)
        room.clock.move(seconds=16)
        await send_due(room.send_desk())
        # At once, since a process that cron starts gets no second turn.
        assert (room.sink.lookups, len(room.sink.sent)) == (2, 2)
        assert room.states() == ["sent"]

    async def test_a_look_up_that_fails_decides_nothing(self, room):
        await self.sent_after(room, UncertainError("app.bug", what="x"))
        room.sink.finds = [UncertainError("app.bug", what="y")] * 5
        for _ in range(5):
            room.clock.move(minutes=1)
            await send_due(room.send_desk())
        assert room.states() == ["unknown"]
        assert len(room.sink.sent) == 1

    async def test_where_nobody_can_look_a_message_is_sent_once_more_and_marked(self, room):
        await self.sent_after(room, UncertainError("app.bug", what="x"))
        room.sink.finds = [UnknowableError("app.bug", what="y")]
        room.clock.move(seconds=16)
        await room.turn()
        await room.turn()
        assert room.states() == ["sent"]
        assert [delivery.absent_reads for delivery in room.sink.sent] == [0, 1]

    async def test_where_nobody_can_look_a_message_is_held_if_the_operator_says_so(self, room):
        room.repeat_unknowable = False
        await self.sent_after(room, UncertainError("app.bug", what="x"))
        room.sink.finds = [UnknowableError("app.bug", what="y")]
        room.clock.move(days=1)
        await room.turn()
        assert room.states() == ["held"]
        assert len(room.sink.sent) == 1

    async def test_a_blocked_destination_keeps_everything_and_others_go_on(self, room):
        await self.sent_after(room, BlockedError("app.bug", what="x"))
        room.add("#other")
        await room.turn(Urge.ALL)
        room.clock.move(minutes=59)
        await room.turn()
        assert [delivery.destination for delivery in room.sink.sent] == ["#news", "#other"]
        room.store.deliveries.pause("#news", until=None, reason=None)
        await room.turn()
        assert sorted(room.states()) == ["sent", "sent"]

    async def test_what_was_blocked_goes_out_as_soon_as_a_person_has_acted(self, room):
        await self.sent_after(room, BlockedError("app.bug", what="x"))
        room.store.deliveries.pause("#news", until=None, reason=None)
        await room.turn()
        assert room.states() == ["sent"]

    async def test_a_refused_token_stops_the_workspace_and_nothing_is_tried_with_it(self, room):
        await self.sent_after(room, BlockedError("sinks.token-refused", whole_workspace=True, error="token_revoked"))
        room.add("#other")
        await room.turn(Urge.ALL)
        room.clock.move(days=3)
        await room.turn()
        assert len(room.sink.sent) == 1
        room.store.deliveries.pause("slack", until=None, reason=None)
        await room.turn()
        assert [delivery.destination for delivery in room.sink.sent] == ["#news", "#news", "#other"]

    async def test_a_limit_lifts_no_block_and_shortens_no_longer_limit(self, room):
        store = room.store.deliveries
        store.pause("slack", until=None, reason="sinks.token-refused")
        store.pause("slack", until=room.clock() + timedelta(seconds=30), reason="429", now=room.clock())
        assert store.paused()["slack"][0] is None
        store.pause("#a", until=room.clock() + timedelta(seconds=90), reason="429")
        store.pause("#a", until=room.clock() + timedelta(seconds=30), reason="429", now=room.clock())
        assert store.paused()["#a"][0] == room.clock() + timedelta(seconds=90)

    async def test_a_payload_that_is_refused_in_every_form_is_dead(self, room):
        await self.sent_after(room, PayloadError("app.bug", what="x"))
        room.clock.move(days=1)
        await room.turn()
        assert room.states() == ["dead"]
        assert len(room.sink.sent) == 1

    @pytest.mark.fault(32)
    async def test_an_outcome_is_kept_when_the_pause_that_it_brings_cannot_be_written(self, room, monkeypatch):
        full = no_room(room)
        monkeypatch.setattr(room.store.deliveries, "pause", full)
        with pytest.raises(StoreError):
            await self.sent_after(room, NotStoredError("app.bug", retry_after=timedelta(seconds=60), what="x"))
        assert room.states() == ["pending"]
        room.clock.move(seconds=61)
        await send_due(room.send_desk())
        assert room.states() == ["sent"]

    @pytest.mark.fault(32)
    async def test_what_the_sink_could_not_note_leaves_the_message_in_doubt_and_not_on_the_wire(
        self, room, monkeypatch
    ):
        monkeypatch.setattr(room.sink, "send", no_room(room))
        with pytest.raises(StoreError):
            await self.sent_after(room)
        assert room.states() == ["unknown"]
        monkeypatch.undo()
        for _ in range(2):
            room.clock.move(seconds=16)
            await send_due(room.send_desk())
        assert room.states() == ["sent"]

    async def test_what_was_on_the_wire_when_the_process_died_is_looked_up(self, room):
        room.add()
        (delivery,) = await promise_digests(room.desk(), Urge.ALL)
        room.store.deliveries.claim(delivery.id, now=room.clock(), send_started_at=room.clock())
        assert room.store.deliveries.recover(now=room.clock()) == 1
        room.sink.visible[delivery.id] = Receipt(id="7.7", received_at=room.clock())
        await send_due(room.send_desk())
        assert room.states() == ["sent"]
        assert room.sink.sent == []

    async def test_every_part_takes_its_turn_and_stands_in_the_thread(self, room):
        room.add(title="一")
        room.add(title="二")
        room.add(title="三")
        await room.turn(Urge.ALL)
        assert [delivery.part for delivery in room.sink.sent] == [0, 1, 2]
        assert [delivery.thread for delivery in room.sink.sent] == [None, "1.0", "1.0"]
        assert room.turns == ["#news"] * 3


async def test_a_workspace_that_shows_messages_late_is_given_longer(room):
    room.add("crisis")
    room.clock.move(seconds=30)
    room.sink.answers = [UncertainError("sinks.unsure", destination="#crisis", reason="TimeoutError: ")]
    room.settle = timedelta(seconds=120)
    await room.turn()
    for _ in range(3):
        room.clock.move(seconds=30)
        await room.turn()
    assert (room.sink.lookups, len(room.sink.sent)) == (1, 1)
    room.clock.move(seconds=30)
    await room.turn()
    assert (room.sink.lookups, len(room.sink.sent)) == (2, 2)


async def test_a_look_up_waits_as_long_as_it_is_asked_to(room):
    room.add("crisis")
    room.clock.move(seconds=30)
    room.sink.answers = [UncertainError("sinks.unsure", destination="#crisis", reason="TimeoutError: ")]
    await room.turn()
    room.sink.finds = [
        UncertainError("sinks.lookup-limited", retry_after=timedelta(seconds=90), destination="#crisis", seconds=90)
    ]
    for _ in range(6):
        room.clock.move(seconds=15)
        await room.turn()
    assert room.sink.lookups == 1
    room.clock.move(seconds=15)
    await room.turn()
    assert room.sink.lookups == 2


class TestBlocked:
    """channel_not_found, not_in_channel, is_archived and their kin."""

    @pytest.fixture
    async def blocked(self, room):
        """Three digests of a channel that refuses the first."""
        room.told_in_order = [room.add("#trade")]
        room.sink.answers = [BlockedError("sinks.not-in-channel", destination="#trade")]
        await room.turn(Urge.ALL)
        for _ in range(2):
            room.told_in_order.append(room.add("#trade"))
            room.clock.move(minutes=10)
            await room.turn(Urge.ALL)
        assert len(room.sink.sent) == 1
        return room

    async def test_one_message_an_hour_tries_again(self, blocked):
        blocked.sink.answers = [BlockedError("sinks.not-in-channel", destination="#trade")] * 30
        for _ in range(24 * 12):
            blocked.clock.move(minutes=5)
            await blocked.turn()
        assert len(blocked.sink.sent) == 25
        assert {delivery.id for delivery in blocked.sink.sent} == {blocked.sink.sent[0].id}
        assert blocked.states() == ["pending"] * 3

    async def test_once_the_bot_is_invited_everything_goes_out_in_order_by_itself(self, blocked):
        blocked.clock.move(minutes=45)
        await blocked.turn()
        assert blocked.told()[1:] == blocked.told_in_order
        assert blocked.states() == ["sent"] * 3
        assert blocked.store.deliveries.paused() == {}

    async def test_whoever_cannot_wait_lifts_it(self, blocked):
        blocked.store.deliveries.pause("#trade", until=None, reason=None)
        await blocked.turn()
        assert blocked.told()[1:] == blocked.told_in_order

    async def test_a_clock_that_was_set_back_keeps_nobody_from_trying(self, blocked):
        blocked.clock.move(days=-90)
        await blocked.turn()
        assert blocked.states() == ["sent"] * 3

    async def test_a_missing_scope_is_tried_too_since_the_token_stays_the_same(self, room):
        room.add("#a")
        room.sink.answers = [BlockedError("sinks.scope-missing", whole_workspace=True, error="x", needed="chat:write")]
        await room.turn(Urge.ALL)
        room.clock.move(minutes=61)
        await room.turn()
        assert room.states() == ["sent"]
        assert room.store.deliveries.paused() == {}


class TestLimits:
    async def test_a_limit_that_is_heard_in_one_channel_stops_the_others_at_once(self, room):
        """Destinations are told side by side: what is next in another one must not go out any more."""
        for _ in range(3):
            room.add("#a")
            room.add("#b")
            await promise_digests(room.desk(), Urge.ALL)
            room.clock.move(seconds=1)
        room.sink.answers = [None, NotStoredError("app.bug", retry_after=timedelta(seconds=9), what="x")]
        await send_due(room.send_desk())
        assert [delivery.destination for delivery in room.sink.sent] == ["#a", "#a"]
        room.clock.move(seconds=9)
        await send_due(room.send_desk())
        assert room.states() == ["sent"] * 6
        for destination in ("#a", "#b"):
            told = [one.payload for one in room.sink.sent if one.destination == destination]
            assert list(dict.fromkeys(told)) == sorted(set(told))

    async def test_it_outlasts_the_process(self, room, tmp_path):
        room.add()
        room.sink.answers = [NotStoredError("app.bug", retry_after=timedelta(seconds=60), what="x")]
        await room.turn(Urge.ALL)
        room.store.close()
        room.store = open_store(str(tmp_path / "monitor.db"))
        room.clock.move(seconds=59)
        await room.turn()
        assert len(room.sink.sent) == 1
        room.clock.move(seconds=1)
        await room.turn()
        assert room.states() == ["sent"]


class TestWhatIsNeverKnown:
    async def test_an_answer_nobody_knows_is_tried_again_less_and_less_often_and_never_given_up(self, room):
        room.add()
        room.sink.answers = [UncertainError("sinks.unsure", destination="#news", reason="zzz_new")] * 1000
        started = []
        await room.turn(Urge.ALL)
        for _ in range(24 * 60 * 12):
            room.clock.move(seconds=5)
            before = len(room.sink.sent)
            await send_due(room.send_desk())
            started += [room.clock()] * (len(room.sink.sent) - before)
        assert room.states() in (["unknown"], ["pending"])
        gaps = [(after - before).total_seconds() for before, after in itertools.pairwise(started)]
        assert gaps == sorted(gaps)
        assert 15 * 60 <= gaps[-1] <= 17 * 60
        assert 90 <= len(started) <= 120

    async def test_a_look_up_that_is_refused_for_hours_is_repeated_less_often(self, room):
        room.add()
        room.sink.answers = [UncertainError("sinks.unsure", destination="#news", reason="x")]
        room.sink.finds = [UncertainError("sinks.lookup-forbidden", destination="#news", error="missing_scope")] * 9999
        await room.turn(Urge.ALL)
        for _ in range(24 * 60 * 4):
            room.clock.move(seconds=15)
            await send_due(room.send_desk())
        assert room.sink.lookups < 150
        assert room.states() == ["unknown"]
        room.sink.finds = []
        room.sink.visible[room.sink.sent[0].id] = Receipt(id="1.0", received_at=room.clock())
        room.clock.move(minutes=15)
        await send_due(room.send_desk())
        assert room.states() == ["sent"]
        assert len(room.sink.sent) == 1


class TestLost:
    """The destination left the configuration."""

    async def test_what_has_no_destination_is_held_and_goes_out_in_order_once_that_is_back(self, room):
        told = []
        room.lost = {"#trade"}
        for _ in range(3):
            told.append(room.add("#trade"))
            room.clock.move(minutes=1)
            (report,) = await room.turn(Urge.ALL)
            assert report.error.code == "app.no-destination"
        assert room.states() == ["held"] * 3
        assert room.sink.sent == []
        assert await room.turn() == []
        room.lost = set()
        await room.turn()
        assert room.told() == told
        assert room.states() == ["sent"] * 3

    async def test_what_may_be_stored_is_looked_up_before_it_is_held(self, room):
        room.add("#trade")
        room.sink.answers = [UncertainError("sinks.unsure", destination="#trade", reason="x")]
        await room.turn(Urge.ALL)
        room.lost = {"#trade"}
        room.sink.visible[room.sink.sent[0].id] = Receipt(id="1.0", received_at=room.clock())
        room.clock.move(minutes=1)
        await room.turn()
        assert room.states() == ["sent"]

    async def test_a_webhook_that_may_have_taken_it_is_still_in_doubt_once_it_is_back(self, room):
        room.channels = Channels(
            Config.model_validate({"timezone": "Asia/Tokyo", "channels": {"hook": {"webhook_env": "HOOK"}}})
        )
        room.add("hook")
        room.sink.answers = [UncertainError("sinks.unsure", destination="webhook:hook", reason="x")]
        room.sink.finds = [UnknowableError("sinks.webhook-blind", destination="webhook:hook")]
        await room.turn(Urge.ALL)
        room.lost = {"webhook:hook"}
        room.clock.move(minutes=1)
        await room.turn()
        assert room.states() == ["held"]
        room.lost = set()
        await room.turn()
        await room.turn()
        assert room.states() == ["sent"]
        assert [one.absent_reads for one in room.sink.sent] == [0, 1]


class TestRelease:
    async def halted(self, room, *answers, finds=()):
        room.add()
        room.sink.answers, room.sink.finds = list(answers), list(finds)
        await room.turn(Urge.ALL)
        room.clock.move(minutes=1)
        await room.turn()
        (delivery,) = room.store.halts.halted(before=None)
        assert await room.turn() == []
        assert room.store.halts.release([delivery.id, "nobody"], now=room.clock(), by_hand=True) == 1
        return delivery

    async def test_what_was_refused_in_every_form_is_tried_once_more(self, room):
        dead = await self.halted(room, PayloadError("sinks.refused", destination="#news", error="invalid_blocks"))
        assert "invalid_blocks" in recall(dead.last_error, "en")
        await room.turn()
        assert room.states() == ["sent"]

    async def test_what_may_be_in_the_channel_is_looked_up_first(self, room):
        room.repeat_unknowable = False
        unsure = UncertainError("sinks.unsure", destination="#news", reason="x")
        held = await self.halted(room, unsure, finds=[UnknowableError("sinks.webhook-blind", destination="#news")])
        room.sink.visible[held.id] = Receipt(id="1.0", received_at=room.clock())
        await room.turn()
        assert room.states() == ["sent"]
        assert len(room.sink.sent) == 1

    async def test_where_nobody_can_look_a_person_has_and_it_goes_out_as_a_repeat(self, room):
        room.channels = Channels(
            Config.model_validate(
                {
                    "timezone": "Asia/Tokyo",
                    "slack": {"channel": "#news"},
                    "channels": {"hook": {"webhook_env": "HOOK"}},
                }
            )
        )
        room.repeat_unknowable = False
        room.add("hook")
        room.sink.answers = [UncertainError("sinks.unsure", destination="webhook:hook", reason="x")]
        room.sink.finds = [UnknowableError("sinks.webhook-blind", destination="webhook:hook")]
        await room.turn(Urge.ALL)
        room.clock.move(minutes=1)
        await room.turn()
        (held,) = room.store.halts.halted(before=None)
        assert room.store.halts.release([held.id], now=room.clock(), by_hand=True) == 1
        await room.turn()
        assert [one.absent_reads for one in room.sink.sent] == [0, 1]
        assert room.states() == ["sent"]

    async def test_what_is_sent_is_not_released(self, room):
        room.add()
        (report,) = await room.turn(Urge.ALL)
        assert room.store.halts.release([report.delivery.id], now=room.clock(), by_hand=True) == 0
        assert room.states() == ["sent"]

    async def test_what_is_tried_in_vain_is_halted_after_a_while(self, room):
        room.add()
        room.sink.answers = [UncertainError("sinks.unsure", destination="#news", reason="x")]
        await room.turn(Urge.ALL)
        made = room.clock()
        assert room.store.halts.halted(before=None) == []
        assert room.store.halts.halted(before=made) == []
        assert len(room.store.halts.halted(before=made + timedelta(seconds=1))) == 1


class TestRounds:
    async def backlog(self, room, many):
        for _ in range(many):
            room.add("#much")
            await promise_digests(room.desk(), Urge.ALL)

    async def test_what_becomes_due_meanwhile_does_not_wait_for_the_end_of_a_long_backlog(self, room):
        await self.backlog(room, 10)
        urgent = room.add("#urgent")
        rounds = []

        async def write_down():
            rounds.append(len(room.sink.sent))
            if len(rounds) == 2:
                await promise_digests(room.desk(), Urge.ALL)

        await send_due(room.send_desk(), write_down)
        assert room.told().index(urgent) < 9
        assert rounds == [0, 4, 9, 11]
        assert len(room.told()) == 11

    async def test_a_process_that_ends_claims_nothing_more(self, room):
        await self.backlog(room, 10)
        desk = replace(room.send_desk(), goes_on=lambda: len(room.sink.sent) < 3)
        await send_due(desk)
        assert sorted(room.states()) == ["pending"] * 7 + ["sent"] * 3
        assert [row["attempts"] for row in room.store.archive.rows("deliveries", since=None)] == [1] * 3 + [0] * 7
