"""When a stream is taken up again, and when not: decided without a network and in no time."""

import math

import grpc
import pytest

from clients.small_relay import Journal
from leadrelay_client import LeadrelayError, Unavailable, deliver_request
from leadrelay_client.listening import LONGEST_PAUSE, STOOD, Listening
from leadrelay_client.requests import watch_request
from leadrelay_client.v1.delivery_service_pb2 import DeliverResponse, WatchRequest

REQUEST = deliver_request("mortgage", {"email": "ann@example.com"}, request_id="r-1")


class Clock:
    """Time that moves when told to."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def lost(code: grpc.StatusCode = grpc.StatusCode.UNAVAILABLE) -> grpc.RpcError:
    return grpc.aio.AioRpcError(code, grpc.aio.Metadata(), grpc.aio.Metadata(), "lost")


def listening(clock: Clock, *, resume_within: float = 60.0, timeout: float | None = None) -> Listening:
    return Listening(REQUEST, timeout=timeout, resume_within=resume_within, clock=clock)


def hear(listener: Listening, count: int) -> None:
    journal = Journal()
    for event in journal.leads[journal.receive(REQUEST)][:count]:
        listener.took(DeliverResponse(event=event))


def test_pauses_grow_up_to_the_longest_until_patience_ends() -> None:
    clock = Clock()
    listener = listening(clock)
    pauses: list[float] = []

    def lose_one_call_after_the_other() -> None:
        while True:
            listener.next_call()
            pauses.append(listener.pause_after(lost()))
            clock.now += pauses[-1]

    with pytest.raises(Unavailable):
        lose_one_call_after_the_other()
    assert pauses[0] <= 0.1
    assert LONGEST_PAUSE / 2 <= max(pauses) <= LONGEST_PAUSE
    assert 60 <= clock.now <= 60 + LONGEST_PAUSE


def test_an_event_renews_the_patience() -> None:
    clock = Clock()
    listener = listening(clock, resume_within=1)
    for count in (1, 2, 3):
        listener.next_call()
        hear(listener, count)
        clock.now += 1
        assert listener.pause_after(lost()) <= 0.1
        assert listener.next_call()[0] == WatchRequest(
            lead_id="lead-1", after=count, detail=watch_request("lead-1", 0, "outcomes").detail
        )


def test_a_quiet_stream_that_stood_long_is_not_held_against_the_server() -> None:
    """A parked lead is silent for hours, while servers close old connections every few minutes."""
    clock = Clock()
    listener = listening(clock, resume_within=60)
    hear(listener, 1)
    for _ in range(20):
        listener.next_call()
        clock.now += max(STOOD, 300)
        assert listener.pause_after(lost()) <= 0.1


def test_other_errors_are_not_waited_out() -> None:
    listener = listening(Clock())
    hear(listener, 2)
    with pytest.raises(LeadrelayError) as caught:
        listener.pause_after(lost(grpc.StatusCode.INTERNAL))
    assert (caught.value.lead_id, caught.value.last_event) == ("lead-1", 2)


def test_an_infinite_timeout_is_none() -> None:
    """gRPC takes it for a moment that has passed."""
    assert listening(Clock(), timeout=math.inf).next_call() == (REQUEST, None)


def test_neither_pause_nor_call_goes_beyond_the_timeout() -> None:
    clock = Clock()
    listener = listening(clock, timeout=0.05)
    assert listener.next_call()[1] == 0.05
    clock.now = 0.04
    assert listener.pause_after(lost()) <= 0.011
    clock.now = 0.05
    assert listener.next_call()[1] == 0
    with pytest.raises(LeadrelayError) as caught:
        listener.pause_after(lost())
    assert caught.value.code is grpc.StatusCode.DEADLINE_EXCEEDED
