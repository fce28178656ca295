"""Which adapter speaks a destination's protocol. A new protocol is one line here."""

import ssl

from leadrelay.adapters.http import http_wires
from leadrelay.adapters.rest import RestAdapter
from leadrelay.adapters.webhook import WebhookAdapter
from leadrelay.core.destination import Destination, Rest, Webhook
from leadrelay.core.ports import Adapter


def adapter_for(destination: Destination, *, tls: ssl.SSLContext | None = None) -> Adapter:
    """The adapter of a destination, with a dialer that its wires share and no other destination's do.

    `tls` takes the place of the default context, which trusts the well-known authorities.
    """
    open_wire = http_wires(tls=tls)
    match destination.protocol:
        case Rest():
            return RestAdapter(destination.protocol, open_wire)
        case Webhook():
            return WebhookAdapter(destination.protocol, open_wire)
