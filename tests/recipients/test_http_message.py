"""What an answer looks like on the wire."""

import pytest

from leadrelay.recipients.http_message import Request, Response, as_json, to_wire


def test_an_answer_names_its_length_type_and_what_becomes_of_the_connection() -> None:
    wire = to_wire(as_json(201, {"id": 1}, ("Location", "/x")), method="POST", keep_alive=True)
    head, _, body = wire.partition(b"\r\n\r\n")
    lines = head.split(b"\r\n")
    assert lines[0] == b"HTTP/1.1 201 Created"
    assert {b"Content-Type: application/json", b"Content-Length: 8", b"Location: /x"} < set(lines)
    assert lines[-1] == b"Connection: keep-alive"
    assert any(line.startswith(b"Date: ") and line.endswith(b" GMT") for line in lines)
    assert body == b'{"id":1}'


def test_the_answer_to_head_has_the_length_and_not_the_body() -> None:
    wire = to_wire(Response(200, b"four"), method="HEAD", keep_alive=True)
    assert b"Content-Length: 4\r\n" in wire
    assert wire.endswith(b"\r\n\r\n")


@pytest.mark.parametrize("status", [204, 304])
def test_an_answer_that_may_have_no_body_has_neither_body_nor_length(status: int) -> None:
    wire = to_wire(Response(status, b"never"), method="GET", keep_alive=False)
    assert wire.endswith(b"Connection: close\r\n\r\n")
    assert b"Content-Length" not in wire


def test_a_status_without_a_name_is_answered_all_the_same() -> None:
    assert to_wire(Response(499), method="GET", keep_alive=True).startswith(b"HTTP/1.1 499 Unnamed\r\n")


def test_the_media_type_is_read_without_its_parameters() -> None:
    request = Request("POST", "/", "", {"content-type": "Application/JSON; charset=utf-8"}, b"")
    assert request.media_type == "application/json"
    assert Request("POST", "/", "", {}, b"").media_type == ""
