"""Addresses on the net: `url` and `ip`.

A URL's normal form has its scheme and host in small letters, and `http://` where a scheme is missing, as
LeadConduit adds it ("www.example.com/offer" is what people type); path and query stay as written. Only
http and https are web pages; without a scheme it takes a dot to be one. Parts: `protocol`, `host`,
`port`, `path`, `query` and `hash` (with its `#`).

An IP address is written in its shortest form; a port, brackets, and the IPv6 coat of an IPv4 address
(`::ffff:203.0.113.5`) come off, since they say how a server listens and not where a person is. Part:
`version`, 4 or 6.
"""

import re
from ipaddress import IPv4Address, IPv6Address, ip_address

from leadrelay.core.typed.cleaning import cleaned
from leadrelay.core.typed.forms import Invalid, Valid
from leadrelay.core.values import Typed

MAX_URL = 4096  # characters; tracking parameters make them long
MAX_PORT = 65535
# What copying leaves around a link: spaces of every kind, and what is not seen at all.
_AROUND = "".join(filter(str.isspace, map(chr, range(0x3001)))) + "\ufeff\u200b\u200e\u200f\u202a\u202c\u2060"

_URL = re.compile(
    r"(?:(?P<protocol>https?)://)?"
    r"(?P<host>\[[0-9a-f:.]{2,45}\]|[^\s/?#@:\[\]\\]{1,255})"
    r"(?::(?P<port>[0-9]{1,5}))?"
    r"(?P<path>/[^\s?#\x00-\x1f\x7f]*)?"
    r"(?:\?(?P<query>[^\s#\x00-\x1f\x7f]*))?"
    r"(?P<hash>#[^\s\x00-\x1f\x7f]*)?",
    re.IGNORECASE,
)
_NAME = re.compile(r"(?:[^\W_](?:[\w-]{0,61}\w)?\.)*[^\W\d_](?:[\w-]{0,61}[^\W_])?\.?")
_OCTET = r"(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
_V4 = re.compile(rf"{_OCTET}(?:\.{_OCTET}){{3}}")  # the short cut for what nearly all are
_WITH_PORT = re.compile(r"(?:\[(?P<v6>[0-9a-fA-F:.]+)\]|(?P<v4>[0-9.]+))(?::\d{1,5})?", re.ASCII)


def url(raw: str) -> Typed:
    """The address of a web page."""
    found = _URL.fullmatch(raw.strip(_AROUND)) if len(raw) <= MAX_URL else None
    if found is None:
        return Invalid(raw)
    protocol, host = found["protocol"], found["host"].lower()
    if int(found["port"] or 0) > MAX_PORT or not _is_host(host):
        return Invalid(raw)
    if protocol is None and "." not in host.strip("."):
        return Invalid(raw)
    parts = {**found.groupdict(), "protocol": (protocol or "http").lower(), "host": host}
    normal = f"{parts['protocol']}://{host}{found.string[found.end('host') :]}"
    return Valid(raw, normal, parts) if len(normal) <= MAX_URL else Invalid(raw)


def _is_host(host: str) -> bool:
    if host[0] == "[":
        return _address(host[1:-1]) is not None
    return _NAME.fullmatch(host) is not None or (host[-1].isdigit() and _address(host) is not None)


def ip(raw: str) -> Typed:
    """An IP address."""
    words = cleaned(raw)
    if _V4.fullmatch(words):
        return Valid(raw, words, {"version": 4})
    found = _WITH_PORT.fullmatch(words)
    address = _address((found["v6"] or found["v4"]) if found else words)
    if isinstance(address, IPv6Address):
        address = address.ipv4_mapped or address
    return Invalid(raw) if address is None else Valid(raw, str(address), {"version": address.version})


def _address(words: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(words) if "%" not in words else None  # a zone means something on one machine only
    except ValueError:
        return None
