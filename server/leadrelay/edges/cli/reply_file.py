"""A saved answer, in any of the forms in which people have one.

With its status line and headers, as `curl -i` and browsers save it; as the `reply` of an event, in JSON; or
its body alone. Which one it is, is told by its beginning.
"""

import re
import sys
from base64 import b64encode
from pathlib import Path
from typing import Any

import orjson

from leadrelay.edges.cli.samples import STDIN
from leadrelay_client.v1.event_pb2 import ReplyRecord

LONGEST_REPLY = 1024 * 1024  # bytes
TYPES = {".json": "application/json", ".xml": "application/xml", ".html": "text/html", ".txt": "text/plain"}

_HEAD = re.compile(
    rb"HTTP/[0-9.]+ +(?P<status>[1-5][0-9]{2})(?: [^\r\n]*)?\r?\n(?P<fields>(?:[^\r\n]+\r?\n)*)(?:\r?\n|$)"
)
_RECORD = {"status", "headers", "body", "body_is_base64", "bodyIsBase64", "truncated"}


class UnreadableReply(Exception):
    """This is no answer; the words say why."""


def read_reply(path: str) -> ReplyRecord:
    """The answer in a file, or in standard input. Raises OSError and UnreadableReply."""
    with sys.stdin.buffer if path == STDIN else Path(path).open("rb") as file:
        content = file.read(LONGEST_REPLY + 1)
    if len(content) > LONGEST_REPLY:
        raise UnreadableReply(f"is longer than {LONGEST_REPLY} bytes")
    if content.startswith(b"HTTP/"):
        return _from_http(content)
    record = _from_record(content)
    if record is not None:
        return record
    type_ = TYPES.get(Path(path).suffix.lower())
    return _with_body(ReplyRecord(status=200, headers={"Content-Type": type_} if type_ else {}), content)


def _from_http(content: bytes) -> ReplyRecord:
    """The last of the heads that stand before a body: those of a proxy and of a redirect come first."""
    record = ReplyRecord()
    while content.startswith(b"HTTP/"):
        head = _HEAD.match(content)
        if head is None:
            raise UnreadableReply("begins like an HTTP answer and has no status line such as HTTP/1.1 200 OK")
        record = ReplyRecord(status=int(head["status"]), headers=_headers(head["fields"]))
        content = content[head.end() :]
    return _with_body(record, content)


def _headers(fields: bytes) -> dict[str, str]:
    headers: dict[str, str] = {}
    for row in fields.decode("latin-1").splitlines():
        name, colon, value = row.partition(":")
        if not colon:
            raise UnreadableReply(f"has a header without a colon: {row[:40]}")
        name, value = name.strip(), value.strip()
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return headers


def _from_record(content: bytes) -> ReplyRecord | None:
    """A reply as events have it, or as `examples` of a catalog do, where the body may be data."""
    try:
        data: Any = orjson.loads(content)
    except orjson.JSONDecodeError:
        return None
    if not isinstance(data, dict) or not {"status", "body"} <= set(data) <= _RECORD:
        return None
    status, headers, body = data["status"], data.get("headers") or {}, data["body"]
    if not isinstance(status, int) or not isinstance(headers, dict):
        return None
    if not 100 <= status <= 599:
        raise UnreadableReply(f"has the status {status}, which no answer has: 100 to 599")
    record = ReplyRecord(status=status, headers={str(name): str(value) for name, value in headers.items()})
    if data.get("body_is_base64") or data.get("bodyIsBase64"):
        record.body, record.body_is_base64 = str(body), True
        return record
    return _with_body(record, body.encode() if isinstance(body, str) else orjson.dumps(body))


def _with_body(record: ReplyRecord, body: bytes) -> ReplyRecord:
    try:
        record.body = body.decode()
    except UnicodeDecodeError:
        record.body, record.body_is_base64 = b64encode(body).decode(), True
    return record
