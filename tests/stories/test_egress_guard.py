"""Where leads may go, on a whole server: what is closed, who opens it, and from when on (behaviour 9)."""

from functools import partial
from pathlib import Path

import pytest

from leadrelay.recipients.http_server import Request, Response
from leadrelay_client.v1.outcome_pb2 import (
    ARRIVED_NO,
    OUTCOME_KIND_SUCCESS,
    OUTCOME_KIND_SYSTEM_ERROR,
    REASON_CODE_AUTH,
    REASON_CODE_SSRF_BLOCKED,
    RESULT_ERROR,
    RESULT_SUCCESS,
)
from servers import (
    ACCEPTS,
    a_catalog,
    a_destination,
    a_flow,
    a_process,
    a_server,
    command,
    deliver,
    in_thread,
    recipients,
)

pytestmark = pytest.mark.timeout(60)
FLOW = a_flow("loans", {"deliver": "crm"})


async def test_a_lead_for_a_closed_address_is_not_sent_and_its_outcome_says_why(tmp_path: Path) -> None:
    async with recipients(crm=ACCEPTS) as served:
        catalog = a_catalog(tmp_path, a_destination("crm", served["crm"].port), FLOW, egress=())
        async with a_server(tmp_path, catalog) as address:
            settlement = await deliver(address, "loans")
    outcome = settlement.deliveries["crm"].outcome
    assert settlement.result == RESULT_ERROR
    assert (outcome.kind, outcome.code) == (OUTCOME_KIND_SYSTEM_ERROR, REASON_CODE_SSRF_BLOCKED)
    assert outcome.arrived == ARRIVED_NO
    assert "loopback address" in outcome.words
    assert "127.0.0.1" not in outcome.words
    assert served["crm"].requests == []


async def test_the_operator_opens_for_every_catalog(tmp_path: Path) -> None:
    async with recipients(crm=ACCEPTS) as served:
        port = served["crm"].port
        catalog = a_catalog(tmp_path, a_destination("crm", port), FLOW, egress=())
        async with a_server(tmp_path, catalog, allow_egress=(f"127.0.0.1:{port}",)) as address:
            settlement = await deliver(address, "loans")
    assert settlement.result == RESULT_SUCCESS


async def test_a_list_counts_from_the_next_lead_on_also_for_connections_that_stand(tmp_path: Path) -> None:
    async with recipients(crm=ACCEPTS) as served:
        entries = (a_destination("crm", served["crm"].port), FLOW)
        async with a_server(tmp_path, a_catalog(tmp_path, *entries)) as address:
            results = []
            for egress in (("127.0.0.0/8",), ("10.0.0.0/8",), ("10.0.0.0/8", "127.0.0.1")):
                catalog = a_catalog(tmp_path, *entries, egress=egress)
                apply = partial(command, "apply", "--server", address, "-f", str(catalog))
                assert (await in_thread(apply)).returncode == 0
                results.append((await deliver(address, "loans")).result)
    assert results == [RESULT_SUCCESS, RESULT_ERROR, RESULT_SUCCESS]


async def test_a_token_is_not_asked_for_at_a_closed_address(tmp_path: Path) -> None:
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "client").write_text("s3cret")
    async with recipients(crm=ACCEPTS, tokens=ACCEPTS) as served:
        token_url = f"http://127.0.0.1:{served['tokens'].port}/token"
        oauth = {"token_url": token_url, "client_id": "me", "client_secret": {"secret": "client"}}
        crm = a_destination("crm", served["crm"].port, auth=[{"oauth2": oauth}])
        catalog = a_catalog(tmp_path, crm, FLOW, egress=[f"127.0.0.1:{served['crm'].port}"])
        async with a_server(tmp_path, catalog, secrets=tmp_path / "secrets") as address:
            settlement = await deliver(address, "loans")
    outcome = settlement.deliveries["crm"].outcome
    assert (outcome.code, outcome.arrived) == (REASON_CODE_AUTH, ARRIVED_NO)
    assert "loopback address" in outcome.words
    assert served["tokens"].requests == served["crm"].requests == []


async def test_a_redirect_to_this_machine_is_not_followed(tmp_path: Path) -> None:
    async with recipients(crm=ACCEPTS, inside=ACCEPTS) as served:

        async def sends_on(_request: Request) -> Response:
            place = f"http://127.0.0.1:{served['inside'].port}/"
            return Response(307, b"", "text/plain", (("Location", place),))

        served["crm"].answer = sends_on
        catalog = a_catalog(tmp_path, a_destination("crm", served["crm"].port), FLOW)
        async with a_server(tmp_path, catalog) as address:
            settlement = await deliver(address, "loans")
    assert settlement.deliveries["crm"].outcome.kind == OUTCOME_KIND_SYSTEM_ERROR
    assert served["inside"].requests == []


async def test_a_redirect_that_is_followed_reaches_no_closed_address_and_arrives_nowhere(
    tmp_path: Path,
) -> None:
    async with recipients(crm=ACCEPTS, inside=ACCEPTS) as served:
        port, inside = served["crm"].port, served["inside"]

        async def sends_on(_request: Request) -> Response:
            return Response(307, b"", "text/plain", (("Location", f"http://127.0.0.1:{inside.port}/"),))

        served["crm"].answer = sends_on
        rest = {"url": f"http://127.0.0.1:{port}/leads", "follow_redirects": True}
        crm = a_destination("crm", port) | {"rest": rest}
        outcomes = []
        for egress in ([f"127.0.0.1:{port}"], ["127.0.0.1"]):
            async with a_server(tmp_path, a_catalog(tmp_path, crm, FLOW, egress=egress)) as address:
                outcomes.append((await deliver(address, "loans")).deliveries["crm"].outcome)
    closed, opened = outcomes
    assert (closed.code, closed.arrived) == (REASON_CODE_SSRF_BLOCKED, ARRIVED_NO)
    assert (opened.kind, len(inside.requests)) == (OUTCOME_KIND_SUCCESS, 1)


async def test_the_command_opens_by_option_and_by_variable(tmp_path: Path) -> None:
    async with recipients(crm=ACCEPTS) as served:
        port = served["crm"].port
        catalog = a_catalog(tmp_path, a_destination("crm", port), FLOW, egress=())
        told = ("--catalog", str(catalog))
        with a_process(tmp_path, *told, "--allow-egress", "10.0.0.0/8") as process:
            assert (await deliver(process.address, "loans")).result == RESULT_ERROR
        with a_process(tmp_path, *told, "--allow-egress", f"127.0.0.1:{port}") as process:
            assert (await deliver(process.address, "loans")).result == RESULT_SUCCESS
        variable = {"LEADRELAY_ALLOW_EGRESS": "10.0.0.0/8,127.0.0.0/8"}
        with a_process(tmp_path, *told, environment=variable) as process:
            assert (await deliver(process.address, "loans")).result == RESULT_SUCCESS


def test_a_mistake_in_what_the_operator_opens_is_a_sentence_and_exit_2(tmp_path: Path) -> None:
    end = command("serve", "--data", str(tmp_path / "data"), "--allow-egress", "10.0.0.1/8")
    assert end.returncode == 2
    assert end.stderr == (
        "leadrelay serve: --allow-egress: `10.0.0.1/8` is no network or whole address; "
        "did you mean 10.0.0.0/8?\n"
    )
