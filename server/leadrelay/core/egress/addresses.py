"""What kind of place an address is.

The tables follow IANA's registries of special-purpose addresses and are written out here, because the
standard library's notion of a private address differs between Python's own versions. For IPv6 it is
the other way round: closed is whatever is not known to be public.

An address that carries an IPv4 address is read as both, since a gateway may unwrap it. A network's own
NAT64 prefix (RFC 6052) cannot be told from any public one: there it is the gateway that must refuse.
"""

from enum import StrEnum
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_network
from typing import Final

IpAddress = IPv4Address | IPv6Address
IpNetwork = IPv4Network | IPv6Network


class Closed(StrEnum):
    """Why an address is closed unless it was opened, in words for people."""

    METADATA = "a cloud's metadata address"
    UNSPECIFIED = "an address of this machine that names no place"
    LOOPBACK = "a loopback address"
    PRIVATE = "an address of a private network"
    SHARED = "an address of a carrier's own network"
    LINK_LOCAL = "a link-local address"
    MULTICAST = "a multicast address"
    BROADCAST = "the broadcast address"
    EMBEDDED = "an IPv4 address dressed as IPv6"
    TUNNEL = "an address that a tunnel turns into another"
    DOCUMENTATION = "an address for documentation"
    BENCHMARKING = "an address for benchmarks"
    RESERVED = "a reserved address"


# No connection to a recipient can lead there, or it ends at this machine by accident (0.0.0.0).
NEVER_OPENED: Final = frozenset({Closed.UNSPECIFIED, Closed.MULTICAST, Closed.BROADCAST})


def readings(address: IpAddress) -> list[IpAddress]:
    """The address and the IPv4 addresses that it may carry."""
    if isinstance(address, IPv4Address):
        return [address]
    plain = IPv6Address(int(address))  # without a zone, which `fe80::1%eth0` has
    return [plain, *_carried(plain)]


def closed(address: IpAddress) -> Closed | None:
    """Why this address, taken by itself, is closed; None: it is public."""
    for network, why in _V4 if isinstance(address, IPv4Address) else _V6:
        if address in network:
            return why
    is_public = isinstance(address, IPv4Address) or address in _GLOBAL_UNICAST or address in _NAT64
    return None if is_public else Closed.RESERVED


def _carried(address: IPv6Address) -> list[IPv4Address]:
    number, last = int(address), IPv4Address(int(address) & 0xFFFFFFFF)
    found = []
    if number >> 24 and any(address in network for network in _LAST_32_BITS):  # `::1` carries nothing
        found.append(last)
    if address.sixtofour is not None:
        found.append(address.sixtofour)
    if address.teredo is not None:
        found += address.teredo  # the relay's server and the client behind it
    if number >> 32 & 0xFFFFFFFF in _ISATAP:
        found.append(last)
    return found


_ISATAP = (0x00005EFE, 0x02005EFE)  # RFC 5214, 6.1: before the IPv4 address, under any prefix
_NAT64 = IPv6Network(
    "64:ff9b::/96"
)  # RFC 6052: how an IPv6-only network reaches IPv4; the carried one counts
_GLOBAL_UNICAST = IPv6Network("2000::/3")
_LAST_32_BITS = [
    _NAT64,
    IPv6Network("64:ff9b:1::/48"),  # RFC 8215
    IPv6Network("::ffff:0:0/96"),  # mapped
    IPv6Network("::ffff:0:0:0/96"),  # translated (RFC 2765)
    IPv6Network("::/96"),  # compatible
]

_METADATA = [
    *("169.254.169.254/32", "169.254.170.2/32", "169.254.170.23/32"),  # most clouds; containers at AWS
    *("169.254.0.23/32", "169.254.42.42/32"),  # Tencent, Scaleway
    *("100.100.100.200/32", "168.63.129.16/32", "192.0.0.192/32"),  # Alibaba, Azure, Oracle
    *("fd00:ec2::254/128", "fd00:ec2::23/128", "fd20:ce::254/128"),  # AWS twice, Google
    *("fd00:42::42/128", "fe80::a9fe:a9fe/128"),  # Scaleway, OpenStack
]
_SPECIAL = {  # of two networks that overlap the first counts
    Closed.METADATA: _METADATA,
    Closed.UNSPECIFIED: ["0.0.0.0/8", "::/128"],
    Closed.BROADCAST: ["255.255.255.255/32"],
    Closed.LOOPBACK: ["127.0.0.0/8", "::1/128"],
    Closed.LINK_LOCAL: ["169.254.0.0/16", "fe80::/10"],
    Closed.SHARED: ["100.64.0.0/10"],
    Closed.PRIVATE: ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7", "fec0::/10"],
    Closed.MULTICAST: ["224.0.0.0/4", "ff00::/8"],
    Closed.EMBEDDED: ["::ffff:0:0/96", "::ffff:0:0:0/96", "64:ff9b:1::/48", "::/96"],
    Closed.TUNNEL: ["192.88.99.0/24", "2001::/32", "2002::/16"],
    Closed.DOCUMENTATION: [
        *("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24"),
        *("2001:db8::/32", "3fff::/20"),
    ],
    Closed.BENCHMARKING: ["198.18.0.0/15", "2001:2::/48"],
    Closed.RESERVED: ["192.0.0.0/24", "240.0.0.0/4", "2001::/23", "3ffe::/16"],
}
_ALL = [(ip_network(text), why) for why, texts in _SPECIAL.items() for text in texts]
_V4 = [(network, why) for network, why in _ALL if isinstance(network, IPv4Network)]
_V6 = [(network, why) for network, why in _ALL if isinstance(network, IPv6Network)]
