"""Postal codes (behaviour 3.4)."""

import pytest

from leadrelay.core.typed import postal_code


@pytest.mark.parametrize(
    ("raw", "normal", "parts"),
    [
        ("78701", "78701", {"zip": "78701", "four": None, "country_code": "US"}),
        (" 78701 ", "78701", {"zip": "78701", "four": None}),
        ("01607-1234", "01607-1234", {"zip": "01607", "four": "1234"}),
        ("78701 1234", "78701-1234", {"zip": "78701", "four": "1234"}),
        ("787011234", "78701-1234", {"zip": "78701", "four": "1234"}),
        ("78701-", "78701", {"zip": "78701", "four": None}),
        ("７８７０１", "78701", {"zip": "78701"}),
        (
            "k1a0b6",
            "K1A 0B6",
            {"fsa": "K1A", "ldu": "0B6", "district": "K", "country_code": "CA", "zip": None},
        ),
        ("K1A-0B6", "K1A 0B6", {"fsa": "K1A", "ldu": "0B6"}),
        ("sw1a1aa", "SW1A 1AA", {"outcode": "SW1A", "incode": "1AA", "country_code": "GB"}),
        ("M1 1AE", "M1 1AE", {"outcode": "M1", "incode": "1AE"}),
        ("DN55 1PT", "DN55 1PT", {"outcode": "DN55", "incode": "1PT"}),
        ("gir 0aa", "GIR 0AA", {"outcode": "GIR", "incode": "0AA"}),
    ],
)
def test_a_code_of_three_countries_is_written_as_its_post_writes_it(
    raw: str, normal: str, parts: dict[str, str | None]
) -> None:
    read = postal_code(raw)
    assert read.normal == normal
    assert {name: read.part(name) for name in parts} == parts


@pytest.mark.parametrize(
    "raw",
    [
        "",
        " ",
        "N/A",
        "garbage",
        "1607",  # its zero may have been lost in a spreadsheet, or another digit by a typo
        "00000",
        "99999",
        "787011",
        "78701-12",
        "D1A 0B6",  # no Canadian code has a D
        "Z1A 0B6",
        "K1A 0B",
        "AAA1 1AA",
        "SW1A 1CC",  # no British one ends so
    ],
)
def test_a_code_that_no_post_office_has_goes_out_as_it_came(raw: str) -> None:
    assert not postal_code(raw).valid
