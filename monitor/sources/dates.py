"""A date as some feed writes it -> an aware instant in UTC, or None where it is no date. Pure; never invents "now"."""

import re
import unicodedata
from datetime import UTC, datetime, timedelta, timezone, tzinfo

JST = timezone(timedelta(hours=9), "JST")

#: Longer than any date; foreign text may be long.
_LONGEST = 100
#: Before this stand only the zero of .NET (year 1) and of Unix (1970).
_FIRST_YEAR = 1971
_CENTURY = 100
#: RFC 2822 section 4.3: two-digit years below 50 are of this century.
_HALF_CENTURY = 50
_NOON = 12
_MONTHS = {
    name: number
    for number, name in enumerate("jan feb mar apr may jun jul aug sep oct nov dec".split(), start=1)  # noqa: SIM905 - a table
}
#: Years that an era's first year comes after.
_ERAS = {"令和": 2018, "平成": 1988, "昭和": 1925}
#: Hours east of Greenwich. Names that mean several zones have the meaning of RFC 822, else the one news sites use.
_HOURS = {
    name: hours
    for hours, names in {
        0: "z ut utc gmt wet etc/utc etc/gmt",
        -2.5: "ndt",
        -3: "adt brt",
        -3.5: "nst",
        -4: "edt ast",
        -5: "est cdt",
        -6: "cst mdt",
        -7: "mst pdt",
        -8: "pst akdt",
        -9: "akst",
        -10: "hst",
        1: "bst cet met west wat",
        2: "cest mest eet cat sast",
        3: "eest msk eat trt",
        4: "gst",
        5: "pkt",
        5.5: "ist",
        5.75: "npt",
        7: "ict wib",
        8: "hkt sgt myt pht awst asia/shanghai",
        9: "jst kst japan asia/tokyo asia/seoul",
        9.5: "acst",
        10: "aest",
        10.5: "acdt",
        11: "aedt",
        12: "nzst",
        13: "nzdt",
    }.items()
    for name in names.split()
}

_TIME = r"(?:(?P<half>午前|午後)\s*)?(?P<hour>\d{1,2})(?:[:時](?P<minute>\d{1,2})?分?(?::?(?P<second>\d{1,2})秒?)?)(?:[.,]\d+)?"
_ZONE = r"\s*(?P<half2>[ap]\.?m\.?(?![a-z]))?\s*(?P<zone>(?:utc|gmt)?[+-]\d{1,2}:?(?:\d\d)?|[a-z]+(?:/[a-z_]+)?)?"
_MONTH_NAME = r"(?P<name>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
_SHAPES = tuple(
    re.compile(shape, re.IGNORECASE | re.ASCII)
    for shape in (
        # 2025-11-20T10:00:00+09:00, 2025/11/20 10:00, 2025.11.20, 2025-11, 2025
        rf"(?P<year>\d{{4}})(?:([-/.])(?P<month>\d{{1,2}})(?:\2(?P<day>\d{{1,2}}))?)?(?:[T\s]\s*{_TIME}{_ZONE})?",
        # 20251120T100000+0900
        rf"(?P<year>\d{{4}})(?P<month>\d\d)(?P<day>\d\d)(?:[T\s]?(?P<hour>\d\d):?(?P<minute>\d\d):?(?P<second>\d\d)?{_ZONE})?",
        # 20 Nov 2025 10:00:00 +0900, 20-Nov-25
        rf"(?P<day>\d{{1,2}})(?:st|nd|rd|th)?[\s,-]+{_MONTH_NAME}[\s,-]+(?P<year>\d{{4}}|\d\d)(?:[\s,T]+(?:at\s+)?{_TIME}{_ZONE})?",
        # November 20, 2025 10:00 AM
        rf"{_MONTH_NAME}[\s-]+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?[\s,-]+(?P<year>\d{{4}})(?:[\s,T]+(?:at\s+)?{_TIME}{_ZONE})?",
        # Nov 20 10:00:00 JST 2025
        rf"{_MONTH_NAME}\s+(?P<day>\d{{1,2}})\s+{_TIME}{_ZONE}\s+(?P<year>\d{{4}})",
        # 2025年11月20日 10:00, 令和7年11月20日 午後3時
        rf"(?P<era>令和|平成|昭和)?(?P<year>\d{{1,4}}|元)年\s*(?P<month>\d{{1,2}})月\s*(?P<day>\d{{1,2}})日\s*(?:{_TIME}{_ZONE})?",
    )
)
_REMARK = re.compile(r"\([^()]*\)")
_WEEKDAY = re.compile(
    r"^(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?\b[.,]?\s*|[月火水木金土日]曜日?", re.IGNORECASE
)
_OFFSET = re.compile(r"(?:utc|gmt)?([+-])(\d{1,2}):?(\d\d)?")


def parse_date(text: str, *, zone: tzinfo = UTC) -> datetime | None:
    """The instant that `text` states; `zone` holds where it names none.

    A date alone is midnight in Greenwich, as other readers have it: the same day in Japan, at nine in the morning.
    """
    if len(text) > _LONGEST:
        return None
    text = _REMARK.sub(" ", unicodedata.normalize("NFKC", text))
    text = " ".join(_WEEKDAY.sub(" ", " ".join(text.split())).split())
    found = next((match for shape in _SHAPES if (match := shape.fullmatch(text))), None)
    if found is None:
        return None
    parts = found.groupdict()
    return _instant(parts, zone if parts["hour"] else UTC)


def _instant(parts: dict[str, str | None], zone: tzinfo) -> datetime | None:
    year = _year(parts)
    name = parts.get("name")
    month = _MONTHS[name.lower()[:3]] if name else int(parts.get("month") or 1)
    clock = [int(parts.get(part) or 0) for part in ("hour", "minute", "second")]
    clock[0] = _hour(clock[0], (parts.get("half") or parts.get("half2") or "").lower())
    try:
        # 24:00 and the leap second 60 are written, though datetime knows neither.
        day = datetime(year, month, int(parts.get("day") or 1), tzinfo=_zone(parts.get("zone"), zone))
        moment = day + timedelta(hours=clock[0], minutes=clock[1], seconds=clock[2])
        moment = moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    possible = clock[0] <= 2 * _NOON and max(clock[1:]) <= 60 and year >= _FIRST_YEAR  # noqa: PLR2004 - minutes, seconds
    return moment if possible else None


def _year(parts: dict[str, str | None]) -> int:
    said = parts["year"] or ""
    if era := parts.get("era"):
        return _ERAS[era] + (1 if said == "元" else int(said))
    year = 0 if said == "元" else int(said)
    if parts.get("name") and len(said) == 2:  # noqa: PLR2004 - two digits
        return year + (20 if year < _HALF_CENTURY else 19) * _CENTURY
    return year


def _hour(hour: int, half: str) -> int:
    if half.startswith(("p", "午後")):
        return hour + _NOON if hour < _NOON else hour
    return 0 if half.startswith("a") and hour == _NOON else hour


def _zone(said: str | None, default: tzinfo) -> tzinfo:
    said = (said or "").lower()
    if offset := _OFFSET.fullmatch(said):
        sign, hours, minutes = offset.groups()
        return timezone((-1 if sign == "-" else 1) * timedelta(hours=int(hours), minutes=int(minutes or 0)))
    # The military letters of RFC 822 were defined with the wrong sign: they say nothing (RFC 2822 section 4.3).
    hours_east = _HOURS.get(said)
    return default if hours_east is None else timezone(timedelta(hours=hours_east))
