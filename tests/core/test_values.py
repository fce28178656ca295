"""How values read, print and compare."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadrelay.core.values import Value, boolean, compare, is_blank, is_true, number, same, text


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("$52,400", 52400),
        ("52,400.00", 52400),
        (" 52400 ", 52400),
        ("-$3.50", Decimal("-3.5")),
        (".5", Decimal("0.5")),
        ("7.", 7),
        (0.1, Decimal("0.1")),
        (12, 12),
        (Decimal("1.10"), Decimal("1.1")),
        ("5,24", None),  # no grouping that anybody uses
        ("1e5", None),
        ("12 apples", None),
        ("", None),
        ("-", None),
        (".", None),
        ("9" * 65, None),
        (True, None),
        (None, None),
        (float("nan"), None),
        (float("inf"), None),
        ("٣", None),
    ],
)
def test_a_text_that_spells_a_number_is_that_number_exactly(value: Value, expected: Value) -> None:
    assert number(value) == expected


@given(st.decimals(allow_nan=False, allow_infinity=False, places=2, min_value=-(10**12), max_value=10**12))
def test_every_amount_survives_being_written_with_commas_and_a_currency(amount: Decimal) -> None:
    assert number(f"{amount:,}") == amount
    assert number(f"${amount:,}" if amount >= 0 else f"-${-amount:,}") == amount


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("CA", "ca"),
        (" CA ", "CA"),
        (52400, "$52,400"),
        ("52,400.00", "52400"),
        (0.1, "0.1"),
        (True, "yes"),
        ("No", False),
        (None, None),
        (date(2024, 2, 29), "2024-02-29"),
        ("Straße", "STRASSE"),
    ],
)
def test_these_are_the_same(left: Value, right: Value) -> None:
    assert same(left, right)
    assert same(right, left)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("CA", "TX"),
        ("02134", "2134"),  # a ZIP code is no number
        ("02134", 2134),
        (None, ""),
        (None, "null"),
        (True, "maybe"),
        (1, "one"),
        ([1], "1"),
    ],
)
def test_these_are_not_the_same(left: Value, right: Value) -> None:
    assert not same(left, right)
    assert not same(right, left)


def test_null_and_things_of_different_kinds_have_no_order() -> None:
    assert compare(None, 1) is None
    assert compare("apples", 5) is None
    assert compare("apples", "5") is None
    assert compare(True, 5) is None
    assert compare("b", "A") == 1
    assert compare("$1,000", 999.5) == 1
    assert compare(date(2024, 1, 1), "2024-01-02") == -1
    assert compare(datetime(2024, 1, 1, tzinfo=UTC), "never") is None


@pytest.mark.parametrize("value", [None, "", "  \t\n", [], {}])
def test_blank_is_what_no_recipient_could_use(value: Value) -> None:
    assert is_blank(value)
    assert not is_true(value)


@pytest.mark.parametrize("value", [False, "false", " False\n"])
def test_false_is_false_in_a_text_too_and_never_blank(value: Value) -> None:
    """{"opt_in": false} arrives as the text of a flat field: a filter on `opt_in` let such leads pass."""
    assert not is_true(value)
    assert not is_blank(value)


@pytest.mark.parametrize("value", [0, "0", "no", "falsehood", True, [False]])
def test_anything_else_that_is_there_is_true(value: Value) -> None:
    assert is_true(value)


@pytest.mark.parametrize("value", [0, False, "0", [None], {"a": None}])
def test_zero_and_false_are_not_blank(value: Value) -> None:
    assert not is_blank(value)


@pytest.mark.parametrize(
    ("value", "printed"),
    [
        (None, ""),
        (True, "true"),
        (12.0, "12"),
        (12.5, "12.5"),
        (1e300, "1e+300"),
        (5e-05, "0.00005"),
        (-1.25e-7, "-0.000000125"),
        (Decimal("1E+3"), "1000"),
        (Decimal("12.50"), "12.50"),
        (["a", None, 1], "a,,1"),
        ({"a": Decimal("1.10")}, '{"a":1.10}'),
        (date(2024, 2, 9), "2024-02-09"),
        (datetime(2024, 2, 9, 1, 2, 3, 4000, tzinfo=UTC), "2024-02-09T01:02:03.004Z"),
    ],
)
def test_a_value_prints_as_people_write_it(value: Value, printed: str) -> None:
    assert text(value) == printed


@pytest.mark.parametrize(
    ("word", "meant"), [("Y", True), ("no", False), ("T", True), ("0", False), ("?", None), (1, True)]
)
def test_boolean_words_are_booleans(word: Value, meant: bool | None) -> None:
    assert boolean(word) is meant
