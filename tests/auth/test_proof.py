"""A proof stands in a request once, and is masked wherever the request is shown (behaviour 9)."""

from dataclasses import replace

import pytest

from leadrelay.auth.proof import with_header, with_parameter
from leadrelay.core.exchange import Request, record_request
from leadrelay.core.masking import MASK, hide

PLAIN = Request(method="POST", url="https://buyer.example/leads", headers=(("X-Name", "Ada"),))


def test_a_header_takes_the_place_of_its_namesakes() -> None:
    signed = with_header(with_header(PLAIN, "x-key", "old"), "X-Key", "new")
    assert signed.headers == (("X-Name", "Ada"), ("X-Key", "new"))
    assert with_header(signed, "x-NAME", "Eve").headers == (("x-NAME", "Eve"), ("X-Key", "new"))
    assert record_request(signed).headers == (("X-Name", "Ada"), ("X-Key", MASK))


@pytest.mark.parametrize(
    ("url", "signed"),
    [
        ("https://b.example/leads", "https://b.example/leads?key=n%26w"),
        ("https://b.example/leads?", "https://b.example/leads?key=n%26w"),
        ("https://b.example/?a=1&b=%20&c", "https://b.example/?a=1&b=%20&c&key=n%26w"),
        ("https://b.example/?key=old&a=1&k%65y=older", "https://b.example/?key=n%26w&a=1"),
        ("https://b.example/?keys=1#top", "https://b.example/?keys=1&key=n%26w#top"),
    ],
)
def test_a_parameter_takes_the_place_of_its_namesakes(url: str, signed: str) -> None:
    request = with_parameter(Request(method="GET", url=url), "key", "n&w")
    assert request.url == signed
    assert "n%26w" not in record_request(request).url
    assert f"key={MASK}" in record_request(request).url


def test_names_of_parameters_are_escaped() -> None:
    assert with_parameter(PLAIN, "api key", "1").url == "https://buyer.example/leads?api%20key=1"


def test_what_was_masked_already_stays_so() -> None:
    signed = with_parameter(with_header(with_header(PLAIN, "X-A", "1"), "X-B", "2"), "key", "3")
    assert signed.secret_headers == {"x-a", "x-b"}
    assert signed.secret_params == {"key"}


def test_a_proof_is_hidden_by_its_value_too_so_that_a_recipient_can_repeat_it() -> None:
    signed = with_parameter(with_header(PLAIN, "X-Key", "Token t-123456", "t-123456"), "key", "k/654321")
    assert hide("bad token t-123456", signed.secrets) == "bad token ***"
    assert hide("?key=k%2F654321", signed.secrets) == "?key=***"


def test_a_key_in_the_query_stands_in_no_form_of_the_url_that_is_recorded() -> None:
    masked = replace(PLAIN, url="https://b.example/1120?a=1", recorded_url="https://b.example/***?a=1")
    assert record_request(with_parameter(masked, "key", "s3cret")).url == "https://b.example/***?a=1&key=***"
