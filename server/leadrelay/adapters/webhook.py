"""Webhooks: the mapped lead, or the whole lead, posted as JSON or as a form (behaviour 4.1).

The whole lead is what a mapping without rules passes through; nothing of that is decided here.
"""

from collections.abc import Callable

from leadrelay.adapters.compose import Composer
from leadrelay.core.destination import Webhook
from leadrelay.core.exchange import Envelope, Request
from leadrelay.core.mapping import Mapped
from leadrelay.core.ports import Started, Wire
from leadrelay.core.scope import Scope


class WebhookAdapter:
    """Speaks to one webhook."""

    def __init__(self, webhook: Webhook, open_wire: Callable[[], Wire]) -> None:
        self._composer = Composer(method="POST", url=webhook.url, body=webhook.body, headers=webhook.headers)
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
