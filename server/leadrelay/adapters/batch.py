"""Where a recipient takes several leads in one request, each is composed alone, as a list of one.

Here it gets what its own part of the reply is found by, and what must not be recorded of a reply that is
everybody's. The gathering is the outlet's (`runtime.gathering`).
"""

from dataclasses import replace

from leadrelay.core.batch import Batch
from leadrelay.core.errors import NotSent
from leadrelay.core.exchange import Envelope, Request
from leadrelay.core.mapping import Mapped
from leadrelay.core.masking import MASK, spellings, texts_in, together
from leadrelay.core.outcome import ReasonCode
from leadrelay.core.ports import Adapter, Started, Wire
from leadrelay.core.scope import Scope
from leadrelay.core.values import text


class BatchAdapter:
    """Any adapter whose body is a list."""

    def __init__(self, adapter: Adapter, batch: Batch) -> None:
        self._adapter, self._key = adapter, batch.key

    async def run(self, task_status: Started) -> None:
        """See core.ports.Adapter."""
        await self._adapter.run(task_status)

    async def ready(self) -> None:
        """See core.ports.Adapter."""
        await self._adapter.ready()

    def open(self) -> Wire:
        """See core.ports.Adapter."""
        return self._adapter.open()

    def compose(self, mapped: Mapped, scope: Scope, envelope: Envelope) -> Request:
        """See core.ports.Adapter."""
        request = self._adapter.compose(mapped, scope, envelope)
        if mapped.has_sensitive:
            payload = mapped.payload
            sensitive = (payload[path] for path, shown in mapped.masked_payload().items() if shown == MASK)
            hidden = spellings(words for value in sensitive for words in texts_in(value))
            request = replace(request, secrets=together(hidden, request.secrets))
        return replace(request, item_key=self._found_by(mapped)) if self._key else request

    def _found_by(self, mapped: Mapped) -> str:
        key = text(mapped.payload.get(self._key)).strip()
        if not key:
            words = f"`{self._key}` has no value, by which the lead's own reply would be found (`batch.key`)"
            raise NotSent(ReasonCode.MAPPING_INVALID, words)
        return key
