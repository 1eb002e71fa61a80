"""A length of time as people write it ("30s", "10m", "2h", "3d", "1w") -> timedelta. Pure."""

import re
from datetime import timedelta

_WRITTEN = re.compile(r"([0-9]{1,8})\s*([smhdw])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
#: A hundred years: more would lead out of the calendar.
_LONGEST = timedelta(days=36_525)


def read_duration(text: str) -> timedelta | None:
    """The length, or `None` where the text is none."""
    found = _WRITTEN.fullmatch(text.strip())
    length = timedelta(**{_UNITS[found[2]]: int(found[1])}) if found else None
    return None if length is None or length > _LONGEST else length
