"""What waits -> deliveries: gather | compose | promise. A message is written down as a delivery before it is sent."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from monitor.config.channels import Channel, Channels
from monitor.model import Delivery, Digest, Waiting
from monitor.ports import Backlog, DeliverStore, InStore, Promise, Sink
from monitor.schedule import Decision, Reason, Timetable
from monitor.stages.compose import Composed, compose_digest
from monitor.stages.throttle import rooms, throttles, with_room

#: The severity that passes quiet hours.
BREAKING = "breaking"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliverDesk:
    """The doors that telling goes through, and the clock."""

    in_store: InStore
    deliveries: DeliverStore
    channels: Channels
    timetable: Timetable
    sink_of: Callable[[str], Sink]
    clock: Callable[[], datetime]
    #: (sources, rules): said in the very first message; `None` once something was told.
    hello: tuple[int, int] | None = None
    #: Destinations to which nothing may be promised yet: it is not known what they were told since a backup.
    closed: Collection[str] = frozenset()


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
        if turn.destination in desk.closed:
            continue
        gathered = await gather(desk, turn)
        if gathered.waiting and (not turn.is_patient or _decide(desk, _left(turn, gathered), slots, urge).due):
            # Only the very first message says hello.
            once = desk if not promised else replace(desk, hello=None)
            promised += await _promise(once, turn, gathered, slots.get(turn.channel))
    return promised


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """What is due in one destination of a channel: told as one digest, whichever ways of telling it waits in."""

    due: Sequence[Backlog]
    decision: Decision

    @property
    def channel(self) -> str:
        """Its name."""
        return self.due[0].channel

    @property
    def destination(self) -> str:
        """Where it goes."""
        return self.due[0].destination

    @property
    def is_urgent(self) -> bool:
        """Whether it is told at once, and not as what quiet hours have held."""
        return all(one.when == "now" for one in self.due) and self.decision.reason is not Reason.RELEASED

    @property
    def is_patient(self) -> bool:
        """Whether a throttled rule without room waits for it: a digest and whoever asks are told everything."""
        return self.is_urgent and self.decision.reason is not Reason.ASKED


def _turns(backlog: Iterable[Backlog], decide: Callable[[Backlog], Decision]) -> list[Turn]:
    places: dict[tuple[str, str], list[tuple[Backlog, Decision]]] = defaultdict(list)
    for one in backlog:
        if (decision := decide(one)).due:
            places[one.channel, one.destination].append((one, decision))
    turns = []
    for rows in places.values():
        # What is done at a slot is named after it.
        decisions = sorted((decision for _, decision in rows), key=lambda decision: decision.slot is None)
        turns.append(Turn(due=[one for one, _ in rows], decision=decisions[0]))
    return turns


def _decide(desk: DeliverDesk, backlog: Backlog, slots: Mapping[str, datetime], urge: Urge) -> Decision:
    channel = desk.channels.get(backlog.channel)
    if urge is Urge.ALL:
        return Decision(due=True, reason=Reason.ASKED)
    if urge is Urge.COLLECTED:
        channel = replace(channel, wait=timedelta(0))
    return desk.timetable.decide(channel, backlog, last_slot_at=slots.get(channel.name), now=desk.clock())


async def _note_slots(desk: DeliverDesk, backlog: Sequence[Backlog]) -> dict[str, datetime]:
    slots, noted = await slots_done(desk, backlog)
    if noted:
        await desk.in_store(desk.deliveries.set_slots, noted)
    return slots | noted


async def slots_done(desk: DeliverDesk, backlog: Sequence[Backlog]) -> tuple[dict[str, datetime], dict[str, datetime]]:
    """The last slot done per channel as it stands written, and what is to be written of it.

    A new channel starts now, and a slot at which nothing waits is done. What was noted while the clock stood ahead would
    stall its channel until then: it starts from the last true slot.
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
    return slots, noted


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """What one destination may be told, oldest first, and what it was told."""

    waiting: Sequence[Waiting]
    told: Collection[str]
    room: Mapping[str, int]


async def gather(desk: DeliverDesk, turn: Turn) -> Gathered:
    """Read what the destination of a turn may be told."""
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
    return Gathered(waiting=waiting, told=told, room=room)


def _left(turn: Turn, gathered: Gathered) -> Backlog:
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


async def _promise(desk: DeliverDesk, turn: Turn, gathered: Gathered, since: datetime | None) -> list[Delivery]:
    composed = compose(desk, turn, gathered, since)
    now = desk.clock()
    promise = _as_promise(desk, turn, composed, now)
    return await desk.in_store(desk.deliveries.promise, promise, now=now, slot=turn.decision.slot)


def compose(desk: DeliverDesk, turn: Turn, gathered: Gathered, since: datetime | None) -> Composed:
    """Put what was gathered (not nothing) into a digest; `since` is the slot before."""
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
        # An alert begins with its news: a notification on a phone shows no more.
        hello=None if turn.is_urgent else _hello(desk, desk.channels.get(turn.channel), now),
        room=gathered.room,
    )


def _as_promise(desk: DeliverDesk, turn: Turn, composed: Composed, now: datetime) -> Promise:
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


def _period(desk: DeliverDesk, turn: Turn, first_match_id: int) -> str:
    """Names the turn. A match is promised once per destination, so its id names a turn without a slot for ever."""
    decision = turn.decision
    if decision.slot is not None:
        return f"digest/{turn.channel}/{desk.timetable.slot_name(decision.slot)}"
    kind = "breaking" if decision.breaking_only else "now" if turn.is_urgent else "digest"
    return f"{kind}/{turn.channel}/{first_match_id}"


def _hello(desk: DeliverDesk, channel: Channel, now: datetime) -> tuple[int, int, datetime | None] | None:
    return (*desk.hello, desk.timetable.next_slot(channel, now)) if desk.hello else None
