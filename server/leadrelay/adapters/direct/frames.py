"""Follows the frames that a peer sends, before h2 sees them (RFC 9113, 4.1 and 6.8).

GOAWAY frames are taken out: a server that stops says there which calls it has looked at, answers those to
their end, and takes no more, while h2 closes the whole connection and with it the calls that are still
answered. A frame that is longer than we allow is the end at once; h2 would gather all of its 16 MB first.
"""

from typing import Final, NamedTuple

from h2.exceptions import FrameTooLargeError

HEAD: Final = 9  # bytes before the payload of every frame
LONGEST: Final = 16 * 1024  # bytes of a payload, as HTTP/2 has it unless both sides agree on more
GOAWAY: Final = 7


class GoAway(NamedTuple):
    last_stream: int  # the last call that was or will be looked at
    code: int  # 0: without any fault


class Frames:
    """The frames of one connection, in whatever pieces they come."""

    def __init__(self) -> None:
        self._held = b""  # the beginning of a frame of which more has to come
        self._passing = 0  # bytes of a frame of another kind that are still to come

    def take(self, received: bytes) -> tuple[bytes, list[GoAway]]:
        """What remains for h2, and the goodbyes that were taken out. Raises FrameTooLargeError."""
        coming, self._held = self._held + received, b""
        kept, found, at = [], list[GoAway](), 0
        while at < len(coming):
            if self._passing:
                part = coming[at : at + self._passing]
                kept.append(part)
                self._passing -= len(part)
                at += len(part)
                continue
            size = _size(coming[at : at + HEAD])
            if len(coming) - at < HEAD or (coming[at + 3] == GOAWAY and len(coming) - at < size):
                self._held = coming[at:]
                break
            if coming[at + 3] == GOAWAY and size >= HEAD + 8:
                found.append(_read(coming[at + HEAD : at + size]))
                at += size
            else:
                self._passing = size
        return b"".join(kept), found


def _size(head: bytes) -> int:
    length = int.from_bytes(head[:3], "big") if len(head) >= 3 else 0
    if length > LONGEST:
        raise FrameTooLargeError(f"a frame of {length} bytes")
    return HEAD + length


def _read(payload: bytes) -> GoAway:
    last_stream = int.from_bytes(payload[:4], "big") & 0x7FFF_FFFF
    return GoAway(last_stream, int.from_bytes(payload[4:8], "big"))
