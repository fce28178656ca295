"""Lead fields that have a meaning of their own (behaviour 2, 3.4)."""

import csv
from pathlib import Path

from leadrelay.core.fields import SENSITIVE, WELL_KNOWN, Field, FieldType, known_fields, sensitive_names
from leadrelay.core.scope import OWN_WORDS

LEADS = Path(__file__).parents[2] / "examples" / "leads.csv"


def test_the_names_of_the_page_are_typed_by_default() -> None:
    types = {
        name: WELL_KNOWN[name].type for name in ("email", "phone_1", "state", "postal_code", "dob", "ssn")
    }
    assert types == {
        "email": FieldType.EMAIL,
        "phone_1": FieldType.PHONE,
        "state": FieldType.STATE,
        "postal_code": FieldType.POSTAL_CODE,
        "dob": FieldType.DOB,
        "ssn": FieldType.SSN,
    }
    assert WELL_KNOWN["first_name"].type is FieldType.TEXT
    assert WELL_KNOWN["loan_amount"].type is FieldType.NUMBER


def test_nearly_every_column_of_the_sample_leads_is_well_known() -> None:
    with LEADS.open(encoding="utf-8", newline="") as file:
        columns = set(next(csv.reader(file)))
    assert columns - set(WELL_KNOWN) == {"request_id", "source"}


def test_identity_and_account_numbers_are_sensitive_and_contact_data_is_not() -> None:
    assert {"ssn", "dob", "password", "bank_account_number", "bank_routing_number"} <= SENSITIVE
    assert {"drivers_license", "passport_number", "credit_card_number", "cvv"} <= SENSITIVE
    assert not {"email", "phone_1", "first_name", "postal_code", "loan_amount"} & SENSITIVE


def test_no_well_known_name_hides_one_of_our_own_words() -> None:
    assert not OWN_WORDS & set(WELL_KNOWN)


def test_a_catalog_adds_fields_and_retypes_known_ones() -> None:
    fields = known_fields([Field(name="vin"), Field(name="comments", type=FieldType.CREDENTIAL)])
    assert fields["vin"] == Field(name="vin")
    assert fields["comments"].sensitive
    assert fields["email"] is WELL_KNOWN["email"]
    assert sensitive_names(fields) == SENSITIVE | {"comments"}


def test_a_catalog_cannot_uncover_what_is_sensitive_by_itself() -> None:
    fields = known_fields([Field(name="ssn", type=FieldType.TEXT, sensitive=False)])
    assert fields["ssn"].sensitive
