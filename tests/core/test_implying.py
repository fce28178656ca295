"""One condition holds whenever another does: seen where it is plain, and claimed nowhere else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadrelay.core.condition import compile_condition
from leadrelay.core.implying import implies, reads_nothing
from leadrelay.core.scope import Scope

OPERATORS = [">", ">=", "<", "<=", "=="]
comparisons = st.builds(
    lambda turned, operator, number: f"{number} {operator} a" if turned else f"a {operator} {number}",
    st.booleans(),
    st.sampled_from(OPERATORS),
    st.integers(0, 3),
)
conditions = st.lists(comparisons, min_size=1, max_size=3).map(" and ".join)


@pytest.mark.parametrize(
    ("narrow", "wide"),
    [
        ("loan_amount > 60000", "loan_amount > 50000"),
        ("loan_amount > 50000", "loan_amount >= 50000"),
        ("loan_amount == 7", "loan_amount < 8"),
        ("5 < loan_amount", "loan_amount > 4"),
        ('state == "CA" and loan_amount > 9', "loan_amount > 5"),
        ('loan_amount > 9 and  state ==  "CA"', 'state == "CA" and loan_amount > 5'),
        ('state in ["CA", "TX"]', 'state in ["CA","TX"]'),
    ],
)
def test_what_is_plainly_implied_is_seen(narrow: str, wide: str) -> None:
    assert implies(narrow, wide)


@pytest.mark.parametrize(
    ("narrow", "wide"),
    [
        ("loan_amount > 50000", "loan_amount > 60000"),
        ("loan_amount >= 5", "loan_amount > 5"),
        ("loan_amount > 5", "credit_score > 5"),
        ("loan_amount > 5", "loan_amount < 5"),
        ("loan_amount > 5 or state == 'CA'", "loan_amount > 5"),
        ("state == 'CA'", "state == 'TX'"),
        ("not loan_amount > 9", "loan_amount > 5"),
    ],
)
def test_what_is_not_implied_is_not_claimed(narrow: str, wide: str) -> None:
    assert not implies(narrow, wide)


@given(narrow=conditions, wide=conditions, value=st.sampled_from(["0", "1", "2", "3", "1.5", "", "x"]))
def test_a_claim_is_true_of_every_lead(narrow: str, wide: str, value: str) -> None:
    scope = Scope({"a": value})
    if implies(narrow, wide) and compile_condition(narrow).holds(scope):
        assert compile_condition(wide).holds(scope)


def test_a_condition_that_reads_nothing_is_known_by_itself() -> None:
    assert reads_nothing("1 == 1")
    assert not reads_nothing("state == 1")
    assert not reads_nothing("(now) > 5")
