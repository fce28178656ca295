"""One direct delivery: what a peer says or fails to say, and the lead is sold once (behaviour 4.1, 4.5)."""

from collections.abc import Callable
from functools import partial

import grpc
import orjson
import pytest
import trio
from google.protobuf.duration_pb2 import Duration
from google.rpc.error_details_pb2 import ErrorInfo, RetryInfo  # type: ignore[import-untyped]

from leadrelay.core.errors import NoAnswer, NotSent
from leadrelay.core.exchange import Reply
from leadrelay.core.outcome import Arrived, Kind, ReasonCode
from leadrelay.core.reading import PeerReading
from leadrelay.edges.grpc import errors
from leadrelay.edges.grpc.bridge import Abort
from leadrelay.v1 import delivery_service_pb2 as pb
from leadrelay.v1 import event_pb2
from peers import LEAD_ID, a_peer, a_request, a_wire, accepted, fails, hangs, settled, tells
from recipients_raw import Visit, listening
from wires import Watched

pytestmark = pytest.mark.timeout(30)
BROKEN = partial(Abort, grpc.StatusCode.INTERNAL, "internal error")


def said(reply: Reply) -> dict[str, object]:
    body: dict[str, object] = orjson.loads(reply.body)
    return body


async def test_the_peers_last_word_is_the_reply() -> None:
    async with a_peer(tells(accepted(), settled())) as peer, a_wire(peer.port) as wire:
        progress = Watched()
        reply = await wire.send(a_request(), progress)
    assert (reply.status, said(reply)["result"], said(reply)["lead_id"]) == (200, "success", LEAD_ID)
    assert progress.sent == 1
    assert peer.calls == ["Deliver"]


async def test_the_request_and_its_metadata_arrive_as_they_were_composed() -> None:
    async with a_peer(tells(accepted(), settled())) as peer, a_wire(peer.port) as wire:
        await wire.send(a_request(traceparent="00-1-2-01", X_Api_Key="s3cret"), Watched())
    request = peer.requests[0]
    assert isinstance(request, pb.DeliverRequest)
    assert (request.flow, request.request_id, dict(request.lead.fields)) == (
        "loans",
        "key-1",
        {"email": "ada@example.com"},
    )
    assert (peer.metadata[0]["traceparent"], peer.metadata[0]["x-api-key"]) == ("00-1-2-01", "s3cret")


async def test_events_of_a_kind_that_we_do_not_know_are_passed_over() -> None:
    unknown = event_pb2.Event.FromString(
        event_pb2.Event(lead_id=LEAD_ID, number=2).SerializeToString() + b"\xfa\x01\x03new"
    )
    async with a_peer(tells(accepted(), unknown, settled(3))) as peer, a_wire(peer.port) as wire:
        assert said(await wire.send(a_request(), Watched()))["result"] == "success"


async def test_a_peer_that_is_full_says_when_to_come_again() -> None:
    full = partial(errors.overloaded, "5000 leads are under way", 1.2)
    async with a_peer(fails(full)) as peer, a_wire(peer.port) as wire:
        reply = await wire.send(a_request(), Watched())
    assert (reply.status, reply.header("retry-after")) == (429, "2")
    outcome = PeerReading().read(reply)
    assert (outcome.kind, outcome.code, outcome.arrived) == (
        Kind.SOFT_REJECT,
        ReasonCode.UNAVAILABLE,
        Arrived.YES,
    )


@pytest.mark.parametrize(
    ("refusal", "kind", "code"),
    [
        (partial(errors.unknown_flow, "loan", ["loans"]), Kind.SYSTEM_ERROR, ReasonCode.OTHER),
        (partial(errors.draining, "the server is stopping", 1), Kind.SOFT_REJECT, ReasonCode.UNAVAILABLE),
        (
            partial(Abort, grpc.StatusCode.INVALID_ARGUMENT, "too large"),
            Kind.HARD_REJECT,
            ReasonCode.INVALID_DATA,
        ),
        (partial(Abort, grpc.StatusCode.UNAUTHENTICATED, "who?"), Kind.SYSTEM_ERROR, ReasonCode.UNAUTHORIZED),
        (partial(Abort, grpc.StatusCode.PERMISSION_DENIED, "no"), Kind.SYSTEM_ERROR, ReasonCode.UNAUTHORIZED),
        (partial(Abort, grpc.StatusCode.UNIMPLEMENTED, "what?"), Kind.SYSTEM_ERROR, ReasonCode.PROTOCOL),
    ],
    ids=lambda value: value().code.name if isinstance(value, partial) else "",
)
async def test_a_refusal_proves_that_nothing_was_accepted(
    refusal: Callable[[], Abort], kind: Kind, code: ReasonCode
) -> None:
    async with a_peer(fails(refusal)) as peer, a_wire(peer.port) as wire:
        outcome = PeerReading().read(await wire.send(a_request(), Watched()))
    assert (outcome.kind, outcome.code, outcome.arrived) == (kind, code, Arrived.YES)
    assert outcome.words == refusal().message
    assert peer.calls == ["Deliver"]


