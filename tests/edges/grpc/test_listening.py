"""Who listens hears everything until the lead has settled, and its going is told from a stop of ours."""

import pytest
import trio
from trio.testing import MockClock

from edges.grpc.callers import Caller
from fakes import MemoryJournal
from leadrelay.core.facts import Entry, Fact, LeadCancelled, LeadReceived, LeadSettled
from leadrelay.core.outcome import Result
from leadrelay.edges.grpc.bridge import Call, Method
from leadrelay.edges.grpc.listening import is_gone, tell_all
from leadrelay.v1.event_pb2 import Event
from values import LEAD_ID, MOMENT, a_lead


async def waits(call: Call) -> None:
    await trio.sleep_forever()


def a_caller(timeout: float | None = None) -> Caller:
    return Caller(Method(waits, streams_requests=False), timeout=timeout)


@pytest.mark.parametrize("timeout", [None, 10.0, 0.05])
async def test_a_caller_who_hangs_up_is_gone(timeout: float | None, autojump_clock: MockClock) -> None:
    caller = a_caller(timeout)
    caller.call.hang_up()
    assert is_gone(caller.call)


async def test_a_caller_whose_time_is_over_is_gone(autojump_clock: MockClock) -> None:
    caller = a_caller(timeout=1.0)
    await trio.sleep(2)
    assert is_gone(caller.call)


@pytest.mark.parametrize("timeout", [None, 10.0])
async def test_a_call_that_we_end_has_not_lost_its_caller(
    timeout: float | None, autojump_clock: MockClock
) -> None:
    caller = a_caller(timeout)
    caller.call.scope.cancel()
    assert not is_gone(caller.call)
    caller.call.hang_up()  # core says so of every call that was cut
    assert not is_gone(caller.call)


async def test_everything_is_told_until_the_lead_has_settled(autojump_clock: MockClock) -> None:
    facts: list[Fact] = [
        LeadReceived(lead=a_lead()),
        LeadCancelled(reason="why"),
        LeadSettled(result=Result.FAILURE),
        LeadCancelled(reason="after the end"),
    ]
    journal = MemoryJournal()
    journal.entries[LEAD_ID] = [
        Entry(LEAD_ID, number, MOMENT, fact) for number, fact in enumerate(facts, start=1)
    ]
    told: list[int] = []

    async def tell(event: Event) -> None:
        told.append(event.number)

    async with journal.follow(LEAD_ID) as news:
        await tell_all(LEAD_ID, news, tell, full=False)
    assert told == [1, 2, 3]
