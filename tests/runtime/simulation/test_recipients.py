"""Recipients by script keep a wire's promises: what arrived, and what did not."""

from collections.abc import Sequence

import pytest
import trio
from trio.testing import MockClock

from fakes import Broken
from leadrelay.core.errors import NoAnswer, NotSent
from leadrelay.core.exchange import Request
from leadrelay.core.ports import Wire
from leadrelay.runtime.simulation.script import Fate, Line, Script
from scripted import company
from values import LEAD_ID, a_destination, a_lead


class Told:
    """A core.ports.Progress."""

    def __init__(self) -> None:
        self.sent_at: float | None = None

    def sending(self) -> None:
        self.sent_at = trio.current_time()

    def handed_back(self) -> None:
        """No request is, here."""

    def trying(self, endpoint: str, passed_over: Sequence[str]) -> None:
        """There is one, here."""

    def batched(self, key: str, size: int) -> None:
        """It travels alone."""


def wire(*lines: Line) -> Wire:
    script = Script({"crm": lines})
    return company(script, {LEAD_ID: a_lead()}).adapter(a_destination("crm")).open()


REQUEST = Request(method="POST", url="http://crm/", idempotency_key=f"{LEAD_ID}-crm")


async def test_an_answer_comes_after_its_time(autojump_clock: MockClock) -> None:
    told = Told()
    reply = await wire(Line(after=2)).send(REQUEST, told)
    assert (reply.status, told.sent_at, trio.current_time()) == (200, 0, 2)


async def test_what_is_refused_did_not_arrive(autojump_clock: MockClock) -> None:
    told = Told()
    with pytest.raises(NotSent):
        await wire(Line(fate=Fate.REFUSED, after=1)).send(REQUEST, told)
    assert (told.sent_at, trio.current_time()) == (None, 1)


async def test_what_is_lost_may_have_arrived(autojump_clock: MockClock) -> None:
    told = Told()
    with pytest.raises(NoAnswer):
        await wire(Line(fate=Fate.LOST)).send(REQUEST, told)
    assert told.sent_at == 0


async def test_who_is_silent_never_answers(autojump_clock: MockClock) -> None:
    told = Told()
    with trio.move_on_after(3600) as patience:
        await wire(Line(fate=Fate.SILENT)).send(REQUEST, told)
    assert patience.cancelled_caught
    assert told.sent_at == 0


async def test_each_attempt_of_a_delivery_draws_anew(autojump_clock: MockClock) -> None:
    lines = (Line(share=1, after=1), Line(share=1, after=2))
    once = wire(*lines)
    took = []
    for _ in range(20):
        before = trio.current_time()
        await once.send(REQUEST, Told())
        took.append(trio.current_time() - before)
    assert set(took) == {1, 2}


async def test_a_proof_is_shown_and_no_secret_is_read(autojump_clock: MockClock) -> None:
    """The real signer would have to wait for what there is not."""
    signer = company(Script({}), {}, Broken()).signer(a_destination("crm"))
    assert await signer.sign(REQUEST) == REQUEST
