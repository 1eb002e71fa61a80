"""A length of time as people write it ("30s", "10m", "2h", "3d", "1w") -> timedelta, and back. Pure."""

import re
from datetime import UTC, datetime, timedelta
from unicodedata import normalize

_WRITTEN = re.compile(r"([0-9]{1,8})\s*([smhdw])")
#: As in 3日, 48時間, 2 hours, ３ｄ; "mo" would be months.
_SPOKEN = re.compile(r"([0-9]{1,8})\s*(?!mo)([smhdw秒分時日週])[^0-9\s]*")
_ASCII = str.maketrans("秒分時日週", "smhdw")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
#: A hundred years: more would lead out of the calendar.
_LONGEST = timedelta(days=36_525)
#: What lies between them is a date in every zone of the world.
FIRST_DATE, LAST_DATE = datetime(1, 1, 3, tzinfo=UTC), datetime(9999, 12, 29, tzinfo=UTC)


def read_duration(text: str) -> timedelta | None:
    """The length, or `None` where the text is none."""
    found = _WRITTEN.fullmatch(text.strip())
    length = timedelta(**{_UNITS[found[2]]: int(found[1])}) if found else None
    return None if length is None or length > _LONGEST else length


def meant_duration(text: str) -> str | None:
    """What was probably meant by a text that is no length as it stands: "3d" for 3日, "2h" for 2 hours."""
    found = _SPOKEN.fullmatch(normalize("NFKC", text).strip().lower())
    return found[1] + found[2].translate(_ASCII) if found else None


def write_duration(length: timedelta) -> str:
    """The length as config and rules write it, in the longest unit up to days that it is whole in."""
    seconds = int(length.total_seconds())
    unit, size = next(
        (unit, size) for unit, size in (("d", 86_400), ("h", 3600), ("m", 60), ("s", 1)) if not seconds % size
    )
    return f"{seconds // size}{unit}"
