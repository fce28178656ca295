"""Sample replies of a catalog, as recipients would give them."""

from google.protobuf.struct_pb2 import Value

from leadrelay.core.exchange import Reply
from leadrelay.edges.catalog.sample_replies import plain_data, sample_reply
from leadrelay.v1.example_pb2 import SampleReply


def test_data_is_json_with_its_type_and_a_text_is_sent_as_it_is() -> None:
    data = SampleReply(status=201)
    data.body.struct_value.fields["n"].number_value = 5
    assert sample_reply(data) == Reply(
        status=201, headers=(("Content-Type", "application/json"),), body=b'{"n":5}'
    )
    text = SampleReply(body=Value(string_value="<a/>"), headers={"X": "y"})
    assert sample_reply(text) == Reply(status=200, headers=(("X", "y"),), body=b"<a/>")
    assert sample_reply(SampleReply()) == Reply(status=200)


def test_whole_numbers_are_whole() -> None:
    assert plain_data({"a": [1.0, 1.5, "x"]}) == {"a": [1, 1.5, "x"]}
