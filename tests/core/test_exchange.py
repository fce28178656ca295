"""Records of requests and replies carry no proof of identity and no hidden value (behaviour 9)."""

from base64 import b64decode
from dataclasses import replace

from leadrelay.core.exchange import MAX_RECORDED_BODY, Reply, Request, record_reply, record_request
from leadrelay.core.masking import MASK, spellings

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


def test_where_redirects_led_is_recorded_without_what_must_not_be() -> None:
    led_to = record_reply(Reply(status=200, url=f"https://b.example/v2?ssn={SSN}"), spellings([SSN]))
    assert (led_to.url, record_reply(Reply(status=200)).url) == ("https://b.example/v2?ssn=***", "")


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


def test_the_secrets_of_a_request_are_masked_wherever_else_they_stand_in_it() -> None:
    request = a_request(
        url="https://crm.example/leads?session=t-0123456",
        headers=(("X-Copy", "of t-0123456"),),
        body=b"t-0123456",
        secrets=spellings(["t-0123456"]),
    )
    record = record_request(request)
    assert (record.url, record.headers, record.body) == (
        "https://crm.example/leads?session=***",
        (("X-Copy", "of ***"),),
        MASK,
    )


def test_a_url_is_recorded_in_its_masked_form_and_keys_in_its_query_are_masked_there_too() -> None:
    request = a_request(
        url="https://crm.example/of/1120?key=s3cret",
        recorded_url="https://crm.example/of/***?key=s3cret",
        secret_params=frozenset({"key"}),
    )
    assert record_request(request).url == "https://crm.example/of/***?key=***"


def test_a_hidden_value_is_masked_in_a_body_of_wide_characters() -> None:
    body = f"ssn {SSN}".encode("utf-16")
    record = record_reply(Reply(status=200, body=body), spellings([SSN]))
    assert b64decode(record.body).decode("utf-16") == "ssn ***"


def test_what_has_to_be_hidden_is_no_part_of_what_is_sent() -> None:
    """Two requests are the same if the same leaves, in whatever order their secrets were noted."""
    request = Request(method="POST", url="https://b.example/", secrets=("aaaa", "bbbb"))
    assert request == replace(request, secrets=("bbbb", "aaaa"))
    assert request != replace(request, body=b"x")
