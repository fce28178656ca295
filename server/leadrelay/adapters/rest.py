"""REST: any method and any body over HTTP (behaviour 4.1)."""

from collections.abc import Callable

from leadrelay.adapters.compose import Composer
from leadrelay.core.destination import Rest
from leadrelay.core.exchange import Envelope, Request
from leadrelay.core.mapping import Mapped
from leadrelay.core.ports import Started, Wire
from leadrelay.core.scope import Scope


class RestAdapter:
    """Speaks to one REST endpoint."""

    def __init__(self, rest: Rest, open_wire: Callable[[], Wire]) -> None:
        self._composer = Composer(method=rest.method, url=rest.url, body=rest.body, headers=rest.headers)
        self._open_wire = open_wire

    async def run(self, task_status: Started) -> None:
        """See core.ports.Adapter. Its wires need nobody."""
        task_status.started()

    async def ready(self) -> None:
        """See core.ports.Adapter. There is nothing to learn."""

    def compose(self, mapped: Mapped, scope: Scope, envelope: Envelope) -> Request:
        """See core.ports.Adapter."""
        return self._composer.compose(mapped, scope, envelope)

    def open(self) -> Wire:
        """See core.ports.Adapter."""
        return self._open_wire()
