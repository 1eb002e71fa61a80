"""Match -> whether it may be told, and coverage of a rule x Threshold -> which of it has reached the threshold. Pure."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from monitor.model import Match, Telling, Threshold


def first_telling(wish: Telling, match: Match, *, muted: Collection[str]) -> Telling:
    """What becomes of a match when it is remembered: the first that applies of initial, muted, held or skipped, gathering.

    `wish` is WAITING, or INITIAL where the first poll of a source may not tell it; `muted` are ids of rules.
    """
    if wish is Telling.INITIAL:
        return wish
    if match.rule_id in muted:
        return Telling.MUTED
    if match.needs_body and match.when_body_missing != "tell":
        return Telling.HELD if match.when_body_missing == "hold" else Telling.SKIPPED
    return Telling.GATHERING if match.threshold else Telling.WAITING


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """One article that answers a rule, as far as coverage is concerned."""

    at: datetime
    story: str
    #: Every source that carries it.
    outlets: frozenset[str]


def reached(sightings: Sequence[Sighting], threshold: Threshold) -> frozenset[int]:
    """The indexes of those that stand in some span of `within` with stories and outlets enough; both its ends count.

    More sightings never take one away, so that the outcome does not depend on the order in which they became known.
    """
    order = sorted(range(len(sightings)), key=lambda index: sightings[index].at)
    stories: Counter[str] = Counter()
    outlets: Counter[str] = Counter()
    enough: set[int] = set()
    first = counted = 0
    for place, index in enumerate(order):
        newest = sightings[index]
        _count(stories, [newest.story], 1)
        _count(outlets, newest.outlets, 1)
        while newest.at - sightings[order[first]].at > threshold.within:
            left = sightings[order[first]]
            _count(stories, [left.story], -1)
            _count(outlets, left.outlets, -1)
            first += 1
        if len(stories) >= threshold.stories and len(outlets) >= threshold.sources:
            enough.update(order[max(first, counted) : place + 1])
            counted = place + 1
    return frozenset(enough)


def _count(counter: Counter[str], names: Iterable[str], step: int) -> None:
    for name in names:
        counter[name] += step
        if not counter[name]:
            del counter[name]
