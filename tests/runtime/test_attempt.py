"""One try: what is written down, when, and what a cut-short try may claim (behaviour 4.3, 4.5)."""

import pytest
import trio
from trio.testing import MockClock

from fakes import (
    Act,
    Broken,
    Buyer,
    BuyerAdapter,
    MemoryJournal,
    Open,
    Tokens,
    TrioClock,
    answers,
    hangs,
    never_connects,
)
from leadrelay.core.destination import Timeouts
from leadrelay.core.exchange import Reply, Request
from leadrelay.core.facts import AttemptEnded, AttemptStarted, LeadReceived
from leadrelay.core.outcome import Arrived, Outcome, ReasonCode
from leadrelay.core.ports import Progress, Signer
from leadrelay.journal.tally import Tally
from leadrelay.runtime.attempt import Attempt
from leadrelay.runtime.outlet import Outlet
from leadrelay.runtime.patience import Patience
from leadrelay.runtime.record import LeadRecord
from values import ACCEPTED, LEAD_ID, a_destination, a_lead


class OneDelivery:
    """What an attempt asks of its delivery, as simple as it can be."""

    def __init__(self, patience: Patience, why: ReasonCode = ReasonCode.INTERRUPTED) -> None:
        self.patience, self.why, self.is_in_doubt = patience, why, False
        self.concluded: list[Outcome] = []

    def why_cancelled(self) -> ReasonCode:
        return self.patience.ran_out() or self.why

    def overrun(self) -> str:
        return "not done in time"

    def conclude(self, outcome: Outcome, _reply: Reply | None) -> Outcome:
        self.concluded.append(outcome)
        return outcome


async def make(
    act: Act,
    *,
    signer: Signer | None = None,
    cancel_after: float = 1000,
    why: ReasonCode = ReasonCode.INTERRUPTED,
) -> tuple[Outcome, MemoryJournal]:
    """One attempt with 2 s to connect and 5 s to answer; its outcome and what was written down."""
    journal = MemoryJournal()
    record = LeadRecord(journal, TrioClock(), LEAD_ID)
    await record.tell(LeadReceived(lead=a_lead()))
    adapter = BuyerAdapter(Buyer(act))
    destination = a_destination("buyer", timeouts=Timeouts(connect=2, response=5))
    outlet = Outlet(destination, adapter, signer or Open(), TrioClock(), Tally())
    patience = Patience(destination.timeouts)
    delivery = OneDelivery(patience, why)
    attempt = Attempt(
        outlet=outlet, record=record, clock=TrioClock(), patience=patience, delivery="buyer", number=1
    )
    request = Request(method="POST", url="http://buyer/")
    with trio.move_on_after(cancel_after), patience.scope():
        await attempt.make(adapter.open(), request, delivery, warnings=("careful",), hidden=())
    await record.tell()
    (outcome,) = delivery.concluded
    return outcome, journal


async def test_a_start_and_an_end_are_written_down_with_the_time_between(autojump_clock: MockClock) -> None:
    outcome, journal = await make(answers(body=ACCEPTED, after=3))
    _, started, ended = journal.facts(LEAD_ID)
    assert isinstance(started, AttemptStarted)
    assert isinstance(ended, AttemptEnded)
    assert (started.warnings, ended.outcome, ended.reply is not None) == (("careful",), outcome, True)
    assert ended.took == pytest.approx(3e9, rel=0.01)


async def test_the_start_is_durable_when_the_first_byte_leaves(autojump_clock: MockClock) -> None:
    seen: list[int] = []
    journal = MemoryJournal(commit_takes=1)
    record = LeadRecord(journal, TrioClock(), LEAD_ID)

    async def looks(request: Request, progress: Progress) -> Reply:
        seen.append(len(journal.facts(LEAD_ID)))
        return await answers(body=ACCEPTED)(request, progress)

    record.note(LeadReceived(lead=a_lead()))
    adapter = BuyerAdapter(Buyer(looks))
    outlet = Outlet(a_destination("buyer"), adapter, Open(), TrioClock(), Tally())
    patience = Patience(Timeouts())
    attempt = Attempt(
        outlet=outlet, record=record, clock=TrioClock(), patience=patience, delivery="buyer", number=1
    )
    request = Request(method="POST", url="http://buyer/")
    with patience.scope():
        await attempt.make(adapter.open(), request, OneDelivery(patience), warnings=(), hidden=())
    assert seen == [2]


