"""What holds destinations -> lifted, or waited for."""

from datetime import datetime, timedelta

from monitor.errors import recalled_code
from monitor.jobs.verdict import REFUSED
from monitor.model import DeliveryState
from monitor.ports import DeliverStore, InStore


async def lift_blocks(in_store: InStore, deliveries: DeliverStore, *, refused_token_only: bool = False) -> None:
    """Tell again what refused to be told: a person has had the chance to mend it, or the token is taken again."""
    for name, (until, reason) in (await in_store(deliveries.paused)).items():
        if until is None and (not refused_token_only or recalled_code(reason) == REFUSED):
            await in_store(deliveries.pause, name, until=None, reason=None)


async def pause_ends_in(
    in_store: InStore, deliveries: DeliverStore, *, now: datetime, patience: timedelta
) -> timedelta | None:
    """How long until something can be sent that is held by a limit; `None` where that is not within `patience`."""
    paused = await in_store(deliveries.paused)
    for until in sorted(until for until, _ in paused.values() if until and now < until <= now + patience):
        due = await in_store(deliveries.due, now=until)
        if any(delivery.state is DeliveryState.PENDING for delivery in due):
            return until - now
    return None
