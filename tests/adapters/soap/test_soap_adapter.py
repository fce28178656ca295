"""A lead reaches a real SOAP service, which checks every envelope against its schema (behaviour 4.1)."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import trio
import trio.testing

from leadrelay.adapters.http import HttpWire, http_wires
from leadrelay.adapters.soap.adapter import SoapAdapter
from leadrelay.adapters.soap.gathering import MAX_BYTES
from leadrelay.auth.secrets import open_secrets
from leadrelay.auth.wsse import WsseSigner
from leadrelay.core.destination import Soap, SoapVersion, Wsse
from leadrelay.core.errors import NotSent
from leadrelay.core.exchange import Envelope, Reply, Request, record_request
from leadrelay.core.mapping import Mapped, Rule, compile_mapping
from leadrelay.core.masking import MASK, folded
from leadrelay.core.outcome import Kind, ReasonCode
from leadrelay.core.reading import Match, ReadingRule, ReadingSpec, compile_reading
from leadrelay.core.scope import Scope
from leadrelay.core.wsse import SLOT
from leadrelay.runtime.clock import WallClock
from soap_service import SCHEMA, SOAP_11, SOAP_12, SoapService, a_soap_service, wsdl
from values import a_lead
from wires import LOOPBACK, Watched

ENVELOPE = Envelope(idempotency_key="lead-1/crm", traceparent="00-" + "1" * 32 + "-" + "2" * 16 + "-01")
RULES = (
    Rule("campaign", "solar"),
    Rule("lead@source", "web"),
    Rule("lead.FirstName", "{{first_name}}"),
    Rule("lead.Email", "{{email}}"),
)


def mapped(*rules: Rule, sensitive: tuple[str, ...] = (), **fields: str) -> tuple[Mapped, Scope]:
    scope = Scope.of(a_lead(**fields))
    return compile_mapping(rules, sensitive=frozenset(map(folded, sensitive))).apply(scope), scope


def an_adapter(place: str, *, has_slot: bool = False, **settings: Any) -> SoapAdapter:
    soap = Soap(**{"wsdl": place, "operation": "AddLead", **settings})
    return SoapAdapter(
        soap, http_wires(allow=LOOPBACK), http_wires(allow=LOOPBACK, max_reply=MAX_BYTES), has_slot=has_slot
    )


async def sent(adapter: SoapAdapter, request: Request) -> Reply:
    wire = adapter.open()
    assert isinstance(wire, HttpWire)
    try:
        return await wire.send(request, Watched())
    finally:
        await wire.aclose()


async def composed(adapter: SoapAdapter, *rules: Rule) -> Request:
    await adapter.ready()
    return adapter.compose(*mapped(*rules), ENVELOPE)


@pytest.fixture
async def service() -> AsyncIterator[SoapService]:
    async with a_soap_service() as running:
        yield running


READING = compile_reading(
    ReadingSpec(
        rules=(
            ReadingRule(outcome=Kind.SUCCESS, match=(Match(path="//Status", equals="accepted"),)),
            ReadingRule(outcome=Kind.HARD_REJECT, match=(Match(path="//Fault", matches="duplicate"),)),
        ),
        price=("//Price",),
        reference=("Envelope.Body.AddLeadResponse.LeadId",),
    )
)


@pytest.mark.parametrize("version", [None, SoapVersion.V1_1, SoapVersion.V1_2])
async def test_a_lead_is_sold_in_both_versions(service: SoapService, version: SoapVersion | None) -> None:
    adapter = an_adapter(service.wsdl, version=version)
    reply = await sent(adapter, await composed(adapter, *RULES))
    outcome = READING.read(reply)
    assert (outcome.kind, outcome.reference, str(outcome.price)) == (Kind.SUCCESS, "L-1", "12.50")
    body = service.bodies[0]
    assert (body.findtext("{*}lead/{*}FirstName"), body.find("{*}lead").get("source")) == ("Ada", "web")
    is_1_2 = version is SoapVersion.V1_2
    assert service.envelopes[0].tag == f"{{{SOAP_12 if is_1_2 else SOAP_11}}}Envelope"
    headers = service.requests[0].headers
    assert ("soapaction" in headers) is not is_1_2
    assert headers["idempotency-key"] == ENVELOPE.idempotency_key
    assert headers["traceparent"] == ENVELOPE.traceparent


async def test_nested_values_lists_attributes_headers_and_xml_in_a_string(service: SoapService) -> None:
    adapter = an_adapter(service.wsdl)
    request = await composed(
        adapter,
        *RULES,
        Rule("lead.Income", "$52,400.50"),
        Rule("lead.Age", 41.0),
        Rule("lead.Homeowner", "Yes"),
        Rule("lead.BirthDate", "1984-02-29"),
        Rule("lead.Address.Zip", "10001"),
        Rule("lead.Phone.0", "5125550100"),
        Rule("lead.Phone.0@type", "home"),
        Rule("lead.Phone.1.#text", "5125550101"),
        Rule("lead.Phone.1.@type", "cell"),
        Rule("lead.Tags", ["a", "b"]),
        Rule("lead.Note", None),
        Rule("extraXml.Extra.Score", 7),
        Rule("extraXml.Extra@v", "<&>"),
        Rule("@header.AuthHeader.UserName", "relay"),
        Rule("@header.AuthHeader.Account", "77"),
    )
    assert READING.read(await sent(adapter, request)).kind is Kind.SUCCESS
    lead = service.bodies[0].find("{*}lead")
    assert [each.text for each in lead][2:6] == ["52400.50", "41", "true", "1984-02-29"]
    phones = [(each.text, each.get("type")) for each in lead.findall("{*}Phone")]
    assert phones == [("5125550100", "home"), ("5125550101", "cell")]
    assert [each.text for each in lead.find("{*}Tags")] == ["a", "b"]
    assert lead.find("{*}Note").get("{http://www.w3.org/2001/XMLSchema-instance}nil") == "true"
    extra = service.bodies[0].findtext("{*}extraXml")
    assert extra == '<Extra v="&lt;&amp;&gt;"><Score>7</Score></Extra>'
    header = service.envelopes[0].find("{*}Header/{*}AuthHeader")
    assert [each.text for each in header] == ["relay", "77"]


async def test_a_fault_is_read_like_any_reply() -> None:
    async with a_soap_service(duplicates=frozenset({"ada@example.com"})) as service:
        for version in SoapVersion:
            adapter = an_adapter(service.wsdl, version=version)
            outcome = READING.read(await sent(adapter, await composed(adapter, *RULES)))
            assert (outcome.kind, outcome.code) == (Kind.HARD_REJECT, ReasonCode.DUPLICATE)
            assert outcome.words == "Duplicate lead"


@pytest.mark.parametrize("digest", [False, True])
@pytest.mark.parametrize("version", list(SoapVersion))
async def test_a_username_token_proves_who_we_are_and_is_on_no_record(
    version: SoapVersion, digest: bool
) -> None:
    """Behaviour 4.2 and 9."""
    secrets = open_secrets(None, {"LEADRELAY_SECRET_CRM": "s3cret-word"})
    signer = WsseSigner(Wsse(username="relay", password="crm", digest=digest), secrets, WallClock())
    async with a_soap_service(password="s3cret-word") as service:
        adapter = an_adapter(service.wsdl, version=version, has_slot=True)
        unsigned = await composed(adapter, *RULES)
        assert READING.read(await sent(adapter, unsigned)).kind is Kind.SYSTEM_ERROR
        signed = await signer.sign(unsigned)
        again = await signer.sign(signed)
        for request in (signed, again):
            assert READING.read(await sent(adapter, request)).kind is Kind.SUCCESS
            assert "s3cret-word" not in record_request(request).body
        assert len(service.envelopes[-1].findall("{*}Header/{*}Security")) == 1
        assert MASK in record_request(signer.show(unsigned)).body


async def test_sensitive_values_are_masked_where_they_stand(service: SoapService) -> None:
    """Behaviour 9; a type that takes no `***` is no way round it."""
    adapter = an_adapter(service.wsdl, has_slot=True)
    await adapter.ready()
    rules = (
        *RULES,
        Rule("lead.BirthDate", "{{born}}"),
        Rule("lead.Phone.0", "{{phone_1}}"),
        Rule("lead.Phone.0@type", "cell"),
        Rule("lead@source", "{{ssn}}"),
        Rule("extraXml.Extra.Ssn", "{{ssn}}"),
        Rule("@header.AuthHeader.UserName", "u"),
        Rule("@header.AuthHeader.Account", "{{pin}}"),
    )
    fields = {"born": "1984-02-29", "phone_1": "5125550100", "ssn": "078051120", "pin": "4711"}
    sensitive = ("born", "ssn", "pin", "phone_1")
    request = adapter.compose(
        *mapped(*rules, sensitive=sensitive, first_name="Ada", email="ada@example.com", **fields), ENVELOPE
    )
    shown = record_request(request).body
    assert not [value for value in fields.values() if value in shown]
    assert [value for value in fields.values() if value.encode() not in request.body] == []
    assert shown.count(MASK) == 5
    assert SLOT.decode() in shown
    assert "Ada" in shown
    assert READING.read(await sent(adapter, request)).kind is Kind.SUCCESS


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (Rule("lead.FirstNam", "x"), "`lead.FirstNam` has no place .* did you mean `FirstName`"),
        (Rule("lead.Income", "lots"), "`lead.Income` is no number"),
        (Rule("lead.Age", "41.5"), "`lead.Age` has a fraction"),
        (Rule("lead.Homeowner", "maybe"), "`lead.Homeowner` is neither true nor false"),
        (Rule("lead.BirthDate", "02/29/1984"), "`lead.BirthDate` is not written as in 2026-01-31"),
        (Rule("lead.FirstName", ["a", "b"]), "`lead.FirstName` takes one value and is given 2"),
        (Rule("lead.Address", "x"), "`lead.Address` is an object"),
        (Rule("lead.Phone.0", "5125550100"), "Attribute type is required|type"),
        (Rule("@header.AuthHead.UserName", "x"), "did you mean `AuthHeader`"),
    ],
)
async def test_what_does_not_fit_is_told_by_its_path_and_never_sent(
    service: SoapService, rule: Rule, words: str
) -> None:
    adapter = an_adapter(service.wsdl)
    with pytest.raises(NotSent, match=words) as caught:
        await composed(adapter, *RULES, rule)
    assert caught.value.code is ReasonCode.MAPPING_INVALID


async def test_what_is_missing_is_told(service: SoapService) -> None:
    with pytest.raises(NotSent, match="Missing element Email"):
        await composed(an_adapter(service.wsdl), *RULES[:3])


async def test_the_wsdl_is_read_once_for_all_who_wait(service: SoapService) -> None:
    adapter = an_adapter(service.wsdl)
    async with trio.open_nursery() as nursery:
        for _ in range(20):
            nursery.start_soon(adapter.ready)
    await adapter.ready()
    assert service.wsdl_reads == 1


async def test_a_lead_that_waits_no_longer_leaves_the_wsdl_to_the_next(service: SoapService) -> None:
    """Its total time may end while the WSDL is on its way; that is no failure of the WSDL's."""
    adapter = an_adapter(service.wsdl)
    async with trio.open_nursery() as nursery:
        impatient = trio.CancelScope()
        with impatient:
            impatient.cancel()
            await adapter.ready()
        nursery.start_soon(adapter.ready)
    assert impatient.cancelled_caught
    assert b"AddLead" in (await composed(adapter, *RULES)).body


