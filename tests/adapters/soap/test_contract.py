"""What a WSDL says of an operation, and what is told of one that says it wrong (behaviour 4.1)."""

from typing import Any

import pytest

from leadrelay.adapters.soap.contract import contract_from, contract_of
from leadrelay.adapters.soap.refusal import BadWsdl
from leadrelay.core.destination import Soap, SoapVersion
from leadrelay.core.outcome import ReasonCode
from soap_service import NAMESPACE, SCHEMA, WSDL, contract, gathered, parsed

RPC = """<w:definitions xmlns:w="http://schemas.xmlsoap.org/wsdl/" xmlns:t="urn:rpc" targetNamespace="urn:rpc"
 xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:s="http://schemas.xmlsoap.org/wsdl/soap/"
 xmlns:e="http://schemas.xmlsoap.org/soap/encoding/" xmlns:a="http://www.w3.org/2006/05/addressing/wsdl">
<w:types><xs:schema targetNamespace="urn:rpc">{imports}<xs:complexType name="Names"><xs:complexContent>
<xs:restriction base="e:Array"><xs:attribute ref="e:arrayType" w:arrayType="xs:string[]"/></xs:restriction>
</xs:complexContent></xs:complexType></xs:schema></w:types>
<w:message name="In"><w:part name="key" type="xs:string"/><w:part name="names" type="t:Names"/></w:message>
<w:portType name="P"><w:operation name="add"><w:input message="t:In" a:Action="urn:rpc/add"/></w:operation>
</w:portType>
<w:binding name="B" type="t:P"><s:binding style="rpc" transport="http://schemas.xmlsoap.org/soap/http"/>
<w:operation name="add"><s:operation soapAction=""/><w:input>
<s:body use="encoded" namespace="urn:rpc"/></w:input>
</w:operation></w:binding>
<w:service name="S"><w:port name="P1" binding="t:B"><s:address location="https://crm.example/rpc"/></w:port>
</w:service></w:definitions>"""


def test_the_same_content_is_parsed_once() -> None:
    assert parsed(WSDL) is parsed(WSDL)
    assert parsed(WSDL) is not parsed(WSDL.replace("LeadService", "Other"))


@pytest.mark.parametrize(
    "lacking",
    [
        '<w:part name="parameters" element="t:AddLead"/>',
        '<w:message name="In">',
        '<xs:element name="AddLead">',
    ],
)
def test_an_operation_that_lacks_a_part_is_not_said_to_be_missing(lacking: str) -> None:
    """Its parser warns of it on standard error, which no user of ours asked for; warnings are errors here."""
    text, schema = WSDL.replace(lacking, lacking.replace("In", "Inn").replace("AddLead", "AddLeads")), SCHEMA
    soap = Soap(wsdl="https://crm.example/leads?wsdl", operation="AddLead")
    if text == WSDL:
        schema = SCHEMA.replace(lacking, lacking.replace("AddLead", "AddLeads"))
    with pytest.raises(BadWsdl, match="`AddLead` of the WSDL has no binding, or names messages or elements"):
        contract_from(gathered(text, schema), soap)


def test_ports_are_chosen_by_name_and_by_version() -> None:
    assert not contract().is_1_2
    assert contract(version=SoapVersion.V1_2).is_1_2
    assert contract(port="LeadsSoap12", service="LeadService").is_1_2


