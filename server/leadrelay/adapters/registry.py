"""Which adapter speaks a destination's protocol. A new protocol is one line here."""

from collections.abc import Callable
from functools import partial

from leadrelay.adapters.batch import BatchAdapter
from leadrelay.adapters.compose import Composer
from leadrelay.adapters.dial import HTTP2, Dialer, Tls, default_tls_context
from leadrelay.adapters.direct import Channel, DirectAdapter, DirectWire, authority
from leadrelay.adapters.endpoints import Compose, EndpointsAdapter
from leadrelay.adapters.http import http_wires
from leadrelay.adapters.proxy import Proxy
from leadrelay.adapters.redirects import following
from leadrelay.adapters.rest import RestAdapter
from leadrelay.adapters.soap.gathering import MAX_BYTES
from leadrelay.adapters.webhook import WebhookAdapter
from leadrelay.core.destination import Destination, Direct, Endpoint, Protocol, Rest, Soap, Webhook, Wsse
from leadrelay.core.exchange import Request
from leadrelay.core.ports import Adapter, Wire
from leadrelay.core.values import text


def adapter_for(
    destination: Destination,
    *,
    tls: Tls | None = None,
    via: Proxy | None = None,
    open_inward: Callable[[], Wire] | None = None,
) -> Adapter:
    """The adapter of a destination, with a dialer that its wires share and no other destination's do.

    It reaches public addresses and what the destination's own list opens.

    `tls` takes the place of the default context, which trusts the well-known authorities; `via` is the proxy
    that stands in between; `open_inward` opens wires to the flows of this server.
    """
    if isinstance(destination.protocol, Direct):
        return _direct(destination, destination.protocol, tls, open_inward)
    opened = partial(http_wires, allow=destination.egress, version=destination.http_version, via=via)
    open_wire = opened(tls=tls)
    if isinstance(destination.protocol, Rest) and destination.protocol.follow_redirects:
        open_wire = following(open_wire, opened())  # a stranger is shown no certificate
    return adapter_over(destination, open_wire, opened(tls=tls, max_reply=MAX_BYTES))


def adapter_over(
    destination: Destination, open_wire: Callable[[], Wire], open_library: Callable[[], Wire] | None = None
) -> Adapter:
    """The same over wires of another kind; a preview has none that could send.

    `open_library` is for what is read about a protocol, which may be larger than a reply.
    """
    adapter, endpoints = _spoken(destination, open_wire, open_library), destination.endpoints
    if endpoints is not None:
        composers = [_composer(destination.protocol, backup) for backup in endpoints.backups]
        adapter = EndpointsAdapter(adapter, endpoints, composers, destination.timeouts.connect)
    return adapter if destination.batch is None else BatchAdapter(adapter, destination.batch)


def _composer(protocol: Protocol, backup: Endpoint) -> Compose:
    """Composes what a backup is sent, of which its URL counts."""
    if isinstance(protocol, Rest):
        rest = protocol
        return Composer(method=rest.method, url=backup.url, body=rest.body, headers=rest.headers).compose
    if isinstance(protocol, Webhook):
        hook = protocol
        return Composer(method="POST", url=backup.url, body=hook.body, headers=hook.headers).compose
    return lambda _, scope, __: Request(method="POST", url=text(backup.url(scope)))  # an envelope has none


def _spoken(
    destination: Destination, open_wire: Callable[[], Wire], open_library: Callable[[], Wire] | None
) -> Adapter:
    match destination.protocol:
        case Rest():
            return RestAdapter(destination.protocol, open_wire)
        case Webhook():
            return WebhookAdapter(destination.protocol, open_wire)
        case Direct():
            return DirectAdapter(destination.protocol, open_wire)
        case Soap():
            # What reads a WSDL weighs 20 MB, which a server without such a destination need not carry.
            from leadrelay.adapters.soap.adapter import SoapAdapter  # noqa: PLC0415

            has_slot = any(isinstance(proof, Wsse) for proof in destination.proofs)
            return SoapAdapter(destination.protocol, open_wire, open_library or open_wire, has_slot=has_slot)


def _direct(
    destination: Destination, direct: Direct, tls: Tls | None, open_inward: Callable[[], Wire] | None
) -> Adapter:
    if not direct.host:
        if open_inward is None:
            raise ValueError(f"{destination.name} delivers to this server, and there is none")
        return DirectAdapter(direct, open_inward)
    dialer = Dialer(tls=tls or default_tls_context(HTTP2), allow=destination.egress)
    channel = Channel(
        partial(dialer.dial, direct.host, direct.port, secure=not direct.is_plaintext),
        authority=authority(direct.host, direct.port),
        is_plaintext=direct.is_plaintext,
        patience=destination.timeouts.connect,
    )
    return DirectAdapter(direct, lambda: DirectWire(channel), channel)
