"""Lead fields that have a meaning of their own (behaviour 2, 3.4)."""

import csv
from pathlib import Path

import pytest

from leadrelay.core.fields import (
    SENSITIVE,
    WELL_KNOWN,
    Field,
    FieldType,
    known_fields,
    sensitive_names,
    types_of,
)
from leadrelay.core.masking import is_sensitive
from leadrelay.core.scope import OWN_WORDS

PRIVATE = """ssn dob password bank_account_number bank_routing_number drivers_license passport_number
    credit_card_number cvv"""
OPEN = "email phone_1 first_name postal_code loan_amount"
NOT_TYPED = ("plate", "phone1", "Phone 1", "firstname")

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
    assert not [name for name in PRIVATE.split() if not is_sensitive(name, SENSITIVE)]
    assert not [name for name in OPEN.split() if is_sensitive(name, SENSITIVE)]


@pytest.mark.parametrize(
    "name",
    [
        *(
            "SSN",
            "Ssn",
            "S.S.N.",
            "Dob",
            "DOB",
            "dateOfBirth",
            "Birth Date",
            "birthdate",
            "PIN",
            "Card-Number",
        ),
        *(
            "accountNumber",
            "Social Security Number",
            "driversLicense",
            "applicant.SSN",
            "Co.DateOfBirth",
            " IBAN ",
        ),
    ],
)
def test_what_is_private_is_so_however_its_name_is_spelled(name: str) -> None:
    assert is_sensitive(name, SENSITIVE)


@pytest.mark.parametrize("name", ["spin", "ssns", "pins", "Dobbs", "Ban", "#", "", "..", "tax", "phone1"])
def test_another_name_is_another_name(name: str) -> None:
    assert not is_sensitive(name, SENSITIVE)


def test_a_name_of_signs_alone_stands_for_itself() -> None:
    own = sensitive_names(known_fields([Field(name="№ #", sensitive=True), Field(name="#", sensitive=True)]))
    assert is_sensitive("#", own)
    assert not is_sensitive("##", own)


def test_well_known_fields_are_typed_in_any_case_and_no_others_are() -> None:
    types = types_of(known_fields([Field(name="Plate", type=FieldType.STATE)]))
    assert types["Phone_1"] is types["PHONE_1"] is types["phone_1"]
    assert types["Plate"] is types["state"]
    assert not [name for name in NOT_TYPED if name in types]


def test_a_spelling_that_is_declared_has_the_type_that_is_declared() -> None:
    types = types_of(known_fields([Field(name="State", type=FieldType.TEXT), Field(name="dob")]))
    assert types["State"] is types["first_name"]
    assert types["STATE"] is types["state"]
    assert types["DOB"] is types["dob"] is types["first_name"], "as what it is written for was retyped"


def test_no_well_known_name_hides_one_of_our_own_words() -> None:
    assert not OWN_WORDS & set(WELL_KNOWN)


def test_a_catalog_adds_fields_and_retypes_known_ones() -> None:
    fields = known_fields([Field(name="vin"), Field(name="comments", type=FieldType.CREDENTIAL)])
    assert fields["vin"] == Field(name="vin")
    assert fields["comments"].sensitive
    assert fields["email"] is WELL_KNOWN["email"]
    assert sensitive_names(fields) == SENSITIVE | {"comments"}


@pytest.mark.parametrize("name", ["ssn", "SSN", "S S N"])
def test_a_catalog_cannot_uncover_what_is_sensitive_by_itself(name: str) -> None:
    fields = known_fields([Field(name=name, type=FieldType.TEXT, sensitive=False)])
    assert fields[name].sensitive
    assert is_sensitive(name, sensitive_names(fields))
