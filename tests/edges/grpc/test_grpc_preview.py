"""A preview as a message: every field that callers read, and every refusal."""

from base64 import b64encode

import grpc
import pytest
from google.protobuf.json_format import MessageToDict

from catalog_texts import loaded, of_destination
from leadrelay.edges.grpc.bridge import Abort
from leadrelay.edges.grpc.preview import answer, read_reply
from leadrelay.v1 import catalog_service_pb2 as pb
from leadrelay.v1.event_pb2 import ReplyRecord
from leadrelay.v1.lead_pb2 import Lead
from values import MOMENT

CATALOG = loaded(
    of_destination(
        """
        rest: {url: "https://buyer.example/leads"}
        mapping:
        - {to: email, value: "{{lowercase email}}", required: true}
        - {to: ssn, value: "{{ssn}}"}
        - {to: tags, value: [a, "{{tag}}"]}
        - {to: note, value: "{{note}}", when: 'state == "CA"'}
        - {to: flow, value: "{{flow}} {{source}}"}
        auth: [{bearer: {token: {secret: S}}}]
        """
    )
).catalog


def asked(destination: str = "crm", reply: ReplyRecord | None = None, **fields: str) -> pb.PreviewResponse:
    lead = Lead(fields=fields, source="radio")
    request = pb.PreviewRequest(destination=destination, lead=lead, flow="loans", reply=reply)
    return answer(request, CATALOG, MOMENT)


def test_a_preview_has_the_masked_request_and_the_fate_of_every_rule() -> None:
    response = asked(email="Ada@Example.com", ssn="078-05-1120", state="TX")
    said = MessageToDict(response, preserving_proto_field_name=True)
    assert said["request"]["body"] == (
        '{"email":"ada@example.com","ssn":"***","tags":["a"],"flow":"loans radio"}'
    )
    assert said["request"]["headers"]["Authorization"] == "***"
    assert said["values"] == [
        {
            "to": "email",
            "value": '"ada@example.com"',
            "rule": 1,
            "how": "MAPPED_HOW_VALUE",
            "template": "{{lowercase email}}",
        },
        {"to": "ssn", "value": '"***"', "rule": 2, "how": "MAPPED_HOW_VALUE", "template": "{{ssn}}"},
        {"to": "tags", "value": '["a"]', "rule": 3, "how": "MAPPED_HOW_VALUE", "template": '["a","{{tag}}"]'},
        {
            "to": "note",
            "rule": 4,
            "how": "MAPPED_HOW_CONDITION_FALSE",
            "template": "{{note}}",
            "why": 'state == "CA" (state is TX)',
        },
        {
            "to": "flow",
            "value": '"loans radio"',
            "rule": 5,
            "how": "MAPPED_HOW_VALUE",
            "template": "{{flow}} {{source}}",
        },
    ]
    assert set(said) == {"request", "values"}


def test_what_keeps_a_lead_from_being_sent_is_told_with_what_becomes_of_it() -> None:
    response = asked(state="TX")
    assert list(response.problems) == ["email: it is required, but email is missing"]
    assert not response.HasField("request")
    outcome = MessageToDict(response.outcome)
    assert (outcome["kind"], outcome["code"], outcome["arrived"]) == (
        "OUTCOME_KIND_SYSTEM_ERROR",
        "REASON_CODE_MAPPING_REQUIRED",
        "ARRIVED_NO",
    )


def test_a_sample_reply_is_read_with_what_it_captures() -> None:
    record = ReplyRecord(status=422, headers={"Content-Type": "application/json"}, body='{"message": "no"}')
    outcome = MessageToDict(asked(email="a", reply=record).outcome)
    assert (outcome["kind"], outcome["words"]) == ("OUTCOME_KIND_HARD_REJECT", "no")
    assert outcome["appended"] == {"message": "no"}


def test_a_sample_reply_may_be_bytes_and_without_a_status_is_a_200() -> None:
    reply = read_reply(ReplyRecord(body=b64encode(b"\xff\x00").decode(), body_is_base64=True))
    assert (reply.status, reply.body) == (200, b"\xff\x00")


@pytest.mark.parametrize(
    ("record", "words"),
    [
        (ReplyRecord(status=20), "reply.status: is no status that a reply can have"),
        (ReplyRecord(body="?", body_is_base64=True), "reply.body: is not base64"),
        (ReplyRecord(body="é", body_is_base64=True), "reply.body: is not base64"),
    ],
)
def test_a_reply_that_no_recipient_could_give_is_refused(record: ReplyRecord, words: str) -> None:
    with pytest.raises(Abort, match=words) as refusal:
        asked(email="a", reply=record)
    assert refusal.value.code is grpc.StatusCode.INVALID_ARGUMENT


def test_an_unknown_destination_is_told_the_nearest_spelling() -> None:
    with pytest.raises(Abort, match="no destination 'cmr': did you mean 'crm'") as refusal:
        asked("cmr", email="a")
    assert refusal.value.code is grpc.StatusCode.NOT_FOUND


def test_what_no_lead_can_be_is_refused_as_it_is_when_it_is_delivered() -> None:
    with pytest.raises(Abort, match=r"lead\.fields: is empty"):
        asked()


def test_every_lead_that_it_looks_at_is_another() -> None:
    keys = {dict(asked(email="a").request.headers)["Idempotency-Key"] for _ in range(2)}
    assert len(keys) == 2


def test_a_bid_that_is_no_amount_is_refused() -> None:
    request = pb.PreviewRequest(destination="crm", lead=Lead(fields={"email": "a@b.c"}))
    request.bid.price.amount = "much"
    with pytest.raises(Abort) as refusal:
        answer(request, CATALOG, MOMENT)
    assert refusal.value.code is grpc.StatusCode.INVALID_ARGUMENT
