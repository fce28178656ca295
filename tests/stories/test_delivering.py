"""A lead over real sockets, from the ordinary client to real recipients and back (behaviour 5, 8)."""

from pathlib import Path
from typing import Any

import grpc
import pytest
import trio

from leadrelay_client import AlreadyExists, Client, InvalidArgument, NotFound
from leadrelay_client.v1 import delivery_service_pb2 as pb
from leadrelay_client.v1.delivery_service_pb2_grpc import DeliveryServiceStub
from leadrelay_client.v1.outcome_pb2 import (
    ARRIVED_UNKNOWN,
    OUTCOME_KIND_HARD_REJECT,
    OUTCOME_KIND_SKIPPED,
    OUTCOME_KIND_SUCCESS,
    OUTCOME_KIND_SYSTEM_ERROR,
    OUTCOME_KIND_TIMEOUT,
    REASON_CODE_CONNECT,
    REASON_CODE_MAPPING_REQUIRED,
    RESULT_ERROR,
    RESULT_SUCCESS,
)
from servers import (
    ACCEPTS,
    REJECTS,
    a_catalog,
    a_destination,
    a_flow,
    a_server,
    deliver,
    in_thread,
    recipients,
    says,
)

pytestmark = pytest.mark.timeout(60)


async def test_a_waterfall_sells_to_the_second_when_the_first_says_no(tmp_path: Path) -> None:
    async with recipients(a=REJECTS, b=ACCEPTS) as served:
        waterfall = {"waterfall": {"steps": [{"deliver": "a"}, {"deliver": "b"}]}}
        catalog = a_catalog(
            tmp_path,
            a_destination("a", served["a"].port),
            a_destination("b", served["b"].port),
            a_flow("loans", waterfall),
        )
        async with a_server(tmp_path, catalog) as address:
            settlement = await deliver(address, "loans")
    assert settlement.result == RESULT_SUCCESS
    kinds = {name: row.outcome.kind for name, row in settlement.deliveries.items()}
    assert kinds == {"a": OUTCOME_KIND_HARD_REJECT, "b": OUTCOME_KIND_SUCCESS}
    assert [str(money.amount) for money in settlement.revenue] == ["12.50"]
    assert served["b"].requests[0].body == b'{"email":"ada@example.com"}'


async def test_one_that_hangs_and_one_that_is_down_do_not_slow_the_third(tmp_path: Path) -> None:
    """Behaviour 7: the quick one has all its leads while the other has not given up on its first."""
    async with recipients(hangs=says({}, after=60), quick=ACCEPTS) as served:
        slow = {"timeouts": {"response": "30s"}, "limits": {"concurrency": 2}}
        steps = {"parallel": {"steps": [{"deliver": name} for name in ("hangs", "down", "quick")]}}
        catalog = a_catalog(
            tmp_path,
            a_destination("hangs", served["hangs"].port, **slow),
            a_destination("down", 9),  # the discard port: nobody listens
            a_destination("quick", served["quick"].port),
            a_flow("loans", steps),
        )

        def hand_over(address: str) -> None:
            with Client(address) as client:
                for number in range(20):
                    next(client.deliver("loans", {"email": f"{number}@example.com"}))

        async with a_server(tmp_path, catalog, grace=0.0) as address:
            with trio.fail_after(20):
                await in_thread(lambda: hand_over(address))
                await served["quick"].has(20)
            assert len(served["hangs"].requests) <= 2


async def test_parallel_outcomes_are_told_as_they_happen_and_each_for_itself(tmp_path: Path) -> None:
    async with recipients(quick=ACCEPTS, slow=says({"result": "accepted"}, after=0.3)) as served:
        steps = {"parallel": {"steps": [{"deliver": "slow"}, {"deliver": "down"}, {"deliver": "quick"}]}}
        catalog = a_catalog(
            tmp_path,
            a_destination("slow", served["slow"].port),
            a_destination("down", 9),
            a_destination("quick", served["quick"].port),
            a_flow("loans", steps),
        )
        async with a_server(tmp_path, catalog) as address:
            settlement = await deliver(address, "loans")
    ended = [event.delivery_ended for event in settlement.events if event.HasField("delivery_ended")]
    assert [row.delivery for row in ended][-1] == "slow"
    down = settlement.deliveries["down"].outcome
    assert (down.kind, down.code) == (OUTCOME_KIND_SYSTEM_ERROR, REASON_CODE_CONNECT)
    assert settlement.result == RESULT_SUCCESS
    assert [event.number for event in settlement.events] == list(range(1, len(settlement.events) + 1))


