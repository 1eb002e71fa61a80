"""A date as a page writes it -> aware instant in UTC. Pure."""

import re
import unicodedata
from collections.abc import Iterator
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
_YEARLESS = re.compile(r"(?<![\d年])\d{1,2}月\s*\d{1,2}日.{0,5}?\d{1,2}\s*[:時]\s*\d{2}")
_ZONES = {"Z": UTC, "UTC": UTC, "GMT": UTC, "JST": JST}
_AFTERNOON = ("午後", "p")
_MAIL = re.compile(r"(?:[A-Z][a-z]{2}, )?\d{1,2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}(?::\d{2})?(?: |$)")
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


def written_dates(text: str) -> Iterator[tuple[str, str]]:
    """(what stands around it, the date) for each date with a year in a text: "更新: 2025/08/17", "2025/08/17 更新"."""
    text = unicodedata.normalize("NFKC", text)
    found = list(_WRITTEN.finditer(text))
    ends = [0, *(one.end() for one in found)]
    for number, one in enumerate(found):
        before = text[ends[number] : one.start()]
        # What follows the last date can only be said of that one.
        after = text[one.end() :] if number == len(found) - 1 and not before.strip() else ""
        yield f"{before} {after}", one[0]


def is_yearless(text: str) -> bool:
    """Whether a text holds a date with a time but without a year: "[04月01日 12時00分]"."""
    return _YEARLESS.search(unicodedata.normalize("NFKC", text)) is not None


def latest_instant(text: str, zone: tzinfo, latest: datetime) -> datetime | None:
    """The last time up to `latest` that a date without a year can mean."""
    found = _YEARLESS.search(unicodedata.normalize("NFKC", text[:_LONGEST]))
    years = (latest.year, latest.year - 1) if found else ()
    instants = (instant(f"{year}年{found[0]}", zone) for year in years if found)
    return next((one for one in instants if one and one <= latest), None)


def _iso(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text) if text[4:5] == "-" else None
    except ValueError:
        return None


def _epoch(text: str) -> datetime | None:
    return datetime.fromtimestamp(int(text[:10]), UTC) if _EPOCH.fullmatch(text) else None


def _mail(text: str) -> datetime | None:
    """RFC 5322: "Fri, 26 Apr 2024 15:24:10 +0200". The library takes much more and drops what it does not know ("PM")."""
    return parsedate_to_datetime(text) if _MAIL.match(text) else None


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
