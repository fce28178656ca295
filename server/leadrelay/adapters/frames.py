"""The frames that a peer of HTTP/2 sends, one by one, before h2 sees them (RFC 9113, 4.1 and 6.8).

h2 takes each goodbye (GOAWAY) for the end of everything, while a peer that leaves in order still answers what
it has begun, and says by it which streams it has looked at. And h2 waits for the whole of a frame before it
refuses one that is too long.
"""

from collections.abc import Iterator
from typing import Final

from h2.exceptions import FrameTooLargeError

_HEAD: Final = 9  # bytes before the payload of every frame
_GOAWAY: Final = 7


def whole_frames(received: bytearray, longest: int) -> Iterator[bytes]:
    """The frames that are there from their first byte to their last; they are taken out.

    Raises FrameTooLargeError for a payload of more than `longest` bytes.
    """
    while len(received) >= _HEAD:
        length = int.from_bytes(received[:3], "big")
        if length > longest:
            raise FrameTooLargeError(f"a frame of {length} bytes")
        end = _HEAD + length
        if len(received) < end:
            return
        frame = bytes(received[:end])
        del received[:end]
        yield frame


def last_looked_at(frame: bytes) -> int | None:
    """The last stream that a goodbye names; None of any other frame."""
    if frame[3] != _GOAWAY or len(frame) < _HEAD + 8:
        return None
    return int.from_bytes(frame[_HEAD : _HEAD + 4], "big") & 0x7FFF_FFFF