async def test_a_branch_sends_the_lead_where_its_data_says(tmp_path: Path) -> None:
    async with recipients(large=ACCEPTS, small=ACCEPTS) as served:
        branch = {
            "branch": {
                "arms": [{"when": "loan_amount > 50000", "steps": [{"deliver": "large"}]}],
                "otherwise": [{"deliver": "small"}],
            }
        }
        catalog = a_catalog(
            tmp_path,
            *[a_destination(name, served[name].port) for name in ("large", "small")],
            a_flow("loans", branch),
        )
        async with a_server(tmp_path, catalog) as address:
            rich = await deliver(address, "loans", {"loan_amount": "$52,400"})
            poor = await deliver(address, "loans", {"loan_amount": "1000"})
    assert rich.deliveries["large"].outcome.kind == OUTCOME_KIND_SUCCESS
    assert poor.deliveries["large"].outcome.kind == OUTCOME_KIND_SKIPPED
    assert "1000" in poor.deliveries["large"].outcome.words


async def test_a_recipient_that_never_answers_leaves_the_lead_unresolved(tmp_path: Path) -> None:
    async with recipients(hangs=says({}, after=30), next=ACCEPTS) as served:
        steps = {"waterfall": {"steps": [{"deliver": "hangs"}, {"deliver": "next"}]}}
        catalog = a_catalog(
            tmp_path,
            a_destination("hangs", served["hangs"].port, timeouts={"response": "200ms"}),
            a_destination("next", served["next"].port),
            a_flow("loans", steps),
        )
        async with a_server(tmp_path, catalog) as address:
            settlement = await deliver(address, "loans")
    outcome = settlement.deliveries["hangs"].outcome
    assert (outcome.kind, outcome.arrived) == (OUTCOME_KIND_TIMEOUT, ARRIVED_UNKNOWN)
    assert served["next"].requests == []
    assert list(settlement.events[-1].lead_settled.waiting) == ["next"]


async def test_a_missing_required_field_is_a_recorded_outcome(tmp_path: Path) -> None:
    async with recipients(buyer=ACCEPTS) as served:
        mapping = [{"to": "phone", "value": "{{phone_1}}", "required": True}]
        catalog = a_catalog(
            tmp_path,
            a_destination("buyer", served["buyer"].port, mapping=mapping),
            a_flow("loans", {"deliver": "buyer"}),
        )
        async with a_server(tmp_path, catalog) as address:
            settlement = await deliver(address, "loans")
    assert settlement.result == RESULT_ERROR
    assert settlement.deliveries["buyer"].outcome.code == REASON_CODE_MAPPING_REQUIRED
    assert served["buyer"].requests == []


async def test_the_same_request_id_joins_and_another_lead_under_it_is_refused(tmp_path: Path) -> None:
    """Behaviour 8."""
    async with recipients(buyer=ACCEPTS) as served:
        catalog = a_catalog(
            tmp_path, a_destination("buyer", served["buyer"].port), a_flow("loans", {"deliver": "buyer"})
        )
        async with a_server(tmp_path, catalog) as address:
            first = await deliver(address, "loans", {"email": "a@example.com"}, request_id="r-1")
            again = await deliver(address, "loans", {"email": "a@example.com"}, request_id="r-1")
            with pytest.raises(AlreadyExists):
                await deliver(address, "loans", {"email": "b@example.com"}, request_id="r-1")
    assert again.lead_id == first.lead_id
    assert [event.number for event in again.events] == [event.number for event in first.events]
    assert len(served["buyer"].requests) == 1


@pytest.mark.parametrize(
    ("flow", "lead", "error", "words"),
    [
        ("lons", {"email": "a"}, NotFound, "did you mean 'loans'"),
        ("loans", {}, InvalidArgument, "at least one field"),
        ("loans", {"comments": "x" * 70_000}, InvalidArgument, "65536 bytes"),
        ("loans", {f"f{n}": "x" for n in range(600)}, InvalidArgument, "at most 512"),
        ("loans", {"a\nb": "x"}, InvalidArgument, "control characters"),
    ],
)
async def test_a_lead_that_cannot_be_taken_is_refused_in_words(
    tmp_path: Path, flow: str, lead: dict[str, str], error: type[Exception], words: str
) -> None:
    catalog = a_catalog(tmp_path, a_destination("buyer", 9), a_flow("loans", {"deliver": "buyer"}))
    async with a_server(tmp_path, catalog) as address:
        with pytest.raises(error, match=words):
            await deliver(address, flow, lead)