async def test_a_stream_that_breaks_is_taken_up_where_it_ended() -> None:
    async with (
        a_peer(fails(BROKEN, accepted()), fails(BROKEN), tells(settled(2))) as peer,
        a_wire(peer.port) as wire,
    ):
        reply = await wire.send(a_request(), Watched())
    assert said(reply)["result"] == "success"
    assert peer.calls == ["Deliver", "Watch", "Watch"]
    watched = peer.requests[1]
    assert isinstance(watched, pb.WatchRequest)
    assert (watched.lead_id, watched.after) == (LEAD_ID, 1)


async def test_a_key_that_lets_us_deliver_and_not_watch_is_enough() -> None:
    denied = partial(Abort, grpc.StatusCode.PERMISSION_DENIED, "near may deliver only")
    acts = fails(BROKEN, accepted()), fails(denied), tells(accepted(), settled())
    async with a_peer(*acts) as peer, a_wire(peer.port) as wire:
        assert said(await wire.send(a_request(), Watched()))["result"] == "success"
    assert peer.calls == ["Deliver", "Watch", "Deliver"]


async def test_an_answer_that_ends_before_the_lead_has_settled_is_followed_on() -> None:
    """The peer's flow has an `answer_within`."""
    async with a_peer(tells(accepted()), tells(settled(2))) as peer, a_wire(peer.port) as wire:
        assert said(await wire.send(a_request(), Watched()))["result"] == "success"
    assert peer.calls == ["Deliver", "Watch"]


async def test_a_call_that_breaks_before_any_event_is_made_again_with_the_same_id() -> None:
    async with a_peer(fails(BROKEN), tells(accepted(), settled())) as peer, a_wire(peer.port) as wire:
        assert said(await wire.send(a_request(), Watched()))["result"] == "success"
    assert peer.calls == ["Deliver", "Deliver"]
    assert peer.requests[0] == peer.requests[1]


async def test_a_request_id_with_other_content_is_our_own_lead_and_is_watched() -> None:
    async with (
        a_peer(fails(partial(errors.conflict, LEAD_ID)), tells(settled(1))) as peer,
        a_wire(peer.port) as wire,
    ):
        assert said(await wire.send(a_request(), Watched()))["result"] == "success"
    watched = peer.requests[1]
    assert isinstance(watched, pb.WatchRequest)
    assert (watched.lead_id, watched.after) == (LEAD_ID, 0)


async def test_a_peer_that_lost_our_lead_leaves_it_unresolved() -> None:
    acts = fails(BROKEN, accepted()), fails(partial(errors.unknown_lead, LEAD_ID))
    async with a_peer(*acts) as peer, a_wire(peer.port) as wire:
        outcome = PeerReading().read(await wire.send(a_request(), Watched()))
    assert outcome.is_unresolved


async def test_a_refusal_after_a_call_that_broke_proves_nothing() -> None:
    """Who asks for a key does not look whether the lead is there; a 401 is still what a signer may mend."""
    refusal = partial(Abort, grpc.StatusCode.UNAUTHENTICATED, "the key has expired")
    async with a_peer(fails(BROKEN), fails(refusal)) as peer, a_wire(peer.port) as wire:
        reply = await wire.send(a_request(), Watched())
    assert reply.status == 401
    assert PeerReading().read(reply).is_unresolved


@pytest.mark.parametrize("verdict", [errors.let_in_no_longer, partial(errors.scope_changed, "near")])
async def test_a_call_that_ends_because_we_may_call_no_longer_proves_nothing(
    verdict: Callable[[], Abort],
) -> None:
    """The peer ends it at any time: the lead may have been accepted just before."""
    refusal = partial(errors.unauthenticated, "the API key is not known here")
    async with a_peer(fails(verdict), fails(refusal)) as peer, a_wire(peer.port) as wire:
        reply = await wire.send(a_request(), Watched())
    assert peer.calls == ["Deliver", "Deliver"]
    assert PeerReading().read(reply).is_unresolved


