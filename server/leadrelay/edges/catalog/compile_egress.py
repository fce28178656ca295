"""`egress` of a catalog: what it opens for its leads besides public addresses (behaviour 9).

Whoever may apply a catalog decides where leads and their credentials go, so it may also open networks.
It cannot open a cloud's metadata: that would give away what the machine may do, which no catalog has.
"""

import re
from collections.abc import Iterator
from ipaddress import IPv4Address, ip_address
from socket import inet_aton
from urllib.parse import urlsplit

from leadrelay.core.egress import BadRule, Closed, IpAddress, Rule, closed_because, parse_rule
from leadrelay.edges.catalog.context import Context
from leadrelay.edges.catalog.findings import Findings, Path
from leadrelay.edges.catalog.problems import named
from leadrelay.edges.catalog.urls import without_tags
from leadrelay.v1.catalog_service_pb2 import Egress

MAX_ALLOWED = 1_000

_NUMERIC = re.compile(r"[0-9a-fx.]+", re.IGNORECASE)
_PORTS = {"http": 80, "https": 443}


def compile_egress(findings: Findings, message: Egress) -> tuple[Rule, ...]:
    """The rules of a catalog, without those whose problems have been noted."""
    if len(message.allow) > MAX_ALLOWED:
        findings.problem(("egress", "allow"), f"more than {MAX_ALLOWED} entries cannot be meant")
        return ()
    return tuple(_rules(findings, message))


def warn_of_closed(context: Context, path: Path, url: str) -> None:
    """Say of a readable URL that its host is an address which would be refused when it is dialled."""
    parts = urlsplit(without_tags(url))
    host, port = parts.hostname or "", parts.port or _PORTS.get(parts.scheme.lower(), 0)
    closed = [closed_because(address, port, context.egress, host) for address in _literal(host)]
    why = closed[0] if closed and None not in closed else None
    if why is Closed.METADATA:
        remedy = "only whoever runs the server can open it (`leadrelay serve --allow-egress`)"
    else:
        remedy = "open it with `egress: {allow: [NETWORK]}` if it is meant"
    if why is not None:
        context.findings.warning(path, f"leads to {why} and will be refused (`ssrf_blocked`); {remedy}")


def _rules(findings: Findings, message: Egress) -> Iterator[Rule]:
    for index, text in enumerate(message.allow):
        try:
            yield parse_rule(text)
        except BadRule as error:
            findings.problem(("egress", "allow", index), f"{named(text)} {error}")


def _literal(host: str) -> list[IpAddress]:
    """The addresses that a host is by its spelling alone, in any notation that the system reads."""
    name = host.lower().rstrip(".")
    if name == "localhost" or name.endswith(".localhost"):
        return [ip_address("127.0.0.1"), ip_address("::1")]
    try:
        return [ip_address(host)]
    except ValueError:
        pass
    try:
        return [IPv4Address(inet_aton(host))] if _NUMERIC.fullmatch(host) else []
    except OSError:
        return []
