"""GOAWAY is taken out of what a peer sends, however it is cut into pieces, and nothing else is."""

import pytest
from h2.exceptions import FrameTooLargeError
from hyperframe.frame import DataFrame, Frame, GoAwayFrame, PingFrame
from hypothesis import given
from hypothesis import strategies as st

from leadrelay.adapters.direct.frames import LONGEST, Frames, GoAway

DATA = DataFrame(1, b"x" * 300)
PING = PingFrame(0, b"12345678")
MAX = 2**31 - 1


def a_goodbye(last: int, code: int = 0, words: bytes = b"") -> GoAwayFrame:
    return GoAwayFrame(0, last_stream_id=last, error_code=code, additional_data=words)


FRAMES: list[Frame] = [PING, a_goodbye(MAX), DATA, a_goodbye(7, 11, b"too_many_pings"), PING]
WRITTEN = b"".join(frame.serialize() for frame in FRAMES)
KEPT = b"".join(frame.serialize() for frame in (PING, DATA, PING))


@given(st.lists(st.integers(1, 40), min_size=1))
def test_frames_may_be_cut_anywhere(sizes: list[int]) -> None:
    frames, kept, found, rest = Frames(), b"", list[GoAway](), WRITTEN
    for size in [*sizes, len(WRITTEN)]:
        passed, seen = frames.take(rest[:size])
        kept, found, rest = kept + passed, found + seen, rest[size:]
    assert (kept, found) == (KEPT, [GoAway(MAX, 0), GoAway(7, 11)])


def test_a_frame_that_is_too_long_is_not_waited_for() -> None:
    frames = Frames()
    assert frames.take(DataFrame(1, b"x" * LONGEST).serialize())[0]
    with pytest.raises(FrameTooLargeError):
        frames.take(b"HTTP/1.1 400 Bad Request")


def test_a_goodbye_that_breaks_the_protocol_is_left_to_who_reads_it() -> None:
    short = b"\0\0\4\7\0\0\0\0\0\0\0\0\1"
    assert Frames().take(short) == (short, [])