async def test_a_peer_that_is_full_when_its_lead_is_asked_for_is_asked_again() -> None:
    full = partial(
        Abort, grpc.StatusCode.RESOURCE_EXHAUSTED, "full", RetryInfo(retry_delay=Duration(nanos=100_000_000))
    )
    acts = fails(BROKEN, accepted()), fails(full), tells(settled())
    async with a_peer(*acts) as peer, a_wire(peer.port) as wire:
        assert said(await wire.send(a_request(), Watched()))["result"] == "success"
    assert peer.calls == ["Deliver", "Watch", "Watch"]


async def test_an_unavailable_that_is_not_a_leadrelays_proves_nothing() -> None:
    """A proxy says so too, of a peer that has answered it too late."""
    down = partial(Abort, grpc.StatusCode.UNAVAILABLE, "no healthy upstream")
    async with a_peer(fails(down), tells(accepted(), settled())) as peer, a_wire(peer.port) as wire:
        assert said(await wire.send(a_request(), Watched()))["result"] == "success"
    assert peer.calls == ["Deliver", "Deliver"]


async def test_a_journal_that_is_slow_may_have_the_lead() -> None:
    info = ErrorInfo(reason="JOURNAL_UNAVAILABLE", domain="leadrelay")
    slow = partial(Abort, grpc.StatusCode.UNAVAILABLE, "whether the lead was accepted is not known", info)
    async with a_peer(fails(slow), tells(accepted(), settled())) as peer, a_wire(peer.port) as wire:
        assert said(await wire.send(a_request(), Watched()))["result"] == "success"
    assert peer.calls == ["Deliver", "Deliver"]


async def test_who_is_cancelled_stops_to_listen_and_the_peer_is_told() -> None:
    async with a_peer(hangs(accepted()), tells(accepted(), settled())) as peer, a_wire(peer.port) as wire:
        with trio.move_on_after(0.3) as given_up:
            await wire.send(a_request(), Watched())
        assert given_up.cancelled_caught
        with trio.fail_after(5):
            while not peer.left:  # noqa: ASYNC110 (what happens in the peer has no event)
                await trio.sleep(0.01)
        reply = await wire.send(a_request(), Watched())  # over the same connection
    assert said(reply)["result"] == "success"


async def test_where_nobody_listens_nothing_has_left() -> None:
    async with a_peer(hangs()) as peer:
        port = peer.port
    progress = Watched()
    async with a_wire(port) as wire:
        with pytest.raises(NotSent) as caught:
            await wire.send(a_request(), progress)
    assert caught.value.code is ReasonCode.CONNECT
    assert progress.sent == 0


async def test_what_is_no_leadrelay_is_found_out_before_the_lead_leaves(nursery: trio.Nursery) -> None:
    async def speaks_http1(visit: Visit) -> None:
        await visit.write(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
        await trio.sleep_forever()

    recipient = await listening(nursery, speaks_http1)
    progress = Watched()
    async with a_wire(recipient.port) as wire:
        with pytest.raises(NotSent) as caught:
            await wire.send(a_request(), progress)
    assert caught.value.code is ReasonCode.PROTOCOL
    assert progress.sent == 0


async def test_a_value_that_would_break_the_metadata_is_not_sent() -> None:
    async with a_wire(1) as wire:
        with pytest.raises(NotSent) as caught:
            await wire.send(a_request(x_key="a\r\nb"), Watched())
    assert caught.value.code is ReasonCode.MAPPING_INVALID


async def test_a_peer_that_tells_without_end_is_not_listened_to_without_end() -> None:
    """Messages may be large, or many."""
    long = "x" * 1_000_000
    ends = (
        event_pb2.Event(
            lead_id=LEAD_ID,
            number=number,
            delivery_ended=event_pb2.DeliveryEnded(delivery=str(number), destination=long),
        )
        for number in range(2, 20)
    )
    async with a_peer(tells(accepted(), *ends, settled(20))) as peer, a_wire(peer.port) as wire:
        with pytest.raises(NoAnswer) as caught:
            await wire.send(a_request(), Watched())
    assert caught.value.code is ReasonCode.RESPONSE_TOO_LARGE


async def test_a_peer_that_stays_away_may_have_the_lead() -> None:
    async with (
        a_peer(fails(BROKEN, accepted()), fails(BROKEN)) as peer,
        a_wire(peer.port, pauses=(0.0, 0.01)) as wire,
    ):
        with pytest.raises(NoAnswer) as caught:
            await wire.send(a_request(), Watched())
    assert (caught.value.code, peer.calls) == (ReasonCode.RESET, ["Deliver", "Watch", "Watch"])
    assert caught.value.words == (
        f"the peer took the lead as {LEAD_ID}, which goes on there, and the stream broke: "
        "INTERNAL: internal error"
    )
