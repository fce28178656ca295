"""Whether an address may be dialled. Every reading of it must be public or opened."""

from collections.abc import Iterable

from leadrelay.core.egress.addresses import Closed, IpAddress, closed, readings
from leadrelay.core.egress.rules import Rule


def is_allowed(address: IpAddress, port: int, allow: Iterable[Rule], host: str = "") -> bool:
    """Whether a connection may be made. `host` is the name that led to the address, if one did."""
    return closed_because(address, port, allow, host) is None


def closed_because(address: IpAddress, port: int, allow: Iterable[Rule], host: str = "") -> Closed | None:
    """Why no connection may be made; None: it may."""
    rules = list(allow)
    for reading in readings(address):
        why = closed(reading)
        if why is not None and not any(rule.opens(reading, port, host, why) for rule in rules):
            return why
    return None
