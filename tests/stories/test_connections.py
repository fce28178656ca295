"""Recipients that are not reached by HTTP/1.1 straight to their address, on a whole server."""

from base64 import b64encode
from pathlib import Path

import pytest
import trio

from leadrelay_client.v1.outcome_pb2 import ARRIVED_NO, REASON_CODE_AUTH, REASON_CODE_PROTOCOL, RESULT_SUCCESS
from proxies import SmallProxy, proxying
from recipients_http2 import Exchange, http2
from recipients_raw import listening
from servers import ACCEPTS, a_catalog, a_destination, a_flow, a_server, deliver, recipients

pytestmark = pytest.mark.timeout(60)
FLOW = a_flow("loans", {"deliver": "crm"})


async def accepts(exchange: Exchange) -> None:
    exchange.head(200, [("content-type", "application/json")])
    exchange.data(b'{"result": "accepted"}', ends=True)


async def test_a_recipient_that_speaks_http2_alone_gets_its_lead_in_it(
    tmp_path: Path, nursery: trio.Nursery
) -> None:
    conduct = http2(accepts)
    port = (await listening(nursery, conduct)).port
    crm = a_destination("crm", port, connection={"http_version": 2})
    async with a_server(tmp_path, a_catalog(tmp_path, crm, FLOW)) as address:
        settlement = await deliver(address, "loans")
    assert settlement.result == RESULT_SUCCESS
    assert conduct.seen[0].headers["idempotency-key"].endswith("-crm")


async def test_one_that_does_not_speak_it_gets_no_lead_and_the_outcome_says_what_to_write(
    tmp_path: Path,
) -> None:
    async with recipients(crm=ACCEPTS) as served:
        crm = a_destination("crm", served["crm"].port, connection={"http_version": 2})
        async with a_server(tmp_path, a_catalog(tmp_path, crm, FLOW)) as address:
            outcome = (await deliver(address, "loans")).deliveries["crm"].outcome
    assert (outcome.code, outcome.arrived) == (REASON_CODE_PROTOCOL, ARRIVED_NO)
    assert "take `http_version` out" in outcome.words
    assert served["crm"].requests == []


async def test_a_proxy_is_shown_the_password_of_the_store_and_gets_the_leads(
    tmp_path: Path, nursery: trio.Nursery
) -> None:
    (tmp_path / "secrets").mkdir()
    async with recipients(crm=ACCEPTS) as served:
        password = b64encode(b"ada:s3cret").decode()
        proxy = SmallProxy({"buyer.example": served["crm"].port}, password=password)
        await proxying(nursery, proxy)
        named = {"url": f"http://127.0.0.1:{proxy.port}", "username": "ada", "password": {"secret": "door"}}
        rest = {"url": "http://buyer.example/leads"}
        crm = a_destination("crm", 0, connection={"proxy": named}) | {"rest": rest}
        outcomes = []
        for secret in ("wrong", "s3cret"):
            (tmp_path / "secrets" / "door").write_text(secret)
            catalog = a_catalog(tmp_path, crm, FLOW)
            async with a_server(tmp_path, catalog, secrets=tmp_path / "secrets") as address:
                outcomes.append((await deliver(address, "loans")).deliveries["crm"].outcome)
    refused, accepted = outcomes
    assert (refused.code, refused.arrived) == (REASON_CODE_AUTH, ARRIVED_NO)
    assert "s3cret" not in str(refused)
    assert (accepted.code, len(served["crm"].requests)) == (0, 1)
