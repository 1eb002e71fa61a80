"""Digest -> Receipt: Sink, the door to whoever is told."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from monitor.model import (
    Delivery,
    Digest,
    Receipt,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request to the other side."""

    #: Slack's name of it, "chat.postMessage".
    method: str
    #: "ok", "refused", "limited", or "lost": no answer that says anything.
    outcome: str


class Sink(Protocol):
    """Digest -> Receipt."""

    def render(self, digest: Digest) -> tuple[str, ...]:
        """The messages of a digest as JSON payloads, the parent first; pure. Each is within the limits of the medium."""
        ...

    def render_note(self, lines: Sequence[str], /) -> tuple[str, ...]:
        """The messages of a note to the operator, likewise; its first line is its heading."""
        ...

    async def send(self, delivery: Delivery) -> Receipt:
        """Send one message, once. The same delivery may come again after NotStoredError. Raises SendError's kinds."""
        ...

    async def find(self, delivery: Delivery) -> Receipt | None:
        """Look a delivery up on the other side; `None` when it certainly is not there. Raises SendError when it cannot be known."""
        ...

    async def told_since(self, destination: str, at: datetime) -> Collection[str]:
        """Addresses of the articles that messages of ours told a destination after an instant, whoever remembers them.

        Raises UnknowableError where nobody can be asked, another SendError where it cannot be known now.
        """
        ...

    async def places(self, destinations: Collection[str]) -> Mapping[str, str]:
        """What each destination is on the other side: the same for two that are one. Raises SendError where it cannot be known.

        One that nobody there knows is itself.
        """
        ...

    async def check(self, mentions: Collection[str] = ()) -> tuple[str, ...]:
        """Ask whether the other side lets us in, and learn whom `mentions` mean there; those that nobody there has.

        Asked at the start, when mentions change, and now and then. Raises SendError.
        """
        ...

    def now(self) -> datetime:
        """The time by the other side's clock, as far as it is known: look-ups ask the other side for a span of its own time."""
        ...

    async def close(self) -> None: ...
