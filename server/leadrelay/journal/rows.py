"""Entries as rows and back: the one place where the journal looks into a fact.

An entry that could not be found again is refused here, before it is queued: a lead whose first
fact is not its receipt would be missing from the list of leads, and so from every recovery.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

import orjson

from leadrelay.core.errors import JournalError
from leadrelay.core.facts import (
    DeliveryResolved,
    Entry,
    Fact,
    LeadParked,
    LeadReceived,
    LeadSettled,
    decode,
    encode,
)
from leadrelay.core.limits.book import Verdict
from leadrelay.core.limits.caps import Claim, Count
from leadrelay.journal.store import Parcel, Place, PlaceChange, Receipt, Release, Row, Sale, Turn
from leadrelay.journal.tally import Change, Tally, Told

# Facts after which a lead stands elsewhere in the list of leads.
TURNS = (LeadSettled, LeadParked, DeliveryResolved)


def key(lead_id: str) -> bytes:
    """The 16 bytes of a lead's id. Raises ValueError unless it is a UUID in canonical text form."""
    lead = bytes.fromhex(lead_id.replace("-", ""))
    if len(lead) != 16 or text(lead) != lead_id:
        raise ValueError("a lead id is a UUID in its canonical text form")
    return lead


def text(lead: bytes) -> str:
    """A lead's id in canonical text form."""
    digits = lead.hex()
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def parcel(entries: Sequence[Entry], changes: Iterable[Change] = ()) -> Parcel:
    """Entries of one caller, encoded, with what they change under caps.

    Raises JournalError for one that cannot be kept.
    """
    rows, receipts, turns = [], [], []
    pools: tuple[str, ...] = ()
    for entry in entries:
        row, fact = _row(entry), entry.fact
        rows.append(row)
        if isinstance(fact, LeadReceived):
            receipts.append(_receipt(row, fact))
            pools = tuple(fact.turns)
        elif isinstance(fact, TURNS):
            turns.append(_turn(row, fact))
    places = [line for change in changes for line in _places(change)]
    return Parcel(rows, receipts, turns, pools, places)


def drawn(row: Row, turns: Mapping[str, int]) -> Row:
    """A first row with the turns that it drew."""
    return row._replace(body=orjson.dumps(orjson.loads(row.body) | {"turns": turns}))


def entry(row: Row) -> Entry:
    """The entry that a row keeps. Raises JournalError for one that this version cannot read."""
    try:
        fact = decode(row.kind, row.body)
    except (ValueError, TypeError, KeyError, ArithmeticError) as error:
        raise JournalError(
            f"entry {row.number} of lead {text(row.lead)}, a {row.kind!r}, cannot be read by this version: "
            f"it was written by a newer one, or is damaged"
        ) from error
    return Entry(text(row.lead), row.number, row.at, fact)


def tally_of(places: Iterable[Place], sold: Iterable[tuple[Claim, Count]]) -> Tally:
    """The caps as an earlier run left them."""
    return Tally((((text(place.lead), place.delivery), place.claim) for place in places), sold)


def _row(entry: Entry) -> Row:
    if (entry.number == 1) is not isinstance(entry.fact, LeadReceived):
        raise JournalError(
            f"entry {entry.number} of lead {entry.lead_id} is a {type(entry.fact).__name__}: "
            f"LeadReceived is the first fact of a lead and no other"
        )
    try:
        lead = key(entry.lead_id)
        kind, body = encode(entry.fact)
    except (ValueError, TypeError) as error:
        raise JournalError(
            f"entry {entry.number} of lead {entry.lead_id} cannot be encoded: {type(error).__name__}"
        ) from error
    return Row(lead, entry.number, entry.at, kind, body)


def _places(change: Change) -> Iterator[PlaceChange]:
    lead_id, delivery = change.holder
    lead = key(lead_id)
    match change:
        case Told():
            for claim in change.claims:
                yield Place(lead, delivery, claim)
        case Verdict():
            for sold in change.sold:
                yield Sale(lead, delivery, sold.claim.cap, sold.cost)
            yield Release(lead, delivery)


def _turn(row: Row, fact: Fact) -> Turn:
    match fact:
        case LeadSettled():
            return Turn(row.lead, settled_at=row.at, result=str(fact.result))
        case LeadParked():
            return Turn(row.lead, due_at=fact.due_at, waits=tuple(fact.waits.items()))
        case _:
            return Turn(row.lead)


def _receipt(row: Row, fact: LeadReceived) -> Receipt:
    lead = fact.lead
    return Receipt(
        row.lead,
        lead.request_id,
        fact.digest,
        lead.flow,
        lead.catalog_version,
        lead.received_at,
        lead.source,
        key(lead.again_of) if lead.again_of else None,
    )