async def test_a_value_that_is_no_utf8_is_refused(tmp_path: Path) -> None:
    catalog = a_catalog(tmp_path, a_destination("buyer", 9), a_flow("loans", {"deliver": "buyer"}))
    # DeliverRequest(flow="loans", lead.fields={"a": <ff>}) by hand, as no library would write it.
    entry = b"\x0a\x01a\x12\x01\xff"
    lead = b"\x0a" + bytes([len(entry)]) + entry
    body = b"\x0a\x05loans\x12" + bytes([len(lead)]) + lead

    def call(address: str) -> grpc.StatusCode:
        with grpc.insecure_channel(address) as channel:
            stub: Any = channel.unary_stream("/leadrelay.v1.DeliveryService/Deliver")
            try:
                list(stub(body))
            except grpc.RpcError as error:
                return error.code()
        return grpc.StatusCode.OK

    async with a_server(tmp_path, catalog) as address:
        assert await in_thread(lambda: call(address)) is grpc.StatusCode.INVALID_ARGUMENT


async def test_a_caller_who_hangs_up_ends_the_listening_and_not_the_delivery(tmp_path: Path) -> None:
    async with recipients(first=says({"result": "rejected"}, after=0.3), second=ACCEPTS) as served:
        steps = {"waterfall": {"steps": [{"deliver": "first"}, {"deliver": "second"}]}}
        catalog = a_catalog(
            tmp_path,
            *[a_destination(name, served[name].port) for name in ("first", "second")],
            a_flow("loans", steps),
        )

        def hang_up(address: str, on_disconnect: str) -> str:
            with Client(address) as client:
                options = {"on_disconnect": on_disconnect}
                with client.deliver("loans", {"email": "a@example.com"}, **options) as events:  # type: ignore[arg-type]
                    lead_id = next(events).lead_id
            with Client(address) as client:
                for _ in client.watch(lead_id):
                    pass
            return lead_id

        async with a_server(tmp_path, catalog) as address:
            await in_thread(lambda: hang_up(address, "continue"))
            assert len(served["second"].requests) == 1
            await in_thread(lambda: hang_up(address, "cancel"))
            assert len(served["second"].requests) == 1, "what had not been sent was cancelled"


async def test_watch_goes_on_after_any_event_without_gap_or_repeat(tmp_path: Path) -> None:
    catalog = a_catalog(tmp_path, a_destination("buyer", 9), a_flow("loans", {"deliver": "buyer"}))
    async with a_server(tmp_path, catalog) as address:
        settlement = await deliver(address, "loans")
        last = settlement.events[-1].number

        def rests() -> list[list[int]]:
            with Client(address) as client:
                return [
                    [event.number for event in client.watch(settlement.lead_id, after)]
                    for after in range(last + 1)
                ]

        told = await in_thread(rests)
    assert told == [list(range(after + 1, last + 1)) for after in range(last + 1)]


async def test_many_leads_on_one_stream_and_a_refusal_does_not_end_it(tmp_path: Path) -> None:
    async with recipients(buyer=ACCEPTS) as served:
        catalog = a_catalog(
            tmp_path, a_destination("buyer", served["buyer"].port), a_flow("loans", {"deliver": "buyer"})
        )

        def call(address: str) -> tuple[set[str], dict[str, int]]:
            settled: set[str] = set()
            refused: dict[str, int] = {}
            with grpc.insecure_channel(address) as channel:
                requests = (
                    pb.DeliverManyRequest(
                        tag=str(number),
                        deliver=pb.DeliverRequest(flow="loans" if number % 10 else "nowhere"),
                    )
                    for number in range(100)
                )

                def filled() -> object:
                    for request in requests:
                        request.deliver.lead.fields["email"] = f"{request.tag}@example.com"
                        yield request

                for answer in DeliveryServiceStub(channel).DeliverMany(filled()):  # type: ignore[arg-type]
                    if answer.HasField("refusal"):
                        refused[answer.tag] = answer.refusal.code
                    elif answer.event.HasField("lead_settled"):
                        settled.add(answer.tag)
            return settled, refused

        async with a_server(tmp_path, catalog) as address:
            settled, refused = await in_thread(lambda: call(address))
    assert len(settled) == 90
    assert set(refused.values()) == {grpc.StatusCode.NOT_FOUND.value[0]}
    assert len(refused) == 10


async def test_a_caller_may_bring_its_own_trace(tmp_path: Path) -> None:
    """Behaviour 1: then the lead's spans join that trace, and recipients are sent it."""
    async with recipients(buyer=ACCEPTS) as served:
        catalog = a_catalog(
            tmp_path, a_destination("buyer", served["buyer"].port), a_flow("loans", {"deliver": "buyer"})
        )
        mine = "0af7651916cd43dd8448eb211c80319c"
        async with a_server(tmp_path, catalog) as address:
            settlement = await deliver(address, "loans", traceparent=f"00-{mine}-b7ad6b7169203331-01")
    assert settlement.events[0].accepted.trace_id == mine
    assert served["buyer"].requests[0].headers["traceparent"].split("-")[1] == mine
