"""Leads in, events out; a call listens and the lead is the runtime's (behaviour 8)."""

import math
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace

import grpc
import pytest
import trio
from google.rpc.error_details_pb2 import BadRequest  # type: ignore[import-untyped]
from trio.testing import MockClock

from edges.grpc.callers import Caller, Desk, a_desk, a_request
from fakes import Act, Buyer, MemoryJournal, answers, hangs
from house import a_house
from leadrelay.core.errors import JournalError
from leadrelay.core.facts import Entry, LeadCancelled, LeadReceived, LeadSettled
from leadrelay.core.outcome import ReasonCode
from leadrelay.core.retry import Backoff
from leadrelay.edges.grpc.delivery import MAX_REASON, MAX_TAG
from leadrelay.edges.grpc.places import UNDER_WAY
from leadrelay.journal.memory import MemorySubscription
from leadrelay.runtime.intake import PATIENCE
from leadrelay.v1 import delivery_service_pb2 as pb
from leadrelay.v1.outcome_pb2 import RESULT_SUCCESS
from values import ACCEPTED, LEAD_ID, MOMENT, REJECTED, a_catalog, a_destination, a_lead, waterfall

OK = grpc.StatusCode.OK
CATALOG = a_catalog(a_destination("a"), a_destination("b"), step=waterfall("a", "b"))


@asynccontextmanager
async def desk(
    *acts: Act, journal: MemoryJournal | None = None, max_leads: int = 1000
) -> AsyncIterator[Desk]:
    """A servicer before a waterfall to `a`, who acts as told, and `b`, who accepts."""
    buyers = {"a": Buyer(*(acts or (answers(body=ACCEPTED),))), "b": Buyer(answers(body=ACCEPTED))}
    async with a_house(CATALOG, buyers, journal=journal, max_leads=max_leads) as house, a_desk(house) as desk:
        yield desk


def requests_of(desk: Desk, name: str) -> int:
    """How often a buyer was asked."""
    adapter = desk.house.outfit.adapters.get(name)
    return len(adapter.buyer.requests) if adapter is not None else 0


def lead_of(caller: Caller) -> str:
    return caller.events[0].lead_id


async def test_the_first_event_is_accepted_and_comes_when_the_lead_is_durable(
    autojump_clock: MockClock,
) -> None:
    async with desk(journal=MemoryJournal(commit_takes=1)) as at:
        caller = at.caller("Deliver", a_request())
        await trio.sleep(0.9)
        assert caller.events == []
        await caller.is_over.wait()
    assert caller.code is OK
    assert caller.kinds[0] == "accepted"
    assert caller.kinds[-1] == "lead_settled"
    assert [event.number for event in caller.events] == list(range(1, len(caller.events) + 1))


async def test_two_who_bring_one_request_id_at_the_same_instant_share_one_delivery(
    autojump_clock: MockClock,
) -> None:
    async with desk(journal=MemoryJournal(commit_takes=1)) as at:
        callers = [at.caller("Deliver", a_request(request_id="r")) for _ in range(5)]
        for caller in callers:
            await caller.is_over.wait()
        assert requests_of(at, "a") == 1
    assert {caller.code for caller in callers} == {OK}
    assert len({lead_of(caller) for caller in callers}) == 1
    told = {tuple(caller.line.answers) for caller in callers}
    assert len(told) == 1, "all are told the same"


async def test_who_comes_while_the_first_is_still_being_written_joins_it(autojump_clock: MockClock) -> None:
    async with desk(journal=MemoryJournal(commit_takes=1)) as at:
        first = at.caller("Deliver", a_request(request_id="r"))
        await trio.sleep(0.5)
        second = await at.ask("Deliver", a_request(request_id="r"))
        assert first.line.answers == second.line.answers
        assert requests_of(at, "a") == 1


async def test_who_comes_with_another_lead_is_told_which_lead_has_the_id(autojump_clock: MockClock) -> None:
    async with desk(journal=MemoryJournal(commit_takes=1)) as at:
        first = at.caller("Deliver", a_request(request_id="r"))
        await trio.sleep(0.1)
        other = a_request(request_id="r")
        other.lead.fields["email"] = "bob@example.com"
        second = await at.ask("Deliver", other)
        await first.is_over.wait()
    assert second.code is grpc.StatusCode.ALREADY_EXISTS
    assert lead_of(first) in second.words


