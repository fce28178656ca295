"""Whose an unreadable request is."""

import grpc
import pytest

from leadrelay.edges.grpc.bridge import Unreadable
from leadrelay.edges.grpc.unreadable import answer
from leadrelay.v1 import delivery_service_pb2 as pb

BODY = pb.DeliverManyRequest(tag="row-7", deliver=pb.DeliverRequest(flow="loans")).SerializeToString()


@pytest.mark.parametrize(
    ("body", "tag"),
    [
        (BODY.replace(b"loans", b"lo\xed\xa0\x80"), "row-7"),
        (BODY.replace(b"row-7", b"row\xff7"), "row\N{REPLACEMENT CHARACTER}7"),
        (pb.DeliverManyRequest(tag="x" * 9).SerializeToString(), "xxxxxxxx"),
        (b"\x10\x07", ""),
        (b"\xff\xff", ""),
        (b"", ""),
    ],
)
def test_an_answer_has_the_tag_that_its_request_has(body: bytes, tag: str) -> None:
    told = answer(Unreadable(pb.DeliverManyRequest, body), 8)
    assert told.tag == tag
    assert told.refusal.code == grpc.StatusCode.INVALID_ARGUMENT.value[0]
    assert "DeliverManyRequest" in told.refusal.message