async def test_a_wsdl_that_was_read_once_serves_on_while_its_address_is_down() -> None:
    async with a_soap_service() as service:
        place = service.wsdl
        await an_adapter(place).ready()
    later = an_adapter(place)
    assert b"AddLead" in (await composed(later, *RULES)).body


async def test_a_failure_is_shared_for_a_while_and_then_tried_again(
    service: SoapService, mock_clock: trio.testing.MockClock
) -> None:
    adapter = an_adapter(service.wsdl, operation="AddLeed")
    for _ in range(3):
        with pytest.raises(NotSent, match="did you mean `AddLead`"):
            await adapter.ready()
    assert service.wsdl_reads == 1
    mock_clock.jump(6)
    with pytest.raises(NotSent):
        await adapter.ready()
    assert service.wsdl_reads == 2


async def test_a_file_with_its_schema_beside_it(service: SoapService, tmp_path: Path) -> None:
    place = tmp_path / "leads.wsdl"
    place.write_text(wsdl("http://elsewhere.example/leads"))
    (tmp_path / "types.xsd").write_text(SCHEMA)
    adapter = an_adapter(str(place), url=f"http://127.0.0.1:{service.port}/leads")
    assert READING.read(await sent(adapter, await composed(adapter, *RULES))).kind is Kind.SUCCESS
    assert service.wsdl_reads == 0
    unprepared = an_adapter(str(place))  # as a preview does, which waits for nothing
    request = unprepared.compose(*mapped(*RULES), ENVELOPE)
    assert request.url == "http://elsewhere.example/leads"


async def test_a_preview_fetches_nothing() -> None:
    with pytest.raises(NotSent, match="when the first lead is sent"):
        an_adapter("http://127.0.0.1:9/never-read?wsdl").compose(*mapped(*RULES), ENVELOPE)
