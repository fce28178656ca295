"""What somebody opened on purpose: a network, an address or a host, with or without a port.

    10.20.0.0/16    127.0.0.1:8080    [fd00::/8]:443    crm.internal    crm.internal:8443

A host is opened wherever its name leads, so its DNS is trusted too. Two things a rule cannot do by
being broad: a cloud's metadata opens only to the one who runs the server and only by its very address,
because it gives away what the machine itself may do; and what leads nowhere is never opened.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from ipaddress import ip_network

from leadrelay.core.egress.addresses import NEVER_OPENED, Closed, IpAddress, IpNetwork, closed

VARIABLE = "LEADRELAY_ALLOW_EGRESS"
OPTION = "--allow-egress"
EXAMPLES = "a network as in 10.0.0.0/8, an address or a host name, each with or without :PORT"

_BRACKETED = re.compile(r"\[([^\[\]]*)\](?::(.*))?")
_HOST = re.compile(r"(?=.{1,253}$)[a-z0-9_](?:[a-z0-9_-]{0,62})(?:\.[a-z0-9_][a-z0-9_-]{0,62})*")
_NUMERIC = re.compile(r"(?:.*\.)?(?:0[xX][0-9a-fA-F]*|[0-9]+)")  # as its last label is, so is the host
_SHORT = re.compile(r"\d{1,3}(?:\.\d{1,3}){0,2}\.?(?:/\d+)?")
_WORDS = {
    "loopback": "127.0.0.0/8",
    "private": "10.0.0.0/8",
    "link-local": "169.254.0.0/16",
}


class BadRule(ValueError):
    """A text that opens nothing; says what would be right."""


@dataclass(frozen=True, slots=True)
class Rule:
    """Opens a network, or where that is None a host."""

    network: IpNetwork | None = None
    host: str = ""  # in lower case, without a dot behind
    port: int = 0  # 0: any
    is_operators: bool = False  # of the one who runs the server, not of a catalog

    def opens(self, address: IpAddress, port: int, host: str, why: Closed) -> bool:
        """Whether an address that is closed for a reason is open to this host name and port."""
        if self.port not in (0, port) or why in NEVER_OPENED:
            return False
        if why is Closed.METADATA:
            return self.is_operators and self.is_one_address and self._contains(address)
        return self._contains(address) if self.network else self.host == host.lower().rstrip(".")

    @property
    def is_one_address(self) -> bool:
        return self.network is not None and self.network.num_addresses == 1

    def _contains(self, address: IpAddress) -> bool:
        return self.network is not None and address in self.network


def parse_rule(text: str, *, is_operators: bool = False) -> Rule:
    """The rule that a text stands for. Raises BadRule."""
    if not text.strip():
        raise BadRule(f"is empty; write {EXAMPLES}")
    if "://" in text:
        raise BadRule(f"is a URL; write only its host and port{_host_of(text)}")
    if "*" in text:
        raise BadRule("has a wildcard; name each host, or a network as in 10.0.0.0/8")
    place, port = _split(text)
    rule = replace(_place(place), port=port, is_operators=is_operators)
    _check(rule)
    return rule


def operators_rules(texts: Sequence[str], environment: Mapping[str, str]) -> tuple[Rule, ...]:
    """What the one who runs the server opens, by option and by variable together. Raises BadRule."""
    told = [(OPTION, text) for text in texts]
    told += [(VARIABLE, text) for text in re.split(r"[\s,]+", environment.get(VARIABLE, "")) if text]
    return tuple(_told(where, text) for where, text in told)


def _told(where: str, text: str) -> Rule:
    try:
        return parse_rule(text, is_operators=True)
    except BadRule as error:
        raise BadRule(f"{where}: `{text}` {error}") from error


def _split(text: str) -> tuple[str, int]:
    bracketed = _BRACKETED.fullmatch(text)
    if bracketed is not None:
        return bracketed[1], _port(bracketed[2])
    if text.count(":") > 1:  # an IPv6 address, whose port would need the brackets
        return text, 0
    place, colon, port = text.partition(":")
    return place, _port(port if colon else None)


def _port(text: str | None) -> int:
    if text is None:
        return 0
    if not (text.isascii() and text.isdigit() and 0 < int(text[:6]) < 65536):
        raise BadRule("its port is not a number from 1 to 65535; behind an IPv6 address as in [fd00::1]:443")
    return int(text)


def _place(text: str) -> Rule:
    try:
        return Rule(network=ip_network(text))
    except ValueError:
        pass
    host = text.lower().removesuffix(".")
    idea = _meant(text)
    if idea:
        raise BadRule(f"is no network or whole address; did you mean {idea}?")
    if _NUMERIC.fullmatch(host):
        raise BadRule("is no whole address; write all four numbers, as in 10.20.30.40")
    if not _HOST.fullmatch(host):
        raise BadRule(f"is not one of these: {EXAMPLES}")
    return Rule(host=host)


def _meant(text: str) -> str:
    """The network that was probably meant: bits behind its prefix, too few numbers, or a word for it."""
    if text.lower() in _WORDS:
        return _WORDS[text.lower()]
    if _SHORT.fullmatch(text):
        numbers, _, prefix = text.partition("/")
        given = [number for number in numbers.split(".") if number]
        text = ".".join([*given, *["0"] * (4 - len(given))]) + f"/{prefix or 8 * len(given)}"
    try:
        return str(ip_network(text, strict=False))
    except ValueError:
        return ""


def _host_of(url: str) -> str:
    netloc = re.split(r"[/?#]", url.partition("://")[2], maxsplit=1)[0].rpartition("@")[2]
    return f": {netloc}" if netloc and netloc.isprintable() and len(netloc) <= 100 else ""


def _check(rule: Rule) -> None:
    network = rule.network
    if network is None:
        return
    ends = {closed(network.network_address), closed(network.broadcast_address)}
    if network.prefixlen and ends <= NEVER_OPENED:
        raise BadRule("leads nowhere that a recipient could be; loopback is 127.0.0.0/8 and ::1")
    if rule.is_operators:
        return
    if not network.prefixlen:
        raise BadRule("would open every network; name the ones you mean, as in 10.20.0.0/16")
    if rule.is_one_address and closed(network.network_address) is Closed.METADATA:
        remedy = "only whoever runs the server can open it: leadrelay serve --allow-egress"
        raise BadRule(f"is a cloud's metadata address; {remedy}")