def test_a_lead_does_not_leave_in_clear_because_a_server_stands_behind_a_proxy() -> None:
    assert contract().address == "https://crm.example/leads"
    assert contract(url="http://inner.example/x").address == "http://inner.example/x"
    plain = contract_of(parsed(WSDL), Soap(wsdl="http://crm.example/?wsdl", operation="AddLead"))
    assert plain.address == "http://crm.example:80/leads"


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"operation": "addlead"}, "no operation `addlead`; did you mean `AddLead`"),
        ({"operation": "Zzz"}, "no operation `Zzz`; there are: `AddLead`"),
        ({"service": "LeadServices"}, "no service `LeadServices` for SOAP; did you mean `LeadService`"),
        ({"port": "LeadsHttp"}, "no port `LeadsHttp` for SOAP; did you mean `LeadsSoap`"),
        ({"port": "LeadsSoap", "version": SoapVersion.V1_2}, "no port for SOAP 1.2; leave `version` out"),
    ],
)
def test_what_is_not_there_is_told_with_what_is(settings: dict[str, Any], words: str) -> None:
    with pytest.raises(BadWsdl, match=words) as caught:
        contract(**settings)
    assert caught.value.code is ReasonCode.MAPPING_INVALID


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (WSDL.replace('binding="t:Leads1', 'binding="t:Gone'), "no SOAP port|cannot be understood"),
        (WSDL.replace("http://crm.example:80/leads", ""), "names no address for its port; set `url`"),
        (WSDL.replace('type="t:Leads"', 'type="t:Gone"'), "cannot be understood: .*Gone"),
        (WSDL.replace("soap/http", "soap/smtp"), "has no SOAP port"),
    ],
)
def test_a_broken_wsdl_is_told_in_words(text: str, words: str) -> None:
    with pytest.raises(BadWsdl, match=words):
        contract(text)


def test_types_that_lead_in_circles_are_types_like_others() -> None:
    zip_code = '<xs:element name="Zip"'
    looped = SCHEMA.replace(zip_code, f'<xs:element name="Before" type="t:Lead" minOccurs="0"/>{zip_code}')
    document = parsed(WSDL, looped)
    assert contract_of(document, Soap(wsdl="x", operation="AddLead")).body is not None


def _group(number: int) -> str:
    return f'<xs:group ref="t:G{number}"/>'


GROUPS = "".join(
    f'<xs:group name="G{n}"><xs:sequence>{4 * _group(n + 1)}</xs:sequence></xs:group>' for n in range(8)
)


@pytest.mark.parametrize(
    ("last", "words"),
    [
        ('<xs:element name="z" type="xs:string" minOccurs="0"/>', "more than 20000 elements"),
        ('<xs:group ref="t:G0"/>', "lead in circles"),
    ],
)
def test_groups_that_unfold_without_end_are_found_before_a_lead_is_sent(last: str, words: str) -> None:
    group = f'<xs:group name="G8"><xs:sequence>{last}</xs:sequence></xs:group>'
    schema = SCHEMA.replace("</xs:schema>", f"{GROUPS}{group}</xs:schema>")
    schema = schema.replace(
        '<xs:element name="campaign"', '<xs:group ref="t:G0"/><xs:element name="campaign"'
    )
    with pytest.raises(BadWsdl, match=words):
        contract_from(gathered(WSDL, schema), Soap(wsdl="x", operation="AddLead"))


def test_imports_in_circles_under_wrong_names_end() -> None:
    """Each import says another namespace, so that the parser does not know what it has read before."""
    first = WSDL.replace("<w:types>", '<w:import namespace="urn:other" location="leads?wsdl"/><w:types>')
    with pytest.raises(BadWsdl, match="lead in circles"):
        parsed(first)


def test_old_services_need_nothing_from_addresses_that_are_gone() -> None:
    """rpc/encoded arrays name a schema that nobody serves any more."""
    imported = (
        '<xs:import namespace="http://schemas.xmlsoap.org/soap/encoding/" schemaLocation="http://x.example"/>'
    )
    for imports in ("", imported, '<xs:import namespace="http://www.w3.org/XML/1998/namespace"/>'):
        made = contract(RPC.replace("{imports}", imports), operation="add")
        envelope, action = made.envelope({"key": "k", "names": ["Ada", "Eve"]})
        assert action == ""
        made.addressed(envelope, "https://crm.example/rpc")
        header = envelope.find("{*}Header")
        assert header.findtext("{*}Action") == "urn:rpc/add"
        assert header.findtext("{*}To") == "https://crm.example/rpc"
        body = envelope.find("{*}Body")[0]
        assert (body.tag, [each.text for each in body[1]]) == ("{urn:rpc}add", ["Ada", "Eve"])


def test_headers_are_found_by_part_or_by_name() -> None:
    made = contract()
    assert made.header_names() == ["AuthHeader"]
    assert made.header("AuthHeader").qname == f"{{{NAMESPACE}}}AuthHeader"
    assert made.header("AddLeadResponse") is not None  # undeclared for the operation, but known
    assert made.header("Nothing") is None
