"""A destination gets the adapter of its protocol."""

from dataclasses import replace

import pytest
import trio

from leadrelay.adapters.http import HttpWire
from leadrelay.adapters.registry import adapter_for
from leadrelay.adapters.rest import RestAdapter
from leadrelay.adapters.soap.adapter import SoapAdapter
from leadrelay.adapters.webhook import WebhookAdapter
from leadrelay.core.destination import Rest, Soap, Webhook
from leadrelay.core.encoding import Body, compile_body
from leadrelay.core.errors import NotSent
from leadrelay.core.outcome import ReasonCode
from leadrelay.core.template import compile_template
from recipients_raw import keeps_answering, listening
from values import a_destination
from wires import LOOPBACK, Watched, a_post


async def test_the_protocol_names_the_adapter() -> None:
    rest = a_destination("crm")
    webhook = Webhook(url=compile_template("https://buyer.example/"), body=compile_body(Body()))
    assert isinstance(adapter_for(rest), RestAdapter)
    assert isinstance(adapter_for(replace(rest, protocol=webhook)), WebhookAdapter)
    soap = Soap(wsdl="https://crm.example/?wsdl", operation="AddLead")
    assert isinstance(adapter_for(replace(rest, protocol=soap)), SoapAdapter)


async def test_a_destinations_wires_go_where_its_own_list_lets_them(nursery: trio.Nursery) -> None:
    recipient = await listening(nursery, keeps_answering())
    closed = adapter_for(a_destination("crm")).open()
    with pytest.raises(NotSent) as caught:
        await closed.send(a_post(recipient.url()), Watched())
    assert (caught.value.code, recipient.connections) == (ReasonCode.SSRF_BLOCKED, 0)
    opened = adapter_for(replace(a_destination("crm"), egress=LOOPBACK)).open()
    assert (await opened.send(a_post(recipient.url()), Watched())).status == 200
    await opened.aclose()


async def test_redirects_are_followed_where_the_destination_asks_for_it(nursery: trio.Nursery) -> None:
    there = await listening(nursery, keeps_answering())
    location = there.url().encode()
    first = await listening(
        nursery, keeps_answering(b"HTTP/1.1 307 Go\r\nContent-Length: 0\r\nLocation: %s\r\n\r\n" % location)
    )
    rest = replace(a_destination("crm"), egress=LOOPBACK)
    assert isinstance(rest.protocol, Rest)
    for follows, status in ((False, 307), (True, 200)):
        protocol = replace(rest.protocol, follow_redirects=follows)
        wire = adapter_for(replace(rest, protocol=protocol)).open()
        assert (await wire.send(a_post(first.url()), Watched())).status == status
        await wire.aclose()


async def test_wires_do_not_dial_before_they_send() -> None:
    wire = adapter_for(a_destination("crm")).open()
    assert isinstance(wire, HttpWire)
    await wire.aclose()
