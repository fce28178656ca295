"""Tools without .proto files learn what this server speaks, under both names of the protocol."""

import grpc
import pytest
import trio
from google.api import annotations_pb2  # type: ignore[import-untyped]
from google.protobuf.descriptor_pb2 import FileDescriptorProto
from google.protobuf.descriptor_pool import DescriptorPool
from grpc_health.v1 import health_pb2
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase
from grpc_reflection.v1alpha.reflection_pb2 import (
    ExtensionRequest,
    ServerReflectionRequest,
    ServerReflectionResponse,
)

from edges.grpc.serving import ask_all, serving
from leadrelay.edges.grpc.reflection import SERVICES, Reflection

HEALTH = "grpc.health.v1.Health"
METHOD_OPTIONS = "google.protobuf.MethodOptions"
HTTP = 72295728  # the number of google.api.http, an extension of METHOD_OPTIONS


def reflection() -> Reflection:
    return Reflection([HEALTH, "a.Service"])


def files(response: ServerReflectionResponse) -> list[str]:
    bodies = response.file_descriptor_response.file_descriptor_proto
    return [FileDescriptorProto.FromString(body).name for body in bodies]


@pytest.mark.parametrize("service", SERVICES)
async def test_the_services_are_listed_in_order_under_both_names_of_the_protocol(service: str) -> None:
    async with serving(reflection().methods()) as served:
        stub = served.stub("stream_stream", f"/{service}/ServerReflectionInfo", ServerReflectionResponse)
        request = ServerReflectionRequest(host="here", list_services="*")
        (response,) = await ask_all(stub, iter([request]))
    assert [each.name for each in response.list_services_response.service] == ["a.Service", HEALTH]
    assert (response.valid_host, response.original_request) == ("here", request)


async def test_grpcs_own_client_can_rebuild_a_service_from_nothing_else() -> None:
    def rebuild(channel: grpc.Channel) -> tuple[list[str], str]:
        database = ProtoReflectionDescriptorDatabase(channel)
        pool = DescriptorPool(database)
        check = pool.FindServiceByName(HEALTH).methods_by_name["Check"]
        return list(database.get_services()), check.input_type.full_name

    async with serving(reflection().methods()) as served:
        services, request_type = await trio.to_thread.run_sync(rebuild, served.channel)
    assert services == ["a.Service", HEALTH]
    assert request_type == "grpc.health.v1.HealthCheckRequest"


async def test_a_stream_of_questions_is_answered_in_order_and_outlives_a_wrong_one() -> None:
    questions = [
        ServerReflectionRequest(file_containing_symbol="no.such.Thing"),
        ServerReflectionRequest(),
        ServerReflectionRequest(file_containing_symbol=HEALTH),
    ]
    async with serving(reflection().methods()) as served:
        stub = served.stub("stream_stream", f"/{SERVICES[0]}/ServerReflectionInfo", ServerReflectionResponse)
        answers = await ask_all(stub, iter(questions))
    assert [answer.error_response.error_code for answer in answers] == [5, 3, 0]
    assert [answer.original_request for answer in answers] == questions


@pytest.mark.parametrize(
    "symbol",
    [HEALTH, f"{HEALTH}.Check", "grpc.health.v1.HealthCheckResponse.ServingStatus"],
)
def test_a_symbol_is_found_whether_service_method_or_type(symbol: str) -> None:
    answer = reflection().answer(ServerReflectionRequest(file_containing_symbol=symbol))
    assert files(answer) == [health_pb2.DESCRIPTOR.name]


def test_a_file_comes_with_all_that_it_imports_and_each_of_them_once() -> None:
    name = annotations_pb2.DESCRIPTOR.name
    found = files(reflection().answer(ServerReflectionRequest(file_by_filename=name)))
    assert found[0] == name
    assert sorted(found) == [
        "google/api/annotations.proto",
        "google/api/http.proto",
        "google/protobuf/descriptor.proto",
    ]


def test_extensions_are_found_by_number_and_counted_by_type() -> None:
    asked = ExtensionRequest(containing_type=METHOD_OPTIONS, extension_number=HTTP)
    found = reflection().answer(ServerReflectionRequest(file_containing_extension=asked))
    assert files(found)[0] == "google/api/annotations.proto"
    counted = reflection().answer(ServerReflectionRequest(all_extension_numbers_of_type=METHOD_OPTIONS))
    numbers = counted.all_extension_numbers_response
    assert numbers.base_type_name == METHOD_OPTIONS
    assert HTTP in numbers.extension_number


@pytest.mark.parametrize(
    "request_",
    [
        ServerReflectionRequest(file_by_filename="no/such.proto"),
        ServerReflectionRequest(file_containing_symbol=f"{HEALTH}.Chek"),
        ServerReflectionRequest(file_containing_symbol=""),
        ServerReflectionRequest(
            file_containing_extension=ExtensionRequest(containing_type=METHOD_OPTIONS, extension_number=1)
        ),
        ServerReflectionRequest(all_extension_numbers_of_type="no.such.Message"),
    ],
    ids=["file", "method", "nothing", "extension", "type"],
)
def test_what_is_not_here_is_not_found(request_: ServerReflectionRequest) -> None:
    error = reflection().answer(request_).error_response
    assert error.error_code == grpc.StatusCode.NOT_FOUND.value[0]
    assert error.error_message
