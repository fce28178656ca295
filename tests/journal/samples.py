"""Leads and facts for the journal's tests, in both forms: entries for callers, rows for stores."""

from uuid import UUID

from leadrelay.core.facts import AttemptStarted, Entry, Fact, LeadReceived, LeadSettled
from leadrelay.core.lead import Lead, TraceContext
from leadrelay.core.outcome import Result
from leadrelay.core.sealed import Sealed
from leadrelay.journal.store import Parcel, Receipt, Row, Turn

MOMENT = 1_764_000_000_000_000_000  # ns since the epoch


def lead_id(place: int) -> str:
    """The id of the lead that was received as the nth."""
    return str(UUID(int=0x0193_5F00_0000_7000_8000_0000_0000_0000 + place))


def key(place: int) -> bytes:
    return UUID(lead_id(place)).bytes


def a_lead(place: int, *, request_id: str = "", **fields: str) -> Lead:
    return Lead(
        id=lead_id(place),
        flow="loans",
        fields=fields,
        received_at=MOMENT,
        trace=TraceContext(trace_id=lead_id(place).replace("-", "")),
        catalog_version=1,
        request_id=request_id,
    )


def entry(place: int, number: int, fact: Fact) -> Entry:
    return Entry(lead_id(place), number, MOMENT + number, fact)


def received(place: int, *, request_id: str = "", digest: str = "", **fields: str) -> Entry:
    """The first entry of a lead."""
    lead = a_lead(place, request_id=request_id, **fields)
    return entry(place, 1, LeadReceived(lead=lead, digest=digest))


def started(place: int, number: int) -> Entry:
    """Any entry in the middle of a lead."""
    return entry(place, number, AttemptStarted(delivery="crm", destination="crm", attempt=number))


def settled(place: int, number: int, result: Result = Result.SUCCESS) -> Entry:
    return entry(place, number, LeadSettled(result=result))


def row(place: int, number: int, body: bytes = b"{}", kind: str = "AttemptStarted") -> Row:
    return Row(key(place), number, MOMENT + number, kind, body)


def receipt(place: int, *, request_id: str = "", digest: str = "") -> Parcel:
    """A lead's first row with its line in the list of leads."""
    line = Receipt(key(place), request_id, digest, "loans", 1, MOMENT)
    return Parcel([row(place, 1, kind="LeadReceived")], receipts=[line])


def parcel(*rows: Row) -> Parcel:
    return Parcel(rows)


def settlement(place: int, number: int, result: str = "success") -> Parcel:
    line = Turn(key(place), settled_at=MOMENT + number, result=result)
    return Parcel([row(place, number, kind="LeadSettled")], turns=[line])


def parking(place: int, number: int, due_at: int, **waits: str) -> Parcel:
    """A lead is parked until a moment; `waits` are its deliveries that wait for a cap."""
    line = Turn(key(place), due_at=due_at, waits=tuple(waits.items()))
    return Parcel([row(place, number, kind="LeadParked")], turns=[line])


def a_secret(name: str, *, version: int = 1, content: bytes = b"\x00sealed\xff") -> Sealed:
    """An envelope as a store keeps it; what is in it is no business of the store."""
    return Sealed(
        name=name,
        version=version,
        updated_at=MOMENT,
        key_id="old",
        data_key=b"\x00wrapped\xff",
        content=content,
    )
