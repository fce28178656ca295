"""What a simulation needs of the world: the adapters and signers that deliver, with nothing to send by."""

from collections.abc import Callable

from leadrelay.adapters.registry import adapter_over
from leadrelay.auth.build import signer_for
from leadrelay.auth.secrets import open_secrets
from leadrelay.core.destination import Destination, Soap
from leadrelay.core.exchange import Envelope, Request
from leadrelay.core.mapping import Mapped
from leadrelay.core.ports import Adapter, Signer, Started, Wire
from leadrelay.core.scope import Scope
from leadrelay.runtime.clock import WallClock

_NO_SECRETS = open_secrets(None, {})


def staged_adapter(destination: Destination, open_wire: Callable[[], Wire]) -> Adapter:
    """The adapter that would carry it. One that has to read a WSDL first composes nothing."""
    if isinstance(destination.protocol, Soap):
        return _Unread(open_wire)
    return adapter_over(destination, open_wire)


def staged_signer(destination: Destination) -> Signer:
    """A signer that can show; it has no secrets to sign by."""
    return signer_for(destination.proofs, _NO_SECRETS, _nothing_is_fetched, WallClock())


class _Unread:
    """A core.ports.Adapter for a protocol whose description is not at hand."""

    def __init__(self, open_wire: Callable[[], Wire]) -> None:
        self._open_wire = open_wire

    async def run(self, task_status: Started) -> None:
        task_status.started()

    async def ready(self) -> None:
        """There is nothing to learn."""

    def compose(self, _mapped: Mapped, _scope: Scope, envelope: Envelope) -> Request:
        return Request(method="POST", url="", idempotency_key=envelope.idempotency_key)

    def open(self) -> Wire:
        return self._open_wire()


def _nothing_is_fetched() -> Wire:
    raise AssertionError("a simulation fetches no token")
