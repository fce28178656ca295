"""What kind of place an address is: IANA's special-purpose registries, and what an address carries."""

import random
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import pytest

from leadrelay.core.egress.addresses import Closed, closed, readings

NETWORKS = {
    "0.0.0.0/8": Closed.UNSPECIFIED,
    "10.0.0.0/8": Closed.PRIVATE,
    "100.64.0.0/10": Closed.SHARED,
    "127.0.0.0/8": Closed.LOOPBACK,
    "169.254.0.0/16": Closed.LINK_LOCAL,
    "172.16.0.0/12": Closed.PRIVATE,
    "192.0.0.0/24": Closed.RESERVED,
    "192.0.2.0/24": Closed.DOCUMENTATION,
    "192.88.99.0/24": Closed.TUNNEL,
    "192.168.0.0/16": Closed.PRIVATE,
    "198.18.0.0/15": Closed.BENCHMARKING,
    "198.51.100.0/24": Closed.DOCUMENTATION,
    "203.0.113.0/24": Closed.DOCUMENTATION,
    "224.0.0.0/4": Closed.MULTICAST,
    "::ffff:0:0/96": Closed.EMBEDDED,
    "64:ff9b:1::/48": Closed.EMBEDDED,
    "2001::/32": Closed.TUNNEL,
    "2001:db8::/32": Closed.DOCUMENTATION,
    "2002::/16": Closed.TUNNEL,
    "3fff::/20": Closed.DOCUMENTATION,
    "fc00::/7": Closed.PRIVATE,
    "fe80::/10": Closed.LINK_LOCAL,
    "ff00::/8": Closed.MULTICAST,
}
OPEN_NEIGHBOURS = ("1.0.0.0", "11.0.0.0", "100.128.0.0", "126.255.255.255", "172.32.0.0", "192.0.1.0")


@pytest.mark.parametrize(("text", "why"), NETWORKS.items())
def test_a_closed_network_is_closed_from_its_first_address_to_its_last(text: str, why: Closed) -> None:
    network = ip_network(text)
    assert closed(network.network_address) is why
    assert closed(network.broadcast_address) is why


@pytest.mark.parametrize("text", [*OPEN_NEIGHBOURS, "9.255.255.255", "192.169.0.0", "223.255.255.255"])
def test_the_address_beside_a_closed_network_is_open(text: str) -> None:
    assert closed(ip_address(text)) is None


@pytest.mark.parametrize("text", ["255.255.255.255", "::", "::1", "169.254.169.254", "fd00:ec2::254"])
def test_single_addresses_are_told_apart_from_the_network_around_them(text: str) -> None:
    assert closed(ip_address(text)) in (
        *(Closed.BROADCAST, Closed.UNSPECIFIED, Closed.LOOPBACK, Closed.METADATA),
    )


def test_whatever_python_does_not_hold_for_global_is_closed() -> None:
    """Another table than ours, so that a line which is missing here shows."""
    chance = random.Random(9)
    tried: list[IPv4Address | IPv6Address] = [IPv4Address(chance.getrandbits(32)) for _ in range(20_000)]
    tried += [IPv6Address(chance.getrandbits(128)) for _ in range(20_000)]
    tried += [IPv6Address(0x2001 << 112 | chance.getrandbits(112)) for _ in range(5_000)]
    assert [address for address in tried if not address.is_global and closed(address) is None] == []


@pytest.mark.parametrize(
    ("text", "carried"),
    [
        ("::ffff:10.0.0.1", ["10.0.0.1"]),
        ("::10.0.0.1", ["10.0.0.1"]),
        ("::ffff:0:10.0.0.1", ["10.0.0.1"]),
        ("64:ff9b::10.0.0.1", ["10.0.0.1"]),
        ("64:ff9b::7", ["0.0.0.7"]),
        ("64:ff9b:1::10.0.0.1", ["10.0.0.1"]),
        ("2002:a00:1::", ["10.0.0.1"]),
        ("2001:0:a00:1:8000:63bf:f5ff:fffe", ["10.0.0.1", "10.0.0.1"]),
        ("fe80::5efe:10.0.0.1", ["10.0.0.1"]),
        ("2a00::200:5efe:10.0.0.1", ["10.0.0.1"]),
        ("::1", []),
        ("::", []),
        ("2606:4700::1111", []),
    ],
)
def test_an_address_is_read_as_what_it_carries_too(text: str, carried: list[str]) -> None:
    assert readings(ip_address(text)) == [ip_address(text), *map(ip_address, carried)]


def test_a_zone_does_not_hide_what_an_address_is() -> None:
    assert [closed(each) for each in readings(ip_address("fe80::1%eth0"))] == [Closed.LINK_LOCAL]
