"""What became of a match -> a line for people, and as JSON. Pure."""

from collections.abc import Callable, Iterable
from datetime import datetime

from monitor.messages import say
from monitor.model import DeliveryState, Fate, Telling
from monitor.stages.wording import inert, shortened

#: States of a delivery that may still be told.
_ON_ITS_WAY = (DeliveryState.PENDING, DeliveryState.SENDING, DeliveryState.UNKNOWN)


def fate_line(
    fate: Fate, language: str, *, moment: Callable[[datetime], str], next_at: Callable[[str], datetime | None]
) -> str:
    """As in: #news: told 11-23 12:00. `next_at` gives a channel's next digest."""
    name = _code(fate)
    facts = {"channel": shortened(inert(fate.channel), 60)}
    if name == "waits":
        following = next_at(fate.channel) if fate.when == "digest" else None
        at = moment(following) if following else say("fates.soon", language)
    elif name == "held":
        at = moment(fate.revisit_at) if fate.revisit_at else "–"
    else:
        at = moment(fate.told_at) if fate.told_at else "–"
    return say(f"fates.{name}", language, at=at, **facts)


def _code(fate: Fate) -> str:
    if fate.telling is Telling.WAITING:
        return "waits"
    if fate.telling is not Telling.PROMISED:
        return fate.telling.value
    if fate.delivery is DeliveryState.SENT:
        return "told"
    if fate.delivery in _ON_ITS_WAY:
        return "sending"
    return "kept" if fate.delivery is DeliveryState.HELD else "refused"


def fates_json(fates: Iterable[Fate]) -> list[dict[str, object]]:
    """`[{"channel", "destination", "telling", "delivery", "told_at"}]`; instants ISO 8601."""
    return [
        {
            "channel": fate.channel,
            "destination": fate.destination,
            "telling": fate.telling.value,
            "delivery": fate.delivery.value if fate.delivery else None,
            "told_at": fate.told_at.isoformat() if fate.told_at else None,
        }
        for fate in fates
    ]