async def test_a_repeat_joins_its_lead_although_the_flow_is_gone(autojump_clock: MockClock) -> None:
    """To say that there is no such flow would tell the caller that nobody has its lead."""
    async with desk() as at:
        first = await at.ask("Deliver", a_request(request_id="r"))
        elsewhere = a_catalog(a_destination("a"), step=None)
        renamed = replace(elsewhere, flows={"other": elsewhere.flows["loans"]})
        async with a_desk(at.house, renamed) as after:
            again = await after.ask("Deliver", a_request(request_id="r"))
            other = await after.ask("Deliver", a_request(request_id="s"))
            changed = a_request(request_id="r")
            changed.lead.fields["email"] = "bob@example.com"
            conflict = await after.ask("Deliver", changed)
    assert again.line.answers == first.line.answers
    assert other.code is grpc.StatusCode.NOT_FOUND
    assert conflict.code is grpc.StatusCode.ALREADY_EXISTS


async def test_a_repeat_joins_its_lead_although_the_server_is_full_or_stopping(
    autojump_clock: MockClock,
) -> None:
    async with desk(answers(body=ACCEPTED, after=5), max_leads=1) as at:
        first = at.caller("Deliver", a_request(request_id="r"))
        await first.has(1)
        full = await at.ask("Deliver", a_request())
        again = at.caller("Deliver", a_request(request_id="r"))
        at.house.intake.close()
        await first.is_over.wait()
        await again.is_over.wait()
        late = await at.ask("Deliver", a_request(request_id="r"))
        stopping = await at.ask("Deliver", a_request(request_id="s"))
    assert first.line.answers == again.line.answers == late.line.answers
    assert full.code is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert "nothing was accepted" in full.words
    assert stopping.code is grpc.StatusCode.UNAVAILABLE
    assert "nothing was accepted" in stopping.words


async def test_a_journal_that_cannot_be_written_accepts_nothing_and_says_so(
    autojump_clock: MockClock,
) -> None:
    journal = MemoryJournal()
    journal.is_broken = True
    async with desk(journal=journal) as at:
        caller = await at.ask("Deliver", a_request())
        journal.is_broken = False
        await trio.sleep(60)
        assert requests_of(at, "a") == 0
    assert caller.code is grpc.StatusCode.UNAVAILABLE
    assert "nothing was accepted" in caller.words


async def test_a_journal_that_stalls_leaves_the_caller_with_a_truth_and_not_with_a_guess(
    autojump_clock: MockClock,
) -> None:
    journal = MemoryJournal(commit_takes=2 * PATIENCE)
    async with desk(journal=journal) as at:
        caller = await at.ask("Deliver", a_request(request_id="r"))
        assert caller.code is grpc.StatusCode.UNAVAILABLE
        assert "not known" in caller.words
        journal.commit_takes = 0.1
        again = await at.ask("Deliver", a_request(request_id="r"))
        assert requests_of(at, "a") == 1
    assert again.kinds[-1] == "lead_settled"


class Unreadable(MemoryJournal):
    """What was written cannot be read back while `is_unreadable`."""

    def __init__(self) -> None:
        super().__init__()
        self.is_unreadable = False

    async def read(self, lead_id: str, after: int = 0) -> list[Entry]:
        self.look()
        return await super().read(lead_id, after)

    async def find(self, request_id: str) -> str | None:
        self.look()
        return await super().find(request_id)

    def look(self) -> None:
        if self.is_unreadable:
            raise JournalError("the disk is gone")

    @asynccontextmanager
    async def follow(
        self, lead_id: str, after: int = 0, *, fresh: bool = False
    ) -> AsyncIterator[MemorySubscription]:
        yield BreaksOff(self, lead_id, after)


class BreaksOff(MemorySubscription):
    async def next(self) -> Entry:
        journal = self._journal
        assert isinstance(journal, Unreadable)
        journal.look()
        return await super().next()


