"""Conditions (behaviour 3.2 and 5)."""

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadrelay.core.condition import compile_condition
from leadrelay.core.fields import WELL_KNOWN, types_of
from leadrelay.core.outcome import Kind, Outcome
from leadrelay.core.scope import Scope
from leadrelay.core.template import TemplateError
from leadrelay.core.values import Value


def a_scope() -> Scope:
    return Scope(
        {
            "loan_amount": "$52,400",
            "state": "CA",
            "ssn": "078051120",
            "note": "x" * 100,
            "zip": "02134",
            "b": " ",
        },
        {"tags": ["Hot", "new"]},
        outcomes={"premium_buyer": Outcome(kind=Kind.HARD_REJECT)},
    )


@pytest.mark.parametrize(
    "source",
    [
        "loan_amount > 50000",
        'loan_amount == "52,400.00"',
        "loan_amount >= 52400 and loan_amount <= 52400",
        "loan_amount between 50000 and 60000",
        "loan_amount not between 1 and 2",
        'state in ["ny", "ca"]',
        'state not in ["TX"]',
        'state == "ca"',
        'state != "TX"',
        'missing != "TX"',
        "missing is blank",
        "b is blank",
        "state is not blank",
        "state",
        "not missing",
        "not (missing or b)",
        'state matches "^c[a-z]$"',
        'state not matches "x"',
        'note starts with "XX"',
        'note ends with "x"',
        'note contains "xxx"',
        'tags contains "hot"',
        'missing not contains "a"',
        'premium_buyer.outcome == "hard_reject"',
        "zip == 02134",
        "zip < 3000",
        "missing == null",
        '(lowercase state) == "ca"',
        'missing > 1 or state == "CA" and b is blank',
    ],
)
def test_these_hold(source: str) -> None:
    scope = a_scope()
    assert compile_condition(source).holds(scope)
    assert not compile_condition(f"not ({source})").holds(scope)
    assert scope.warnings == []


@pytest.mark.parametrize("sign", ["<", "<=", ">", ">="])
@pytest.mark.parametrize("right", ["1", '"a"', "missing", "null", "state"])
def test_nothing_is_above_or_below_a_missing_value(sign: str, right: str) -> None:
    assert not compile_condition(f"missing {sign} {right}").holds(a_scope())
    assert not compile_condition(f"{right} {sign} missing").holds(a_scope())


@dataclass
class Even:
    """A type whose valid texts have an even length."""

    raw: str

    @property
    def valid(self) -> bool:
        return len(self.raw) % 2 == 0

    @property
    def normal(self) -> Value:
        return self.raw.upper()

    def part(self, name: str, now: int | None = None) -> Value:
        return None


def test_a_typed_field_can_be_asked_whether_it_is_valid() -> None:
    condition = compile_condition("phone is valid", {"phone": Even})
    assert condition.holds(Scope({"phone": "ab"}))
    assert not condition.holds(Scope({"phone": "abc"}))
    assert not condition.holds(Scope({}))
    assert compile_condition("phone is not valid", {"phone": Even}).holds(Scope({"phone": "abc"}))


@pytest.mark.parametrize(
    "source",
    [
        'state == "Texas" and state == "tx" and "TEXAS" == lead.state',
        'state in ["California", "Texas"] and state not in ["California"]',
        'state != "California" and state != "Bavaria" and state != ""',
        'gender == "F" and gender in ["f", "x"] and gender != "M"',
        'phone_1 == "(512) 555-0148" and phone_1 == 5125550148',
        'postal_code == "k1a0b6" and state.raw == "texas"',
        'country == "Texas" and tag == "Texas"',
    ],
)
def test_a_text_that_a_typed_field_has_to_equal_is_read_as_the_field_is(source: str) -> None:
    fields = {"state": "texas", "gender": "f", "phone_1": "512.555.0148", "postal_code": "K1A 0B6"}
    scope = Scope({**fields, "country": "texas", "tag": "TEXAS"})
    assert compile_condition(source, types_of(WELL_KNOWN)).holds(scope)


def test_a_condition_says_which_values_decided_it() -> None:
    condition = compile_condition('loan_amount > 60000 or lead.state == "TX"\n  or missing or b')
    assert condition.explain(a_scope()) == (
        'loan_amount > 60000 or lead.state == "TX" or missing or b '
        "(loan_amount is $52,400, lead.state is CA, missing is missing, b is blank)"
    )


def test_a_long_condition_is_cut_before_the_values_that_decided_it() -> None:
    states = ", ".join(f'"{chr(65 + n // 26)}{chr(65 + n % 26)}"' for n in range(60))
    explained = compile_condition(f"state in [{states}] and loan_amount > 5").explain(a_scope())
    assert explained.startswith('state in ["AA", "AB", ')
    assert explained.endswith("… (state is CA, loan_amount is $52,400)")
    assert len(explained) == 256


def test_a_condition_that_asks_for_the_time_says_which_it_was() -> None:
    condition = compile_condition('(now "H" timezone="America/New_York") >= 17 and state == "CA"')
    scope = Scope({"state": "CA"}, now=1_764_000_000_000_000_000)
    assert condition.explain(scope).endswith(" (state is CA, now is 2025-11-24T16:00:00+00:00)")


