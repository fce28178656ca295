"""One token for all leads, in virtual time (behaviour 4.2)."""

import math
from collections.abc import Awaitable, Callable
from itertools import pairwise

import pytest
import trio
from trio.testing import MockClock, wait_all_tasks_blocked

from leadrelay.auth.tokens import Granted, NoToken, Tokens
from leadrelay.core.errors import NotSent


class Endpoint:
    """Numbers its tokens; takes its time, and fails while it is told to."""

    def __init__(self, *, takes: float = 1.0, lifetime: float = 600.0) -> None:
        self.takes, self.lifetime = takes, lifetime
        self.is_down = False
        self.asked_at: list[float] = []

    async def fetch(self) -> Granted:
        self.asked_at.append(trio.current_time())
        number = len(self.asked_at)
        await trio.sleep(self.takes)
        if self.is_down:
            raise NoToken("it is down")
        return Granted(f"t-{number}", self.lifetime)


@pytest.fixture
def endpoint() -> Endpoint:
    return Endpoint()


@pytest.fixture
async def tokens(endpoint: Endpoint, nursery: trio.Nursery) -> Tokens:
    tokens = Tokens(endpoint.fetch)
    await nursery.start(tokens.run)
    return tokens


async def at_once(count: int, one: Callable[[], Awaitable[str]]) -> list[str]:
    """What so many leads get who ask at the same time; a refusal counts as its words."""
    got = []

    async def ask() -> None:
        try:
            got.append(await one())
        except NotSent as error:
            got.append(f"{error.code}: {error.words}")

    async with trio.open_nursery() as leads:
        for _ in range(count):
            leads.start_soon(ask)
    return got


async def test_leads_that_want_a_token_together_make_one_request(
    autojump_clock: MockClock, tokens: Tokens, endpoint: Endpoint
) -> None:
    assert await at_once(30, tokens.current) == ["t-1"] * 30
    assert await tokens.current() == "t-1"
    assert endpoint.asked_at == [0]


async def test_a_lead_that_gives_up_neither_ends_nor_loses_the_token(
    autojump_clock: MockClock, tokens: Tokens, endpoint: Endpoint
) -> None:
    with trio.move_on_after(0.5) as gave_up:
        await tokens.current()
    assert gave_up.cancelled_caught
    assert await tokens.current() == "t-1"
    assert (trio.current_time(), endpoint.asked_at) == (1, [0])


async def test_a_token_is_replaced_in_the_background_before_it_expires(
    autojump_clock: MockClock, tokens: Tokens, endpoint: Endpoint
) -> None:
    """600 s lifetime: 60 s are left at 540."""
    await tokens.current()
    await trio.sleep(538.5)
    assert await tokens.current() == "t-1"
    await trio.sleep(0.5)
    before = trio.current_time()
    assert await at_once(30, tokens.current) == ["t-1"] * 30
    assert trio.current_time() == before, "no lead waits while the old token holds"
    await trio.sleep(1.1)
    assert await tokens.current() == "t-2"
    assert endpoint.asked_at == [0, 540]


async def test_a_short_lived_token_is_replaced_when_a_fifth_of_it_is_left(
    autojump_clock: MockClock, tokens: Tokens, endpoint: Endpoint
) -> None:
    endpoint.lifetime = 100
    await tokens.current()
    await trio.sleep(79.5)  # it is 80.5 s since the request began
    await tokens.current()
    await trio.sleep(2)
    assert (await tokens.current(), endpoint.asked_at) == ("t-2", [0, 80.5])


async def test_an_expired_token_is_not_shown(
    autojump_clock: MockClock, tokens: Tokens, endpoint: Endpoint
) -> None:
    await tokens.current()
    await trio.sleep(600)
    assert await tokens.current() == "t-2"
    assert endpoint.asked_at == [0, 601]


async def test_a_failure_is_shared_and_the_endpoint_left_alone_for_longer_each_time(
    autojump_clock: MockClock, tokens: Tokens, endpoint: Endpoint
) -> None:
    endpoint.is_down, endpoint.takes = True, 0
    assert await at_once(30, tokens.current) == ["auth: no token: it is down"] * 30
    for _ in range(1200):
        await trio.sleep(0.1)
        assert await at_once(2, tokens.current) == ["auth: no token: it is down"] * 2
    pauses = [round(later - earlier) for earlier, later in pairwise(endpoint.asked_at)]
    assert pauses == [1, 2, 4, 8, 16, 30, 30]


