"""A request and its reply as lines of text, as far as the journal has them: masked and cut."""

from collections.abc import Iterator

import orjson

from leadrelay.core.exchange import Headers, ReplyRecord, RequestRecord

MAX_LINES = 24  # of one body
PRETTY = 60  # characters of JSON on one line that are still easy to read

OUT, IN = ">", "<"


def request_lines(request: RequestRecord) -> Iterator[str]:
    yield f"{OUT} {request.method} {request.url}"
    yield from _rest(OUT, request.headers, request)


def reply_lines(reply: ReplyRecord) -> Iterator[str]:
    yield f"{IN} HTTP {reply.status}" + (f" from {reply.url}" if reply.url else "")
    yield from _rest(IN, reply.headers, reply)


def _rest(mark: str, headers: Headers, record: RequestRecord | ReplyRecord) -> Iterator[str]:
    for name, value in headers:
        yield f"{mark} {name}: {value}"
    if not record.body:
        return
    yield mark
    if record.is_base64:
        yield f"{mark} ({len(record.body)} characters of base64: the body is no text)"
        return
    lines = _pretty(record.body).splitlines()
    for line in lines[:MAX_LINES]:
        yield f"{mark} {line}"
    if len(lines) > MAX_LINES or record.truncated:
        yield f"{mark} (the rest is left out)"


def _pretty(body: str) -> str:
    if len(body) <= PRETTY:
        return body
    try:
        return orjson.dumps(orjson.loads(body), option=orjson.OPT_INDENT_2).decode()
    except orjson.JSONDecodeError:
        return body
