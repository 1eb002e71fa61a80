"""Address + Location -> the next address to ask, or FetchError. Pure."""

import re
from urllib.parse import quote

from yarl import URL

from monitor.errors import FetchError
from monitor.fetch.failures import shown

_LONGEST_ADDRESS = 8000
#: What yarl raises for junk: IndexError for "http://[]@".
_NO_ADDRESS = (ValueError, IndexError)
_WELL_SPELT = re.compile(r"(?:[!#$&-;=?-\[\]_a-z~]|%[0-9A-Fa-f]{2})*")


def web_address(url: str) -> URL:
    """The address parsed. Raises FetchError for what is no absolute http(s) address with a host."""
    try:
        parsed = _parsed(url)
        usable = _is_web(parsed) and len(url) <= _LONGEST_ADDRESS
    except _NO_ADDRESS:
        usable = False
    if not usable:
        raise FetchError("fetch.address", url=shown(url))
    return parsed


def next_address(asked: URL, location: str) -> URL:
    """Where a redirect leads. Raises FetchError where it leads nowhere or from https to http."""
    try:
        step = _parsed(_escaped(location.strip()))
        there = asked.join(step)
        # "http://" joined to an address would be that address again.
        usable = _is_web(there) and (not step.scheme or step.host) and len(location) <= _LONGEST_ADDRESS
    except _NO_ADDRESS:
        usable = False
    if not usable:
        raise FetchError("fetch.redirect", url=shown(str(asked)), to=shown(location))
    if asked.scheme == "https" and there.scheme == "http":
        raise FetchError("fetch.downgrade", url=shown(str(asked)), to=shown(location))
    return there


def same_site(asked: URL, there: URL) -> bool:
    """Whether headers meant for the first address may go to the second: same host and port, or its https side."""
    if asked.host != there.host:
        return False
    upgraded = asked.scheme == "http" and there.scheme == "https"
    return asked.port == there.port or (upgraded and asked.is_default_port() and there.is_default_port())


def _is_web(url: URL) -> bool:
    # yarl parses on demand: host and port may raise here.
    return url.scheme in ("http", "https") and bool(url.host) and bool(url.port)


def _parsed(url: str) -> URL:
    # What is well spelt is sent as spelt: yarl would undo some escapes, and a site that insists on them by redirecting
    # would do so for ever.
    return URL(url, encoded=_WELL_SPELT.fullmatch(url) is not None)


def _escaped(location: str) -> str:
    # Raw bytes of any encoding come as surrogates; each is escaped as the byte it was.
    return (
        location
        if location.isascii()
        else quote(location.encode("utf-8", "surrogateescape"), safe="%/:?#[]@!$&'()*+,;=~")
    )
