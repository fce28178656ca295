"""What is passed through of a lead: open data only, in one order (behaviour 3.3)."""

from typing import Any

from leadrelay.core.fields import SENSITIVE, known_fields, types_of
from leadrelay.core.passing import passing
from leadrelay.core.scope import Scope
from leadrelay.core.values import Value

PASSED = passing(SENSITIVE, types_of(known_fields(())))


def passed(fields: dict[str, str], nested: dict[str, Any]) -> tuple[list[tuple[str, Value]], list[str]]:
    withheld: list[str] = []
    return list(PASSED(Scope(fields, nested), withheld)), withheld


def test_fields_go_by_the_order_of_their_names_in_normal_form_and_without_blanks() -> None:
    sent, withheld = passed({"state": "ca", "city": " ", "b": "2"}, {"a": [1], "c": 3, "empty": {}})
    assert sent == [("a", [1]), ("b", "2"), ("c", 3), ("state", "CA")]
    assert withheld == []


def test_what_is_sensitive_is_withheld_however_deep_it_stands() -> None:
    sent, withheld = passed(
        {"ssn": "078-05-1120", "applicant.dob": "3/9/1988", "spouse.name": "Bob"},
        {"people": [{"name": "Ann", "ssn": "1"}, {"ssn": "2"}], "cards": {"old": {"cvv": "123"}, "n": 1}},
    )
    assert sent == [("cards", {"old": {}, "n": 1}), ("people", [{"name": "Ann"}, {}]), ("spouse.name", "Bob")]
    assert withheld == ["applicant.dob", "cards.old.cvv", "people.0.ssn", "people.1.ssn", "ssn"]


def test_data_of_which_only_sensitive_values_are_left_is_not_sent() -> None:
    assert passed({}, {"co_applicant": {"ssn": "078-05-1120"}}) == ([], ["co_applicant.ssn"])


def test_the_lead_itself_stays_whole() -> None:
    nested = {"applicant": {"ssn": "078-05-1120"}}
    passed({}, nested)
    assert nested == {"applicant": {"ssn": "078-05-1120"}}


def test_well_known_names_count_in_every_spelling() -> None:
    fields = {
        "SSN": "078-05-1120",
        "dateOfBirth": "3/9/1988",
        "State": "ca",
        "Loan_Amount": "$1,100",
        "x": "1",
    }
    sent, withheld = passed(fields, {"Spouse": {"Ssn": "1", "name": "Bo"}})
    assert sent == [("Loan_Amount", 1100), ("Spouse", {"name": "Bo"}), ("State", "CA"), ("x", "1")]
    assert withheld == ["SSN", "Spouse.Ssn", "dateOfBirth"]
