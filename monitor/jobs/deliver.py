"""What waits -> deliveries -> receipts: gather | compose | promise | claim | send | record.

A message is written down as a delivery before it is sent, claimed on disk before the call, and closed after it. What may
have been stored on the other side is looked up there before it is sent again.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from monitor.config.channels import Channel, Channels
from monitor.errors import BlockedError, NotStoredError, PayloadError, SendError, UncertainError, UnknowableError
from monitor.model import Delivery, DeliveryState, Digest, Waiting
from monitor.ports import Backlog, DeliverStore, InStore, Promise, Sink
from monitor.schedule import SETTLE, Decision, Reason, Timetable
from monitor.stages.compose import Composed, compose_digest
from monitor.stages.throttle import rooms, throttles, with_room

ABSENT_READS = 2
#: The severity that passes quiet hours.
BREAKING = "breaking"
LONGEST_BACK_OFF = timedelta(minutes=15)
#: Holds every destination of the workspace in `DeliverStore.pause`.
WORKSPACE = "slack"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliverDesk:
    """The doors that telling goes through, and the clock."""

    in_store: InStore
    deliveries: DeliverStore
    channels: Channels
    timetable: Timetable
    sink_of: Callable[[str], Sink]
    clock: Callable[[], datetime]
    #: Waits until a destination may be written to (Slack: about one message per second and channel), and notes when it was.
    turn: Callable[[str], AbstractAsyncContextManager[None]]
    #: How long a message may take to show; see `SETTLE`.
    settle: timedelta = SETTLE
    #: Whether a message that may have been stored where nobody can look is sent once more, marked, or held.
    repeat_unknowable: bool = True
    #: (sources, rules): said in the very first message; `None` once something was told.
    hello: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliverReport:
    """What one attempt came to."""

    delivery: Delivery
    error: SendError | None = None


# --- gather, compose, promise -----------------------------------------------------------------------------------------


class Urge(StrEnum):
    """How much of what waits is told."""

    #: What its timetable says.
    DUE = "due"
    #: Likewise, but `now` collects no longer: nothing more is being polled.
    COLLECTED = "collected"
    #: All of it, whatever the timetable says.
    ALL = "all"


async def promise_digests(desk: DeliverDesk, urge: Urge = Urge.DUE) -> list[Delivery]:
    """Write down what is to be told. Returns the new deliveries."""
    backlog = await desk.in_store(desk.deliveries.backlog)
    slots = await _note_slots(desk, backlog)
    promised: list[Delivery] = []
    for turn in _turns(backlog, lambda one: _decide(desk, one, slots, urge)):
        gathered = await _gather(desk, turn)
        if gathered.waiting and (not turn.is_patient or _decide(desk, _left(turn, gathered), slots, urge).due):
            # Only the very first message says hello.
            once = desk if not promised else replace(desk, hello=None)
            promised += await _promise(once, turn, gathered, slots.get(turn.channel))
    return promised


async def preview_digests(desk: DeliverDesk, channel: str | None) -> list[Digest]:
    """What would be told if everything that waits (for one channel) were told now; nothing is written down."""
    digests = []
    backlog = await desk.in_store(desk.deliveries.backlog)
    for turn in _turns(backlog, lambda _: Decision(due=True, reason=Reason.ASKED)):
        if channel in {None, turn.channel, turn.destination}:
            gathered = await _gather(desk, turn)
            digest = _compose(desk, turn, gathered, None).digest if gathered.waiting else None
            digests += [digest] if digest else []
    return digests


@dataclass(frozen=True, slots=True, kw_only=True)
class _Turn:
    """What is due in one destination of a channel: told as one digest, whichever ways of telling it waits in."""

    due: Sequence[Backlog]
    decision: Decision

    @property
    def channel(self) -> str:
        return self.due[0].channel

    @property
    def destination(self) -> str:
        return self.due[0].destination

    @property
    def is_urgent(self) -> bool:
        """Whether it is told at once, and not as what quiet hours have held."""
        return all(one.when == "now" for one in self.due) and self.decision.reason is not Reason.RELEASED

    @property
    def is_patient(self) -> bool:
        """Whether a throttled rule without room waits for it: a digest and whoever asks are told everything."""
        return self.is_urgent and self.decision.reason is not Reason.ASKED


def _turns(backlog: Iterable[Backlog], decide: Callable[[Backlog], Decision]) -> list[_Turn]:
    places: dict[tuple[str, str], list[tuple[Backlog, Decision]]] = defaultdict(list)
    for one in backlog:
        if (decision := decide(one)).due:
            places[one.channel, one.destination].append((one, decision))
    turns = []
    for rows in places.values():
        # What is done at a slot is named after it.
        decisions = sorted((decision for _, decision in rows), key=lambda decision: decision.slot is None)
        turns.append(_Turn(due=[one for one, _ in rows], decision=decisions[0]))
    return turns


def _decide(desk: DeliverDesk, backlog: Backlog, slots: Mapping[str, datetime], urge: Urge) -> Decision:
    channel = desk.channels.get(backlog.channel)
    if urge is Urge.ALL:
        return Decision(due=True, reason=Reason.ASKED)
    if urge is Urge.COLLECTED:
        channel = replace(channel, wait=timedelta(0))
    return desk.timetable.decide(channel, backlog, last_slot_at=slots.get(channel.name), now=desk.clock())


async def _note_slots(desk: DeliverDesk, backlog: Sequence[Backlog]) -> dict[str, datetime]:
    """The last slot done per channel; a new channel starts now, and a slot at which nothing waits is done.

    What was noted while the clock stood ahead would stall its channel until then: it starts from the last true slot.
    """
    now = desk.clock()
    slots = dict(await desk.in_store(desk.deliveries.last_slots))
    waiting = {one.channel for one in backlog if one.when == "digest"}
    noted = {}
    for name in desk.channels.names | {desk.channels.default} | {one.channel for one in backlog}:
        slot = desk.timetable.last_slot(desk.channels.get(name), now)
        if name not in slots:
            noted[name] = now
        elif desk.timetable.is_of_another_clock(slots[name], now):
            noted[name] = slot or now
        elif slot is not None and slot > slots[name] and name not in waiting:
            noted[name] = slot
    if noted:
        await desk.in_store(desk.deliveries.set_slots, noted)
    return slots | noted


@dataclass(frozen=True, slots=True, kw_only=True)
class _Gathered:
    """What one destination may be told, oldest first, and what it was told."""

    waiting: Sequence[Waiting]
    told: Collection[str]
    room: Mapping[str, int]


async def _gather(desk: DeliverDesk, turn: _Turn) -> _Gathered:
    waiting: list[Waiting] = []
    told: set[str] = set()
    for backlog in turn.due:
        found, known = await desk.in_store(desk.deliveries.waiting, backlog.channel, backlog.when)
        waiting += found
        told |= known
    # Since a match was found, its channel may have been given another destination: each is told what was meant for it.
    waiting = [one for one in waiting if one.match.notices[0].destination == turn.destination]
    if turn.decision.breaking_only:
        waiting = [one for one in waiting if one.match.severity == BREAKING]
    waiting.sort(key=lambda one: (one.match.matched_at, one.match_id))
    room = await _room(desk, turn.destination, waiting)
    if turn.is_patient:
        waiting = with_room(waiting, told, room)
    return _Gathered(waiting=waiting, told=told, room=room)


def _left(turn: _Turn, gathered: _Gathered) -> Backlog:
    """What is due without what has no room: the wait runs from the first that has."""
    found = [one.match.matched_at for one in gathered.waiting]
    breaking = [one.match.matched_at for one in gathered.waiting if one.match.severity == BREAKING]
    return replace(turn.due[0], first_matched_at=min(found), first_breaking_at=min(breaking, default=None))


async def _room(desk: DeliverDesk, destination: str, waiting: Sequence[Waiting]) -> Mapping[str, int]:
    throttled = throttles(waiting)
    if not throttled:
        return {}
    now = desk.clock()
    longest = max(throttle.per for throttle in throttled.values())
    entered = await desk.in_store(desk.deliveries.entered, destination, since=now - longest)
    return rooms(throttled, entered, now=now)


async def _promise(desk: DeliverDesk, turn: _Turn, gathered: _Gathered, since: datetime | None) -> list[Delivery]:
    composed = _compose(desk, turn, gathered, since)
    now = desk.clock()
    promise = _as_promise(desk, turn, composed, now)
    return await desk.in_store(desk.deliveries.promise, promise, now=now, slot=turn.decision.slot)


def _compose(desk: DeliverDesk, turn: _Turn, gathered: _Gathered, since: datetime | None) -> Composed:
    now, decision = desk.clock(), turn.decision
    return compose_digest(
        gathered.waiting,
        gathered.told,
        channel=turn.channel,
        destination=turn.destination,
        period=_period(desk, turn, gathered.waiting[0].match_id),
        now=now,
        since_at=since if decision.slot is not None else None,
        late_for_at=decision.late_for_at,
        hello=_hello(desk, desk.channels.get(turn.channel), now),
        room=gathered.room,
    )


def _as_promise(desk: DeliverDesk, turn: _Turn, composed: Composed, now: datetime) -> Promise:
    digest = composed.digest or Digest(
        channel=turn.channel,
        destination=turn.destination,
        period="",
        since_at=None,
        until_at=now,
        composed_at=now,
    )
    payloads = desk.sink_of(turn.destination).render(digest) if composed.digest else ()
    return Promise(
        digest=digest, payloads=payloads, told=composed.told, covered=composed.covered, entered=composed.entered
    )


def _period(desk: DeliverDesk, turn: _Turn, first_match_id: int) -> str:
    """Names the turn. A match is promised once per destination, so its id names a turn without a slot for ever."""
    decision = turn.decision
    if decision.slot is not None:
        return f"digest/{turn.channel}/{desk.timetable.slot_name(decision.slot)}"
    kind = "breaking" if decision.breaking_only else "now" if turn.is_urgent else "digest"
    return f"{kind}/{turn.channel}/{first_match_id}"


def _hello(desk: DeliverDesk, channel: Channel, now: datetime) -> tuple[int, int, datetime | None] | None:
    return (*desk.hello, desk.timetable.next_slot(channel, now)) if desk.hello else None


# --- claim, send, record ----------------------------------------------------------------------------------------------


async def send_due(desk: DeliverDesk) -> list[DeliverReport]:
    """Send or look up every delivery that is due: destinations side by side, each in order.

    Ends when nothing was sent, nor found to be missing, which is sent at once.
    """
    reports: list[DeliverReport] = []
    while due := await desk.in_store(desk.deliveries.due, now=desk.clock()):
        lanes: dict[str, list[Delivery]] = defaultdict(list)
        for delivery in due:
            lanes[delivery.destination].append(delivery)
        done = await asyncio.gather(*(_send_lane(desk, lane) for lane in lanes.values()))
        turn = [report for lane in done for report in lane]
        reports += turn
        looked_up = {delivery.id for delivery in due if delivery.state is DeliveryState.UNKNOWN}
        if not any(_leads_on(report.delivery, looked_up) for report in turn):
            break
    return reports


def _leads_on(delivery: Delivery, looked_up: Collection[str]) -> bool:
    return delivery.state is DeliveryState.SENT or (
        delivery.state is DeliveryState.PENDING and delivery.id in looked_up
    )


async def _send_lane(desk: DeliverDesk, lane: Sequence[Delivery]) -> list[DeliverReport]:
    """One destination's deliveries in order; a failure stops the lane until it is due again."""
    reports = []
    for delivery in lane:
        report = await (_look_up if delivery.state is DeliveryState.UNKNOWN else _send)(desk, delivery)
        reports.append(report)
        if report.delivery.state is not DeliveryState.SENT:
            break
    return reports


