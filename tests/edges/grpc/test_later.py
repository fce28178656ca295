"""Every method of every service in the protos answers, if only that it comes later."""

from pathlib import Path

import grpc
import pytest
from google.protobuf.descriptor import MethodDescriptor
from google.protobuf.message_factory import GetMessageClass

from edges.grpc.callers import Caller
from edges.grpc.serving import refusal, serving
from leadrelay.edges.grpc.bridge import Call, Method
from leadrelay.edges.grpc.later import SERVICES, fill_in, path

METHODS = [method for service in SERVICES for method in service.methods]
PROTOS = Path(__file__).parents[3] / "protos"


def test_every_service_of_the_protos_is_there() -> None:
    written = {
        line.split()[1]
        for file in PROTOS.rglob("*.proto")
        for line in file.read_text().splitlines()
        if line.startswith("service ")
    }
    assert {service.name for service in SERVICES} == written


@pytest.mark.parametrize("method", METHODS, ids=path)
async def test_a_method_that_comes_later_says_so_to_any_client(method: MethodDescriptor) -> None:
    """Whatever the shape of the call, and over a real connection."""
    shape = f"{_shape(method.client_streaming)}_{_shape(method.server_streaming)}"
    async with serving(fill_in({})) as served:
        reply = GetMessageClass(method.output_type)
        request = GetMessageClass(method.input_type)()
        call = served.stub(shape, path(method), reply)
        error = await refusal(call, iter([request]) if method.client_streaming else request)
    assert error.code() is grpc.StatusCode.UNIMPLEMENTED
    assert "not of this version yet" in (error.details() or "")
    assert method.name in (error.details() or "")
    assert served.errors == []


def _shape(streams: bool) -> str:
    return "stream" if streams else "unary"


async def test_a_method_that_is_there_is_kept() -> None:
    async def answer(call: Call) -> None:
        return None

    name = path(METHODS[0])
    caller = Caller(fill_in({name: Method(answer, streams_requests=False)})[name])
    await caller.run()
    assert caller.code is grpc.StatusCode.OK


def test_a_method_that_no_proto_has_is_a_slip_and_never_left_out_in_silence() -> None:
    async def answer(call: Call) -> None:
        return None

    with pytest.raises(ValueError, match="Delver"):
        fill_in({"/leadrelay.v1.DeliveryService/Delver": Method(answer, streams_requests=False)})