async def test_a_journal_that_fails_while_a_caller_listens_is_unavailable_and_the_lead_goes_on(
    autojump_clock: MockClock,
) -> None:
    """Never INTERNAL, and never "nothing was accepted": clients take it up again by Watch."""
    journal = Unreadable()
    async with desk(answers(body=REJECTED, after=5), journal=journal) as at:
        caller = at.caller("Deliver", a_request(request_id="r"))
        await caller.has(1)
        joined = at.caller("Deliver", a_request(request_id="r"))
        await joined.has(1)
        watcher = at.caller("Watch", pb.WatchRequest(lead_id=lead_of(caller)))
        await watcher.has(1)
        journal.is_unreadable = True
        for listener in (caller, joined, watcher):
            await listener.is_over.wait()
            assert listener.code is grpc.StatusCode.UNAVAILABLE
            assert "goes on" in listener.words
            assert "nothing was accepted" not in listener.words
        journal.is_unreadable = False
        rest = await at.ask("Watch", pb.WatchRequest(lead_id=lead_of(caller), after=caller.events[-1].number))
    assert rest.kinds[-1] == "lead_settled"
    numbers = [event.number for event in [*caller.events, *rest.events]]
    assert numbers == list(range(1, len(numbers) + 1))


@pytest.mark.parametrize("how", ["hangs up", "deadline", "hangs up a moment before the deadline"])
@pytest.mark.parametrize("when", [0.5, 1.5], ids=["while it is written", "once it is accepted"])
async def test_what_is_not_sent_is_cancelled_when_a_caller_goes_who_asked_for_that(
    how: str, when: float, autojump_clock: MockClock
) -> None:
    request = a_request(on_disconnect=pb.ON_DISCONNECT_CANCEL)
    timeout = {"deadline": when, "hangs up": None}.get(how, when + 0.05)
    async with desk(answers(body=REJECTED, after=5), journal=MemoryJournal(commit_takes=1)) as at:
        caller = at.caller("Deliver", request, timeout=timeout)
        await trio.sleep(when)
        if how != "deadline":
            caller.call.hang_up()
        await caller.is_over.wait()
        await trio.sleep(60)
        (lead_id,) = at.house.journal.entries
        facts = at.house.facts(lead_id)
        assert LeadCancelled(reason="the caller went away") in facts
        assert isinstance(facts[-1], LeadSettled)
        assert at.house.outcomes(lead_id)["b"].code is ReasonCode.CANCELLED
        assert requests_of(at, "b") == 0


async def test_a_caller_who_goes_without_such_a_wish_ends_the_listening_alone(
    autojump_clock: MockClock,
) -> None:
    async with desk(answers(body=REJECTED, after=5), journal=MemoryJournal(commit_takes=1)) as at:
        for when in (0.5, 1.5):
            caller = at.caller("Deliver", a_request())
            await trio.sleep(when)
            caller.call.hang_up()
            await caller.is_over.wait()
        await trio.sleep(60)
        assert requests_of(at, "b") == 2


async def test_a_stop_of_ours_is_no_going_of_the_caller(autojump_clock: MockClock) -> None:
    """What has not been sent then is sent by the next start."""
    async with desk(hangs) as at:
        caller = at.caller("Deliver", a_request(on_disconnect=pb.ON_DISCONNECT_CANCEL))
        await caller.has(2)
        caller.call.scope.cancel()  # as the server does when its grace is over
        await caller.is_over.wait()
        await trio.sleep(1)
        (lead_id,) = at.house.journal.entries
        assert not any(isinstance(fact, LeadCancelled) for fact in at.house.facts(lead_id))


async def test_the_flow_may_answer_before_the_lead_has_settled(autojump_clock: MockClock) -> None:
    """Behaviour 4.3: the stream ends well with what is known, and the rest goes on without a listener."""
    catalog = replace(CATALOG, flows={"loans": replace(CATALOG.flows["loans"], answer_within=3.0)})
    async with desk(answers(body=REJECTED, after=5)) as at, a_desk(at.house, catalog) as quick:
        caller = await quick.ask("Deliver", a_request())
        assert 2.9 < trio.current_time() < 3.2
        rest = await quick.ask("Watch", pb.WatchRequest(lead_id=lead_of(caller), after=len(caller.events)))
    assert caller.code is OK
    assert caller.kinds == ["accepted", "attempt_started"]
    assert ("leadrelay-answered", "early") in caller.call.trailing_metadata
    assert rest.kinds[-1] == "lead_settled"
    assert rest.call.trailing_metadata == ()


