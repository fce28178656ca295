"""What recipients answer, from their sockets to the caller: captured, priced and told (behaviour 6)."""

from pathlib import Path

import pytest
from google.protobuf.json_format import MessageToDict

from leadrelay.recipients.http_message import Request, Response
from leadrelay_client.v1.outcome_pb2 import OUTCOME_KIND_HARD_REJECT, REASON_CODE_HOURS
from servers import a_catalog, a_destination, a_flow, a_server, deliver, recipients, says

pytestmark = pytest.mark.timeout(60)

COOKIE = "Session_id=77; path=/; HttpOnly"


async def answers_xml(_request: Request) -> Response:
    body = b"<Result><Status>Lead accepted</Status><Lead id='A-1'><Pay>12,50 EUR</Pay></Lead></Result>"
    return Response(200, body, "text/xml", headers=(("Set-Cookie", COOKIE),))


OLD = {
    "leadconduit": {
        "outcome_search_term": "/^lead accepted$/",
        "outcome_search_path": "/Result/Status/text()",
        "price_path": "//Pay",
        "reference_path": "//Lead/@id",
        "cookie_search_term": "session_id",
    }
}


async def test_a_migrated_destination_feeds_the_next_and_both_are_paid(tmp_path: Path) -> None:
    mapping = [{"to": "lead_id", "value": "{{old.Result.Lead.id}}"}]
    asks = {"headers": {"Cookie": "{{old.cookie}}"}}
    async with recipients(old=answers_xml, new=says({"result": "accepted"})) as served:
        new = a_destination(
            "new", served["new"].port, mapping=mapping, prices=[{"amount": "7.25", "currency": "USD"}]
        )
        new["rest"] |= asks
        catalog = a_catalog(
            tmp_path,
            a_destination("old", served["old"].port, reading=OLD),
            new,
            a_flow("loans", {"deliver": "old"}, {"deliver": "new", "when": 'old.outcome == "success"'}),
        )
        async with a_server(tmp_path, catalog) as address:
            settlement = await deliver(address, "loans")
    asked = served["new"].requests[0]
    assert asked.body == b'{"lead_id":"A-1"}'
    assert asked.headers["cookie"] == COOKIE
    assert sorted((money.currency, money.amount) for money in settlement.revenue) == [
        ("EUR", "12.50"),
        ("USD", "7.25"),
    ]
    old = settlement.deliveries["old"].outcome
    assert (old.reference, old.price.amount) == ("A-1", "12.50")
    lead = {"id": "A-1", "Pay": "12,50 EUR"}
    assert MessageToDict(old.appended) == {
        "cookie": "***",
        "Result": {"Status": "Lead accepted", "Lead": lead},
    }


async def test_a_catalogs_own_wordings_hold_for_all_its_destinations(tmp_path: Path) -> None:
    async with recipients(a=says({"result": "rejected", "reason": "E17: nobody is here"})) as served:
        catalog = a_catalog(tmp_path, a_destination("a", served["a"].port), a_flow("loans", {"deliver": "a"}))
        with catalog.open("a") as file:
            file.write('\n---\ncodes: [{matches: "^E17", code: hours}]\n')
        async with a_server(tmp_path, catalog) as address:
            settlement = await deliver(address, "loans")
    outcome = settlement.deliveries["a"].outcome
    assert (outcome.kind, outcome.code) == (OUTCOME_KIND_HARD_REJECT, REASON_CODE_HOURS)
    assert outcome.words == "E17: nobody is here"
