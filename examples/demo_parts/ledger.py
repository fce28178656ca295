"""Does it add up? Our counts against each other, and against the recipients' own word.

A recipient's ledger names every delivery it accepted by our idempotency key, which begins with the lead's id:
so the leads of an earlier run, which the server may have taken up, can be told apart from ours.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

import httpx

from demo_parts.live import RESULTS
from demo_parts.processes import Failed
from demo_parts.tables import added
from demo_parts.tally import Tally
from leadrelay_client import Arrived, OutcomeKind
from leadrelay_client.v1.catalog_service_pb2 import Catalog

ANSWER_WITHIN = 10.0  # seconds
UUID = 36  # characters of a lead's id, which a key begins with


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was compared."""

    holds: bool
    words: str


@dataclass(frozen=True, slots=True)
class Ledger:
    """What a recipient says of itself."""

    accepted: int
    times: Mapping[str, int]  # how often it accepted a delivery, by idempotency key
    without_key: int


def recipients_of(catalog: Catalog, base: str) -> dict[str, str]:
    """Which sample recipient each destination of the catalog posts to, where it does."""
    urls = {one.name: one.rest.url or one.webhook.url for one in catalog.destinations}
    return {
        name: url.removeprefix(f"{base}/").partition("/")[0]
        for name, url in urls.items()
        if url.startswith(f"{base}/")
    }


async def ask(base: str, recipients: Iterable[str]) -> dict[str, Ledger]:
    """The ledger of each recipient. Raises Failed."""
    try:
        async with httpx.AsyncClient(base_url=base, trust_env=False, timeout=ANSWER_WITHIN) as http:
            counts = {one["name"]: one for one in (await http.get("/")).json()["recipients"]}
            ledgers = {}
            for name in recipients:
                said = (await http.get(f"/{name}/ledger")).json()
                times = {key: entry["times"] for key, entry in said["accepted"].items()}
                ledgers[name] = Ledger(counts[name]["accepted"], times, said["without_key"])
            return ledgers
    except (httpx.HTTPError, KeyError, ValueError) as error:
        raise Failed(f"the recipients at {base} cannot say what they accepted: {error!r}") from error


def leads_add_up(tally: Tally) -> Finding:
    """Every lead that was sent was accepted by the server or refused, and every accepted one settled."""
    sent = sum(story.is_sent for story in tally.stories)
    accepted = sum(story.is_accepted for story in tally.stories)
    refusals = [story.refusal for story in tally.stories if story.refusal]
    parts = " + ".join(f"{tally.results[result]} {result}" for result in RESULTS)
    words = f"{sent} leads sent = {accepted} accepted by the server = {tally.settled} settled = {parts}"
    if refusals:
        words += f"; {len(refusals)} refused, the first: {refusals[0]}"
    return Finding(sent == len(tally.stories) == accepted == tally.settled, words)


def money_adds_up(tally: Tally) -> Finding:
    """What the destinations paid is what the leads were told they brought."""
    paid = added(one.revenue for one in tally.destinations.values())
    told = added(story.revenue for story in tally.stories)
    words = "what the destinations paid is what the leads were told they brought"
    return Finding(paid == told, words if paid == told else f"{words}: {_money(paid)}, {_money(told)}")


def recipients_agree(tally: Tally, recipients: Mapping[str, str], ledgers: Mapping[str, Ledger]) -> Finding:
    """Each recipient accepted exactly what we say it accepted. What may have arrived may be there or not."""
    leads = {story.lead_id for story in tally.stories}
    believed: dict[str, set[str]] = {name: set() for name in ledgers}
    possible: dict[str, set[str]] = {name: set() for name in ledgers}
    for story in tally.stories:
        for delivery, outcome in story.outcomes.items():
            recipient = recipients.get(delivery.partition("#")[0])
            if recipient is None:
                continue
            key = f"{story.lead_id}-{delivery}"
            if outcome.kind == OutcomeKind.OUTCOME_KIND_SUCCESS:
                believed[recipient].add(key)
            elif outcome.arrived == Arrived.ARRIVED_UNKNOWN:
                possible[recipient].add(key)
    theirs = {
        name: {key for key in ledger.times if key[:UUID] in leads} - possible[name]
        for name, ledger in ledgers.items()
    }
    words = ", ".join(f"{name} {len(keys)}" for name, keys in theirs.items())
    if theirs != believed or not all(_is_whole(ledger) for ledger in ledgers.values()):
        ours = ", ".join(f"{name} {len(keys)}" for name, keys in believed.items())
        return Finding(False, f"the recipients' own ledgers count as accepted: {words}; we: {ours}")
    return Finding(True, f"the recipients' own ledgers name the same leads as accepted: {words}")


def nothing_sold_twice(ledgers: Mapping[str, Ledger]) -> Finding:
    twice = sum(times > 1 for ledger in ledgers.values() for times in ledger.times.values())
    words = f"{twice} deliveries were accepted twice" if twice else "no recipient was sold a lead twice"
    return Finding(not twice, words)


def _is_whole(ledger: Ledger) -> bool:
    """The recipient counts what it can name, so that no acceptance is missing from the comparison."""
    return ledger.accepted == sum(ledger.times.values()) and not ledger.without_key


def _money(amounts: Mapping[str, Decimal]) -> str:
    return " + ".join(f"{amount:,.2f} {currency}".strip() for currency, amount in amounts.items())