async def test_a_caller_who_does_not_read_holds_up_nothing_but_its_own_stream(
    autojump_clock: MockClock,
) -> None:
    async with desk() as at:
        lazy = at.caller("Deliver", a_request())
        lazy.line.room = 1
        await lazy.has(1)
        await trio.sleep(60)
        assert at.house.intake.ledger.settled == 1
        lazy.line.read_on()
        await lazy.is_over.wait()
    assert lazy.kinds[-1] == "lead_settled"


async def test_details_are_told_to_those_who_ask(autojump_clock: MockClock) -> None:
    async with desk() as at:
        short = await at.ask("Deliver", a_request())
        full = await at.ask("Deliver", a_request(detail=pb.DETAIL_FULL))
        assert not any(event.attempt_started.HasField("request") for event in short.events)
        assert any(event.attempt_started.HasField("request") for event in full.events)
        assert any(event.attempt_ended.HasField("reply") for event in full.events)


def one_of_many(tag: str, **more: object) -> pb.DeliverManyRequest:
    return pb.DeliverManyRequest(tag=tag, deliver=a_request(**more))  # type: ignore[arg-type]


async def test_what_fails_for_one_lead_of_a_stream_ends_none_of_the_others(
    autojump_clock: MockClock, caplog: pytest.LogCaptureFixture
) -> None:
    class Odd(MemoryJournal):
        """A disk that fails one lead, and a defect that strikes another."""

        async def append(self, entries: Sequence[Entry], within: float = math.inf) -> int:
            fact = entries[0].fact
            if isinstance(fact, LeadReceived) and fact.lead.source == "unwritable":
                raise JournalError("disk full")
            if isinstance(fact, LeadReceived) and fact.lead.source == "defect":
                raise KeyError("078-05-1120")
            return await super().append(entries, within)

    asked = [one_of_many(tag) for tag in "abc"]
    for tag in ("unwritable", "defect"):
        asked.insert(1, one_of_many(tag))
        asked[1].deliver.lead.source = tag
    asked.append(pb.DeliverManyRequest(tag="empty"))
    asked.append(one_of_many("x" * (MAX_TAG + 1)))
    async with desk(answers(body=ACCEPTED, after=1), journal=Odd()) as at:
        stream = await at.ask("DeliverMany", *asked)
    told = stream.told(pb.DeliverManyResponse)
    refused = {answer.tag: answer.refusal.code for answer in told if answer.HasField("refusal")}
    (empty,) = [answer.refusal for answer in told if answer.tag == "empty"]
    assert [detail.Is(BadRequest.DESCRIPTOR) for detail in empty.details] == [True]
    settled = {
        answer.tag: answer.event.lead_settled.result
        for answer in told
        if answer.event.HasField("lead_settled")
    }
    assert stream.code is OK
    assert settled == dict.fromkeys("abc", RESULT_SUCCESS)
    assert refused == {
        "unwritable": grpc.StatusCode.UNAVAILABLE.value[0],
        "defect": grpc.StatusCode.INTERNAL.value[0],
        "empty": grpc.StatusCode.INVALID_ARGUMENT.value[0],
        "x" * (MAX_TAG + 1): grpc.StatusCode.INVALID_ARGUMENT.value[0],
    }
    assert "KeyError" in caplog.text
    assert "078-05-1120" not in caplog.text


async def test_a_stream_reads_no_more_leads_than_it_has_room_for(autojump_clock: MockClock) -> None:
    async with desk(answers(body=ACCEPTED, after=5)) as at:
        stream = at.caller("DeliverMany", *[one_of_many(str(number)) for number in range(UNDER_WAY + 50)])
        await trio.sleep(1)
        assert at.house.intake.ledger.under_way == UNDER_WAY
        assert stream.line.taken == UNDER_WAY + 1
        await stream.is_over.wait()
        assert at.house.intake.ledger.settled == UNDER_WAY + 50
    assert stream.code is OK


