"""Response headers -> validators and the site's wishes about time. Pure; foreign headers never raise.

RFC 9110 sections 8.8 and 10.2.3 (validators, Retry-After), RFC 9111 sections 4.2 and 5.2 (freshness).
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from math import ceil

from aiohttp import hdrs

from monitor.model import Validators

_LONGEST_VALUE = 1000
_LONGEST = timedelta(days=365)
_SECONDS = re.compile(r"\s*(\d{1,12}(?:\.\d{0,12})?)\s*")
_MAX_AGE = re.compile(r"(?:^|[\s,])max-age\s*=\s*\"?(\d{1,12})", re.IGNORECASE)
_NEVER_FRESH = re.compile(r"(?:^|[\s,])no-(?:store|cache)(?![\w-])", re.IGNORECASE)


def validators_of(headers: Mapping[str, str], *, sent: Validators | None = None) -> Validators:
    """What to ask with next time; where the answer states none (a 304 may), what was `sent`."""
    etag, modified = headers.get(hdrs.ETAG), headers.get(hdrs.LAST_MODIFIED)
    if sent is not None and etag is None and modified is None:
        return sent
    return Validators(etag=_resendable(etag), last_modified=_resendable(modified))


def content_type_of(headers: Mapping[str, str]) -> str | None:
    """The Content-Type header without what is no printable ASCII."""
    value = headers.get(hdrs.CONTENT_TYPE)
    return value and "".join(char for char in value[:_LONGEST_VALUE] if " " <= char <= "~")


def max_age_of(headers: Mapping[str, str], *, now: datetime) -> timedelta | None:
    """How much longer the answer counts as fresh: max-age (less its Age in caches), else Expires."""
    control = headers.get(hdrs.CACHE_CONTROL)
    if control:
        if _NEVER_FRESH.search(control):
            return None
        found = _MAX_AGE.search(control)
        if found:
            age = _SECONDS.fullmatch(headers.get(hdrs.AGE, "0"))
            return _bounded(int(found[1]) - (float(age[1]) if age else 0))
    expires = headers.get(hdrs.EXPIRES)
    # "0" and other invalid dates mean: expired already.
    return None if expires is None else _until(expires, headers, now) or timedelta(0)


def retry_after_of(headers: Mapping[str, str], *, now: datetime) -> timedelta | None:
    """Retry-After, in seconds or as a date; a date is measured on the server's own clock where it states one."""
    value = headers.get(hdrs.RETRY_AFTER)
    if value is None:
        return None
    seconds = _SECONDS.fullmatch(value)
    return _bounded(ceil(float(seconds[1]))) if seconds else _until(value, headers, now)


def _until(value: str, headers: Mapping[str, str], now: datetime) -> timedelta | None:
    at = _instant(value)
    if at is None:
        return None
    return _bounded((at - (_instant(headers.get(hdrs.DATE, "")) or now)).total_seconds())


def _instant(value: str) -> datetime | None:
    try:
        at = parsedate_to_datetime(value)
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _bounded(seconds: float) -> timedelta:
    return timedelta(seconds=min(max(seconds, 0), _LONGEST.total_seconds()))


def _resendable(value: str | None) -> str | None:
    # Anything else could not be sent back, or not be stored: it may hold undecodable bytes.
    fine = value and len(value) <= _LONGEST_VALUE and value.isascii() and value.isprintable()
    return value if fine else None
