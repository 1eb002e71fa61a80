"""Deliveries -> receipts: claim | send | record, or look up | record.

A delivery is claimed on disk before the call, and closed after it. What may have been stored on the other side is looked up
there before it is sent again. What has no destination any more is held, and goes on when that is back.
"""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from monitor.errors import BlockedError, SendError, StoreError, UncertainError, UnknowableError
from monitor.jobs import verdict
from monitor.model import Delivery, DeliveryState
from monitor.ports import LAG, ContactStore, DeliverStore, HaltStore, InStore, Sink
from monitor.schedule import SETTLE, settle_time

#: Messages of one destination after which it is looked what has become due elsewhere: one that is told much keeps no other waiting.
ROUND = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class SendDesk:
    """The doors that sending goes through, and the clock."""

    in_store: InStore
    deliveries: DeliverStore
    halts: HaltStore
    sink_of: Callable[[str], Sink]
    clock: Callable[[], datetime]
    #: Waits until a destination may be written to (Slack: about one message per second and channel), and notes when it was.
    turn: Callable[[str], AbstractAsyncContextManager[None]]
    #: Whether the configuration no longer has a delivery's destination.
    is_lost: Callable[[Delivery], bool] = lambda _: False
    #: Whether the process goes on: where it does not, nothing more is claimed.
    goes_on: Callable[[], bool] = lambda: True
    #: How long a message may take to show; see `SETTLE`.
    settle: timedelta = SETTLE
    #: Whether a message that may have been stored where nobody can look is sent once more, marked, or held.
    repeat_unknowable: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliverReport:
    """What one attempt came to."""

    delivery: Delivery
    error: SendError | None = None
    #: Whether it was looked for on the other side, and not sent.
    looked_up: bool = False


async def settling(in_store: InStore, contacts: ContactStore) -> timedelta:
    """How long a message may take to show, as far as that was measured."""
    known = await in_store(contacts.contacts)
    return settle_time(next((timedelta(seconds=float(one.value)) for one in known if one.name == LAG), None))


async def send_due(desk: SendDesk, write_down: Callable[[], Awaitable[object]] | None = None) -> list[DeliverReport]:
    """Send or look up every delivery that is due: destinations side by side, each in order.

    `write_down` is called before each round, for what has become due meanwhile. Ends when nothing was sent, nor found to be
    missing, which is sent at once.
    """
    await _take_up_found(desk)
    reports: list[DeliverReport] = []
    goes_on = True
    while goes_on and desk.goes_on():
        if write_down is not None:
            await write_down()
        due = await desk.in_store(desk.deliveries.due, now=desk.clock())
        turn = await _send_round(desk, due)
        reports += turn
        looked_up = {delivery.id for delivery in due if delivery.state is DeliveryState.UNKNOWN}
        goes_on = any(_leads_on(report.delivery, looked_up) for report in turn)
    return reports


async def _send_round(desk: SendDesk, due: Sequence[Delivery]) -> list[DeliverReport]:
    lanes: dict[str, list[Delivery]] = defaultdict(list)
    for delivery in due:
        lanes[delivery.destination].append(delivery)
    done = await asyncio.gather(*(_send_lane(desk, lane[:ROUND]) for lane in lanes.values()))
    return [report for lane in done for report in lane]


async def _take_up_found(desk: SendDesk) -> None:
    halted = await desk.in_store(desk.halts.halted, before=None)
    found = [one.id for one in halted if verdict.is_lost(one) and not desk.is_lost(one)]
    if found:
        await desk.in_store(desk.halts.release, found, now=desk.clock(), by_hand=False)


def _leads_on(delivery: Delivery, looked_up: Collection[str]) -> bool:
    return delivery.state in {DeliveryState.SENT, DeliveryState.HELD} or (
        delivery.state is DeliveryState.PENDING and delivery.id in looked_up
    )


async def _send_lane(desk: SendDesk, lane: Sequence[Delivery]) -> list[DeliverReport]:
    """One destination's deliveries in order; a failure stops the lane until it is due again."""
    reports = []
    for delivery in lane:
        if not desk.goes_on():
            break
        report = await _take_turn(desk, delivery)
        reports.append(report)
        if report.delivery.state not in {DeliveryState.SENT, DeliveryState.HELD}:
            break
    return reports


async def _take_turn(desk: SendDesk, delivery: Delivery) -> DeliverReport:
    if delivery.state is DeliveryState.UNKNOWN:
        return replace(await _look_up(desk, delivery), looked_up=True)
    if desk.is_lost(delivery):
        return await _hold(desk, delivery)
    async with desk.turn(delivery.destination):
        return await _send(desk, delivery) if desk.goes_on() else DeliverReport(delivery=delivery)


async def _hold(desk: SendDesk, delivery: Delivery) -> DeliverReport:
    error = BlockedError(verdict.LOST, destination=delivery.channel)
    return await _close(desk, replace(delivery, state=DeliveryState.HELD, last_error=error.memo()), error.code, error)


async def _send(desk: SendDesk, delivery: Delivery) -> DeliverReport:
    sink = desk.sink_of(delivery.destination)
    started = sink.now()
    if not await desk.in_store(desk.deliveries.claim, delivery.id, now=desk.clock(), send_started_at=started):
        return DeliverReport(delivery=delivery)
    sending = replace(delivery, state=DeliveryState.SENDING, attempts=delivery.attempts + 1, send_started_at=started)
    try:
        receipt = await sink.send(sending)
    except SendError as error:
        return await _record_failure(desk, sending, error)
    except StoreError as error:
        # Nobody knows how far the sink had come when it could not note something.
        unsure = UncertainError("sinks.unsure", destination=delivery.destination, reason=error.code)
        await _record_failure(desk, sending, unsure)
        raise
    return await _close(desk, verdict.found(sending, receipt), "sent")


async def _record_failure(desk: SendDesk, delivery: Delivery, error: SendError) -> DeliverReport:
    now = desk.clock()
    after = verdict.after_failure(delivery, error, now=now, settle=desk.settle)
    try:
        if after.pause is not None:
            await desk.in_store(
                desk.deliveries.pause,
                after.pause.name,
                until=after.pause.until,
                reason=error.memo(),
                now=now,
                probe_at=after.pause.probe_at,
            )
    finally:
        # On a full disk the store keeps this in mind, or makes room for it.
        report = await _close(desk, after.delivery, error.code, error)
    return report


async def _look_up(desk: SendDesk, delivery: Delivery) -> DeliverReport:
    """What left the configuration may be asked after all the same, but for a webhook, whose secret is gone with it."""
    if desk.is_lost(delivery) and delivery.destination.startswith("webhook:"):
        return await _hold(desk, delivery)
    now, sink = desk.clock(), desk.sink_of(delivery.destination)
    try:
        receipt = await sink.find(delivery)
    except UnknowableError as error:
        after = verdict.unknowable(delivery, error, now=now, repeat=desk.repeat_unknowable)
        return await _close(desk, after, error.code, error)
    except SendError as error:
        return await _close(desk, verdict.not_known(delivery, error, now=now, settle=desk.settle), error.code, error)
    if receipt is not None:
        return await _close(desk, verdict.found(delivery, receipt), "found")
    after = verdict.not_found(delivery, now=now, other_now=sink.now(), settle=desk.settle)
    return await _close(desk, after, "absent" if after.state is DeliveryState.PENDING else "not seen yet")


async def _close(desk: SendDesk, delivery: Delivery, note: str, error: SendError | None = None) -> DeliverReport:
    await desk.in_store(desk.deliveries.close, delivery, now=desk.clock(), note=note)
    return DeliverReport(delivery=delivery, error=error)
