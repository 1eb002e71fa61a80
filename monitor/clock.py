"""The real clock. Everywhere else `now` is an argument."""

from datetime import UTC, datetime


def utc_now() -> datetime:
    """The present instant, aware."""
    return datetime.now(UTC)
