"""How a call ends reaches the client whole, or cut to what a client accepts."""

import grpc
import pytest
from google.protobuf.duration_pb2 import Duration
from google.protobuf.wrappers_pb2 import StringValue
from google.rpc.error_details_pb2 import (  # type: ignore[import-untyped]
    BadRequest,
    ErrorInfo,
    RetryInfo,
)
from google.rpc.status_pb2 import Status as RichStatus  # type: ignore[import-untyped]

from edges.grpc.serving import refusal, serving, text, trailing
from leadrelay.edges.grpc.bridge import Abort, Call, unary_unary
from leadrelay.edges.grpc.bridge.status import Status

INVALID = grpc.StatusCode.INVALID_ARGUMENT


def violations(number: int) -> BadRequest:
    return BadRequest(
        field_violations=[
            BadRequest.FieldViolation(field=f"lead.fields[{n}]", description="is not a phone number " * 3)
            for n in range(number)
        ]
    )


async def failing_with(abort: Abort) -> grpc.RpcError:
    async def handler(_: StringValue, _call: Call) -> StringValue:
        raise abort

    async with serving({"/t.T/Fail": unary_unary(handler, StringValue)}) as served:
        return await refusal(served.stub("unary_unary", "/t.T/Fail"), text(""))


def rich_status_of(error: grpc.RpcError) -> RichStatus:
    return RichStatus.FromString(trailing(error)["grpc-status-details-bin"])


async def test_details_arrive_where_every_client_library_looks_for_them() -> None:
    """Behaviour 8: errors are google.rpc.Status with details."""
    info = ErrorInfo(reason="QUOTA", domain="leadrelay")
    retry = RetryInfo(retry_delay=Duration(seconds=3))
    error = await failing_with(Abort(grpc.StatusCode.RESOURCE_EXHAUSTED, "later, ünd gently", info, retry))
    assert (error.code(), error.details()) == (grpc.StatusCode.RESOURCE_EXHAUSTED, "later, ünd gently")
    status = rich_status_of(error)
    assert (status.code, status.message) == (8, "later, ünd gently")
    got_info, got_retry = ErrorInfo(), RetryInfo()
    assert status.details[0].Unpack(got_info)
    assert status.details[1].Unpack(got_retry)
    assert (got_info, got_retry) == (info, retry)


async def test_an_abort_without_details_sends_only_its_own_metadata() -> None:
    error = await failing_with(
        Abort(INVALID, "no", trailing=(("hint", "look left"), ("raw-bin", b"\x00\xff")))
    )
    assert trailing(error) == {"hint": "look left", "raw-bin": b"\x00\xff"}


async def test_a_thousand_violations_are_cut_to_what_a_client_accepts() -> None:
    """More than some 8 KiB of metadata, and the client reports that instead of ours."""
    error = await failing_with(Abort(INVALID, "many problems " * 1000, violations(1000)))
    assert error.code() is INVALID
    assert (error.details() or "").startswith("many problems")
    bad = BadRequest()
    assert rich_status_of(error).details[0].Unpack(bad)
    assert 5 < len(bad.field_violations) < 1000
    assert bad.field_violations == violations(1000).field_violations[: len(bad.field_violations)]


def test_a_detail_that_cannot_fit_stays_behind_and_the_others_go() -> None:
    status = Abort(INVALID, "no", ErrorInfo(reason="X" * 5000), ErrorInfo(reason="SHORT")).as_status()
    rich = RichStatus.FromString(dict(status.trailing)["grpc-status-details-bin"])
    kept = ErrorInfo()
    assert len(rich.details) == 1
    assert rich.details[0].Unpack(kept)
    assert kept.reason == "SHORT"


def test_a_long_message_is_cut_between_two_characters() -> None:
    message = Abort(INVALID, "x" + "ü" * 1000).message
    assert len(message.encode()) == 1023
    assert message.endswith("ü")


def test_the_metadata_of_the_call_goes_first() -> None:
    status = Abort(INVALID, "no", trailing=(("mine", "1"),)).as_status((("call", "0"),))
    assert status == Status(3, b"no", (("call", "0"), ("mine", "1")))


def test_ok_is_no_way_to_abort() -> None:
    with pytest.raises(ValueError, match="OK"):
        Abort(grpc.StatusCode.OK, "fine")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("Upper", "x"),
        ("", "x"),
        ("two words", "x"),
        ("grpc-status", "0"),
        ("key", "line\nbreak"),
        ("key", "ü"),
        ("key", b"bytes"),
        ("key-bin", "text"),
    ],
)
def test_metadata_that_core_would_refuse_is_refused_where_it_is_written(key: str, value: str | bytes) -> None:
    with pytest.raises(ValueError, match="metadata"):
        Abort(INVALID, "no", trailing=((key, value),))