async def test_leads_of_a_stream_that_nobody_reads_are_delivered_all_the_same(
    autojump_clock: MockClock,
) -> None:
    async with desk() as at:
        stream = at.caller("DeliverMany", *[one_of_many(str(number)) for number in range(20)])
        stream.line.room = 3
        await trio.sleep(60)
        assert at.house.intake.ledger.settled == 20
        assert len(stream.line.answers) == 3
        stream.line.read_on()
        await stream.is_over.wait()
    settled = [a for a in stream.told(pb.DeliverManyResponse) if a.event.HasField("lead_settled")]
    assert len(settled) == 20


async def test_a_stream_whose_caller_has_said_its_last_goes_on_until_all_have_settled(
    autojump_clock: MockClock,
) -> None:
    async with desk(answers(body=ACCEPTED, after=5)) as at:
        stream = at.caller("DeliverMany")
        stream.line.say(one_of_many("a"))
        await trio.sleep(1)
        stream.line.say(one_of_many("b"))
        stream.line.half_close()
        await trio.sleep(1)
        assert not stream.is_over.is_set()
        await stream.is_over.wait()
    assert stream.code is OK


async def test_the_end_of_a_stream_cancels_those_leads_alone_that_were_to_go_with_it(
    autojump_clock: MockClock,
) -> None:
    async with desk(answers(body=REJECTED, after=5)) as at:
        stays = one_of_many("stays")
        goes = one_of_many("goes", on_disconnect=pb.ON_DISCONNECT_CANCEL)
        stream = at.caller("DeliverMany")
        for request in (stays, goes, goes):
            stream.line.say(request)
        await trio.sleep(1)
        stream.call.hang_up()
        await stream.is_over.wait()
        await trio.sleep(60)
        assert at.house.intake.ledger.settled == 3
        assert requests_of(at, "b") == 1


async def test_a_message_that_is_none_is_refused_by_itself(autojump_clock: MockClock) -> None:
    body = one_of_many("bad", request_id="surrogate").SerializeToString()
    async with desk(answers(body=REJECTED, after=5)) as at:
        stream = at.caller("DeliverMany")
        stream.line.say(one_of_many("a"))
        stream.line._ask.send_nowait(body.replace(b"surrogate", b"half\xed\xa0\x80__"))
        stream.line._ask.send_nowait(b"\xff\xff")
        stream.line.say(one_of_many("b"))
        stream.line.half_close()
        await stream.is_over.wait()
        assert requests_of(at, "b") == 2
    told = stream.told(pb.DeliverManyResponse)
    refused = [(answer.tag, answer.refusal.code) for answer in told if answer.HasField("refusal")]
    wrong = grpc.StatusCode.INVALID_ARGUMENT.value[0]
    assert refused == [("bad", wrong), ("", wrong)]
    assert stream.code is OK


async def test_watch_begins_after_any_event_and_beyond_the_last_it_says_so(autojump_clock: MockClock) -> None:
    async with desk() as at:
        whole = await at.ask("Deliver", a_request())
        last = len(whole.events)
        for after in range(last + 1):
            rest = await at.ask("Watch", pb.WatchRequest(lead_id=lead_of(whole), after=after))
            assert rest.code is OK
            assert rest.line.answers == whole.line.answers[after:]
        beyond = await at.ask("Watch", pb.WatchRequest(lead_id=lead_of(whole), after=last + 1))
        unknown = await at.ask("Watch", pb.WatchRequest(lead_id=lead_of(whole), detail=9))  # type: ignore[arg-type]
    assert beyond.code is unknown.code is grpc.StatusCode.INVALID_ARGUMENT
    assert str(last) in beyond.words
    assert "detail" in unknown.words


async def test_watch_beyond_the_last_event_of_a_lead_under_way_does_not_wait_for_ever(
    autojump_clock: MockClock,
) -> None:
    async with desk(hangs) as at:
        caller = at.caller("Deliver", a_request())
        await caller.has(2)
        with trio.fail_after(1):
            watcher = await at.ask("Watch", pb.WatchRequest(lead_id=lead_of(caller), after=100))
    assert watcher.code is grpc.StatusCode.INVALID_ARGUMENT


