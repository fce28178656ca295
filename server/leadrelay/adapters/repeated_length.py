"""A Content-Length that is said several times, and always the same: it is taken once (RFC 9110, 8.6).

A recipient behind two proxies says it twice, as two lines or as `8, 8`. llhttp refuses both; where they agree
there is nothing to doubt, because the reply ends at the same place whichever is believed.
"""

import re

_ENDS = re.compile(rb"(?<=\n)\r?\n")  # an empty line
_INFORMATIONAL = re.compile(rb"HTTP/1\.[01] 1\d\d")
_LENGTH = re.compile(rb"content-length:", re.IGNORECASE)


def with_one_length(received: bytes) -> bytes | None:
    """What came, with each length of its head said once; None while the head is not whole.

    Lengths that differ, or are none, stay as they are.
    """
    before, rest = b"", received.lstrip(b"\r\n")
    while (end := _ENDS.search(rest)) is not None:
        if not _INFORMATIONAL.match(rest):
            return before + _said_once(rest[: end.start()]) + rest[end.start() :]
        before, rest = before + rest[: end.end()], rest[end.end() :]
    return None


def _said_once(head: bytes) -> bytes:
    lines = head.split(b"\n")
    said = [place for place, line in enumerate(lines) if _LENGTH.match(line)]
    if any(line[:1] in (b" ", b"\t") for place in said for line in lines[place + 1 : place + 2]):
        return head  # it goes on in the next line
    lengths = {each.strip() for place in said for each in lines[place].partition(b":")[2].split(b",")}
    if len(lengths) != 1 or not min(lengths).isdigit():
        return head
    line = b"Content-Length: " + min(lengths) + b"\r" * lines[said[0]].endswith(b"\r")
    kept = (line if place == said[0] else each for place, each in enumerate(lines) if place not in said[1:])
    return b"\n".join(kept)
