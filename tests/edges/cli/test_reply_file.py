"""A saved answer, in any of the forms in which people have one (behaviour 3.6)."""

import json
from io import BytesIO, TextIOWrapper
from pathlib import Path

import pytest

from leadrelay.edges.cli.reply_file import LONGEST_REPLY, UnreadableReply, read_reply


def saved(folder: Path, content: bytes, name: str = "reply") -> str:
    path = folder / name
    path.write_bytes(content)
    return str(path)


@pytest.mark.parametrize("line_end", [b"\r\n", b"\n"])
def test_an_answer_as_http_has_it(tmp_path: Path, line_end: bytes) -> None:
    head = [b"HTTP/1.1 422 Unprocessable", b"Content-Type: application/json", b"X-A: 1", b"X-A: 2", b""]
    record = read_reply(saved(tmp_path, line_end.join([*head, b'{"a": 1}\n'])))
    assert (record.status, record.body) == (422, '{"a": 1}\n')
    assert dict(record.headers) == {"Content-Type": "application/json", "X-A": "1, 2"}


def test_the_last_of_several_heads_counts(tmp_path: Path) -> None:
    content = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/2 201\r\nlocation: /7\r\n\r\nok"
    record = read_reply(saved(tmp_path, content))
    assert (record.status, dict(record.headers), record.body) == (201, {"location": "/7"}, "ok")


@pytest.mark.parametrize(
    "content", [b"HTTP/1.1 204 No Content\r\n\r\n", b"HTTP/1.1 204\n", b"HTTP/1.0 204\n\n"]
)
def test_an_answer_may_have_no_body(tmp_path: Path, content: bytes) -> None:
    record = read_reply(saved(tmp_path, content))
    assert (record.status, record.body) == (204, "")


@pytest.mark.parametrize(
    ("body", "text"), [("plain", "plain"), ({"a": [1]}, '{"a":[1]}'), (None, "null"), ("", "")]
)
def test_a_record_of_an_event_or_of_an_example(tmp_path: Path, body: object, text: str) -> None:
    data = {"status": 404, "headers": {"X": "y"}, "body": body}
    record = read_reply(saved(tmp_path, json.dumps(data).encode()))
    assert (record.status, dict(record.headers), record.body) == (404, {"X": "y"}, text)


def test_a_record_may_be_in_base64(tmp_path: Path) -> None:
    record = read_reply(saved(tmp_path, b'{"status": 200, "body": "/w==", "body_is_base64": true}'))
    assert (record.body, record.body_is_base64) == ("/w==", True)


@pytest.mark.parametrize(
    "content",
    [
        b'{"status": "accepted", "body": "x"}',
        b'{"status": 200}',
        b'{"status": 1, "body": 2, "id": 3}',
        b"[1]",
    ],
)
def test_json_that_is_no_record_is_a_body(tmp_path: Path, content: bytes) -> None:
    record = read_reply(saved(tmp_path, content, "r.json"))
    assert (record.status, record.body) == (200, content.decode())
    assert dict(record.headers) == {"Content-Type": "application/json"}


def test_a_body_alone_may_be_of_any_bytes(tmp_path: Path) -> None:
    record = read_reply(saved(tmp_path, b"\xff\xfe"))
    assert (record.status, record.body, record.body_is_base64) == (200, "//4=", True)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"HTTP/1.1 OK\r\n\r\n", "no status line"),
        (b"HTTP/1.1 200 OK\r\nnonsense\r\n\r\n", "a header without a colon: nonsense"),
        (b'{"status": 7, "body": ""}', "the status 7"),
        (b"x" * (LONGEST_REPLY + 1), "longer than"),
    ],
)
def test_what_is_no_answer_says_why(tmp_path: Path, content: bytes, why: str) -> None:
    with pytest.raises(UnreadableReply, match=why):
        read_reply(saved(tmp_path, content))


def test_an_answer_may_come_by_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", TextIOWrapper(BytesIO(b"HTTP/1.1 409 Conflict\r\n\r\nduplicate")))
    record = read_reply("-")
    assert (record.status, record.body) == (409, "duplicate")
