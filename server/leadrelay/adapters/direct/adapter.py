"""Composes deliveries to a flow of another leadrelay, or of this one (behaviour 4.1)."""

from collections.abc import Callable
from hashlib import blake2b
from typing import Final

from leadrelay.adapters.direct.channel import Channel
from leadrelay.adapters.direct.message import as_json, lead_of
from leadrelay.core.destination import Direct
from leadrelay.core.encoding import EncodingError, Payload
from leadrelay.core.errors import NotSent
from leadrelay.core.exchange import Envelope, Headers, Request
from leadrelay.core.lead import MAX_REQUEST_ID
from leadrelay.core.mapping import Mapped
from leadrelay.core.outcome import ReasonCode
from leadrelay.core.ports import Started, Wire
from leadrelay.core.scope import Scope

METHOD: Final = "leadrelay.v1.DeliveryService/Deliver"
HOPS: Final = "leadrelay-hops"  # metadata: how many servers the lead has passed


class DirectAdapter:
    """Speaks to one flow."""

    def __init__(self, direct: Direct, open_wire: Callable[[], Wire], channel: Channel | None = None) -> None:
        """`channel` is what the wires stand on, where they stand on one."""
        self._direct, self._open_wire, self._channel = direct, open_wire, channel
        self._url = _url(direct)

    async def run(self, task_status: Started) -> None:
        """See core.ports.Adapter."""
        if self._channel is not None:
            await self._channel.run(task_status)
        else:
            task_status.started()

    async def ready(self) -> None:
        """See core.ports.Adapter. There is nothing to learn."""

    def compose(self, mapped: Mapped, scope: Scope, envelope: Envelope) -> Request:
        """See core.ports.Adapter."""
        hops = scope.lead.hops if scope.lead is not None else 0
        limit = self._direct.loop_limit
        if hops >= limit:
            words = f"the lead has passed {hops} server(s) before this one, and `loop_limit` is {limit}"
            raise NotSent(ReasonCode.LOOP, f"{words}; it goes round in a circle, or the limit is too low")
        shown = self._written(mapped.masked_payload(), scope, envelope) if mapped.has_sensitive else None
        return Request(
            method=METHOD,
            url=self._url,
            headers=_metadata(envelope, hops + 1),
            body=self._written(mapped.payload, scope, envelope),
            recorded_body=shown,
            idempotency_key=envelope.idempotency_key,
        )

    def open(self) -> Wire:
        """See core.ports.Adapter."""
        return self._open_wire()

    def _written(self, payload: Payload, scope: Scope, envelope: Envelope) -> bytes:
        try:
            lead = lead_of(payload, scope.lead if self._direct.is_whole else None)
        except EncodingError as error:
            raise NotSent(ReasonCode.MAPPING_INVALID, f"the lead cannot be written: {error}") from error
        return as_json(self._direct.flow, lead, request_id(envelope.idempotency_key))


def request_id(idempotency_key: str) -> str:
    """The key itself, or, where that is longer than a request id may be, its beginning and a digest."""
    if len(idempotency_key) <= MAX_REQUEST_ID:
        return idempotency_key
    digest = blake2b(idempotency_key.encode(), digest_size=16).hexdigest()
    return f"{idempotency_key[: MAX_REQUEST_ID - len(digest) - 1]}-{digest}"


def _metadata(envelope: Envelope, hops: int) -> Headers:
    ours = (
        ("traceparent", envelope.traceparent),
        ("tracestate", envelope.tracestate),
        (HOPS, str(hops)),
    )
    return tuple((name, value) for name, value in ours if value)


def _url(direct: Direct) -> str:
    """Where it goes, for records: no URL that anything would dial."""
    if not direct.host:
        return "local:"
    scheme = "grpc" if direct.is_plaintext else "grpcs"
    return f"{scheme}://{authority(direct.host, direct.port)}"


def authority(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
