"""A destination that left the configuration -> nothing is sent, nothing is lost."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from monitor.errors import BlockedError
from monitor.model import Delivery, Digest, Receipt
from monitor.ports import Sink


class LostSink:
    """Renders as the usual sink does, so that what is promised can be sent once the destination is back."""

    def __init__(self, usual: Sink) -> None:
        self._usual = usual

    def render(self, digest: Digest) -> tuple[str, ...]:
        """See `Sink`."""
        return self._usual.render(digest)

    def render_note(self, lines: Sequence[str]) -> tuple[str, ...]:
        """See `Sink`."""
        return self._usual.render_note(lines)

    async def send(self, delivery: Delivery) -> Receipt:
        """Refuse."""
        raise BlockedError("app.no-destination", destination=delivery.destination)

    async def find(self, delivery: Delivery) -> Receipt | None:
        """Refuse."""
        raise BlockedError("app.no-destination", destination=delivery.destination)

    async def told_since(self, destination: str, at: datetime) -> Collection[str]:  # noqa: ARG002 - `Sink` names it
        """Refuse."""
        raise BlockedError("app.no-destination", destination=destination)

    async def places(self, destinations: Collection[str]) -> Mapping[str, str]:
        """See `Sink`."""
        return await self._usual.places(destinations)

    async def check(self, mentions: Collection[str] = ()) -> tuple[str, ...]:
        """See `Sink`."""
        return await self._usual.check(mentions)

    def now(self) -> datetime:
        """See `Sink`."""
        return self._usual.now()

    async def close(self) -> None:
        """See `Sink`."""
        await self._usual.close()
