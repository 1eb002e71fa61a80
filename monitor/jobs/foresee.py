"""What waits x timetables -> the digests still to come, each with its time; nothing is written down.

Times are found by asking the timetable what it will decide at every instant at which that may change, so that what is
foreseen is what the daemon will do.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from monitor.config.channels import Channel
from monitor.jobs.deliver import DeliverDesk, Turn, Urge, compose, gather, slots_done
from monitor.model import Upcoming
from monitor.ports import Backlog
from monitor.schedule import LOOK, Decision, Reason, Timetable

_ASKED = Decision(due=True, reason=Reason.ASKED)


async def foresee(desk: DeliverDesk, urge: Urge = Urge.DUE) -> list[Upcoming]:
    """What will be told, the first first; with `Urge.ALL` what would be if all of it were told now."""
    backlog, now = await desk.in_store(desk.deliveries.backlog), desk.clock()
    known, noted = await slots_done(desk, backlog)
    slots = known | noted
    rows = [
        (one, at, decision)
        for one in backlog
        for at, decision in ([(now, _ASKED)] if urge is Urge.ALL else _decisions(desk, one, slots))
    ]
    coming: list[Upcoming] = []
    foreseen: dict[str, tuple[set[int], set[str]]] = defaultdict(lambda: (set(), set()))
    for at, turn in _turns(rows):
        gathered = await gather(desk, turn)
        matches, stories = foreseen[turn.destination]
        waiting = [one for one in gathered.waiting if one.match_id not in matches]
        if not waiting:
            continue
        gathered = replace(gathered, waiting=waiting, told={*gathered.told, *stories})
        then = replace(desk, clock=_standing(at or now), hello=None if coming else desk.hello)
        digest = compose(then, turn, gathered, slots.get(turn.channel)).digest
        matches |= {one.match_id for one in waiting}
        stories |= {one.story for one in waiting}
        if digest is not None:
            facts = {"breaking_only": turn.decision.breaking_only, "held": _is_held(turn.decision, at, now)}
            coming.append(Upcoming(digest=digest, at=at, seen_at=now, **facts))
    return coming


def _decisions(
    desk: DeliverDesk, backlog: Backlog, slots: Mapping[str, datetime]
) -> Iterator[tuple[datetime | None, Decision]]:
    """When what waits goes out: what is breaking perhaps before the rest."""
    channel, timetable = desk.channels.get(backlog.channel), desk.timetable
    for at in _instants(timetable, channel, backlog, desk.clock()):
        decision = timetable.decide(channel, backlog, last_slot_at=slots.get(channel.name), now=at)
        if decision.due:
            # Whoever asks is shown what a throttle lets wait, too.
            is_patient = decision.reason in {Reason.COLLECTED, Reason.BREAKING}
            yield at, replace(decision, reason=Reason.ASKED) if is_patient else decision
            if not decision.breaking_only:
                return
            backlog = replace(backlog, first_breaking_at=None)
    yield None, _ASKED


def _instants(timetable: Timetable, channel: Channel, backlog: Backlog, now: datetime) -> list[datetime]:
    """All at which something of a channel may become due, up to its next slot and the quiet hours around it."""
    found = {now, backlog.first_matched_at + channel.wait}
    found |= {backlog.first_breaking_at + channel.wait} if backlog.first_breaking_at else set()
    days = (now.astimezone(timetable.zone).date() + timedelta(days=ahead) for ahead in range(-1, LOOK))
    slots = (slot for day in days for slot in timetable.slots(channel, day) if slot > now)
    found |= {slot} if (slot := next(slots, None)) else set()
    found |= {end for at in found if (end := timetable.quiet_until(channel.quiet, at))}
    return sorted(at for at in found if at >= now)


def _turns(rows: Iterable[tuple[Backlog, datetime | None, Decision]]) -> list[tuple[datetime | None, Turn]]:
    """What one destination of a channel is told at one time is one digest."""
    places: dict[tuple[str, str, datetime | None, bool], list[tuple[Backlog, Decision]]] = defaultdict(list)
    for backlog, at, decision in rows:
        places[backlog.channel, backlog.destination, at, decision.breaking_only].append((backlog, decision))
    turns = []
    for (*_, at, _), found in places.items():
        # What is done at a slot is named after it.
        decision = min((decision for _, decision in found), key=lambda one: one.slot is None)
        turns.append((at, Turn(due=[backlog for backlog, _ in found], decision=decision)))
    return sorted(turns, key=lambda one: (one[0] is None, one[0] or 0, not one[1].decision.breaking_only))


def _standing(at: datetime) -> Callable[[], datetime]:
    return lambda: at


def _is_held(decision: Decision, at: datetime | None, now: datetime) -> bool:
    """Whether quiet hours put it off until then."""
    if at is None or at <= now or decision.breaking_only:
        return False
    return decision.reason is Reason.RELEASED or (decision.slot is not None and decision.slot < at)
