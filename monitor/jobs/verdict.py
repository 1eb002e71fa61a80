"""Delivery x what came of sending it, or of looking it up -> how it goes on, and what is held meanwhile. Pure."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from monitor.errors import (
    BlockedError,
    NotStoredError,
    PayloadError,
    SendError,
    UncertainError,
    UnknowableError,
    recalled_code,
)
from monitor.model import Delivery, DeliveryState, Receipt

ABSENT_READS = 2
FIRST_BACK_OFF = timedelta(seconds=5)
LONGEST_BACK_OFF = timedelta(minutes=15)
#: How often one message tries whether a blocked destination takes messages again: its bot may have been invited.
PROBE = timedelta(hours=1)
#: Why a delivery is held whose destination left the configuration.
LOST = "app.no-destination"
#: Why the workspace is held until its token is taken.
REFUSED = "sinks.token-refused"
#: Holds every destination of the workspace in `DeliverStore.pause`.
WORKSPACE = "slack"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """A destination, or the workspace, that is to be held."""

    name: str
    #: `None`: until a person acts, or the message that may try from `probe_at` on gets through.
    until: datetime | None
    probe_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """How a delivery goes on."""

    delivery: Delivery
    pause: Pause | None = None


def after_failure(delivery: Delivery, error: SendError, *, now: datetime, settle: timedelta) -> Verdict:
    """After an attempt that failed: nothing is dropped, and nothing that may be stored is sent again unseen."""
    failed = replace(
        delivery,
        state=DeliveryState.PENDING,
        due_at=now + back_off(delivery.attempts, first=FIRST_BACK_OFF),
        last_error=error.memo(),
    )
    if isinstance(error, NotStoredError) and error.retry_after is not None:
        until = now + error.retry_after
        return Verdict(delivery=replace(failed, due_at=until), pause=Pause(name=workspace_of(delivery), until=until))
    if isinstance(error, UncertainError):
        unknown = replace(failed, state=DeliveryState.UNKNOWN, due_at=now + settle / ABSENT_READS, absent_reads=0)
        return Verdict(delivery=unknown)
    if isinstance(error, BlockedError):
        # What holds it is the pause: once that is lifted, there is nothing left to wait for.
        return Verdict(delivery=replace(failed, due_at=now), pause=_block(delivery, error, now))
    if isinstance(error, PayloadError):
        # The sink has tried the plain form of the message, too.
        return Verdict(delivery=replace(failed, state=DeliveryState.DEAD, due_at=now))
    return Verdict(delivery=failed)


def _block(delivery: Delivery, error: BlockedError, now: datetime) -> Pause:
    name = workspace_of(delivery) if error.whole_workspace else delivery.destination
    # Whether a token is taken can be asked without posting anything.
    return Pause(name=name, until=None, probe_at=None if error.code == REFUSED else now + PROBE)


def workspace_of(delivery: Delivery) -> str:
    """What a limit or a refused secret holds: everything that the bot tells, or the one webhook."""
    return delivery.destination if delivery.destination.startswith("webhook:") else WORKSPACE


def back_off(attempts: int, *, first: timedelta) -> timedelta:
    """How long after so many attempts the next one waits."""
    return min(first * (1 << min(max(attempts - 1, 0), 10)), LONGEST_BACK_OFF)


def is_lost(delivery: Delivery) -> bool:
    """Whether it is held since its destination left the configuration, and not by the operator's wish."""
    return delivery.state is DeliveryState.HELD and recalled_code(delivery.last_error) == LOST


def found(delivery: Delivery, receipt: Receipt) -> Delivery:
    """The other side has it."""
    return replace(
        delivery,
        state=DeliveryState.SENT,
        receipt=receipt.id,
        sent_at=receipt.received_at,
        last_error=None,
    )


def not_found(delivery: Delivery, *, now: datetime, other_now: datetime, settle: timedelta) -> Delivery:
    """After a complete look-up in vain; `other_now` is the time by the other side's clock.

    Absent is what two look-ups have missed, the second after it has had the time to show. It is sent again at once, since
    a process that cron starts gets no second turn; with pauses once that has happened twice.
    """
    reads = delivery.absent_reads + 1
    settled = delivery.send_started_at is None or other_now - delivery.send_started_at >= settle
    if reads < ABSENT_READS or not settled:
        return replace(delivery, absent_reads=reads, due_at=now + settle / ABSENT_READS)
    wait = back_off(delivery.attempts - 2, first=FIRST_BACK_OFF) if delivery.attempts > 2 else timedelta(0)  # noqa: PLR2004 - twice
    return replace(delivery, state=DeliveryState.PENDING, due_at=now + wait, absent_reads=reads)


def not_known(delivery: Delivery, error: SendError, *, now: datetime, settle: timedelta) -> Delivery:
    """After a look-up that failed: it is repeated, less and less often, and not before the other side wants to be asked."""
    wish = (error.retry_after if isinstance(error, UncertainError) else None) or settle
    patience = min((now - delivery.created_at) / 10, LONGEST_BACK_OFF)
    return replace(delivery, due_at=now + max(settle, wish, patience), last_error=error.memo())


def unknowable(delivery: Delivery, error: UnknowableError, *, now: datetime, repeat: bool) -> Delivery:
    """What becomes of a message that may have been stored where nobody can look; `absent_reads` has the sink mark a repeat."""
    if repeat:
        return replace(delivery, state=DeliveryState.PENDING, due_at=now, absent_reads=1)
    return replace(delivery, state=DeliveryState.HELD, last_error=error.memo())
