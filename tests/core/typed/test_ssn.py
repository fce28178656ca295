"""Social security numbers (behaviour 3.4)."""

import pytest

from leadrelay.core.typed import ssn


@pytest.mark.parametrize(
    "raw", ["123456789", "123-45-6789", "123 45 6789", "123.45.6789", " 123-45-6789 ", "123‑45‑6789"]
)
def test_a_number_goes_out_as_nine_digits_and_has_parts(raw: str) -> None:
    read = ssn(raw)
    assert read.normal == "123456789"
    assert [read.part(name) for name in ("first_three", "middle_two", "last_four")] == ["123", "45", "6789"]


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "N/A",
        "***",
        "***-**-6789",
        "12345678",
        "1234567890",
        "123-456789",
        "123-45 6789",
        "000-12-3456",
        "666-12-3456",
        "900-12-3456",
        "123-00-6789",
        "123-45-0000",
        "SSN 123456789",
    ],
)
def test_a_number_that_is_never_given_out_is_not_valid(raw: str) -> None:
    assert not ssn(raw).valid
    assert ssn(raw).part("last_four") is None
