"""A payload as the peer's lead, in JSON and as a message (behaviour 4.1)."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import orjson
import pytest
from google.protobuf.timestamp_pb2 import Timestamp

from leadrelay.adapters.direct.message import as_json, as_message, lead_of
from leadrelay.core import structs
from leadrelay.core.encoding import EncodingError, Payload
from values import MOMENT, a_lead


def test_plain_values_are_fields_and_lists_and_objects_are_nested() -> None:
    lead = lead_of(
        Payload(
            {
                "email": "ada@example.com",
                "loan_amount": 52400,
                "rate": Decimal("5.10"),
                "is_owner": True,
                "nothing": None,
                "vehicle.make": "Ford",
                "vehicle.year": 2020,
                "tags": ["a", "b"],
            }
        ),
        None,
    )
    assert lead == {
        "fields": {
            "email": "ada@example.com",
            "loan_amount": "52400",
            "rate": "5.10",
            "is_owner": "true",
        },
        "nested": {"vehicle": {"make": "Ford", "year": 2020}, "tags": ["a", "b"]},
    }


def test_the_whole_lead_brings_its_source_and_its_submission() -> None:
    whole = replace(a_lead(), source="landing-7", submitted_at=MOMENT + 5, ip="192.0.2.7")
    message = as_message(as_json("loans", lead_of(Payload({"email": "a@b.c"}), whole), "key"))
    at = Timestamp()
    at.FromNanoseconds(MOMENT + 5)
    assert (message.lead.source, message.lead.submission.ip) == ("landing-7", "192.0.2.7")
    assert message.lead.submission.timestamp == at


def test_a_lead_without_an_origin_has_none_there_either() -> None:
    message = as_message(as_json("loans", lead_of(Payload({"email": "a@b.c"}), a_lead()), "key"))
    assert message.lead.source == ""
    assert not message.lead.submission.HasField("timestamp")


def test_the_message_says_what_the_json_says() -> None:
    lead: dict[str, Any] = {"fields": {"name": "Zoë"}, "nested": {"cars": [{"year": 2020}, 1.5, None, True]}}
    body = as_json("loans", lead, "key-1")
    message = as_message(body)
    assert orjson.loads(body) == {"flow": "loans", "lead": lead, "request_id": "key-1"}
    assert (message.flow, message.request_id) == ("loans", "key-1")
    assert dict(message.lead.fields) == lead["fields"]
    assert structs.data(message.lead.nested) == lead["nested"]


def test_a_list_is_no_lead() -> None:
    with pytest.raises(EncodingError):
        lead_of(Payload({"0": "a", "1": "b"}), None)
