"""The part that counts of a reply of several: SOAP services with MTOM or attachments answer so (RFC 2387).

It is the one that `start` names, else the first; what is attached to it is not read.
"""

import re
from binascii import Error as NotBase64
from binascii import a2b_base64, a2b_qp
from collections.abc import Mapping

MAX_PARTS = 100  # that are looked at
MAX_HEAD = 8 * 1024  # bytes of a part's headers

_PARAMETER = re.compile(r';\s*([\w-]+)\s*=\s*(?:"([^"]*)"|([^\s;"]+))')
_HEAD_END = re.compile(rb"\r?\n\r?\n")
_FOLD = re.compile(rb"\r?\n[ \t]+")


def root_part(body: bytes, content_type: str) -> tuple[bytes, str]:
    """The part's body and its content type; both as they are where the reply is in one piece."""
    if content_type[:10].lower() != "multipart/":
        return body, content_type
    parameters = {name.lower(): quoted or bare for name, quoted, bare in _PARAMETER.findall(content_type)}
    boundary = parameters.get("boundary", "").encode("latin-1")
    pieces = re.split(
        rb"(?:\A|\r?\n)--" + re.escape(boundary) + rb"(?:--)?[ \t]*(?=\r?\n|\Z)", body, maxsplit=MAX_PARTS
    )
    parts = [part for piece in pieces[1:] if (part := _part(piece)) is not None] if boundary else []
    if not parts:
        return body, content_type
    start = parameters.get("start", "")
    headers, content = next(
        (part for part in parts if start and part[0].get("content-id") == start), parts[0]
    )
    coding = headers.get("content-transfer-encoding", "").lower()
    return _decoded(content, coding), headers.get("content-type", "text/plain")


def _part(piece: bytes) -> tuple[Mapping[str, str], bytes] | None:
    """Its headers, by name, and its body; None for what stands behind the last."""
    blank = _HEAD_END.search(piece, 0, MAX_HEAD)
    if blank is None:
        return None
    lines = _FOLD.sub(b" ", piece[: blank.start()]).decode("latin-1").splitlines()
    named = (line.partition(":") for line in lines)
    return {name.strip().lower(): value.strip() for name, _, value in named}, piece[blank.end() :]


def _decoded(content: bytes, coding: str) -> bytes:
    try:
        if coding == "base64":
            return a2b_base64(content)
    except NotBase64:
        return content
    return a2b_qp(content) if coding == "quoted-printable" else content
