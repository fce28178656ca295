"""Three timeouts in one scope: what is waited for, until when, and which of them ran out (behaviour 4.3)."""

import pytest
import trio
from trio.testing import MockClock

from leadrelay.core.destination import Timeouts
from leadrelay.core.outcome import ReasonCode
from leadrelay.runtime.patience import Patience

LIMITS = Timeouts(connect=2, response=5, total=12)


async def test_what_is_waited_for_has_its_own_limit(autojump_clock: MockClock) -> None:
    patience = Patience(LIMITS)
    for begin, seconds, code in (
        (patience.connecting, 2, ReasonCode.TIMEOUT_CONNECT),
        (patience.answering, 5, ReasonCode.TIMEOUT_RESPONSE),
    ):
        began = trio.current_time()
        with patience.scope() as scope:
            begin()
            await trio.sleep_forever()
        assert scope.cancelled_caught
        assert trio.current_time() - began == pytest.approx(seconds)
        assert (patience.ran_out(), patience.late_by) == (code, 0)


async def test_total_covers_all_of_it_and_wins_where_it_ends_first(autojump_clock: MockClock) -> None:
    patience = Patience(LIMITS)
    with patience.scope():
        await trio.sleep(9)
        patience.connecting()
        patience.answering()
        await trio.sleep_forever()
    assert trio.current_time() == pytest.approx(12)
    assert patience.ran_out() is ReasonCode.TIMEOUT_TOTAL
    assert patience.left <= 0


async def test_between_attempts_only_total_counts(autojump_clock: MockClock) -> None:
    patience = Patience(LIMITS)
    with patience.scope() as scope:
        patience.connecting()
        await trio.sleep(1)
        patience.rest()
        await trio.sleep(10)
        assert patience.ran_out() is None
    assert not scope.cancelled_caught


async def test_our_own_time_does_not_count(autojump_clock: MockClock) -> None:
    patience = Patience(LIMITS)
    with patience.scope() as scope:
        await trio.sleep(11)
        patience.stop()
        await trio.sleep(100)
        patience.go_on()
        assert patience.left == pytest.approx(1)
        await trio.sleep_forever()
    assert scope.cancelled_caught
    assert trio.current_time() == pytest.approx(112)
    assert patience.ran_out() is ReasonCode.TIMEOUT_TOTAL
