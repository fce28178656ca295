"""Streets (behaviour 3.4)."""

import csv
from pathlib import Path

import pytest

from leadrelay.core.typed import street

LEADS = Path(__file__).parents[3] / "examples" / "leads.csv"


@pytest.mark.parametrize(
    ("raw", "number", "name"),
    [
        ("4203 Guadalupe St", "4203", "Guadalupe St"),
        (" 4626  Cedar Ln #12 ", "4626", "Cedar Ln #12"),
        ("7885 Lakeview Dr, Unit 210", "7885", "Lakeview Dr, Unit 210"),
        ("8686 N 5th Street", "8686", "N 5th Street"),
        ("12-34 56th Ave", "12-34", "56th Ave"),
        ("221B Baker St", "221B", "Baker St"),
        ("123 1/2 Main St", "123 1/2", "Main St"),
        ("N6W23001 Bluemound Rd", "N6W23001", "Bluemound Rd"),
        ("123, rue Principale", "123", "rue Principale"),
        ("12 улица Ленина", "12", "улица Ленина"),
    ],
)
def test_a_street_has_a_number_and_a_name(raw: str, number: str, name: str) -> None:
    read = street(raw)
    assert read.normal == " ".join(raw.split())
    assert (read.part("number"), read.part("name")) == (number, name)


@pytest.mark.parametrize(
    "raw", ["", " ", "N/A", "Asdf", "123", "PO Box 12", "1st Ave", "12 34", "9" * 300 + " A"]
)
def test_a_line_without_a_house_goes_out_as_it_came(raw: str) -> None:
    assert not street(raw).valid
    assert street(raw).part("name") is None


def test_every_street_of_the_sample_leads_has_a_number() -> None:
    with LEADS.open(encoding="utf-8", newline="") as file:
        assert [row["address_1"] for row in csv.DictReader(file) if not street(row["address_1"]).valid] == []
