"""Which adapter speaks a destination's protocol. A new protocol is one line here."""

import ssl
from collections.abc import Callable

from leadrelay.adapters.http import http_wires
from leadrelay.adapters.rest import RestAdapter
from leadrelay.adapters.webhook import WebhookAdapter
from leadrelay.core.destination import Destination, Rest, Webhook
from leadrelay.core.ports import Adapter, Wire


def adapter_for(destination: Destination, *, tls: ssl.SSLContext | None = None) -> Adapter:
    """The adapter of a destination, with a dialer that its wires share and no other destination's do.

    `tls` takes the place of the default context, which trusts the well-known authorities.
    """
    return adapter_over(destination, http_wires(tls=tls))


def adapter_over(destination: Destination, open_wire: Callable[[], Wire]) -> Adapter:
    """The same over wires of another kind; a preview has none that could send."""
    match destination.protocol:
        case Rest():
            return RestAdapter(destination.protocol, open_wire)
        case Webhook():
            return WebhookAdapter(destination.protocol, open_wire)
