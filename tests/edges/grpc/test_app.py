"""One server speaks everything in the protos, and beside it health and reflection (behaviour 8)."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import grpc
import pytest
from google.protobuf.descriptor_pb2 import FileDescriptorProto
from grpc_health.v1.health_pb2 import HealthCheckRequest
from grpc_health.v1.health_pb2_grpc import HealthStub
from grpc_reflection.v1alpha.reflection_pb2 import ServerReflectionRequest
from grpc_reflection.v1alpha.reflection_pb2_grpc import ServerReflectionStub

from edges.grpc.serving import own_channel
from leadrelay.edges.grpc.bridge import Limits
from leadrelay.edges.grpc.services import SERVICES
from leadrelay_client import Client, TooLarge
from leadrelay_client.v1 import delivery_service_pb2 as pb
from leadrelay_client.v1.delivery_service_pb2_grpc import DeliveryServiceStub
from servers import a_catalog, a_destination, a_flow, a_server, in_thread

T = TypeVar("T")


async def asked(folder: Path, question: Callable[[grpc.Channel], T]) -> T:
    """What a server answers to an ordinary client."""
    catalog = a_catalog(folder, a_destination("buyer", 9), a_flow("loans", {"deliver": "buyer"}))
    async with a_server(folder, catalog) as address:

        def call() -> T:
            with own_channel(int(address.rpartition(":")[2])) as channel:
                return question(channel)

        return await in_thread(call)


async def test_tools_without_protos_are_told_of_every_service_and_method(tmp_path: Path) -> None:
    def reflect(channel: grpc.Channel) -> tuple[set[str], set[str]]:
        ask = ServerReflectionStub(channel).ServerReflectionInfo
        (listed,) = ask(iter([ServerReflectionRequest(list_services="")]))
        names = {service.name for service in listed.list_services_response.service}
        methods = set()
        for service in SERVICES:
            (found,) = ask(iter([ServerReflectionRequest(file_containing_symbol=service.full_name)]))
            file = FileDescriptorProto.FromString(found.file_descriptor_response.file_descriptor_proto[0])
            methods |= {f"{file.package}.{each.name}.{m.name}" for each in file.service for m in each.method}
        return names, methods

    names, methods = await asked(tmp_path, reflect)
    assert names >= {service.full_name for service in SERVICES}
    assert methods == {method.full_name for service in SERVICES for method in service.methods}


async def test_health_is_served_beside_them(tmp_path: Path) -> None:
    check = HealthCheckRequest(service="leadrelay.v1.DeliveryService")
    answer = await asked(tmp_path, lambda channel: HealthStub(channel).Check(check, timeout=10))
    assert answer.status == answer.SERVING


async def test_a_method_that_nobody_has_is_named(tmp_path: Path) -> None:
    def ask(channel: grpc.Channel) -> str:
        call: Any = channel.unary_unary("/leadrelay.v1.DeliveryService/Delver")
        with pytest.raises(grpc.RpcError) as failed:
            call(b"", timeout=10)
        assert failed.value.code() is grpc.StatusCode.UNIMPLEMENTED
        return failed.value.details() or ""

    assert "Delver" in await asked(tmp_path, ask)


@pytest.mark.parametrize(
    ("size", "limit"), [(2_000_000, "1048576"), (5_000_000, "4194304"), (20_000_000, "16777216")]
)
async def test_a_lead_that_is_too_large_is_told_the_limit(tmp_path: Path, size: int, limit: str) -> None:
    """Ours for a lead, ours for a message, or core's for what is refused before anybody has read it."""

    def call(channel: grpc.Channel) -> str:
        request = pb.DeliverRequest(flow="loans")
        request.lead.fields.update({f"f{number}": "x" * 50_000 for number in range(size // 50_000)})
        with pytest.raises(grpc.RpcError) as failed:
            list(DeliveryServiceStub(channel).Deliver(request, timeout=10))
        ours, cores = grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.RESOURCE_EXHAUSTED
        assert failed.value.code() is (cores if size > Limits().max_refused_bytes else ours)
        return failed.value.details() or ""

    assert limit in await asked(tmp_path, call)
    assert Limits().max_receive_bytes == 4_194_304


async def test_one_lead_of_many_that_is_too_large_is_refused_alone(tmp_path: Path) -> None:
    def call(channel: grpc.Channel) -> str:
        large = pb.DeliverManyRequest(tag="large", deliver=pb.DeliverRequest(flow="loans"))
        large.deliver.lead.fields.update({f"f{number}": "x" * 50_000 for number in range(100)})
        small = pb.DeliverManyRequest(tag="small", deliver=pb.DeliverRequest(flow="nowhere"))
        small.deliver.lead.fields["email"] = "ada@example.com"
        answers = DeliveryServiceStub(channel).DeliverMany(iter([large, small]), timeout=10)
        return "; ".join(sorted(f"{answer.tag}: {answer.refusal.message}" for answer in answers))

    told = await asked(tmp_path, call)
    assert "large: the lead cannot be taken" in told
    assert "1048576" in told
    assert "small: no flow 'nowhere'" in told


async def test_the_ordinary_client_knows_such_a_refusal_from_an_overload(tmp_path: Path) -> None:
    async with a_server(tmp_path) as address:

        def call() -> None:
            with Client(address) as client, pytest.raises(TooLarge):
                client.apply({"big.yaml": "# " + "x" * 5_000_000})

        await in_thread(call)
