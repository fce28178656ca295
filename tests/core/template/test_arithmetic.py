"""The expressions of `math` (behaviour 3.2)."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadrelay.core.scope import Scope
from leadrelay.core.template import TemplateError, compile_template
from leadrelay.core.template.arithmetic import BadExpression, compile_math
from leadrelay.core.values import Value


def computed(source: str, **fields: str) -> Value:
    return compile_math(source, lambda path: lambda scope: scope.lookup(path))(Scope(fields))


@pytest.mark.parametrize(
    ("source", "result"),
    [
        ("1 + 2 * 3", 7),
        ("(1 + 2) * 3", 9),
        ("10 - 2 - 3", 5),
        ("2 ^ 3 ^ 2", 512),
        ("-2 ^ 2", -4),
        ("2 ^ -1", Decimal("0.5")),
        ("7 % 3", 1),
        ("0.1 + 0.2", Decimal("0.3")),
        ("1 / 3", Decimal("0.333333333333333")),
        ("3 / 3", 1),
        ("1 / 3 * 3", 1),
        ("1 < 2", True),
        ("1 == 1.0", True),
        ("2 >= 3 ? 1 : 2 < 3 ? 4 : 5", 4),
        ("1 < 2 and 2 < 1", False),
        ("1 < 2 or 2 < 1", True),
        ("not 0", True),
        ("abs(-5) + ceil(1.2) + floor(1.8) + trunc(-1.8)", 7),
        ("round(2.5) + round(-2.5)", 0),
        ("roundTo(2.345, 2)", Decimal("2.35")),
        ("roundTo(1234, -2)", 1200),
        ("min(3, 1, 2) + max(3, 1, 2)", 4),
        ("min(3) + max(4)", 7),
        ("sqrt(2)", Decimal("1.4142135623731")),
        ("log(exp(1)) + ln(1) + log10(1000) + log(8, 2)", 7),
        ("sign(-3)", -1),
        (".5 * 2", 1),
    ],
)
def test_an_expression_comes_to_its_result(source: str, result: Value) -> None:
    assert computed(source) == result


def test_fields_are_read_as_numbers() -> None:
    assert computed("loan_amount / 12", loan_amount="$52,200.00") == 4350
    assert computed("lead.a * 2", a="1.25") == Decimal("2.5")


@pytest.mark.parametrize(
    "source",
    [
        "missing + 1",
        "words * 2",
        "1 / 0",
        "0 / 0",
        "sqrt(-1)",
        "ln(0)",
        "9 ^ 9 ^ 9",
        "(-8) ^ 0.5",
        "roundTo(1, 99)",
        "roundTo(10 ^ 60, 20)",
        "1 % 0",
        "10 ^ 99 * 10 ^ 99",
        "log(8, 1)",
        "words > 1",
    ],
)
def test_what_has_no_result_is_null(source: str) -> None:
    assert computed(source, words="many") is None


def test_a_branch_that_is_not_taken_need_not_be_a_number() -> None:
    assert computed("1 > 0 ? 5 : missing") == 5


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("", "but found the end"),
        ("1 +", "expected a number, a field or a function"),
        ("1 2", "expected an operator"),
        ("(1", "expected `)`"),
        ("sqroot(1)", "did you mean `sqrt`?"),
        ("min()", "expected a number"),
        ("abs(1, 2)", "takes 1 numbers"),
        ("1 ? 2", "expected `:`"),
        ("a $ b", "unexpected `$ b`"),
        ("(" * 40 + "1" + ")" * 40, "nested more than 32"),
        ("-" * 40 + "1", "nested more than 32"),
        ("__import__('os')", "unexpected `'os')`"),
    ],
)
def test_a_wrong_expression_says_what_was_expected(source: str, words: str) -> None:
    with pytest.raises(BadExpression) as caught:
        computed(source)
    assert words in str(caught.value)


def test_a_template_knows_the_fields_of_its_sums() -> None:
    template = compile_template('{{math "loan_amount / lead.months"}}')
    assert template.fields == {"loan_amount", "months"}
    with pytest.raises(TemplateError, match="line 1, column 3"):
        compile_template('{{math "1 +"}}')


@given(st.integers(-(10**6), 10**6), st.integers(-(10**6), 10**6), st.integers(1, 10**6))
def test_it_agrees_with_arithmetic(a: int, b: int, c: int) -> None:
    assert computed("a * b + c - a", a=str(a), b=str(b), c=str(c)) == a * b + c - a
    assert computed("(a * c) / c", a=str(a), c=str(c)) == a


@given(st.text("0123456789.+-*/%^<>=!?:(), abmx", max_size=40))
def test_no_text_crashes_it(source: str) -> None:
    try:
        computed(source, a="1", b="x")
    except BadExpression:
        return
