"""What waits x what was told lately -> the room that throttled rules have, and what may be told now. Pure.

A rule that is not named in a room is not throttled.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from monitor.model import Throttle, Waiting


def throttles(waiting: Iterable[Waiting]) -> dict[str, Throttle]:
    """Per throttled rule what its newest match says: the rule may have been edited since."""
    newest = sorted(waiting, key=lambda one: one.match_id)
    latest = {one.match.rule_id: one.match.throttle for one in newest}
    return {rule_id: throttle for rule_id, throttle in latest.items() if throttle}


def rooms(
    throttled: Mapping[str, Throttle], entered: Mapping[str, Sequence[datetime]], *, now: datetime
) -> dict[str, int]:
    """How many stories each rule may still have told as entries; `entered` is when it had some told in this destination.

    What lies ahead of `now` by more than `per` was written while the clock stood wrong and counts no more.
    """
    return {
        rule_id: max(0, throttle.max - sum(-throttle.per < at - now <= throttle.per for at in entered.get(rule_id, ())))
        for rule_id, throttle in throttled.items()
    }


def with_room(waiting: Iterable[Waiting], told_stories: Collection[str], room: Mapping[str, int]) -> list[Waiting]:
    """Without the stories of which every rule has to wait until it has room again; what was told already needs none."""
    everything = list(waiting)
    free = {one.story for one in everything if room.get(one.match.rule_id, 1) > 0}
    return [one for one in everything if one.story in free or one.story in told_stories]