async def test_after_a_failure_the_next_token_serves_and_the_pauses_begin_anew(
    autojump_clock: MockClock, tokens: Tokens, endpoint: Endpoint
) -> None:
    endpoint.takes = 0
    for begin in (0, 1000):
        await trio.sleep_until(begin)
        endpoint.is_down = True
        await at_once(1, tokens.current)
        await trio.sleep(0.9)
        assert await at_once(1, tokens.current) == ["auth: no token: it is down"]
        endpoint.is_down = False
        await trio.sleep(0.1)
        assert (await tokens.current()).startswith("t-")
    assert endpoint.asked_at == [0, 1, 1000, 1001]


async def test_a_failing_endpoint_hurts_nobody_while_the_old_token_holds(
    autojump_clock: MockClock, tokens: Tokens, endpoint: Endpoint
) -> None:
    await tokens.current()
    endpoint.is_down, endpoint.takes = True, 0
    while trio.current_time() < 599:
        await trio.sleep(1)
        assert await tokens.current() == "t-1"
    assert 4 <= len(endpoint.asked_at) <= 8
    await trio.sleep(2)
    assert await at_once(1, tokens.current) == ["auth: no token: it is down"]


async def test_an_endpoint_that_does_not_answer_is_given_up(
    autojump_clock: MockClock, tokens: Tokens, endpoint: Endpoint
) -> None:
    endpoint.takes = math.inf
    (words,) = await at_once(1, tokens.current)
    assert words == "auth: no token: the token endpoint did not answer within 10 s"
    assert trio.current_time() == 10


async def test_one_refused_token_causes_one_new_request(
    autojump_clock: MockClock, tokens: Tokens, endpoint: Endpoint
) -> None:
    """Thirty leads were refused with the same token, and hear of it one after the other."""
    old = await tokens.current()

    async def refused() -> str:
        assert tokens.drop(old)
        return await tokens.current()

    assert await at_once(30, refused) == ["t-2"] * 30
    assert tokens.drop(old), "a late refusal of the old token does not drop the new one"
    assert await tokens.current() == "t-2"
    assert len(endpoint.asked_at) == 2


async def test_a_recipient_that_refuses_every_token_does_not_flood_the_endpoint(
    autojump_clock: MockClock, tokens: Tokens, endpoint: Endpoint
) -> None:
    endpoint.takes = 0
    for _ in range(100):
        tokens.drop(await tokens.current())
        await trio.sleep(0.3)
    assert len(endpoint.asked_at) == 4, "one at the beginning and one every ten seconds"


async def test_a_token_that_is_dropped_while_the_next_is_on_its_way_waits_for_that(
    autojump_clock: MockClock, tokens: Tokens, endpoint: Endpoint
) -> None:
    await tokens.current()
    await trio.sleep(545)
    old = await tokens.current()  # which begins the next
    tokens.drop(old)
    assert await tokens.current() == "t-2"
    assert len(endpoint.asked_at) == 2


async def test_leads_that_wait_are_told_when_the_destination_closes(
    autojump_clock: MockClock, endpoint: Endpoint
) -> None:
    tokens = Tokens(endpoint.fetch)
    got: list[str] = []

    async def ask() -> None:
        got.extend(await at_once(2, tokens.current))

    async with trio.open_nursery() as leads, trio.open_nursery() as actor:
        await actor.start(tokens.run)
        leads.start_soon(ask)
        await wait_all_tasks_blocked()
        actor.cancel_scope.cancel()
    assert got == ["auth: no token: this destination is closing"] * 2
    with pytest.raises(NotSent, match="closing"):
        await tokens.current()


async def test_a_defect_costs_a_token_and_nothing_else(
    autojump_clock: MockClock, nursery: trio.Nursery, caplog: pytest.LogCaptureFixture
) -> None:
    async def fetch() -> Granted:
        await trio.lowlevel.checkpoint()
        raise ValueError("hush")

    tokens = Tokens(fetch)
    await nursery.start(tokens.run)
    assert await at_once(1, tokens.current) == ["auth: no token: internal error, see the server's log"]
    assert "ValueError in fetch" in caplog.text
    assert "hush" not in caplog.text


def test_tokens_are_not_shown_with_their_objects() -> None:
    assert "hush" not in repr(Granted("hush", 1.0))
