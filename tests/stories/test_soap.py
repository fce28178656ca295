"""A lead over SOAP, from the ordinary client to a service that checks every envelope (behaviour 4.1)."""

from pathlib import Path
from typing import Any

import pytest

from leadrelay_client.v1.outcome_pb2 import (
    ARRIVED_NO,
    OUTCOME_KIND_HARD_REJECT,
    OUTCOME_KIND_SUCCESS,
    OUTCOME_KIND_SYSTEM_ERROR,
    REASON_CODE_CONNECT,
    REASON_CODE_DUPLICATE,
    REASON_CODE_MAPPING_INVALID,
    REASON_CODE_PROTOCOL,
    RESULT_SUCCESS,
)
from servers import a_catalog, a_flow, a_server, deliver
from soap_service import SCHEMA, a_soap_service, wsdl

pytestmark = pytest.mark.timeout(60)

PASSWORD = "s3cret-word"


def a_soap_destination(place: str, **more: Any) -> dict[str, Any]:
    return {
        "name": "crm",
        "soap": {"wsdl": place, "operation": "AddLead", **more.pop("soap", {})},
        "mapping": [
            {"to": "campaign", "value": "solar"},
            {"to": "lead.FirstName", "value": "{{first_name}}", "default": "Ada"},
            {"to": "lead.Email", "value": "{{email}}"},
        ],
        "auth": [{"wsse": {"username": "relay", "password": {"secret": "crm"}, "digest": True}}],
        "reading": {
            "rules": [
                {"outcome": "success", "match": [{"path": "//Status", "equals": "accepted"}]},
                {"outcome": "hard_reject", "match": [{"path": "//Fault", "exists": True}]},
            ],
            "price": ["//Price"],
            "currency": ["{{'USD'}}"],
        },
        **more,
    }


@pytest.fixture
def secrets(tmp_path: Path) -> Path:
    folder = tmp_path / "secrets"
    folder.mkdir()
    (folder / "crm").write_text(PASSWORD)
    (folder / "crm").chmod(0o600)
    return folder


async def test_a_lead_is_sold_over_soap_and_the_next_one_refused(tmp_path: Path, secrets: Path) -> None:
    async with a_soap_service(password=PASSWORD, duplicates=frozenset({"eve@example.com"})) as service:
        (tmp_path / "crm.wsdl").write_text(wsdl(f"http://127.0.0.1:{service.port}/leads"))
        (tmp_path / "types.xsd").write_text(SCHEMA)
        catalog = a_catalog(tmp_path, a_soap_destination("crm.wsdl"), a_flow("f", {"deliver": "crm"}))
        async with a_server(tmp_path, catalog, secrets=secrets) as address:
            sold = await deliver(address, "f")
            refused = await deliver(address, "f", {"email": "eve@example.com"})
    assert sold.result == RESULT_SUCCESS
    outcome = sold.deliveries["crm"].outcome
    assert (outcome.kind, str(outcome.price.amount)) == (OUTCOME_KIND_SUCCESS, "12.50")
    told = refused.deliveries["crm"].outcome
    assert (told.kind, told.words, told.code) == (
        OUTCOME_KIND_HARD_REJECT,
        "Duplicate lead",
        REASON_CODE_DUPLICATE,
    )
    assert len(service.requests) == 2


async def test_a_wsdl_that_is_down_or_wrong_costs_its_own_deliveries(tmp_path: Path, secrets: Path) -> None:
    """Applying such a catalog needs no network; a lead is told what is wrong and surely did not arrive."""
    async with a_soap_service() as service:
        names = {
            "down": a_soap_destination("http://127.0.0.1:9/?wsdl"),
            "page": a_soap_destination(f"http://127.0.0.1:{service.port}/nothing"),
            "misspelt": a_soap_destination(service.wsdl, soap={"operation": "AddLeed"}),
        }
        destinations = [destination | {"name": name, "auth": []} for name, destination in names.items()]
        flow = a_flow("f", {"parallel": {"steps": [{"deliver": name} for name in names]}})
        catalog = a_catalog(tmp_path, *destinations, flow)
        async with a_server(tmp_path, catalog) as address:
            settled = await deliver(address, "f")
    rows = {name: row.outcome for name, row in settled.deliveries.items()}
    codes = {name: outcome.code for name, outcome in rows.items()}
    assert codes == {
        "down": REASON_CODE_CONNECT,
        "page": REASON_CODE_PROTOCOL,
        "misspelt": REASON_CODE_MAPPING_INVALID,
    }
    assert {outcome.kind for outcome in rows.values()} == {OUTCOME_KIND_SYSTEM_ERROR}
    assert {outcome.arrived for outcome in rows.values()} == {ARRIVED_NO}
    assert "did you mean `AddLead`" in rows["misspelt"].words
