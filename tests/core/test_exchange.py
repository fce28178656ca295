"""Records of requests and replies carry no proof of identity and no hidden value (behaviour 9)."""

from base64 import b64decode

from leadrelay.core.exchange import (
    MASK,
    MAX_RECORDED_BODY,
    Reply,
    Request,
    hide,
    hide_within,
    record_reply,
    record_request,
)


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