def test_an_explanation_masks_sensitive_values_and_cuts_long_ones() -> None:
    explained = compile_condition('ssn == "1" or lead.ssn or note == "y" and ssn').explain(a_scope(), {"ssn"})
    assert "078051120" not in explained
    assert "(ssn is ***, lead.ssn is ***, note is " in explained
    assert "x" * 39 + "…" in explained
    assert len(compile_condition(" or ".join(["note"] * 60)).explain(a_scope())) <= 256


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("", "expected a value but found the end"),
        ("state =", "write `==`"),
        ("state > ", "expected a value"),
        ("{{state}}", "a condition is written without braces; unexpected `{`"),
        ("state == \u201cCA\u201d", "`\u201c` is no quote here; write \" or '"),
        ("loan_amount > $50", "unexpected character `$`; write an amount as a plain number, such as 50000"),
        ("dob < 1990-01-31", '`1990-01-31` is not a number; write a date in quotes: "1990-01-31"'),
        ("state == 1 }}", "without braces"),
        ('state "CA"', "expected an operator or the end"),
        ("state is blak", "did you mean `blank`?"),
        ("state is valid", "has no type"),
        ("state matches pattern", "in quotes"),
        ("state in []", "expected a value"),
        ("a between 1 or 2", "expected `and`"),
        ('state matches "[a"', "not a regular expression"),
    ],
)
def test_a_wrong_condition_says_what_was_expected(source: str, words: str) -> None:
    with pytest.raises(TemplateError, match="line 1, column") as caught:
        compile_condition(source)
    assert words in caught.value.message


@given(st.text(max_size=80), st.text(max_size=20))
def test_no_condition_crashes(source: str, value: str) -> None:
    scope = Scope({"state": value})
    for text in (source, f"state {source}", f"state == {value}"):
        try:
            condition = compile_condition(text)
        except TemplateError:
            continue
        condition.holds(scope)
        condition.explain(scope)


@given(st.integers(-(10**9), 10**9), st.integers(-(10**9), 10**9))
def test_the_four_orders_agree_with_arithmetic(left: int, right: int) -> None:
    scope = Scope({"a": f"{left:,}", "b": str(right)})
    for sign, holds in (
        ("<", left < right),
        ("<=", left <= right),
        (">", left > right),
        ("==", left == right),
    ):
        assert compile_condition(f"a {sign} b").holds(scope) is holds
        assert compile_condition(f"a {sign} {right}").holds(scope) is holds


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ('state "CA"', "found `CA`; write `==` between the two"),
        ('state == "CA" or "TX"', "`TX` is compared with nothing; say what it has to equal"),
        ('"TX" or state == "CA"', "or write `in [ … ]` for one of several"),
        ("loan_amount > 5 and 1", "`1` is compared with nothing"),
        ('state == "CA" AND veteran', "found `AND`; write `and`"),
        ("NOT veteran", "write `not`"),
        ('state IN ["CA"]', "write `in`"),
        ("loan_amount between 1 AND 2", "write `and`"),
        ('state in ("CA", "TX")', "write `[` and `]` round a list"),
        ("state is null", "write `blank`"),
        ('email starts_with "a"', "write `starts with`"),
        ("dob.age => 18", "write `>=`"),
        ("dob.age >= 18 and <= 65", "say again what is compared"),
        ("18 <= dob.age <= 65", "write two comparisons with `and`, or `between`"),
        ('state is "CA"', "expected `blank` or `valid` but found `CA`; to compare, write `==`"),
        ('state is not "CA"', "to compare, write `!=`"),
        ('lowercase email == "x"', "column 1: put the helper in parentheses: `(lowercase …)`"),
        ("loan_amount > 50,000", "found `,`; write 50000, without separators"),
        ("loan_amount > 50k", "column 15: `50k` is not a number; write all its digits (a field is `[50k]`)"),
        ("loan_amount between 50000 and 1e6", "column 31: `1e6` is not a number"),
        ("email | lowercase", "found `|`; a helper comes first: write `lowercase …`"),
    ],
)
def test_what_other_languages_write_is_told_with_what_to_write_here(source: str, words: str) -> None:
    with pytest.raises(TemplateError) as caught:
        compile_condition(source)
    assert words in str(caught.value)


def test_a_field_whose_name_is_a_short_number_stands_in_brackets_where_a_number_may() -> None:
    scope = Scope({"401k": "yes", "401k_balance": "12"})
    assert compile_condition("401k and 'yes' == [401k] and 9 < 401k_balance").holds(scope)


def test_the_time_is_known_in_a_condition() -> None:
    scope = Scope({"until": "12/31/2023"}, now=1_700_000_000_000_000_000)
    assert compile_condition('now > "11/1/2023" and now <= until').holds(scope)
    assert compile_condition("now is not blank").holds(scope)


def test_a_code_is_no_number_but_an_hour_with_a_zero_is() -> None:
    scope = Scope({"zip": "02134", "hour": "09"})
    assert not compile_condition("zip == 2134 or zip in [2134]").holds(scope)
    assert compile_condition('zip == "02134" and hour == 9').holds(scope)