async def _send(desk: DeliverDesk, delivery: Delivery) -> DeliverReport:
    async with desk.turn(delivery.destination):
        return await _send_in_turn(desk, delivery)


async def _send_in_turn(desk: DeliverDesk, delivery: Delivery) -> DeliverReport:
    sink = desk.sink_of(delivery.destination)
    started = sink.now()
    if not await desk.in_store(desk.deliveries.claim, delivery.id, now=desk.clock(), send_started_at=started):
        return DeliverReport(delivery=delivery)
    sending = replace(delivery, state=DeliveryState.SENDING, attempts=delivery.attempts + 1, send_started_at=started)
    try:
        receipt = await sink.send(sending)
    except SendError as error:
        return await _record_failure(desk, sending, error)
    sent = replace(sending, state=DeliveryState.SENT, receipt=receipt.id, sent_at=receipt.received_at, last_error=None)
    return await _close(desk, sent, "sent")


async def _record_failure(desk: DeliverDesk, delivery: Delivery, error: SendError) -> DeliverReport:
    now = desk.clock()
    back_off = min(timedelta(seconds=5) * 2 ** min(delivery.attempts - 1, 10), LONGEST_BACK_OFF)
    failed = replace(delivery, state=DeliveryState.PENDING, due_at=now + back_off, last_error=error.code)
    if isinstance(error, NotStoredError) and error.retry_after is not None:
        failed = replace(failed, due_at=now + error.retry_after)
        await desk.in_store(desk.deliveries.pause, _workspace_of(delivery), until=failed.due_at, reason=error.memo())
    elif isinstance(error, UncertainError):
        failed = replace(failed, state=DeliveryState.UNKNOWN, due_at=now + desk.settle / ABSENT_READS, absent_reads=0)
    elif isinstance(error, BlockedError):
        # What holds it is the pause: once a person has lifted that, there is nothing left to wait for.
        failed = replace(failed, due_at=now)
        held = _workspace_of(delivery) if error.whole_workspace else delivery.destination
        await desk.in_store(desk.deliveries.pause, held, until=None, reason=error.memo())
    elif isinstance(error, PayloadError):
        # The sink has tried the plain form of the message, too.
        failed = replace(failed, state=DeliveryState.DEAD, due_at=now)
    return await _close(desk, failed, error.code, error)