@pytest.mark.parametrize("lead_id", ["", "x", LEAD_ID, LEAD_ID.upper(), "0" * 32, "\0", "é" * 100_000])
@pytest.mark.parametrize("verb", ["Watch", "Cancel", "GetDelivery"])
async def test_a_lead_that_was_never_accepted_is_not_found(
    verb: str, lead_id: str, autojump_clock: MockClock
) -> None:
    kinds = {"Watch": pb.WatchRequest, "Cancel": pb.CancelRequest, "GetDelivery": pb.GetDeliveryRequest}
    async with desk() as at:
        caller = await at.ask(verb, kinds[verb](lead_id=lead_id))
    expected = grpc.StatusCode.NOT_FOUND
    if verb == "GetDelivery" and not lead_id:
        expected = grpc.StatusCode.INVALID_ARGUMENT
    assert caller.code is expected
    assert len(caller.words) < 1100


async def test_a_lead_is_found_by_its_id_and_by_its_request_id(autojump_clock: MockClock) -> None:
    async with desk() as at:
        lead = lead_of(await at.ask("Deliver", a_request(request_id="r")))
        by_id = await at.ask("GetDelivery", pb.GetDeliveryRequest(lead_id=lead))
        by_request = await at.ask("GetDelivery", pb.GetDeliveryRequest(request_id="r"))
        unknown = await at.ask("GetDelivery", pb.GetDeliveryRequest(request_id="s"))
        unnamed = await at.ask("GetDelivery", pb.GetDeliveryRequest())
        empty = await at.ask("GetDelivery", pb.GetDeliveryRequest(request_id=""))
    assert by_id.line.answers == by_request.line.answers
    assert by_id.told(pb.GetDeliveryResponse)[0].status.result == RESULT_SUCCESS
    assert unknown.code is grpc.StatusCode.NOT_FOUND
    assert unnamed.code is empty.code is grpc.StatusCode.INVALID_ARGUMENT


@pytest.mark.parametrize(
    ("verb", "request_"),
    [
        ("Watch", pb.WatchRequest(lead_id=LEAD_ID)),
        ("GetDelivery", pb.GetDeliveryRequest(lead_id=LEAD_ID)),
        ("GetDelivery", pb.GetDeliveryRequest(request_id="r")),
        ("Cancel", pb.CancelRequest(lead_id=LEAD_ID)),
    ],
)
async def test_a_journal_that_cannot_be_read_is_unavailable(
    verb: str, request_: pb.WatchRequest, autojump_clock: MockClock
) -> None:
    journal = Unreadable()
    journal.is_unreadable = True
    async with desk(journal=journal) as at:
        caller = await at.ask(verb, request_)
    assert caller.code is grpc.StatusCode.UNAVAILABLE
    assert "the disk is gone" in caller.words


async def test_a_cancel_is_answered_when_it_is_durable(autojump_clock: MockClock) -> None:
    journal = MemoryJournal(commit_takes=0.2)
    async with desk(answers(body=REJECTED, after=5), journal=journal) as at:
        caller = at.caller("Deliver", a_request())
        await caller.has(2)
        answer = await at.ask("Cancel", pb.CancelRequest(lead_id=lead_of(caller), reason="sold elsewhere"))
        assert LeadCancelled(reason="sold elsewhere") in at.house.facts(lead_of(caller))
        await caller.is_over.wait()
        again = await at.ask("Cancel", pb.CancelRequest(lead_id=lead_of(caller)))
        assert requests_of(at, "b") == 0
    assert answer.code is again.code is OK
    assert caller.kinds.count("lead_cancelled") == 1
    assert again.told(pb.CancelResponse)[0].status.last_event == len(caller.events)


async def test_a_lead_that_waits_to_be_taken_up_after_a_restart_is_cancelled_and_never_sent(
    autojump_clock: MockClock,
) -> None:
    journal = MemoryJournal()
    journal.entries[LEAD_ID] = [Entry(LEAD_ID, 1, MOMENT, LeadReceived(lead=a_lead()))]
    async with desk(journal=journal) as at:
        early = await at.ask("Cancel", pb.CancelRequest(lead_id=LEAD_ID))
        await at.house.intake.resume()
        await at.house.settled(LEAD_ID)
        assert requests_of(at, "a") == requests_of(at, "b") == 0
    assert early.code is OK


