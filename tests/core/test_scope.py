"""What a template sees (behaviour 3.1)."""

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from leadrelay.core.fields import WELL_KNOWN, types_of
from leadrelay.core.lead import Lead, TraceContext, uuid7
from leadrelay.core.outcome import Bid, Kind, Outcome, ReasonCode
from leadrelay.core.scope import DeliveryContext, Known, Scope, resolver
from leadrelay.core.values import Value


def a_lead(**fields: str) -> Lead:
    return Lead(
        id=uuid7(1_700_000_000_000, bytes(range(10))),
        flow="mortgage",
        fields=fields,
        received_at=1_700_000_000_123_456_789,
        trace=TraceContext(trace_id="a" * 32),
        catalog_version=1,
        nested={"cars": [{"make": "Ford"}, {"make": "VW"}], "address": {"city": "Austin"}},
        source="web",
        ip="203.0.113.9",
    )


@dataclass
class Phone:
    """A typed field as small as it can be."""

    raw: str

    @property
    def valid(self) -> bool:
        return len(self.raw) == 10

    @property
    def normal(self) -> Value:
        return "+1" + self.raw

    def part(self, name: str, now: int | None = None) -> Value:
        return {"area": self.raw[:3], "asked_at": now}.get(name)


def test_a_bare_name_is_a_lead_field() -> None:
    scope = Scope.of(a_lead(email="ann@example.com"))
    assert scope.lookup("email") == scope.lookup("lead.email") == "ann@example.com"


def test_a_missing_value_is_null_and_no_error() -> None:
    scope = Scope.of(a_lead())
    missing = (
        "email",
        "lead.email",
        "a.b.c",
        "cars.7.make",
        "salesforce.id",
        "appended.x.y",
        "address.city.z",
    )
    for path in missing:
        assert scope.lookup(path) is None


def test_numeric_segments_index_lists() -> None:
    scope = Scope.of(a_lead())
    assert scope.lookup("cars.1.make") == "VW"
    assert scope.lookup("lead.cars.0.make") == "Ford"
    assert scope.lookup("address.city") == "Austin"


def test_a_flat_field_may_have_dots_in_its_name() -> None:
    scope = Scope.of(a_lead(**{"address.city": "Dallas"}))
    assert scope.lookup("address.city") == "Dallas"


def test_a_lead_field_hides_our_own_words() -> None:
    assert Scope.of(a_lead(source="theirs")).lookup("source") == "theirs"
    assert Scope.of(a_lead()).lookup("source") == Scope.of(a_lead()).lookup("source.name") == "web"


def test_a_field_hides_no_more_of_our_own_words_than_its_own_parts_whether_it_has_a_type_or_not() -> None:
    scope = Scope.of(a_lead(source="5125550123", submission="none"))
    for types in ({}, {"source": Phone, "submission": Phone}):
        assert scope.lookup("source.name", types) == "web"
        assert scope.lookup("submission.ip", types) == "203.0.113.9"
        assert scope.lookup("lead.source.name", types) is None
    assert scope.lookup("source.area", types) == "512"


def test_a_status_request_sees_all_that_the_attempt_saw_and_what_it_brought_back() -> None:
    bid = Bid(price=Decimal("12.50"), currency="USD", reference="P-7")
    before = Scope.of(a_lead(email="a@b.co"), destination="crm", price=bid.price, bid=bid, now=1)
    asked = before.after_attempt("key-1", "R-1")
    for path in ("email", "destination", "price", "bid.price", "bid.reference", "lead.id"):
        assert asked.lookup(path) == before.lookup(path) is not None
    assert asked.lookup("delivery.idempotency_key") == "key-1"
    assert asked.lookup("delivery.reference") == "R-1"


def test_our_own_words_are_there() -> None:
    lead = a_lead()
    scope = Scope.of(lead, destination="acme", delivery=DeliveryContext("d-1"), price=Decimal("12.50"))
    assert scope.lookup("lead.id") == lead.id
    assert scope.lookup("flow") == "mortgage"
    assert scope.lookup("destination") == "acme"
    assert scope.lookup("delivery.attempt") is None  # what is sent is the same in each
    assert scope.lookup("delivery.id") == "d-1"
    assert scope.lookup("random") == lead.random
    assert scope.lookup("price") == Decimal("12.50")
    assert scope.lookup("submission.ip") == "203.0.113.9"
    # The source did not say when it was submitted: then it is when it was received.
    assert scope.lookup("submission.timestamp") == datetime(2023, 11, 14, 22, 13, 20, 123456, tzinfo=UTC)


