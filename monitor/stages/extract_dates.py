"""A date as a page writes it -> aware instant in UTC. Pure."""

import re
import unicodedata
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from email.utils import parsedate_to_datetime

JST = timezone(timedelta(hours=9))
_LONGEST = 100
_ERAS = {"令和": 2018, "平成": 1988}
_WRITTEN = re.compile(
    r"(?:(?P<era>令和|平成)\s*(?P<era_year>\d{1,2}|元)\s*年|(?P<year>(?:19|20)\d{2})\s*[年./-])"
    r"\s*(?P<month>\d{1,2})\s*[月./-]\s*(?P<day>\d{1,2})(?!\d)\s*日?"
    r"(?:\s*\(?[月火水木金土日](?:曜日?)?(?:・?祝)?\)?)?"
    r"(?:[\sT,、]*(?P<half>午前|午後|[AaPp]\.?[Mm]\.?)?\s*(?P<hour>\d{1,2})\s*[:時]\s*(?P<minute>\d{1,2})"
    r"(?:\s*[:分]\s*(?P<second>\d{1,2}))?)?"
    r"(?:\.\d+)?\s*(?P<zone>Z\b|UTC|GMT|JST|[+-]\d{2}:?\d{2})?"
)
_ZONES = {"Z": UTC, "UTC": UTC, "GMT": UTC, "JST": JST}
_AFTERNOON = ("午後", "p")
#: Seconds and milliseconds of the years 2001 to 2286 as digits alone.
_EPOCH = re.compile(r"\d{10}(?:\d{3})?")


def instant(text: str, zone: tzinfo) -> datetime | None:
    """The first date in a short text; `zone` is where one without a zone was written, a day alone means its midnight."""
    text = unicodedata.normalize("NFKC", text[:_LONGEST]).strip()
    try:
        found = _iso(text) or _epoch(text) or _written(text) or _mail(text)
        if found is None:
            return None
        return (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def is_day_only(text: str) -> bool:
    """Whether a date is written without a time of day."""
    return len(text.strip()) <= len("2025年12月31日(水)") and not re.search(r"[:時T]", text)


def _iso(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text) if text[4:5] == "-" else None
    except ValueError:
        return None


def _epoch(text: str) -> datetime | None:
    return datetime.fromtimestamp(int(text[:10]), UTC) if _EPOCH.fullmatch(text) else None


def _mail(text: str) -> datetime | None:
    """RFC 5322 and its neighbours: "Fri, 26 Apr 2024 15:24:10 +0200"."""
    try:
        return parsedate_to_datetime(text)
    except (ValueError, TypeError):
        return None


def _written(text: str) -> datetime | None:
    """2025年8月16日 10時30分, 2025/08/16(土) 午後3:05, 令和7年8月16日, 2025-08-16 10:30:00 JST, as digits in this order."""
    found = _WRITTEN.search(text)
    if not found:
        return None
    hour = int(found["hour"] or 0)
    if (found["half"] or "").lower().startswith(_AFTERNOON) and hour < 12:  # noqa: PLR2004 - hours of half a day
        hour += 12
    day = datetime(_year(found), int(found["month"]), int(found["day"]), tzinfo=_zone(found["zone"]))
    return day + timedelta(hours=hour, minutes=int(found["minute"] or 0), seconds=int(found["second"] or 0))


def _year(found: re.Match[str]) -> int:
    if found["era"]:
        return _ERAS[found["era"]] + (1 if found["era_year"] == "元" else int(found["era_year"]))
    return int(found["year"])


def _zone(text: str | None) -> tzinfo | None:
    if not text or text in _ZONES:
        return _ZONES.get(text or "")
    return datetime.strptime(text, "%z").tzinfo