def _workspace_of(delivery: Delivery) -> str:
    """What a limit or a refused secret holds: everything that the bot tells, or the one webhook."""
    return delivery.destination if delivery.destination.startswith("webhook:") else WORKSPACE


async def _look_up(desk: DeliverDesk, delivery: Delivery) -> DeliverReport:
    now = desk.clock()
    try:
        receipt = await desk.sink_of(delivery.destination).find(delivery)
    except UnknowableError as error:
        return await _close(desk, _without_look_up(desk, delivery, now), error.code, error)
    except SendError as error:
        wish = error.retry_after if isinstance(error, UncertainError) else None
        later = replace(delivery, due_at=now + max(desk.settle, wish or desk.settle), last_error=error.code)
        return await _close(desk, later, error.code, error)
    if receipt is not None:
        found = replace(delivery, state=DeliveryState.SENT, receipt=receipt.id, sent_at=receipt.received_at)
        return await _close(desk, replace(found, last_error=None), "found")
    reads = delivery.absent_reads + 1
    sink_now = desk.sink_of(delivery.destination).now()
    settled = delivery.send_started_at is None or sink_now - delivery.send_started_at >= desk.settle
    if reads >= ABSENT_READS and settled:
        return await _close(
            desk, replace(delivery, state=DeliveryState.PENDING, due_at=now, absent_reads=reads), "absent"
        )
    waits = replace(delivery, absent_reads=reads, due_at=now + desk.settle / ABSENT_READS)
    return await _close(desk, waits, "not seen yet")


def _without_look_up(desk: DeliverDesk, delivery: Delivery, now: datetime) -> Delivery:
    """What becomes of a message that may have been stored where nobody can look; `absent_reads` has the sink mark a repeat."""
    if desk.repeat_unknowable:
        return replace(delivery, state=DeliveryState.PENDING, due_at=now, absent_reads=1)
    return replace(delivery, state=DeliveryState.HELD)


async def _close(desk: DeliverDesk, delivery: Delivery, note: str, error: SendError | None = None) -> DeliverReport:
    await desk.in_store(desk.deliveries.close, delivery, now=desk.clock(), note=note)
    return DeliverReport(delivery=delivery, error=error)
