"""Somebody who asks each recipient what became of the leads that rest, and says so truthfully.

A recipient that took the lead says what it decided; one that never had it says that. Whoever is tried next
may be in doubt again, so this goes on until nothing rests.
"""

from leadrelay.core.errors import JournalError
from leadrelay.core.exchange import Reply
from leadrelay.core.outcome import Kind, Outcome
from leadrelay.core.resolving import said
from leadrelay.core.standing import Standing, standing
from leadrelay.runtime.intake import Intake
from simulation.market import Market
from simulation.shaky_journal import ShakyJournal
from values import READING

ROUNDS = 50  # more deliveries than a flow has


async def resolve_doubts(market: Market, journal: ShakyJournal, intake: Intake) -> None:
    """Until no lead rests unresolved."""
    for lead_id in list(journal.entries):
        for _ in range(ROUNDS):
            state = await _settled(journal, lead_id)
            doubtful = [name for name, tried in state.deliveries.items() if tried.is_unresolved]
            if not doubtful:
                break
            await _resolve(intake, lead_id, doubtful[0], _truth(market, f"{lead_id}-{doubtful[0]}"))


def _truth(market: Market, key: str) -> Outcome:
    reply: Reply = market.said(key)
    if reply.status == 404:
        return said(Kind.SYSTEM_ERROR, "it never had it")
    outcome = READING.read(reply)
    price = outcome.price if outcome.accepted else None
    return said(outcome.kind, "it said so", price=price, currency=outcome.currency if price else "")


async def _resolve(intake: Intake, lead_id: str, delivery: str, outcome: Outcome) -> None:
    """A journal that fails is asked again: the call is safe to repeat."""
    while True:
        try:
            await intake.resolve(lead_id, delivery, outcome)
        except JournalError:
            continue
        return


async def _settled(journal: ShakyJournal, lead_id: str) -> Standing:
    """The lead once nothing more happens to it by itself, also where an earlier engine left it open again."""
    while True:
        state = standing(journal.entries[lead_id])
        assert state is not None
        if state.settled is not None:
            return state
        async with journal.follow(lead_id, state.last_number) as news:
            await news.next()
