"""Nothing a peer submits makes the reading fail: it is read, or it is blank."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadrelay.recipients.http_message import Request
from leadrelay.recipients.submission import (
    FORM,
    MOST_FIELDS,
    basic_login,
    form_fields,
    is_email,
    json_fields,
    marks,
    number,
    phone_digits,
    text,
)


def submitted(body: bytes = b"", **headers: str) -> Request:
    return Request("POST", "/", "", {name.replace("_", "-"): value for name, value in headers.items()}, body)


@given(st.binary(max_size=200))
def test_any_body_is_read_or_is_none(body: bytes) -> None:
    assert json_fields(submitted(body)) is None or body.lstrip().startswith(b"{")
    form = form_fields(submitted(body, content_type=FORM))
    assert form is None or isinstance(form, dict)


@given(st.text(alphabet=st.characters(max_codepoint=255), max_size=60))
def test_any_authorization_is_a_login_or_none(value: str) -> None:
    assert basic_login(submitted(authorization=value)) is None or value.lower().startswith("basic ")


@pytest.mark.parametrize("value", ["Basic", "Basic é", "Basic !", "Basic 4w==", "Basic YW5u", "Bearer YTpi"])
def test_what_is_no_login_is_none(value: str) -> None:
    assert basic_login(submitted(authorization=value)) is None


def test_a_login_may_have_colons_in_its_password() -> None:
    encoded = base64.b64encode("ann:a:b ü".encode()).decode()
    assert basic_login(submitted(authorization=f"basic {encoded}")) == ("ann", "a:b ü")


def test_a_form_is_a_form_only_under_its_own_content_type() -> None:
    body = b"name=Zo%C3%AB+B&empty="
    assert form_fields(submitted(body, content_type=f"{FORM}; charset=utf-8")) == {
        "name": "Zoë B",
        "empty": "",
    }
    assert form_fields(submitted(body, content_type="text/plain")) is None
    many = b"&".join(b"f%d=1" % n for n in range(MOST_FIELDS + 1))
    assert form_fields(submitted(many, content_type=FORM)) is None


@pytest.mark.parametrize(
    ("value", "read"),
    [(52400, 52400), ("52400.5", 52400.5), (" 7 ", 7), ("52,400", None), ("", None), (None, None)],
)
def test_a_number_may_be_sent_as_text(value: object, read: float | None) -> None:
    assert number({"n": value}, "n") == read


@pytest.mark.parametrize("value", ["nan", "inf", "1e999", True, [1], {"a": 1}])
def test_what_is_no_plain_number_is_none(value: object) -> None:
    assert number({"n": value}, "n") is None


def test_text_is_trimmed_and_blank_where_there_is_none() -> None:
    assert [text({"t": value}, "t") for value in (" Ann ", 5, None, ["x"])] == ["Ann", "5", "", ""]


@pytest.mark.parametrize("written", ["(512) 555-0148", "+1 512 555 0148", "1-512-555-0148", "5125550148"])
def test_a_number_is_the_same_however_it_is_written(written: str) -> None:
    assert phone_digits(written) == "5125550148"


@pytest.mark.parametrize(
    ("written", "is_one"),
    [
        ("ada@example.com", True),
        ("ADA.B+c@mail.example.org", True),
        ("ada@", False),
        ("ada@@example.com", False),
        ("ada at example.com", False),
        ("ada@example", False),
        ("none", False),
        ("", False),
    ],
)
def test_an_email_has_a_name_and_a_domain(written: str, is_one: bool) -> None:
    assert is_email(written) is is_one


def test_people_are_known_again_only_by_what_is_really_theirs() -> None:
    assert marks("Ada@Example.com", "(512) 555-0148") == ["ada@example.com", "5125550148"]
    assert marks("none", "555-0148") == []
