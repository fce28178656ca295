"""A recipient that hung up is asked what became of the lead, over real sockets (behaviour 4.5)."""

from pathlib import Path

from leadrelay.recipients.http_message import Request, Response, as_json
from leadrelay_client.v1.outcome_pb2 import RESULT_SUCCESS
from servers import (
    ACCEPTS,
    HANGS_UP,
    a_catalog,
    a_destination,
    a_flow,
    a_server,
    deliver,
    recipients,
    says,
)

STEPS = {"waterfall": {"steps": [{"deliver": "first"}, {"deliver": "second"}]}}


def who_is_asked(port: int, status_port: int) -> dict[str, object]:
    ask = {
        "request": {"url": f"http://127.0.0.1:{status_port}/status/{{{{delivery.idempotency_key}}}}"},
        "reading": {
            "rules": [{"outcome": "success", "match": [{"path": "state", "equals": "sold"}]}],
            "price": ["price"],
            "reference": ["id"],
        },
        "retry": {"first_delay": "0.05s"},
    }
    return a_destination("first", port, when_unknown="ask", ask=ask)


async def test_its_word_decides_and_the_lead_is_sold_once(tmp_path: Path) -> None:
    sold = says({"state": "sold", "price": "7.25", "id": "B-7"})
    async with recipients(first=HANGS_UP, status=sold, second=ACCEPTS) as served:
        catalog = a_catalog(
            tmp_path,
            who_is_asked(served["first"].port, served["status"].port),
            a_destination("second", served["second"].port),
            a_flow("loans", STEPS),
        )
        async with a_server(tmp_path, catalog) as address:
            settled = await deliver(address, "loans")
    assert settled.result == RESULT_SUCCESS
    assert settled.revenue[0].amount == "7.25"
    (question,) = served["status"].requests
    assert question.method == "GET"
    assert question.path == f"/status/{served['first'].keys[0]}"
    assert "idempotency-key" not in question.headers
    assert served["second"].requests == []


async def test_a_lead_that_it_never_had_goes_to_the_next(tmp_path: Path) -> None:
    async def not_there(_request: Request) -> Response:
        return as_json(404, {})

    async with recipients(first=HANGS_UP, status=not_there, second=ACCEPTS) as served:
        catalog = a_catalog(
            tmp_path,
            who_is_asked(served["first"].port, served["status"].port),
            a_destination("second", served["second"].port),
            a_flow("loans", STEPS),
        )
        async with a_server(tmp_path, catalog) as address:
            settled = await deliver(address, "loans")
    assert settled.reason == "accepted by second"
    assert len(served["first"].requests) == len(served["second"].requests) == 1
