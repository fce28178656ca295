"""A destination gets the adapter of its protocol."""

from dataclasses import replace

from leadrelay.adapters.http import HttpWire
from leadrelay.adapters.registry import adapter_for
from leadrelay.adapters.rest import RestAdapter
from leadrelay.adapters.soap import SoapAdapter
from leadrelay.adapters.webhook import WebhookAdapter
from leadrelay.core.destination import Soap, Webhook
from leadrelay.core.encoding import Body, compile_body
from leadrelay.core.template import compile_template
from values import a_destination


async def test_the_protocol_names_the_adapter() -> None:
    rest = a_destination("crm")
    webhook = Webhook(url=compile_template("https://buyer.example/"), body=compile_body(Body()))
    assert isinstance(adapter_for(rest), RestAdapter)
    assert isinstance(adapter_for(replace(rest, protocol=webhook)), WebhookAdapter)
    soap = Soap(wsdl="https://crm.example/?wsdl", operation="AddLead")
    assert isinstance(adapter_for(replace(rest, protocol=soap)), SoapAdapter)


async def test_wires_do_not_dial_before_they_send() -> None:
    wire = adapter_for(a_destination("crm")).open()
    assert isinstance(wire, HttpWire)
    await wire.aclose()