@pytest.mark.parametrize(
    ("act", "code", "arrived", "after"),
    [
        (never_connects, ReasonCode.TIMEOUT_CONNECT, Arrived.NO, 2),
        (hangs, ReasonCode.TIMEOUT_RESPONSE, Arrived.UNKNOWN, 5),
    ],
)
async def test_each_time_limit_has_its_code_and_knows_whether_it_arrived(
    act: Act, code: ReasonCode, arrived: Arrived, after: float, autojump_clock: MockClock
) -> None:
    outcome, _ = await make(act)
    assert (outcome.code, outcome.arrived) == (code, arrived)
    assert trio.current_time() == pytest.approx(after, abs=0.01)


@pytest.mark.parametrize("why", [ReasonCode.INTERRUPTED, ReasonCode.CANCELLED, ReasonCode.TIMEOUT_TOTAL])
@pytest.mark.parametrize(("act", "arrived"), [(never_connects, Arrived.NO), (hangs, Arrived.UNKNOWN)])
async def test_cut_short_from_outside_it_says_why_and_what_may_have_arrived(
    why: ReasonCode, act: Act, arrived: Arrived, autojump_clock: MockClock
) -> None:
    outcome, journal = await make(act, cancel_after=1, why=why)
    assert (outcome.code, outcome.arrived) == (why, arrived)
    assert isinstance(journal.facts(LEAD_ID)[-1], AttemptEnded)


async def test_a_request_that_was_handed_back_has_arrived_nowhere_until_it_is_sent_again(
    autojump_clock: MockClock,
) -> None:
    """Redirects: the next address has the time to connect and to answer that the first one had."""

    async def sends_on_to_nobody(request: Request, progress: Progress) -> Reply:
        progress.sending()
        await trio.sleep(4)
        progress.handed_back()
        return await never_connects(request, progress)

    outcome, journal = await make(sends_on_to_nobody)
    assert (outcome.code, outcome.arrived) == (ReasonCode.TIMEOUT_CONNECT, Arrived.NO)
    assert trio.current_time() == pytest.approx(6, abs=0.01)
    ended = journal.facts(LEAD_ID)[-1]
    assert isinstance(ended, AttemptEnded)
    assert ended.took == pytest.approx(6e9, rel=0.01)  # since the first byte left


async def test_a_second_send_with_a_new_proof_has_its_own_time_and_the_first_ones_start(
    autojump_clock: MockClock,
) -> None:
    """Behaviour 4.2: a renewed proof is no new attempt."""

    async def slow_401(request: Request, progress: Progress) -> Reply:
        fresh = dict(request.headers)["authorization"] == "Bearer 2"
        return await answers(200 if fresh else 401, ACCEPTED, after=4)(request, progress)

    outcome, journal = await make(slow_401, signer=Tokens())
    assert outcome.accepted
    ended = journal.facts(LEAD_ID)[-1]
    assert isinstance(ended, AttemptEnded)
    assert ended.took == pytest.approx(8e9, rel=0.01)


async def test_without_a_proof_nothing_is_sent_and_the_try_is_on_record(autojump_clock: MockClock) -> None:
    outcome, journal = await make(answers(body=ACCEPTED), signer=Broken())
    assert (outcome.code, outcome.arrived) == (ReasonCode.AUTH, Arrived.NO)
    ended = journal.facts(LEAD_ID)[-1]
    assert isinstance(ended, AttemptEnded)
    assert ended.sent_at is None


async def test_a_proof_that_the_recipient_repeats_is_not_recorded_nor_the_one_that_took_its_place(
    autojump_clock: MockClock,
) -> None:
    """Behaviour 9: whatever was signed in one attempt, also after a 401."""

    async def echoes(request: Request, progress: Progress) -> Reply:
        token = dict(request.headers)["authorization"]
        words = {"result": "rejected", "reason": f"not {token}, nor Bearer 1", "echo": [token]}
        return await answers(status=401 if token == "Bearer 1" else 200, body=words)(request, progress)

    outcome, journal = await make(echoes, signer=Tokens())
    assert outcome.words == "not ***, nor ***"
    assert "Bearer 1" not in repr(journal.facts(LEAD_ID))
    assert "Bearer 2" not in repr(journal.facts(LEAD_ID))
