"""States and provinces (behaviour 3.4)."""

import csv
from pathlib import Path

import pytest

from leadrelay.core.typed import state

LEADS = Path(__file__).parents[3] / "examples" / "leads.csv"


@pytest.mark.parametrize(
    ("raw", "abbreviation", "name", "country"),
    [
        ("TX", "TX", "Texas", "US"),
        ("tx", "TX", "Texas", "US"),
        (" Texas ", "TX", "Texas", "US"),
        ("NEW YORK", "NY", "New York", "US"),
        ("new  york", "NY", "New York", "US"),
        ("N.Y.", "NY", "New York", "US"),
        ("US-CA", "CA", "California", "US"),
        ("DC", "DC", "District of Columbia", "US"),
        ("Washington, D.C.", "DC", "District of Columbia", "US"),
        ("Washington", "WA", "Washington", "US"),
        ("N. Carolina", "NC", "North Carolina", "US"),
        ("PR", "PR", "Puerto Rico", "US"),
        ("US Virgin Islands", "VI", "U.S. Virgin Islands", "US"),
        ("AE", "AE", "Armed Forces Europe", "US"),
        ("ON", "ON", "Ontario", "CA"),
        ("Québec", "QC", "Quebec", "CA"),
        ("Newfoundland", "NL", "Newfoundland and Labrador", "CA"),
        ("ＴＸ", "TX", "Texas", "US"),
    ],
)
def test_a_state_goes_out_as_two_letters_and_has_a_name(
    raw: str, abbreviation: str, name: str, country: str
) -> None:
    read = state(raw)
    assert read.normal == read.part("abbreviation") == abbreviation
    assert (read.part("name"), read.part("country_code")) == (name, country)


@pytest.mark.parametrize("raw", ["", " ", "N/A", "DX", "Dexus", "Île-de-France", "CA, TX", "T X", "x" * 500])
def test_another_region_goes_out_as_it_came(raw: str) -> None:
    assert not state(raw).valid


def test_all_states_territories_military_mail_and_provinces_are_known() -> None:
    letters = [first + second for first in map(chr, range(65, 91)) for second in map(chr, range(65, 91))]
    known = [state(each) for each in letters if state(each).normal == each]
    assert len(known) == 50 + 1 + 8 + 3 + 13
    assert all(state(str(each.part("name"))).normal == each.normal for each in known)


def test_every_state_of_the_sample_leads_is_known() -> None:
    with LEADS.open(encoding="utf-8", newline="") as file:
        assert [row["state"] for row in csv.DictReader(file) if not state(row["state"]).valid] == []
