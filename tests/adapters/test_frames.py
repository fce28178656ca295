"""HTTP/2 frame by frame, however it is cut into pieces (RFC 9113)."""

import pytest
from h2.exceptions import FrameTooLargeError
from hyperframe.frame import DataFrame, Frame, GoAwayFrame, PingFrame
from hypothesis import given
from hypothesis import strategies as st

from leadrelay.adapters.frames import last_looked_at, whole_frames

LONGEST = 16_384
FRAMES: list[Frame] = [
    PingFrame(0, b"12345678"),
    GoAwayFrame(0, last_stream_id=2**31 - 1, error_code=0),
    DataFrame(1, b"x" * 300),
    GoAwayFrame(0, last_stream_id=7, error_code=11, additional_data=b"too_many_pings"),
    DataFrame(3, b""),
]
WRITTEN = [frame.serialize() for frame in FRAMES]


@given(st.lists(st.integers(1, 40), min_size=1))
def test_frames_may_be_cut_anywhere(sizes: list[int]) -> None:
    received, rest, found = bytearray(), b"".join(WRITTEN), list[bytes]()
    for size in [*sizes, len(rest)]:
        received += rest[:size]
        rest = rest[size:]
        found += whole_frames(received, LONGEST)
    assert found == WRITTEN
    assert not received


def test_a_goodbye_names_the_last_stream_that_was_looked_at_and_no_other_frame_does() -> None:
    assert [last_looked_at(frame) for frame in WRITTEN] == [None, 2**31 - 1, None, 7, None]
    too_short = b"\0\0\4\7\0\0\0\0\0\0\0\0\1"
    assert last_looked_at(too_short) is None  # h2 says what is wrong with it


def test_a_frame_that_is_too_long_is_not_waited_for() -> None:
    received = bytearray(DataFrame(1, b"x" * LONGEST).serialize() + b"HTTP/1.1 400 Bad Request")
    frames = whole_frames(received, LONGEST)
    assert next(frames)
    with pytest.raises(FrameTooLargeError):
        next(frames)