async def test_a_cancel_of_a_lead_that_cannot_be_taken_up_promises_nothing(autojump_clock: MockClock) -> None:
    """It would be delivered all the same, once its catalog is there again."""
    journal = MemoryJournal()
    lost = replace(a_lead(), catalog_version=7)
    journal.entries[LEAD_ID] = [Entry(LEAD_ID, 1, MOMENT, LeadReceived(lead=lost))]
    async with desk(journal=journal) as at:
        refused = await at.ask("Cancel", pb.CancelRequest(lead_id=LEAD_ID))
    assert refused.code is grpc.StatusCode.UNAVAILABLE
    assert "nothing was changed" in refused.words


async def test_the_stream_of_a_parked_lead_stays_open_until_it_has_settled(autojump_clock: MockClock) -> None:
    """Behaviour 4.4: nothing of the lead is in memory meanwhile, and nothing is missed."""
    hourly = a_destination("a", retry=Backoff(attempts=2, first_delay=3600, max_delay=3600))
    buyer = Buyer(answers(503), answers(body=ACCEPTED))
    async with a_house(a_catalog(hourly), {"a": buyer}) as house, a_desk(house) as at:
        caller = at.caller("Deliver", a_request())
        await trio.sleep(600)
        assert caller.kinds[-2:] == ["delivery_parked", "lead_parked"]
        assert house.intake.ledger.under_way == 0
        watcher = at.caller("Watch", pb.WatchRequest(lead_id=lead_of(caller), after=2))
        await caller.is_over.wait()
        await watcher.is_over.wait()
    assert caller.events[-1].lead_settled.result == RESULT_SUCCESS
    assert watcher.events == caller.events[2:]
    assert [event.number for event in caller.events] == list(range(1, len(caller.events) + 1))


async def test_parked_leads_of_a_stream_do_not_keep_others_from_being_read(autojump_clock: MockClock) -> None:
    hourly = a_destination("a", retry=Backoff(attempts=2, first_delay=3600, max_delay=3600))
    buyer = Buyer(*[answers(503)] * (UNDER_WAY + 50), answers(body=ACCEPTED))
    async with a_house(a_catalog(hourly), {"a": buyer}) as house, a_desk(house) as at:
        stream = at.caller("DeliverMany", *[one_of_many(str(n)) for n in range(UNDER_WAY + 51)])
        await trio.sleep(600)
        told = stream.told(pb.DeliverManyResponse)
        assert sum(answer.event.HasField("lead_parked") for answer in told) == UNDER_WAY + 50
        assert [answer.tag for answer in told if answer.event.HasField("lead_settled")] == [
            str(UNDER_WAY + 50)
        ]
        await stream.is_over.wait()
        assert house.intake.ledger.settled == UNDER_WAY + 51
    assert stream.code is OK


async def test_a_caller_who_goes_cancels_its_parked_lead_where_it_asked_for_that(
    autojump_clock: MockClock,
) -> None:
    hourly = a_destination("a", retry=Backoff(attempts=2, first_delay=3600, max_delay=3600))
    async with a_house(a_catalog(hourly), {"a": Buyer(answers(503))}) as house, a_desk(house) as at:
        caller = at.caller("Deliver", a_request(on_disconnect=pb.ON_DISCONNECT_CANCEL))
        await trio.sleep(600)
        caller.call.cancelled_by_peer = True
        caller.call.scope.cancel()
        await house.settled(lead_of(caller))
    assert trio.current_time() < 601


@pytest.mark.parametrize("reason", ["x" * (MAX_REASON + 1), "two\nlines"])
async def test_a_reason_has_an_end_and_no_control_characters(reason: str, autojump_clock: MockClock) -> None:
    async with desk(hangs) as at:
        caller = at.caller("Deliver", a_request())
        await caller.has(2)
        refused = await at.ask("Cancel", pb.CancelRequest(lead_id=lead_of(caller), reason=reason))
        assert not any(isinstance(fact, LeadCancelled) for fact in at.house.facts(lead_of(caller)))
    assert refused.code is grpc.StatusCode.INVALID_ARGUMENT


async def test_a_flow_that_is_not_there_is_named_with_the_nearest(autojump_clock: MockClock) -> None:
    async with desk() as at:
        caller = await at.ask("Deliver", a_request("lons"))
        assert at.house.journal.entries == {}
    assert caller.code is grpc.StatusCode.NOT_FOUND
    assert "did you mean 'loans'" in caller.words
