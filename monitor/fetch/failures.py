"""What went wrong on the way (status, exception) -> FetchError with its message."""

import re
from datetime import timedelta
from http import HTTPStatus

import aiohttp

from monitor.errors import FetchError
from monitor.fetch.guard import AddressBlockedError

_USERINFO = re.compile(r"^(\s*[A-Za-z][A-Za-z0-9+.-]*:)?(/*)[^/?#]*@")
_LONGEST_SHOWN = 300

_OF_STATUS: dict[int, str] = {
    HTTPStatus.UNAUTHORIZED: "fetch.closed",
    HTTPStatus.PAYMENT_REQUIRED: "fetch.closed",
    HTTPStatus.FORBIDDEN: "fetch.closed",
    HTTPStatus.UNAVAILABLE_FOR_LEGAL_REASONS: "fetch.closed",
    HTTPStatus.NOT_FOUND: "fetch.not-found",
    HTTPStatus.GONE: "fetch.gone",
    HTTPStatus.PROXY_AUTHENTICATION_REQUIRED: "fetch.proxy",
    HTTPStatus.TOO_MANY_REQUESTS: "fetch.busy",
    HTTPStatus.SERVICE_UNAVAILABLE: "fetch.busy",
}
#: The first kind that fits counts: several are also kinds of those below them.
_OF_KIND: tuple[tuple[type[Exception], str], ...] = (
    (aiohttp.ClientConnectorDNSError, "fetch.dns"),
    (aiohttp.ClientProxyConnectionError, "fetch.proxy"),
    (aiohttp.ClientHttpProxyError, "fetch.proxy"),
    (aiohttp.ClientConnectorCertificateError, "fetch.tls"),
    (aiohttp.ClientSSLError, "fetch.tls"),
    (aiohttp.ClientConnectorError, "fetch.refused"),
    (aiohttp.InvalidURL, "fetch.address"),
    (UnicodeError, "fetch.address"),
    (aiohttp.ClientError, "fetch.broken"),
    (OSError, "fetch.broken"),
    (ValueError, "fetch.headers"),
)


def shown(url: str) -> str:
    """An address as it may stand in a message: without user and password, printable, not endless."""
    plain = "".join(filter(str.isprintable, _USERINFO.sub(r"\1\2", url)[: _LONGEST_SHOWN + 1]))
    return plain if len(plain) <= _LONGEST_SHOWN else plain[:_LONGEST_SHOWN] + "…"


def of_status(status: int, url: str, retry_after: timedelta | None = None) -> FetchError:
    """An HTTP answer other than 200 and a wanted 304."""
    rest = "fetch.server" if status >= HTTPStatus.INTERNAL_SERVER_ERROR else "fetch.status"
    code = _OF_STATUS.get(status, rest)
    return FetchError(code, status=status, retry_after=retry_after, url=shown(url), answer=status)


def of_exception(error: aiohttp.ClientError | OSError | ValueError, url: str, *, seconds: float) -> FetchError:
    """What aiohttp, the operating system or the request itself raised; `seconds` is the time-out that was set."""
    if isinstance(error, TimeoutError):
        return FetchError("fetch.timeout", url=shown(url), seconds=f"{seconds:g}")
    cause = getattr(error, "os_error", None)
    if isinstance(cause, AddressBlockedError):
        return FetchError(cause.refusal.value, url=shown(url), address=cause.address, port=cause.port)
    code = next(code for kind, code in _OF_KIND if isinstance(error, kind))
    return FetchError(code, url=shown(url))
