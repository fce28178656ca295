"""The wall clock and new ids."""

import time
from uuid import UUID

from leadrelay.runtime.clock import WallClock, new_lead_id


def test_the_wall_clock_is_in_nanoseconds_since_the_epoch() -> None:
    assert abs(WallClock().now() - time.time_ns()) < 5e9


def test_ids_of_one_moment_differ_and_carry_it() -> None:
    """RFC 9562, 5.7: the first 48 bits are Unix milliseconds."""
    now = 1_764_000_000_123_456_789
    ids = {new_lead_id(now) for _ in range(100)}
    assert len(ids) == 100
    assert {UUID(lead_id).int >> 80 for lead_id in ids} == {1_764_000_000_123}
