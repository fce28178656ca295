"""One leadrelay delivers to another, and to itself (behaviour 4.1)."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import orjson
import pytest
import trio
from google.protobuf.json_format import MessageToDict

from certificates import an_authority
from leadrelay.recipients.http_server import Request, Response
from leadrelay_client import Client, Event, deliver_request
from leadrelay_client.v1.delivery_service_pb2 import LeadStatus
from leadrelay_client.v1.outcome_pb2 import (
    ARRIVED_NO,
    ARRIVED_UNKNOWN,
    OUTCOME_KIND_HARD_REJECT,
    OUTCOME_KIND_SUCCESS,
    OUTCOME_KIND_SYSTEM_ERROR,
    OUTCOME_KIND_TIMEOUT,
    REASON_CODE_DUPLICATE,
    REASON_CODE_LOOP,
    REASON_CODE_SSRF_BLOCKED,
    REASON_CODE_UNAUTHORIZED,
    RESULT_ERROR,
    RESULT_SUCCESS,
)
from servers import (
    ACCEPTS,
    REJECTS,
    Answer,
    Recipient,
    a_catalog,
    a_destination,
    a_flow,
    a_process,
    a_server,
    command,
    deliver,
    in_thread,
    recipients,
    says,
)

pytestmark = pytest.mark.timeout(60)
LOANS = a_flow("loans", {"deliver": "buyer"})


def a_peer(address: str, flow: str = "loans", **more: Any) -> dict[str, Any]:
    """A destination that is a flow of another server, or of this one where there is no address."""
    target = {"target": address, "plaintext": True} if address else {}
    return {"name": "peer", "direct": {**target, "flow": flow}, **more}


def a_buyer(port: int, **more: Any) -> dict[str, Any]:
    """It is sent whatever the lead has."""
    return a_destination("buyer", port, **{"mapping": [], "pass_through": "all", **more})


def a_folder(root: Path, name: str) -> Path:
    folder = root / name
    folder.mkdir(exist_ok=True)
    return folder


@dataclass
class Pair:
    """A near server that delivers to a far one, which delivers to a buyer."""

    near: str
    far: str
    buyer: Recipient


@asynccontextmanager
async def a_pair(
    root: Path, answer: Answer = ACCEPTS, *, far: dict[str, Any] | None = None, **peer: Any
) -> AsyncIterator[Pair]:
    far_folder, near_folder = a_folder(root, "far"), a_folder(root, "near")
    async with recipients(buyer=answer) as served:
        catalog = a_catalog(far_folder, a_buyer(served["buyer"].port), LOANS)
        async with a_server(far_folder, catalog, **(far or {})) as far_address:
            entries = a_peer(far_address, **peer), a_flow("loans", {"deliver": "peer"})
            async with a_server(near_folder, a_catalog(near_folder, *entries)) as near_address:
                yield Pair(near_address, far_address, served["buyer"])


async def status_of(address: str, **key: str) -> LeadStatus:
    def call() -> LeadStatus:
        with Client(address) as client:
            return client.get(**key)

    return await in_thread(call)


async def test_the_peers_outcome_is_this_destinations_outcome(tmp_path: Path) -> None:
    async with a_pair(tmp_path) as pair:
        lead = {"email": "ada@example.com", "loan_amount": "52,400", "vehicle": {"year": 2020}}
        settlement = await deliver(pair.near, "loans", lead)
    outcome = settlement.deliveries["peer"].outcome
    assert settlement.result == RESULT_SUCCESS
    assert outcome.kind == OUTCOME_KIND_SUCCESS
    assert (outcome.price.amount, len(outcome.reference)) == ("12.50", 36)
    said = orjson.loads(pair.buyer.requests[0].body)
    assert said == {"email": "ada@example.com", "loan_amount": 52400, "vehicle": {"year": 2020}}


async def test_the_peers_lead_has_an_id_of_its_own_and_belongs_to_the_same_trace(tmp_path: Path) -> None:
    async with a_pair(tmp_path) as pair:
        settlement = await deliver(pair.near, "loans")
        far = await status_of(pair.far, lead_id=settlement.deliveries["peer"].outcome.reference)
        near = await status_of(pair.near, lead_id=settlement.lead_id)
    assert far.lead_id != near.lead_id
    assert far.trace_id == near.trace_id
    assert far.request_id == f"{near.lead_id}-peer"


async def test_a_peer_that_does_not_want_it_lets_the_next_buyer_have_it(tmp_path: Path) -> None:
    async with recipients(buyer=REJECTS, next=ACCEPTS) as served:
        far_folder, near_folder = a_folder(tmp_path, "far"), a_folder(tmp_path, "near")
        catalog = a_catalog(far_folder, a_buyer(served["buyer"].port), LOANS)
        async with a_server(far_folder, catalog) as far:
            steps = {"waterfall": {"steps": [{"deliver": "peer"}, {"deliver": "next"}]}}
            entries = a_peer(far), a_destination("next", served["next"].port), a_flow("loans", steps)
            async with a_server(near_folder, a_catalog(near_folder, *entries)) as near:
                settlement = await deliver(near, "loans")
    outcome = settlement.deliveries["peer"].outcome
    assert (outcome.kind, outcome.code) == (OUTCOME_KIND_HARD_REJECT, REASON_CODE_DUPLICATE)
    assert settlement.deliveries["next"].outcome.kind == OUTCOME_KIND_SUCCESS


async def test_a_flow_that_the_peer_has_not_is_told_with_the_nearest_that_it_has(tmp_path: Path) -> None:
    async with recipients(buyer=ACCEPTS) as served:
        far_folder, near_folder = a_folder(tmp_path, "far"), a_folder(tmp_path, "near")
        catalog = a_catalog(far_folder, a_buyer(served["buyer"].port), LOANS)
        async with a_server(far_folder, catalog) as far:
            entries = a_peer(far, "loan"), a_flow("loans", {"deliver": "peer"})
            async with a_server(near_folder, a_catalog(near_folder, *entries)) as near:
                outcome = (await deliver(near, "loans")).deliveries["peer"].outcome
    assert outcome.kind == OUTCOME_KIND_SYSTEM_ERROR
    assert outcome.words == "no flow 'loan': did you mean 'loans'?"


async def test_a_peer_that_is_full_is_left_alone_for_as_long_as_it_asks_and_then_has_the_lead(
    tmp_path: Path,
) -> None:
    retry = {"attempts": 5, "first_delay": "0.1s"}
    answer = says({"result": "accepted"}, after=0.5)
    async with a_pair(tmp_path, answer, far={"max_leads": 1}, retry=retry) as pair:
        results = []

        async def one() -> None:
            results.append((await deliver(pair.near, "loans")).result)

        async with trio.open_nursery() as nursery:
            for _ in range(2):
                nursery.start_soon(one)
    assert results == [RESULT_SUCCESS] * 2
    assert len(pair.buyer.requests) == 2


async def test_a_slow_peer_times_out_and_another_attempt_joins_the_lead_that_is_there(tmp_path: Path) -> None:
    timeouts = {"response": "0.4s"}
    answer = says({"result": "accepted"}, after=0.7)
    async with a_pair(
        tmp_path, answer, timeouts=timeouts, retry={"attempts": 5, "first_delay": "0.1s"}
    ) as pair:
        joined = await deliver(pair.near, "loans")
    assert joined.result == RESULT_SUCCESS
    assert joined.deliveries["peer"].attempts > 1
    assert len(pair.buyer.requests) == 1


async def test_a_slow_peer_that_is_not_asked_again_may_have_the_lead(tmp_path: Path) -> None:
    answer = says({"result": "accepted"}, after=1)
    async with a_pair(tmp_path, answer, timeouts={"response": "0.2s"}) as pair:
        outcome = (await deliver(pair.near, "loans")).deliveries["peer"].outcome
    assert (outcome.kind, outcome.arrived) == (OUTCOME_KIND_TIMEOUT, ARRIVED_UNKNOWN)


async def test_a_peer_at_a_closed_address_is_not_dialled(tmp_path: Path) -> None:
    folder = a_folder(tmp_path, "near")
    catalog = a_catalog(folder, a_peer("127.0.0.1:9"), a_flow("loans", {"deliver": "peer"}), egress=())
    async with a_server(folder, catalog) as near:
        outcome = (await deliver(near, "loans")).deliveries["peer"].outcome
    assert outcome.code == REASON_CODE_SSRF_BLOCKED


async def test_two_hundred_leads_at_once_all_arrive_once(tmp_path: Path) -> None:
    async with a_pair(tmp_path, limits={"concurrency": 200}) as pair:

        def all_at_once() -> list[int]:
            with Client(pair.near) as client:
                leads = [deliver_request("loans", {"email": f"{at}@example.com"}) for at in range(200)]
                told = client.deliver_many((str(at), lead) for at, lead in enumerate(leads))
                ends = (event.lead_settled for _, event in told if isinstance(event, Event))
                return [end.result for end in ends if end.result]

        results = await in_thread(all_at_once)
    assert results == [RESULT_SUCCESS] * 200
    bodies = [orjson.loads(request.body)["email"] for request in pair.buyer.requests]
    assert sorted(bodies) == sorted(f"{number}@example.com" for number in range(200))


async def test_a_circle_of_two_servers_is_stopped_and_says_why(tmp_path: Path) -> None:
    one_folder, other_folder = a_folder(tmp_path, "one"), a_folder(tmp_path, "other")
    flow = a_flow("loans", {"deliver": "peer"})
    async with a_server(one_folder) as one, a_server(other_folder) as other:
        for address, target, folder in ((one, other, one_folder), (other, one, other_folder)):
            catalog = a_catalog(folder, a_peer(target), flow)
            apply = partial(command, "apply", "--server", address, "-f", str(catalog))
            assert (await in_thread(apply)).returncode == 0
        settlement = await deliver(one, "loans")
    outcome = settlement.deliveries["peer"].outcome
    assert settlement.result == RESULT_ERROR
    assert (outcome.kind, outcome.code) == (OUTCOME_KIND_SYSTEM_ERROR, REASON_CODE_LOOP)
    said: Any = MessageToDict(outcome.appended)
    for _ in range(2):  # each server tells what it heard from the next one
        said = said["deliveries"]["peer"]["appended"]
    assert said["deliveries"]["peer"]["code"] == "loop"


# To a flow of the same server.

INNER = a_peer("", "loans")
FRONT = a_flow("front", {"deliver": "peer"})


async def test_a_flow_of_this_server_has_a_lead_of_its_own_in_the_same_trace(tmp_path: Path) -> None:
    async with recipients(buyer=ACCEPTS) as served:
        catalog = a_catalog(tmp_path, a_buyer(served["buyer"].port), INNER, LOANS, FRONT)
        async with a_server(tmp_path, catalog) as address:
            settlement = await deliver(address, "front")
            inner = await status_of(address, request_id=f"{settlement.lead_id}-peer")
            outer = await status_of(address, lead_id=settlement.lead_id)
    outcome = settlement.deliveries["peer"].outcome
    assert settlement.result == RESULT_SUCCESS
    assert outcome.reference == inner.lead_id != outer.lead_id
    assert (inner.flow, inner.trace_id) == ("loans", outer.trace_id)
    assert outcome.price.amount == "12.50"


async def test_inner_leads_are_taken_while_the_server_is_full_of_those_they_belong_to(tmp_path: Path) -> None:
    async with recipients(buyer=says({"result": "accepted"}, after=0.2)) as served:
        catalog = a_catalog(tmp_path, a_buyer(served["buyer"].port), INNER, LOANS, FRONT)
        async with a_server(tmp_path, catalog, max_leads=1) as address:
            assert (await deliver(address, "front")).result == RESULT_SUCCESS


async def test_a_stop_lets_a_lead_and_its_inner_lead_finish(tmp_path: Path) -> None:
    async with recipients(first=says({"result": "accepted"}, after=1), buyer=ACCEPTS) as served:
        steps = {"deliver": "first"}, {"deliver": "peer"}  # the inner lead begins when the stop has begun
        entries = (
            a_destination("first", served["first"].port),
            a_buyer(served["buyer"].port),
            INNER,
            LOANS,
            a_flow("front", *steps),
        )
        with a_process(tmp_path, "--catalog", str(a_catalog(tmp_path, *entries))) as process:
            results: list[int] = []

            async def one() -> None:
                results.append((await deliver(process.address, "front")).result)

            async with trio.open_nursery() as nursery:
                nursery.start_soon(one)
                await served["first"].has(1)
                assert await in_thread(process.terminate) == 0
    assert results == [RESULT_SUCCESS]
    assert len(served["buyer"].requests) == 1


def first_hangs(then: Answer) -> Answer:
    """A recipient whose first request is never answered."""
    visits = iter([says({}, after=60)])

    async def answer(request: Request) -> Response:
        return await next(visits, then)(request)

    return answer


def hand_over(address: str, flow: str) -> str:
    with Client(address, resume_within=0.1) as client:
        return next(client.deliver(flow, {"email": "ada@example.com"})).lead_id


def last_word(address: str, lead_id: str) -> int:
    with Client(address) as client:
        return list(client.watch(lead_id))[-1].lead_settled.result


async def test_a_lead_that_is_taken_up_after_a_crash_joins_its_inner_lead(tmp_path: Path) -> None:
    async with recipients(buyer=first_hangs(ACCEPTS)) as served:
        resent = {"when_unknown": "resend", "retry": {"attempts": 2}}
        catalog = a_catalog(tmp_path, a_buyer(served["buyer"].port, **resent), INNER, LOANS, FRONT)
        with a_process(tmp_path, "--catalog", str(catalog)) as process:
            lead_id = await in_thread(partial(hand_over, process.address, "front"))
            await served["buyer"].has(1)
            process.kill()
        with a_process(tmp_path) as process:
            assert await in_thread(partial(last_word, process.address, lead_id)) == RESULT_SUCCESS
            inner = await status_of(process.address, request_id=f"{lead_id}-peer")
    assert inner.result == RESULT_SUCCESS
    assert len(set(served["buyer"].keys)) == 1  # one lead, sent again under its own key
    assert served["buyer"].keys[0].startswith(inner.lead_id)


async def test_more_leads_than_are_carried_at_once_are_taken_up_with_those_that_they_wait_for(
    tmp_path: Path,
) -> None:
    """The lead and its inner lead are two, and the next start takes up one at a time."""
    async with recipients(buyer=first_hangs(ACCEPTS)) as served:
        resent = {"when_unknown": "resend", "retry": {"attempts": 2}}
        catalog = a_catalog(tmp_path, a_buyer(served["buyer"].port, **resent), INNER, LOANS, FRONT)
        with a_process(tmp_path, "--catalog", str(catalog)) as process:
            lead_id = await in_thread(partial(hand_over, process.address, "front"))
            await served["buyer"].has(1)
            process.kill()
        with a_process(tmp_path, "--max-leads", "1") as process:
            assert await in_thread(partial(last_word, process.address, lead_id)) == RESULT_SUCCESS
    assert len(set(served["buyer"].keys)) == 1


# Peers that die.


async def test_a_peer_that_is_killed_and_comes_back_is_joined_and_sells_the_lead_once(
    tmp_path: Path,
) -> None:
    far_folder, near_folder = a_folder(tmp_path, "far"), a_folder(tmp_path, "near")
    async with recipients(buyer=first_hangs(ACCEPTS)) as served:
        resent = {"when_unknown": "resend", "retry": {"attempts": 2}}
        catalog = a_catalog(far_folder, a_buyer(served["buyer"].port, **resent), LOANS)
        with a_process(far_folder, "--catalog", str(catalog)) as far:
            entries = a_peer(far.address), a_flow("loans", {"deliver": "peer"})
            async with a_server(near_folder, a_catalog(near_folder, *entries)) as near:
                settlements: list[Any] = []

                async def one() -> None:
                    settlements.append(await deliver(near, "loans"))

                async with trio.open_nursery() as nursery:
                    nursery.start_soon(one)
                    await served["buyer"].has(1)
                    far.kill()
                    with a_process(far_folder, "--listen", far.address) as again:
                        await served["buyer"].has(2)
                        while not settlements:  # noqa: ASYNC110 (a thread's answer has no event)
                            await trio.sleep(0.01)
                        known = await status_of(again.address, request_id=f"{settlements[0].lead_id}-peer")
    peer = settlements[0].deliveries["peer"]
    assert settlements[0].result == RESULT_SUCCESS
    assert (peer.attempts, peer.outcome.reference) == (1, known.lead_id)
    assert len(set(served["buyer"].keys)) == 1


async def test_a_server_that_is_killed_joins_the_peers_lead_when_it_comes_back(tmp_path: Path) -> None:
    far_folder, near_folder = a_folder(tmp_path, "far"), a_folder(tmp_path, "near")
    async with recipients(buyer=says({"result": "accepted"}, after=1.5)) as served:
        far_catalog = a_catalog(far_folder, a_buyer(served["buyer"].port), LOANS)
        async with a_server(far_folder, far_catalog) as far:
            entries = a_peer(far), a_flow("loans", {"deliver": "peer"})
            catalog = a_catalog(near_folder, *entries)
            with a_process(near_folder, "--catalog", str(catalog)) as near:
                lead_id = await in_thread(partial(hand_over, near.address, "loans"))
                await served["buyer"].has(1)
                near.kill()
            with a_process(near_folder) as near:
                assert await in_thread(partial(last_word, near.address, lead_id)) == RESULT_SUCCESS
    assert len(served["buyer"].requests) == 1


async def test_a_peer_that_is_stopped_finishes_what_it_took_and_its_successor_takes_the_rest(
    tmp_path: Path,
) -> None:
    far_folder, near_folder = a_folder(tmp_path, "far"), a_folder(tmp_path, "near")
    async with recipients(buyer=says({"result": "accepted"}, after=1)) as served:
        far_catalog = a_catalog(far_folder, a_buyer(served["buyer"].port), LOANS)
        with a_process(far_folder, "--catalog", str(far_catalog)) as far:
            retry = {"attempts": 8, "first_delay": "0.5s"}
            entries = a_peer(far.address, retry=retry), a_flow("loans", {"deliver": "peer"})
            async with a_server(near_folder, a_catalog(near_folder, *entries)) as near:
                settlements: list[Any] = []

                async def one() -> None:
                    settlements.append(await deliver(near, "loans"))

                async with trio.open_nursery() as nursery:
                    nursery.start_soon(one)
                    await served["buyer"].has(1)
                    far.popen.terminate()
                    nursery.start_soon(one)
                    assert await in_thread(lambda: far.popen.wait(30)) == 0
                    with a_process(far_folder, "--listen", far.address):
                        await served["buyer"].has(2)
                        while len(settlements) < 2:  # noqa: ASYNC110 (a thread's answer has no event)
                            await trio.sleep(0.01)
    assert [settlement.result for settlement in settlements] == [RESULT_SUCCESS] * 2
    assert settlements[0].deliveries["peer"].attempts == 1
    assert len(set(served["buyer"].keys)) == 2


async def test_over_tls_both_sides_prove_who_they_are(tmp_path: Path) -> None:
    """In processes of their own: what a machine trusts is read when a process starts."""
    ours, folders = an_authority(), {name: a_folder(tmp_path, name) for name in ("far", "near", "secrets")}
    server, server_key = ours.client_pem("127.0.0.1")
    client, client_key = ours.client_pem("near.example")
    pems = {"server.pem": server, "server.key": server_key, "ca.pem": ours.pem}
    for name, pem in {**pems, "secrets/certificate": client, "secrets/key": client_key}.items():
        (tmp_path / name).write_text(pem)
    made = await in_thread(
        partial(command, "keys", "new", "near", "--api-keys", str(tmp_path / "callers"), "--verbs", "deliver")
    )
    (tmp_path / "secrets" / "peer").write_text(made.stdout.strip())
    async with recipients(buyer=ACCEPTS) as served:
        far_catalog = a_catalog(folders["far"], a_buyer(served["buyer"].port), LOANS)
        trust = (
            *("--tls-certificate", str(tmp_path / "server.pem"), "--tls-key", str(tmp_path / "server.key")),
            *("--client-ca", str(tmp_path / "ca.pem"), "--api-keys", str(tmp_path / "callers")),
        )
        with a_process(folders["far"], "--catalog", str(far_catalog), *trust) as far:
            key = {"bearer": {"token": {"secret": "peer"}}}
            ours_too = {"mtls": {"certificate": {"secret": "certificate"}, "private_key": {"secret": "key"}}}
            direct = {"target": far.address, "flow": "loans"}
            peers = [
                {"name": name, "direct": direct, "auth": auth}
                for name, auth in (("both", [key, ours_too]), ("no_key", [ours_too]), ("no_pem", [key]))
            ]
            flows = [a_flow(name, {"deliver": name}) for name in ("both", "no_key", "no_pem")]
            catalog = a_catalog(folders["near"], *peers, *flows)
            told = ("--catalog", str(catalog), "--secrets", str(folders["secrets"]))
            trusts = {"SSL_CERT_FILE": str(tmp_path / "ca.pem")}
            with a_process(folders["near"], *told, environment=trusts) as near:
                outcomes = {
                    name: (await deliver(near.address, name)).deliveries[name].outcome
                    for name in ("both", "no_key", "no_pem")
                }
    assert outcomes["both"].kind == OUTCOME_KIND_SUCCESS
    assert outcomes["no_key"].code == REASON_CODE_UNAUTHORIZED
    assert outcomes["no_pem"].arrived == ARRIVED_NO
    assert len(served["buyer"].requests) == 1


def test_a_preview_shows_the_call_and_sends_nothing(tmp_path: Path) -> None:
    key = {"api_key": {"header": "x-api-key", "key": {"secret": "peer-key"}}}
    peer = a_peer("", "loans") | {"direct": {"target": "relay.example:7400", "flow": "loans"}, "auth": [key]}
    catalog = a_catalog(tmp_path, peer, a_flow("loans", {"deliver": "peer"}))
    (tmp_path / "lead.json").write_text('{"email": "ada@example.com", "ssn": "123-45-6789"}')
    shown = command("preview", "peer", "--lead", str(tmp_path / "lead.json"), "--catalog", str(catalog))
    assert shown.returncode == 0, shown.stderr
    assert "leadrelay.v1.DeliveryService/Deliver grpcs://relay.example:7400" in shown.stdout
    assert "x-api-key: ***" in shown.stdout
    assert "ada@example.com" in shown.stdout
    assert "123-45-6789" not in shown.stdout
