"""The egress guard: which of a name's addresses may be dialled (behaviour 9).

It judges addresses and never names or URLs, after the lookup and immediately before the connection, and
the dialer connects to nothing but what comes out of here. So no spelling of an address, no DNS record and
no record that changes between two lookups leads inside. A connection that is used again was judged when
it was made.
"""

from collections.abc import Sequence
from ipaddress import ip_address
from socket import AddressFamily
from typing import Any

from leadrelay.adapters.why import why_closed
from leadrelay.core.egress import Closed, Rule, closed_because
from leadrelay.core.errors import NotSent
from leadrelay.core.outcome import ReasonCode

Address = tuple[AddressFamily, Any]  # the family and what `connect` takes


def open_addresses(found: Sequence[Address], host: str, allow: Sequence[Rule]) -> list[Address]:
    """Those of the addresses that `host` led to which may be dialled. Raises NotSent when there is none."""
    judged = [(address, _closed_because(address[1], host, allow)) for address in found]
    may_be_dialled = [address for address, why in judged if why is None]
    if may_be_dialled:
        return may_be_dialled
    first = next((why for _, why in judged if why is not None), Closed.UNSPECIFIED)
    raise NotSent(ReasonCode.SSRF_BLOCKED, why_closed(first))


def _closed_because(socket_address: Any, host: str, allow: Sequence[Rule]) -> Closed | None:
    try:
        address, port = ip_address(socket_address[0]), int(socket_address[1])
    except ValueError:  # no Internet address, or one that `connect` would have to interpret
        return Closed.RESERVED
    return closed_because(address, port, allow, host)
