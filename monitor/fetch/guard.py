"""Address about to be connected to -> a socket, or AddressBlockedError.

The check sits where the socket is made, since only there every spelling (0x7f000001, full-width digits), literal
address, redirect, changed DNS answer and parallel attempt has become the one number that will be connected to.
"""

import socket
from collections.abc import Collection, Sequence
from enum import StrEnum
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from aiohttp import AddrInfoType

# Addresses that may lead to private ones although Python 3.11 calls them global: IPv4-compatible and IPv4-translated
# (RFC 4291 section 2.5.5.1, RFC 2765), NAT64 (RFC 6052, RFC 8215) and the 6to4 relay (RFC 7526). 6to4, Teredo, site-local
# and multicast are asked of `ipaddress`.
_NOT_PUBLIC: tuple[IPv4Network | IPv6Network, ...] = tuple(
    map(ip_network, ("::/96", "::ffff:0:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48", "192.88.99.0/24"))
)


class Refusal(StrEnum):
    """Why an address is not connected to; the name of its message."""

    PRIVATE = "fetch.private"
    PORT = "fetch.port"


class AddressBlockedError(OSError):
    """Raised inside aiohttp, which hands it on as the `os_error` of a ClientConnectorError."""

    def __init__(self, refusal: Refusal, address: str, port: int) -> None:
        super().__init__(refusal.value)
        self.refusal = refusal
        self.address = address
        self.port = port


class AddressGuard:
    """Lets public addresses through on the allowed ports, and the allowed private networks on any."""

    def __init__(self, allow_private: Sequence[IPv4Network | IPv6Network], allow_ports: Collection[int]) -> None:
        self._allow_private = tuple(allow_private)
        self._allow_ports = frozenset(allow_ports)

    def refusal(self, address: str, port: int) -> Refusal | None:
        """Why this address (as numbers, from getaddrinfo) may not be connected to, if it may not."""
        parsed = ip_address(address)
        ip = getattr(parsed, "ipv4_mapped", None) or parsed
        if any(ip in network for network in self._allow_private):
            return None
        if not _is_public(ip):
            return Refusal.PRIVATE
        return None if port in self._allow_ports else Refusal.PORT

    def open_socket(self, candidate: AddrInfoType) -> socket.socket:
        """`socket_factory` of `aiohttp.TCPConnector`."""
        family, kind, protocol, _, address = candidate
        host, port = str(address[0]), int(address[1])
        refusal = self.refusal(host, port)
        if refusal is not None:
            raise AddressBlockedError(refusal, host, port)
        return socket.socket(family, kind, protocol)


def _is_public(ip: IPv4Address | IPv6Address) -> bool:
    if not ip.is_global or ip.is_multicast or any(ip in network for network in _NOT_PUBLIC):
        return False
    return isinstance(ip, IPv4Address) or not (ip.is_site_local or ip.sixtofour or ip.teredo)