def test_an_earlier_destination_is_known_by_its_name_and_under_appended() -> None:
    outcome = Outcome(
        kind=Kind.HARD_REJECT,
        code=ReasonCode.DUPLICATE,
        words="Seen it",
        price=Decimal("0"),
        reference="r-9",
    )
    scope = Scope.of(
        a_lead(), outcomes={"premium_buyer": outcome}, appended={"premium_buyer": {"id": 7, "outcome": "own"}}
    )
    assert scope.lookup("premium_buyer.outcome") == "hard_reject"
    assert scope.lookup("premium_buyer.reason") == "Seen it"
    assert scope.lookup("premium_buyer.code") == "duplicate"
    assert scope.lookup("premium_buyer.price") == 0
    assert scope.lookup("premium_buyer.reference") == "r-9"
    assert scope.lookup("premium_buyer.id") == scope.lookup("appended.premium_buyer.id") == 7
    assert scope.lookup("appended.premium_buyer.outcome") == "own"
    assert scope.lookup("appended.premium_buyer.price") == scope.lookup("premium_buyer.price")
    assert scope.lookup("appended.premium_buyer.gone") is None


def test_a_destination_name_with_dots_is_found() -> None:
    scope = Scope.of(a_lead(), appended={"buyers.acme": {"id": 1}, "buyers": {"acme": {"id": 2}}})
    assert scope.lookup("buyers.acme.id") == 1
    assert scope.lookup("appended.buyers.acme.id") == 1


@pytest.mark.parametrize(
    ("raw", "path", "value"),
    [
        ("5125550123", "phone_1", "+15125550123"),
        ("5125550123", "lead.phone_1", "+15125550123"),
        ("5125550123", "phone_1.area", "512"),
        ("5125550123", "phone_1.asked_at", 7),  # an age needs to know the time
        ("5125550123", "phone_1.raw", "5125550123"),
        ("5125550123", "phone_1.normal", "+15125550123"),
        ("call me", "phone_1", "call me"),  # nothing is dropped because it did not parse
        ("call me", "phone_1.valid", False),
        ("call me", "phone_1.normal", None),
        ("5125550123", "phone_1.shoe_size", None),
    ],
)
def test_a_typed_field_has_a_normal_form_and_parts(raw: str, path: str, value: Value) -> None:
    """Behaviour 3.4."""
    scope = Scope.of(a_lead(phone_1=raw), now=7)
    assert resolver(tuple(path.split(".")), {"phone_1": Phone})(scope) == value


def test_a_typed_field_is_parsed_once_for_all_scopes_of_a_lead() -> None:
    parsed: list[str] = []

    def parse(raw: str) -> Phone:
        parsed.append(raw)
        return Phone(raw)

    lead, known = a_lead(phone_1="5125550123"), Known()
    for scope in (Scope.of(lead, known=known), Scope.of(lead, destination="other", known=known)):
        for path in ("phone_1", "phone_1.area", "lead.phone_1.raw"):
            resolver(tuple(path.split(".")), {"phone_1": parse})(scope)
    assert parsed == ["5125550123"]


def test_an_element_of_an_earlier_xml_reply_is_its_text() -> None:
    reply = {"R": {"Id": {"@kind": "lead", "#text": "A-1"}, "Note": [{"@at": "x", "#text": "a"}, "b"]}}
    scope = Scope.of(a_lead(), appended={"acme": reply})
    assert scope.lookup("acme.R.Id") == scope.lookup("appended.acme.R.Id") == "A-1"
    assert scope.lookup("acme.R.Id.@kind") == "lead"
    assert scope.lookup("acme.R.Note") == ["a", "b"]


def test_a_typed_field_is_read_by_its_type_from_nested_data_too() -> None:
    types = types_of(WELL_KNOWN)

    def read(path: str, **nested: Value) -> Value:
        return resolver(tuple(path.split(".")), types)(Scope({}, nested))

    assert read("phone_1", phone_1="(559) 555-0148") == "5595550148"
    assert read("phone_1.area", phone_1=5595550148) == "559"
    assert read("lead.phone_1.area", phone_1=5595550148) == "559"
    assert read("loan_amount", loan_amount="$52,400") == 52400
    assert read("homeowner", homeowner=False) is False
    assert read("phone_1", phone_1=5) == 5  # none: it stays what it is
    assert read("phone_1.valid", phone_1=5) is False
    assert read("phone_1.area", phone_1={"area": "559"}) == "559"
