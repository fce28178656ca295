"""A real SOAP service for tests: it serves its WSDL and schema, and takes nothing that they do not allow.

It speaks 1.1 and 1.2, checks each body against the schema and each UsernameToken by the profile, and
answers with faults as such services do. What it was sent is kept for the test to look at.
"""

import hashlib
from base64 import b64decode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import trio
from lxml import etree

from leadrelay.adapters.soap.contract import Contract, contract_of, parse
from leadrelay.adapters.soap.gathering import Documents, Gathering
from leadrelay.core.destination import Soap
from leadrelay.recipients.http_server import Request, Response, serve

NAMESPACE = "urn:example:leads"
SOAP_11, SOAP_12 = "http://schemas.xmlsoap.org/soap/envelope/", "http://www.w3.org/2003/05/soap-envelope"

SCHEMA = f"""<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:t="{NAMESPACE}"
  targetNamespace="{NAMESPACE}" elementFormDefault="qualified">
<xs:complexType name="Phone"><xs:simpleContent><xs:extension base="xs:string">
  <xs:attribute name="type" type="xs:string" use="required"/></xs:extension></xs:simpleContent>
</xs:complexType>
<xs:complexType name="Tags"><xs:sequence>
  <xs:element name="string" type="xs:string" minOccurs="0" maxOccurs="unbounded"/></xs:sequence>
</xs:complexType>
<xs:complexType name="Address"><xs:sequence>
  <xs:element name="Street" type="xs:string" minOccurs="0"/>
  <xs:element name="Zip" type="xs:string"/></xs:sequence></xs:complexType>
<xs:complexType name="Lead"><xs:sequence>
  <xs:element name="FirstName" type="xs:string"/>
  <xs:element name="Email" type="xs:string"/>
  <xs:element name="Income" type="xs:decimal" minOccurs="0"/>
  <xs:element name="Age" type="xs:int" minOccurs="0"/>
  <xs:element name="Homeowner" type="xs:boolean" minOccurs="0"/>
  <xs:element name="BirthDate" type="xs:date" minOccurs="0"/>
  <xs:element name="Address" type="t:Address" minOccurs="0"/>
  <xs:element name="Phone" type="t:Phone" minOccurs="0" maxOccurs="unbounded"/>
  <xs:element name="Tags" type="t:Tags" minOccurs="0"/>
  <xs:element name="Note" type="xs:string" minOccurs="0" nillable="true"/>
  <xs:element name="Extra" minOccurs="0"><xs:complexType mixed="true"><xs:sequence>
    <xs:any processContents="skip"/></xs:sequence></xs:complexType></xs:element>
  <xs:element name="Extras" minOccurs="0"><xs:complexType><xs:sequence>
    <xs:any processContents="skip" maxOccurs="unbounded"/></xs:sequence></xs:complexType></xs:element>
</xs:sequence><xs:attribute name="source" type="xs:string"/></xs:complexType>
<xs:element name="AddLead"><xs:complexType><xs:sequence>
  <xs:element name="campaign" type="xs:string"/>
  <xs:element name="lead" type="t:Lead"/>
  <xs:element name="extraXml" type="xs:string" minOccurs="0"/>
</xs:sequence></xs:complexType></xs:element>
<xs:element name="AddLeadResponse"><xs:complexType><xs:sequence>
  <xs:element name="Status" type="xs:string"/><xs:element name="LeadId" type="xs:string"/>
  <xs:element name="Price" type="xs:decimal"/></xs:sequence></xs:complexType></xs:element>
<xs:element name="AuthHeader"><xs:complexType><xs:sequence>
  <xs:element name="UserName" type="xs:string"/><xs:element name="Account" type="xs:int"/>
</xs:sequence></xs:complexType></xs:element>
</xs:schema>"""


def wsdl(address: str, imported: str = "types.xsd") -> str:
    """The WSDL of the service: one operation, one port for each version of SOAP."""
    types = (
        f'<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:import namespace="{NAMESPACE}" '
        f'schemaLocation="{imported}"/></xs:schema>'
    )
    bindings = "".join(
        f"""<w:binding name="{name}" type="t:Leads">
<{p}:binding style="document" transport="http://schemas.xmlsoap.org/soap/http"/>
<w:operation name="AddLead"><{p}:operation soapAction="{NAMESPACE}/AddLead"/>
<w:input><{p}:header message="t:Auth" part="AuthHeader" use="literal"/><{p}:body use="literal"/></w:input>
<w:output><{p}:body use="literal"/></w:output></w:operation></w:binding>"""
        for name, p in (("Leads11", "s"), ("Leads12", "s12"))
    )
    return f"""<?xml version="1.0" encoding="utf-8"?>
<w:definitions xmlns:w="http://schemas.xmlsoap.org/wsdl/" xmlns:t="{NAMESPACE}" targetNamespace="{NAMESPACE}"
 xmlns:s="http://schemas.xmlsoap.org/wsdl/soap/" xmlns:s12="http://schemas.xmlsoap.org/wsdl/soap12/">
<w:types>{types}</w:types>
<w:message name="In"><w:part name="parameters" element="t:AddLead"/></w:message>
<w:message name="Out"><w:part name="parameters" element="t:AddLeadResponse"/></w:message>
<w:message name="Auth"><w:part name="AuthHeader" element="t:AuthHeader"/></w:message>
<w:portType name="Leads"><w:operation name="AddLead"><w:input message="t:In"/><w:output message="t:Out"/>
</w:operation></w:portType>{bindings}
<w:service name="LeadService">
<w:port name="LeadsSoap" binding="t:Leads11"><s:address location="{address}"/></w:port>
<w:port name="LeadsSoap12" binding="t:Leads12"><s12:address location="{address}"/></w:port>
</w:service></w:definitions>"""


