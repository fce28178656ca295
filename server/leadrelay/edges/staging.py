"""What a simulation needs of the world: the adapters and signers that deliver, with nothing to send by.

A SOAP request is composed where its WSDL and all imports are files. What lies on a network is not fetched.
"""

from collections.abc import Callable

from leadrelay.adapters.registry import adapter_over
from leadrelay.auth.build import signer_for
from leadrelay.auth.secrets import open_secrets
from leadrelay.core.destination import Destination, Soap
from leadrelay.core.exchange import Envelope, Request
from leadrelay.core.mapping import Mapped
from leadrelay.core.ports import Adapter, Signer, Started, Wire
from leadrelay.core.scope import Scope
from leadrelay.core.wsse import SLOT
from leadrelay.runtime.clock import WallClock

_NO_SECRETS = open_secrets(None, {})


def why_not_composed(destination: Destination) -> str:
    """Why no request to it can be composed here; empty: it can."""
    if not isinstance(destination.protocol, Soap):
        return ""
    from leadrelay.adapters.soap.check import why_not_read  # noqa: PLC0415 (as in adapters/registry.py)

    return why_not_read(destination.protocol)


def staged_adapter(destination: Destination, open_wire: Callable[[], Wire]) -> Adapter:
    """The adapter that would carry it. One whose WSDL is out of reach composes nothing."""
    if not isinstance(destination.protocol, Soap):
        return adapter_over(destination, open_wire)
    is_known = not why_not_composed(destination)
    return _Staged(adapter_over(destination, open_wire) if is_known else None, open_wire)


def staged_signer(destination: Destination) -> Signer:
    """A signer that can show; it has no secrets to sign by."""
    return signer_for(destination.proofs, _NO_SECRETS, _nothing_is_fetched, WallClock())


class _Staged:
    """A core.ports.Adapter that learns nothing: what it has to know is at hand, or it composes nothing."""

    def __init__(self, adapter: Adapter | None, open_wire: Callable[[], Wire]) -> None:
        self._adapter, self._open_wire = adapter, open_wire

    async def run(self, task_status: Started) -> None:
        task_status.started()

    async def ready(self) -> None:
        """There is nothing to wait for."""

    def compose(self, mapped: Mapped, scope: Scope, envelope: Envelope) -> Request:
        if self._adapter is None:
            return Request(method="POST", url="", body=SLOT, idempotency_key=envelope.idempotency_key)
        return self._adapter.compose(mapped, scope, envelope)

    def open(self) -> Wire:
        return self._open_wire()


def _nothing_is_fetched() -> Wire:
    raise AssertionError("a simulation fetches no token")
