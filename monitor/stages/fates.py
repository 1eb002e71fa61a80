"""What became of a match -> a line for people, and as JSON. Pure."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from monitor.messages import say
from monitor.model import DeliveryState, Fate, Telling
from monitor.stages.wording import inert, shortened

#: States of a delivery that may still be told.
_ON_ITS_WAY = (DeliveryState.PENDING, DeliveryState.SENDING, DeliveryState.UNKNOWN)
#: What was told, here or with another; and what never will be.
_TOLD = frozenset({"told", "covered"})
_NEVER = frozenset({"refused", "initial", "skipped"})


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
    elif name == "told":
        at = moment(fate.told_at) if fate.told_at else "–"
    else:
        at = say("fates.at", language, at=moment(fate.told_at)) if fate.told_at else ""
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Untold:
    """Matches that nobody was told of."""

    #: As in: muted 1, below the threshold 1.
    why: str
    #: Whether any of them may still be told.
    waits: bool


def untold(fates: Sequence[Fate], language: str) -> Untold | None:
    """Why none of these was told, each rule counted once; `None` where one was, or where there are none."""
    names = Counter(name for _, name in dict.fromkeys((fate.rule_id, _code(fate)) for fate in fates))
    if not names or not names.keys().isdisjoint(_TOLD):
        return None
    briefs = (
        say("fates.brief", language, what=say(f"fates.brief-{name}", language), count=count)
        for name, count in names.items()
    )
    why = say("fates.brief-joint", language).join(briefs)
    return Untold(why=why, waits=not names.keys() <= _NEVER)


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