@dataclass
class SoapService:
    """What it has, what it wants and what it was sent."""

    password: str = ""  # empty: nobody has to prove anything
    duplicates: frozenset[str] = frozenset()  # e-mail addresses that it refuses by a fault
    port: int = 0
    wsdl_reads: int = 0
    requests: list[Request] = field(default_factory=list)
    envelopes: list[Any] = field(default_factory=list)
    _schema: Any = field(default_factory=lambda: etree.XMLSchema(etree.fromstring(SCHEMA)))

    @property
    def wsdl(self) -> str:
        return f"http://127.0.0.1:{self.port}/leads?wsdl"

    @property
    def bodies(self) -> list[Any]:
        """What stood in the bodies, as elements."""
        return [envelope.find("{*}Body")[0] for envelope in self.envelopes]

    async def answer(self, request: Request) -> Response:
        if request.method == "GET":
            return self._document(request)
        self.requests.append(request)
        envelope = etree.fromstring(request.body)
        self.envelopes.append(envelope)
        soap = etree.QName(envelope).namespace or ""
        content_type = request.headers.get("content-type", "")
        wanted = "text/xml" if soap == SOAP_11 else "application/soap+xml"
        if not content_type.startswith(wanted):
            return _xml(415, "<no/>", "text/xml")
        named = request.headers.get("soapaction", "") if soap == SOAP_11 else content_type
        if f'"{NAMESPACE}/AddLead"' not in named:
            return _fault(soap, "Client", "no such action")
        return self._taken(envelope, soap)

    def _document(self, request: Request) -> Response:
        if request.query == "wsdl":
            self.wsdl_reads += 1
            return _xml(200, wsdl(f"http://127.0.0.1:{self.port}/leads"), "text/xml")
        return (
            _xml(200, SCHEMA, "text/xml") if request.path == "/types.xsd" else _xml(404, "<no/>", "text/xml")
        )

    def _taken(self, envelope: Any, soap: str) -> Response:
        body = envelope.find(f"{{{soap}}}Body")[0]
        if not self._schema.validate(etree.ElementTree(body)):
            return _fault(soap, "Client", f"not valid: {self._schema.error_log.last_error.message}")
        if self.password and not _is_proven(envelope, self.password):
            return _fault(soap, "Client", "The security token could not be authenticated")
        if body.findtext(".//{*}Email") in self.duplicates:
            return _fault(soap, "Client", "Duplicate lead")
        answer = (
            f'<s:Envelope xmlns:s="{soap}"><s:Body><r:AddLeadResponse xmlns:r="{NAMESPACE}">'
            "<r:Status>Accepted</r:Status><r:LeadId>L-1</r:LeadId><r:Price>12.50</r:Price>"
            "</r:AddLeadResponse></s:Body></s:Envelope>"
        )
        return _xml(200, answer, wanted_type(soap))


def wanted_type(soap: str) -> str:
    return "text/xml; charset=utf-8" if soap == SOAP_11 else "application/soap+xml; charset=utf-8"


def _is_proven(envelope: Any, password: str) -> bool:
    token = envelope.find("{*}Header/{*}Security/{*}UsernameToken")
    if token is None or token.findtext("{*}Username") != "relay":
        return False
    given = token.find("{*}Password")
    if given.get("Type", "").endswith("#PasswordText"):
        return bool(given.text == password)
    nonce, created = b64decode(token.findtext("{*}Nonce")), token.findtext("{*}Created")
    digest = hashlib.sha1(nonce + created.encode() + password.encode()).digest()  # noqa: S324 - the profile's
    return b64decode(given.text) == digest


def _fault(soap: str, code: str, words: str) -> Response:
    if soap == SOAP_11:
        inner = f"<faultcode>s:{code}</faultcode><faultstring>{words}</faultstring>"
    else:
        inner = (
            f"<s:Code><s:Value>s:Sender</s:Value></s:Code><s:Reason><s:Text xml:lang='en'>{words}"
            "</s:Text></s:Reason>"
        )
    body = f'<s:Envelope xmlns:s="{soap}"><s:Body><s:Fault>{inner}</s:Fault></s:Body></s:Envelope>'
    return _xml(500, body, wanted_type(soap))


def _xml(status: int, body: str, content_type: str) -> Response:
    return Response(status, body.encode(), content_type)


@asynccontextmanager
async def a_soap_service(**settings: Any) -> AsyncIterator[SoapService]:
    """The service on loopback, for as long as the block runs."""
    service = SoapService(**settings)
    async with trio.open_nursery() as nursery:
        service.port = await nursery.start(serve, service.answer)
        yield service
        nursery.cancel_scope.cancel()


WSDL = wsdl("http://crm.example:80/leads")


def gathered(text: str, schema: str = SCHEMA) -> Documents:
    """A WSDL of which every import is the schema."""
    gathering = Gathering("https://crm.example/leads?wsdl")
    gathering.take(text.encode())
    while gathering.wanted is not None:
        gathering.take(schema.encode())
    return gathering.documents()


def parsed(text: str, schema: str = SCHEMA) -> Any:
    """The same as its parser has it."""
    return parse(gathered(text, schema))


def contract(text: str = WSDL, **settings: Any) -> Contract:
    """What it says of an operation."""
    named = {"wsdl": "https://crm.example/leads?wsdl", "operation": "AddLead", **settings}
    return contract_of(parsed(text), Soap(**named), is_secure=True)
