"""Date headers -> what time it is by Slack's clock, which a look-up by time must use: ours may be hours off."""

import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime


def _utc_now() -> datetime:
    return datetime.now(UTC)


def http_date(value: str | None) -> datetime | None:
    """A Date or Retry-After header that holds a date (RFC 9110 section 5.6.7)."""
    try:
        stated = parsedate_to_datetime(value or "")
    except (ValueError, TypeError, OverflowError):
        return None
    return stated.replace(tzinfo=UTC) if stated.tzinfo is None else stated.astimezone(UTC)


class SlackClock:
    """The last Date header plus the time since by the monotonic clock; our own time until there was one."""

    def __init__(self, now: Callable[[], datetime] = _utc_now, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._own_now = now
        self._monotonic = monotonic
        self._heard: tuple[datetime, float] | None = None

    @property
    def is_set(self) -> bool:
        """Whether Slack has told the time yet."""
        return self._heard is not None

    def hear(self, headers: Mapping[str, str]) -> None:
        """Set the clock by an answer of Slack."""
        stated = http_date(headers.get("Date"))
        if stated is not None:
            self._heard = (stated, self._monotonic())

    def now(self) -> datetime:
        """Slack's time, aware UTC."""
        if self._heard is None:
            return self._own_now()
        stated, at = self._heard
        return stated + timedelta(seconds=self._monotonic() - at)
