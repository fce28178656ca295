"""An answer that never came: asks the recipient whether it has the lead, and tells the server what it says.

Until then such a lead rests, and nobody else is offered it: it might be sold twice.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from demo_parts.carrying import PATIENCE
from demo_parts.ledger import Ledger
from demo_parts.tally import Story, Tally
from leadrelay_client import Arrived, AsyncClient, OutcomeKind

PRICE, CURRENCY = "18.00", "USD"  # as was agreed with the only recipient that hangs up
REASON = "its ledger was asked"


@dataclass
class Resolved:
    """What became of the leads that rested."""

    had: int = 0  # the recipient had them: sold
    had_not: int = 0  # it never did: the next buyer was asked
    after: int = 0  # of those, bought by someone else


async def resolve_all(
    client: AsyncClient, tally: Tally, recipients: Mapping[str, str], ledgers: Mapping[str, Ledger]
) -> Resolved:
    """Resolve every delivery of which nobody knows, and listen to what follows from it."""
    found = Resolved()
    for story in tally.stories:
        for delivery in _unknown(story):
            ledger = ledgers.get(recipients.get(delivery.partition("#")[0], ""))
            if ledger is None:
                continue
            has_it = f"{story.lead_id}-{delivery}" in ledger.times
            if has_it:
                await client.resolve(
                    story.lead_id, delivery, "success", reason=REASON, price=PRICE, currency=CURRENCY
                )
            else:
                await client.resolve(story.lead_id, delivery, "system_error", reason=REASON)
            async with client.watch(story.lead_id, story.last_event, timeout=PATIENCE) as events:
                async for event in events:
                    tally.take(story, event)
            found.had += has_it
            found.had_not += not has_it
            found.after += not has_it and bool(story.revenue)
    return found


def _unknown(story: Story) -> list[str]:
    """The deliveries of a lead that may have arrived."""
    kinds = (OutcomeKind.OUTCOME_KIND_SYSTEM_ERROR, OutcomeKind.OUTCOME_KIND_TIMEOUT)
    return [
        delivery
        for delivery, outcome in story.outcomes.items()
        if outcome.arrived == Arrived.ARRIVED_UNKNOWN and outcome.kind in kinds
    ]
