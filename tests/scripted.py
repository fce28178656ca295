"""Recipients by script for tests: the buyers' adapter over the wires of a simulation."""

from collections.abc import Callable, Mapping

import orjson

from fakes import Buyer, BuyerAdapter, Open, refuses
from leadrelay.core.destination import Destination
from leadrelay.core.exchange import Envelope, Reply, Request
from leadrelay.core.lead import Lead
from leadrelay.core.mapping import Mapped
from leadrelay.core.ports import Adapter, Signer, Wire
from leadrelay.core.scope import Scope
from leadrelay.runtime.simulation.recipients import Company
from leadrelay.runtime.simulation.script import Line, Script
from values import ACCEPTED, REJECTED


class OverWires(BuyerAdapter):
    """Composes as the buyers' adapter does, and sends over other wires."""

    def __init__(self, open_wire: Callable[[], Wire]) -> None:
        super().__init__(Buyer(refuses))
        self._open_wire = open_wire

    def compose(self, mapped: Mapped, _scope: Scope, envelope: Envelope) -> Request:
        key = envelope.idempotency_key
        return Request(
            method="POST", url="http://buyer/", body=orjson.dumps(mapped.payload), idempotency_key=key
        )

    def open(self) -> Wire:
        return self._open_wire()


def company(script: Script, leads: Mapping[str, Lead], signer: Signer | None = None) -> Company:
    def adapter(_destination: Destination, open_wire: Callable[[], Wire]) -> Adapter:
        return OverWires(open_wire)

    return Company(script, leads, adapter, lambda _: signer or Open())


def says(body: object, *, after: float = 0.0, times: int | None = None) -> Line:
    headers = (("content-type", "application/json"),)
    return Line(reply=Reply(status=200, headers=headers, body=orjson.dumps(body)), after=after, times=times)


YES, NO = says(ACCEPTED), says(REJECTED)
