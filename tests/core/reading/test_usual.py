"""Where recipients put their words when nobody says where to look."""

import json

import pytest

from leadrelay.core.exchange import Reply
from leadrelay.core.reading.content import Content
from leadrelay.core.reading.usual import usual_code, usual_words


def words(body: object, content_type: str = "") -> object:
    written = body if isinstance(body, bytes) else json.dumps(body).encode()
    return usual_words(Content(Reply(status=400, headers=(("Content-Type", content_type),), body=written)))


@pytest.mark.parametrize(
    "body",
    [
        {"reason": "No", "message": "x"},
        {"Message": "No"},
        {"errorMessage": "No"},
        {"error_message": "No", "description": "x"},
        {"error": {"message": "No"}},
        {"error": "invalid_grant", "error_description": "No"},
        {"errors": [{"message": "No"}]},
        {"errors": ["No", "x"]},
        [{"errorCode": "X", "message": "No"}],
        {"status": "failed", "result": {"reason": "No"}},
        {"response": {"errors": {"error": "No"}}},
        {"AddLeadResult": {"Message": "No"}},
        {"type": "about:blank", "title": "x", "detail": "No"},
        {"error": True, "msg": "No"},
        {"message": "", "detail": "No"},
        {"Status": "Rejected", "RejectionReasons": ["No"]},
        {"error": {"type": "validation", "messages": ["No"]}},
        b'<Imported><Lead result="Failure" message="No"/></Imported>',
        b"<result><status>error</status><message code='1'>No</message></result>",
        b"<r><Errors><Error>No</Error></Errors></r>",
        b"<Envelope><Body><Fault><faultstring>No</faultstring></Fault></Body></Envelope>",
        b"result=error&message=No",
        b"  No\n",
    ],
)
def test_words_are_found_where_they_usually_are(body: object) -> None:
    assert str(words(body)).strip() == "No"


def test_fields_that_are_wrong_are_named() -> None:
    """As Rails and Laravel tell it."""
    body = {"message": "", "errors": {"phone": ["is invalid", "x"], "zip": "is blank"}}
    assert words(body) == "phone: is invalid; zip: is blank"
    assert words({"errors": {"email": ["has already been taken"]}}) == "email: has already been taken"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ([{"message": "Use one of these?", "errorCode": "DUPLICATES_DETECTED"}], "DUPLICATES_DETECTED"),
        ({"error": {"code": "INVALID_EMAIL", "message": "no"}}, "INVALID_EMAIL"),
        ({"error": "invalid_grant", "error_description": "no"}, "invalid_grant"),
        ({"status": "error", "category": "VALIDATION_ERROR"}, "VALIDATION_ERROR"),
        ({"errors": [{"code": "CAP"}]}, "CAP"),
        ({"code": 400, "error": {"code": "7"}}, ""),
        ({"message": "x"}, ""),
        ([], ""),
        (b"no", ""),
    ],
)
def test_a_recipients_own_code_is_found_where_it_is_a_word(body: object, code: str) -> None:
    written = body if isinstance(body, bytes) else json.dumps(body).encode()
    assert usual_code(Content(Reply(status=400, body=written))) == code


@pytest.mark.parametrize(
    "body",
    [b"", b"<html>Not found", b"x" * 2000, {}, [], {"status": "rejected", "code": 7}, {"message": {"a": {}}}],
)
def test_a_page_or_a_code_is_not_taken_for_words(body: object) -> None:
    assert words(body) is None
