"""Records of requests and replies carry no proof of identity and no hidden value (behaviour 9)."""

import json
import re
from base64 import b64decode
from urllib.parse import quote, urlencode

from hypothesis import given
from hypothesis import strategies as st

from leadrelay.core.exchange import (
    MASK,
    MAX_RECORDED_BODY,
    Reply,
    Request,
    hide,
    hide_within,
    record_reply,
    record_request,
    spellings,
)

SSN = "078-05-1120"


def a_request(**changes: object) -> Request:
    return Request(**({"method": "POST", "url": "https://crm.example/leads"} | changes))  # type: ignore[arg-type]


def test_headers_that_a_signer_set_are_masked() -> None:
    request = a_request(
        headers=(("X-Partner-Proof", "s3cret"), ("X-Plain", "kept")),
        secret_headers=frozenset({"x-partner-proof"}),
    )
    assert record_request(request).headers == (("X-Partner-Proof", MASK), ("X-Plain", "kept"))


def test_well_known_proofs_are_masked_whoever_set_them() -> None:
    for name in ("Authorization", "Cookie", "X-API-Key", "Proxy-Authorization"):
        assert record_request(a_request(headers=((name, "s3cret"),))).headers == ((name, MASK),)
    assert record_reply(Reply(status=200, headers=(("Set-Cookie", "s3cret"),))).headers == (
        ("Set-Cookie", MASK),
    )


def test_a_key_in_the_query_and_userinfo_are_masked_in_the_url() -> None:
    request = a_request(
        url="https://me:pw@crm.example/leads?key=s3cret&a=1%202", secret_params=frozenset({"key"})
    )
    assert record_request(request).url == "https://crm.example/leads?key=***&a=1%202"


def test_a_body_with_sensitive_values_is_recorded_in_its_masked_form() -> None:
    request = a_request(body=b'{"ssn":"078-05-1120"}', recorded_body=b'{"ssn":"***"}')
    assert record_request(request).body == '{"ssn":"***"}'


def test_a_body_that_is_no_text_is_recorded_as_base64() -> None:
    record = record_request(a_request(body=b"\xff\xfe\x00"))
    assert record.is_base64
    assert b64decode(record.body) == b"\xff\xfe\x00"


def test_a_long_body_is_cut_and_says_so_also_inside_a_character() -> None:
    record = record_reply(Reply(status=200, body="é".encode() * MAX_RECORDED_BODY))
    assert record.truncated
    assert len(record.body.encode()) <= MAX_RECORDED_BODY
    odd = record_reply(Reply(status=200, body=b"x" + "é".encode() * MAX_RECORDED_BODY))
    assert odd.truncated
    assert not odd.is_base64


def test_hidden_values_are_masked_wherever_they_are_echoed() -> None:
    assert hide("SSN 078-05-1120 is on file", ["078-05-1120"]) == "SSN *** is on file"
    echoed = {"a": ["078-05-1120", {"078-05-1120": 1}], "b": 2}
    assert hide_within(echoed, ["078-05-1120"]) == {"a": [MASK, {MASK: 1}], "b": 2}


def test_a_value_too_short_to_be_a_secret_does_not_shred_the_text() -> None:
    assert hide("a plain text", ["a", ""]) == "a plain text"


def test_a_hidden_value_is_masked_in_url_headers_and_body_of_a_request() -> None:
    request = a_request(
        url=f"https://crm.example/people/{SSN}?ssn={SSN}",
        headers=(("X-Person", f"no. {SSN}"), ("X-Plain", "kept")),
        body=f"ssn is {SSN}".encode(),
    )
    record = record_request(request, spellings([SSN]))
    assert record.url == "https://crm.example/people/***?ssn=***"
    assert record.headers == (("X-Person", "no. ***"), ("X-Plain", "kept"))
    assert record.body == "ssn is ***"


def test_a_hidden_value_is_masked_in_headers_of_a_reply() -> None:
    reply = Reply(status=303, headers=(("Location", f"/people/{SSN}"),))
    assert record_reply(reply, spellings([SSN])).headers == (("Location", "/people/***"),)


def test_a_value_without_its_punctuation_is_hidden_too() -> None:
    """Recipients and types write numbers without it."""
    assert hide("ssn=078051120", spellings([SSN])) == "ssn=***"
    assert hide("on 1-2 3", spellings(["1-2"])) == "on *** 3"
    assert hide("12 apples", spellings(["1-2"])) == "12 apples", "too short to mean the value"


def test_the_longer_of_two_values_is_hidden_whole() -> None:
    assert hide("12345 and 123", spellings(["123", "12345"])) == "*** and ***"


def test_a_hidden_value_is_masked_before_the_body_is_cut() -> None:
    """Or its first half would stay behind at the edge."""
    for before in range(MAX_RECORDED_BODY - 12, MAX_RECORDED_BODY + 1):
        body = b"x" * before + SSN.encode() + b"y" * 100
        record = record_request(a_request(body=body), spellings([SSN]))
        assert "078" not in record.body
        assert record.truncated


def test_a_hidden_value_is_masked_in_a_body_that_is_no_text() -> None:
    body = b"\xff\xfe" + SSN.encode()
    record = record_reply(Reply(status=200, body=body), spellings([SSN]))
    assert record.is_base64
    assert b64decode(record.body) == b"\xff\xfe***"


def test_a_number_that_spells_a_hidden_value_is_masked() -> None:
    assert hide_within({"a": 78051120, "b": True}, spellings(["78051120"])) == {"a": MASK, "b": True}


@given(st.text(min_size=3, max_size=40))
def test_a_hidden_value_is_masked_however_a_request_spells_it(value: str) -> None:
    hidden = spellings([value])
    written = (
        value,
        quote(value, safe=""),
        re.sub("%..", lambda found: found[0].lower(), quote(value, safe="")),
        urlencode({"a": value}).removeprefix("a="),
        json.dumps(value)[1:-1],
        json.dumps(value).replace("/", "\\/")[1:-1],
        json.dumps(value, ensure_ascii=False)[1:-1],
        value.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;"),
    )
    for spelled in written:
        assert hide(spelled, hidden) == MASK
