"""Errors of the Python client: one class per decision, with what the server said about it (behaviour 8)."""

from concurrent.futures import ThreadPoolExecutor

import grpc
import pytest
from google.protobuf.duration_pb2 import Duration
from google.rpc.error_details_pb2 import BadRequest, ErrorInfo, RetryInfo  # type: ignore[import-untyped]

from clients.faces import Face
from clients.small_relay import SmallRelay
from leadrelay_client import (
    AlreadyExists,
    InvalidArgument,
    NotFound,
    Overloaded,
    TooLarge,
    Unavailable,
    Unimplemented,
    Violation,
)
from leadrelay_client.errors import STATUS_DETAILS, LeadrelayError, refused, translate
from leadrelay_client.v1.delivery_service_pb2 import Refusal

LEAD = {"email": "ann@example.com"}


def test_a_wrong_request_names_every_field_that_is_wrong(relay: SmallRelay, face: Face) -> None:
    with pytest.raises(InvalidArgument) as caught:
        face.collect(relay.target, lambda client: client.deliver("mortgage", {}))
    assert caught.value.violations == (Violation("lead.fields", "a lead has at least one answer"),)
    assert str(caught.value) == "the lead is malformed; lead.fields: a lead has at least one answer"


def test_an_unknown_flow_is_not_found_with_a_reason_for_programs(relay: SmallRelay, face: Face) -> None:
    with pytest.raises(NotFound, match="no flow 'morgage'") as caught:
        face.collect(relay.target, lambda client: client.deliver("morgage", LEAD))
    assert (caught.value.reason, caught.value.facts) == ("FLOW_NOT_FOUND", {"flow": "morgage"})


def test_a_request_id_used_for_another_lead_names_that_lead(relay: SmallRelay, face: Face) -> None:
    face.collect(relay.target, lambda client: client.deliver("mortgage", LEAD, request_id="r-1"))
    with pytest.raises(AlreadyExists) as caught:
        face.collect(
            relay.target, lambda client: client.deliver("mortgage", {"email": "x"}, request_id="r-1")
        )
    assert caught.value.facts == {"lead_id": "lead-1"}


def test_every_error_is_chained_from_grpcs_own(relay: SmallRelay, face: Face) -> None:
    with pytest.raises(NotFound) as streamed:
        face.collect(relay.target, lambda client: client.watch("lead-9"))
    with pytest.raises(InvalidArgument) as answered:
        face.ask(relay.target, lambda client: client.apply({"a.yaml": "@"}))
    for caught in streamed, answered:
        assert isinstance(caught.value.__cause__, grpc.RpcError)
        assert caught.value.__cause__.code() is caught.value.code


def test_nobody_there_is_unavailable(relay: SmallRelay, face: Face) -> None:
    relay.stop()
    with pytest.raises(Unavailable):
        face.ask(relay.target, lambda client: client.get(lead_id="lead-1"))


def test_a_server_that_is_no_leadrelay_is_unimplemented(face: Face) -> None:
    other = grpc.server(ThreadPoolExecutor(1))
    port = other.add_insecure_port("127.0.0.1:0")
    other.start()
    try:
        with pytest.raises(Unimplemented):
            face.ask(f"127.0.0.1:{port}", lambda client: client.get_catalog())
    finally:
        other.stop(grace=None).wait()


def test_a_message_beyond_the_limit_is_too_large_and_not_overload(relay: SmallRelay, face: Face) -> None:
    """Both are RESOURCE_EXHAUSTED to gRPC, but sending the same again helps against one of them only."""
    with pytest.raises(TooLarge):
        face.collect(relay.target, lambda client: client.deliver("mortgage", {"notes": "x" * 5_000_000}))


def test_what_the_message_says_already_is_not_said_twice() -> None:
    violations = [Violation("a.yaml:1", "unknown key `nme`"), Violation("a.yaml:9", "no flow")]
    error = InvalidArgument("refused: a.yaml:1: unknown key `nme`", violations=violations)
    assert str(error) == "refused: a.yaml:1: unknown key `nme`; a.yaml:9: no flow"


class Broken(grpc.RpcError):
    """What gRPC raises, as far as it is looked at."""

    def __init__(self, code: grpc.StatusCode, details: str | None, *metadata: tuple[str, bytes]) -> None:
        super().__init__()
        self._code, self._details, self._metadata = code, details, metadata

    def code(self) -> grpc.StatusCode:
        return self._code

    def details(self) -> str | None:
        return self._details

    def trailing_metadata(self) -> tuple[tuple[str, bytes], ...]:  # type: ignore[override]
        return self._metadata


def test_details_that_cannot_be_read_do_not_hide_the_error() -> None:
    error = translate(Broken(grpc.StatusCode.NOT_FOUND, "no such lead", (STATUS_DETAILS, b"\xff\xff")))
    assert isinstance(error, NotFound)
    assert str(error) == "no such lead"


def test_an_error_without_words_says_its_code() -> None:
    assert str(translate(Broken(grpc.StatusCode.DATA_LOSS, None))) == "data loss"


def test_a_code_without_a_decision_is_the_plain_error() -> None:
    assert type(translate(Broken(grpc.StatusCode.INTERNAL, "internal error"))) is LeadrelayError


@pytest.mark.parametrize(("number", "kind"), [(5, NotFound), (8, Overloaded), (999, LeadrelayError)])
def test_a_refusal_among_many_is_the_error_of_its_code(number: int, kind: type[LeadrelayError]) -> None:
    assert type(refused(Refusal(code=number, message="no"))) is kind


def test_a_refusal_among_many_has_the_details_of_that_error() -> None:
    refusal = Refusal(code=8, message="no")
    refusal.details.add().Pack(RetryInfo(retry_delay=Duration(seconds=7)))
    refusal.details.add().Pack(ErrorInfo(reason="OVERLOADED", metadata={"a": "b"}))
    refusal.details.add().Pack(BadRequest(field_violations=[{"field": "flow", "description": "is empty"}]))
    error = refused(refusal)
    assert (error.retry_after, error.reason, error.facts) == (7.0, "OVERLOADED", {"a": "b"})
    assert error.violations == (Violation("flow", "is empty"),)


def test_overload_without_a_time_still_asks_for_a_pause() -> None:
    assert refused(Refusal(code=8, message="too many leads under way")).retry_after == 1.0
