"""Streams that drop: no event is missed and none is told twice (behaviour 8)."""

import asyncio
import threading

import pytest

from clients.faces import Face
from clients.small_relay import OVERLOADED, Journal, SmallRelay
from leadrelay_client import AsyncClient, Client, DeadlineExceeded, Event, Overloaded, Unavailable

LEAD = {"email": "ann@example.com"}


def numbers(events: list[Event]) -> list[int]:
    return [event.number for event in events]


def methods(relay: SmallRelay) -> list[str]:
    return [method for method, _, _ in relay.calls]


@pytest.mark.parametrize("drops", [[1], [3], [5], [1, 1, 1, 1], [2, 0, 0, 1]])
def test_an_accepted_lead_is_followed_over_every_drop_without_gap_or_repeat(
    relay: SmallRelay, face: Face, drops: list[int]
) -> None:
    relay.fates = list(drops)
    events = face.collect(relay.target, lambda client: client.deliver("mortgage", LEAD))
    assert numbers(events) == [1, 2, 3, 4, 5]
    assert methods(relay) == ["Deliver", *["Watch"] * len(drops)]
    assert list(relay.journal.leads) == ["lead-1"]


def test_taking_up_again_keeps_key_context_and_detail(relay: SmallRelay, face: Face) -> None:
    relay.fates = [2]
    face.collect(
        relay.target, lambda client: client.deliver("mortgage", LEAD, detail="full"), api_key="k-123"
    )
    (_, first, _), (_, again, metadata) = relay.calls
    assert (again.lead_id, again.after, again.detail) == ("lead-1", 2, first.detail)
    assert metadata["authorization"] == "Bearer k-123"


def test_before_it_was_accepted_a_lead_with_a_request_id_is_sent_again(relay: SmallRelay, face: Face) -> None:
    relay.fates = [0, 0, 2]
    events = face.collect(relay.target, lambda client: client.deliver("mortgage", LEAD, request_id="r-1"))
    assert numbers(events) == [1, 2, 3, 4, 5]
    assert methods(relay) == ["Deliver", "Deliver", "Deliver", "Watch"]
    assert list(relay.journal.leads) == ["lead-1"]


def test_before_it_was_accepted_a_lead_without_request_id_is_never_sent_twice(
    relay: SmallRelay, face: Face
) -> None:
    relay.fates = [0]
    with pytest.raises(Unavailable) as caught:
        face.collect(relay.target, lambda client: client.deliver("mortgage", LEAD))
    assert caught.value.lead_id == ""
    assert methods(relay) == ["Deliver"]


def test_a_server_that_stays_away_ends_the_listening_and_says_which_lead_goes_on(
    relay: SmallRelay, face: Face
) -> None:
    relay.fates = [2, *[0] * 50]
    with pytest.raises(Unavailable) as caught:
        face.collect(relay.target, lambda client: client.deliver("mortgage", LEAD), resume_within=0.5)
    assert (caught.value.lead_id, caught.value.last_event) == ("lead-1", 2)
    assert 2 <= len(relay.calls) < 10


def test_the_timeout_counts_over_all_calls_of_a_stream(relay: SmallRelay, face: Face) -> None:
    relay.fates = [2, *[0] * 50]
    with pytest.raises(DeadlineExceeded, match="lead-1 was accepted"):
        face.collect(relay.target, lambda client: client.deliver("mortgage", LEAD, timeout=0.5))


def test_a_watch_is_taken_up_again_too(relay: SmallRelay, face: Face) -> None:
    face.collect(relay.target, lambda client: client.deliver("mortgage", LEAD))
    relay.fates = [0, 1, 0]
    events = face.collect(relay.target, lambda client: client.watch("lead-1", after=1))
    assert numbers(events) == [2, 3, 4, 5]


def test_overload_before_anything_was_sent_is_the_callers_decision(relay: SmallRelay, face: Face) -> None:
    relay.fates = [OVERLOADED]
    with pytest.raises(Overloaded) as caught:
        face.collect(relay.target, lambda client: client.deliver("mortgage", LEAD, request_id="r-1"))
    assert caught.value.retry_after == 0.25
    assert methods(relay) == ["Deliver"]


def test_overload_on_the_way_back_to_a_lead_is_waited_out(relay: SmallRelay, face: Face) -> None:
    """The lost call may have been accepted, so this is no longer an answer to it."""
    relay.fates = [0, OVERLOADED, 1, OVERLOADED, 0]
    events = face.collect(relay.target, lambda client: client.deliver("mortgage", LEAD, request_id="r-1"))
    assert numbers(events) == [1, 2, 3, 4, 5]
    assert methods(relay) == ["Deliver"] * 3 + ["Watch"] * 3
    assert list(relay.journal.leads) == ["lead-1"]


def test_a_restart_of_the_server_is_survived(face: Face) -> None:
    journal = Journal()
    first = SmallRelay(journal)
    servers = [first]

    def restart() -> None:
        first.called.wait(5)
        first.stop()
        servers.append(SmallRelay(journal, port=first.port))
        servers[-1].released.set()

    operator = threading.Thread(target=restart)
    operator.start()
    try:
        events = face.collect(first.target, lambda client: client.deliver("slow", LEAD, request_id="r-1"))
    finally:
        operator.join()
        servers[-1].stop()
    assert numbers(events) == [1, 2, 3, 4, 5]
    assert list(journal.leads) == ["lead-1"]


def test_closing_from_another_thread_ends_a_pause(relay: SmallRelay) -> None:
    relay.fates = [1, *[0] * 50]
    with Client(relay.target) as client:
        stream = client.deliver("mortgage", LEAD)
        assert next(stream).number == 1
        closer = threading.Timer(0.3, stream.close)
        closer.start()
        assert list(stream) == []
        closer.join()


def test_cancelling_the_task_ends_a_pause(relay: SmallRelay) -> None:
    relay.fates = [1, *[0] * 50]

    async def run() -> None:
        async with AsyncClient(relay.target) as client:
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.3):
                    await client.deliver_and_wait("mortgage", LEAD)

    asyncio.run(run())
