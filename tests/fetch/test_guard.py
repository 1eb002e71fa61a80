import asyncio
import socket
from ipaddress import ip_network

import pytest
from fetch.conftest import Origin, StubResolver, answer, failure, make_fetcher, origin_at

from monitor.fetch.guard import AddressGuard, Refusal

SPELLINGS = [
    "127.0.0.1", "localhost", "LOCALHOST", "0.0.0.0", "0", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "0x7f.1",
    "[::1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[0:0:0:0:0:ffff:7f00:0001]", "[::127.0.0.1]",
    "①②⑦.⓪.⓪.①", "１２７．０．０．１", "127。0。0。1", "user@127.0.0.1", "example.jp@127.0.0.1", "127.0.0.1.",
    "%31%32%37.0.0.1", "[64:ff9b::7f00:1]", "[2002:7f00:1::]",
]  # fmt: skip


@pytest.fixture
async def listener():
    """Listens on every address of this machine, on one port."""
    both = socket.has_dualstack_ipv6()
    sock = socket.create_server(("", 0), family=socket.AF_INET6 if both else socket.AF_INET, dualstack_ipv6=both)
    async with origin_at(sock=sock) as origin:
        origin.answers["/"] = answer(body=b"inside")
        yield origin


@pytest.mark.fault(56)
@pytest.mark.parametrize("spelling", SPELLINGS)
async def test_no_spelling_of_a_private_address_is_connected_to(listener, spelling):
    async with make_fetcher(private=(), allow_ports=(listener.port,)) as fetcher:
        error = await failure(fetcher, listener.url(host=spelling))
    assert error.code in {"fetch.private", "fetch.address", "fetch.dns"}
    await asyncio.sleep(0)
    assert listener.connections == 0


async def test_the_listener_could_be_reached(listener):
    async with make_fetcher(private=("127.0.0.0/8",), allow_ports=()) as fetcher:
        assert (await fetcher.get(listener.url(host="127.0.0.9"))).body == b"inside"
    assert listener.connections == 1


@pytest.mark.fault(56)
@pytest.mark.parametrize("spelling", SPELLINGS)
async def test_no_redirect_leads_to_a_private_address(listener, other, spelling):
    other.answers["/"] = answer(302, location=listener.url(host=spelling))
    async with make_fetcher(private=("127.0.0.2/32",), allow_ports=(listener.port,)) as fetcher:
        error = await failure(fetcher, other.url())
    assert error.code in {"fetch.private", "fetch.redirect", "fetch.address", "fetch.dns"}
    assert (len(other.asked), listener.connections) == (1, 0)


@pytest.mark.fault(56)
async def test_a_name_that_changes_its_address(listener):
    resolver = StubResolver(["127.0.0.2"], ["127.0.0.1"])
    listener.answers["/"] = answer(connection="close")
    async with make_fetcher(private=("127.0.0.2/32",), resolver=resolver) as fetcher:
        await fetcher.get(listener.url(host="news.example"))
        fetcher._session.connector.clear_dns_cache()
        error = await failure(fetcher, listener.url(host="news.example"))
    assert (error.code, error.facts["address"]) == ("fetch.private", "127.0.0.1")
    assert (resolver.asked, listener.connections) == (2, 1)


async def test_a_name_with_a_good_and_a_bad_address(listener, unused_tcp_port):
    """The bad one is not even tried when the good one does not answer."""
    bad = Origin()
    server = await asyncio.start_server(bad.serve, "127.0.0.1", unused_tcp_port)
    resolver = StubResolver(["127.0.0.2", "127.0.0.1", "::1"])
    async with server, make_fetcher(private=("127.0.0.2/32",), resolver=resolver) as fetcher:
        error = await failure(fetcher, f"http://news.example:{unused_tcp_port}/")
    assert error.code in {"fetch.private", "fetch.refused"}
    assert bad.connections == 0


async def test_a_public_address_on_another_port():
    async with make_fetcher(private=(), resolver=StubResolver(["8.8.8.8"])) as fetcher:
        error = await failure(fetcher, "http://news.example:6379/")
    assert (error.code, error.facts["port"]) == ("fetch.port", 6379)


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0", "10.0.0.1", "100.64.0.1", "127.8.9.1", "169.254.169.254", "172.16.0.1", "192.0.0.1", "192.0.2.1",
        "192.88.99.1", "192.168.1.1", "198.18.0.1", "203.0.113.1", "224.0.0.1", "240.0.0.1", "255.255.255.255",
        "::", "::1", "::7f00:1", "::ffff:0:7f00:1", "::ffff:10.0.0.1", "::ffff:224.0.0.1", "64:ff9b::7f00:1", "64:ff9b::808:808",
        "64:ff9b:1::1", "100::1", "2001::1", "2001:db8::1", "2002:7f00:1::", "2002:808:808::", "fc00::1", "fd00::1",
        "fe80::1", "fe80::1%2", "fec0::1", "ff02::1", "ff0e::1",
    ],
)  # fmt: skip
def test_addresses_that_are_not_public(address):
    assert AddressGuard((), (80,)).refusal(address, 80) is Refusal.PRIVATE


@pytest.mark.parametrize("address", ["8.8.8.8", "::ffff:8.8.8.8", "133.0.0.1", "2606:4700::1111", "2400:cb00::1"])
def test_public_addresses_on_the_allowed_ports(address):
    guard = AddressGuard((), (80, 443))
    assert guard.refusal(address, 443) is None
    assert guard.refusal(address, 8443) is Refusal.PORT


def test_allowed_private_networks_on_any_port():
    guard = AddressGuard((ip_network("10.1.2.0/24"), ip_network("fd00::/8")), (80,))
    assert guard.refusal("10.1.2.3", 8080) is None
    assert guard.refusal("::ffff:10.1.2.3", 8080) is None
    assert guard.refusal("fd00::1", 8080) is None
    assert guard.refusal("10.1.3.3", 80) is Refusal.PRIVATE
