"""A whole engine in a test's nursery: intake, couriers and outlets over scripted buyers."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import trio

from fakes import Buyer, MemoryJournal, OneCatalog, Outfit, TrioClock
from leadrelay.core.catalog import Catalog
from leadrelay.core.facts import AttemptEnded, DeliveryEnded, Fact, LeadSettled
from leadrelay.core.lead import Lead
from leadrelay.core.outcome import Outcome
from leadrelay.core.ports import Signer
from leadrelay.runtime.courier import Equipment
from leadrelay.runtime.intake import Intake
from leadrelay.runtime.outlets import Outlets
from values import a_lead


@dataclass
class House:
    """What a test talks to."""

    intake: Intake
    journal: MemoryJournal
    catalog: Catalog
    outfit: Outfit
    nursery: trio.Nursery
    catalogs: OneCatalog

    async def deliver(self, lead: Lead | None = None) -> LeadSettled:
        """Hand a lead over and wait until it has settled."""
        lead = lead or a_lead()
        await self.intake.receive(lead, "digest", self.catalog)
        return await self.settled(lead.id)

    async def settled(self, lead_id: str) -> LeadSettled:
        async with self.journal.follow(lead_id) as news:
            while True:
                fact = (await news.next()).fact
                if isinstance(fact, LeadSettled):
                    return fact

    def outcomes(self, lead_id: str | None = None) -> dict[str, Outcome]:
        """The final outcome of each delivery."""
        facts = self.facts(lead_id)
        return {fact.delivery: fact.outcome for fact in facts if isinstance(fact, DeliveryEnded)}

    def attempts(self, lead_id: str | None = None) -> list[AttemptEnded]:
        return [fact for fact in self.facts(lead_id) if isinstance(fact, AttemptEnded)]

    def facts(self, lead_id: str | None = None) -> list[Fact]:
        return self.journal.facts(lead_id or a_lead().id)


@asynccontextmanager
async def a_house(
    catalog: Catalog,
    buyers: dict[str, Buyer],
    *,
    journal: MemoryJournal | None = None,
    signers: dict[str, Signer] | None = None,
    max_leads: int = 100,
    chance: float = 0.5,
) -> AsyncIterator[House]:
    """An engine that is stopped, as by a drain without grace, when the block ends."""
    journal = journal or MemoryJournal()
    outfit = Outfit(buyers, signers)
    catalogs = OneCatalog(catalog)
    outlets = Outlets(outfit, TrioClock(), journal.caps, catalogs)
    equipment = Equipment(outlets=outlets, clock=TrioClock(), chance=lambda: chance)
    intake = Intake(journal=journal, catalogs=catalogs, equipment=equipment, max_leads=max_leads)
    async with trio.open_nursery() as nursery:
        await nursery.start(outlets.run)
        await nursery.start(intake.run)
        yield House(intake, journal, catalog, outfit, nursery, catalogs)
        nursery.cancel_scope.cancel()
