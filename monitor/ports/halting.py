"""Deliveries that nothing sends by itself: HaltStore."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from monitor.model import Delivery


class HaltStore(Protocol):
    """What waits for a person. Every method is one short transaction, so that it may be called beside the daemon."""

    def halted(self, *, before: datetime | None) -> list[Delivery]:
        """Held and dead deliveries, oldest first; and those that were written down before an instant and tried in vain."""
        ...

    def release(self, ids: Sequence[str], *, now: datetime, by_hand: bool) -> int:
        """Held and dead ones are due again, in their old order; what may be stored already is looked up first.

        `by_hand`: a person wants them sent; where nobody can look (a webhook), they go out marked as possible repeats.
        Returns how many.
        """
        ...
