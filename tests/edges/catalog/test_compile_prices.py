"""`prices` of a destination (behaviour 6)."""

from decimal import Decimal

import pytest

from catalog_texts import loaded, of_rest, refused, warned
from leadrelay.core.outcome import Kind, Outcome
from leadrelay.core.pricing import priced
from leadrelay.core.scope import Scope


def test_prices_are_compiled_in_order() -> None:
    keys = """
        prices:
          - {when: loan_amount > 50000, amount: "40.00", currency: usd}
          - {amount: '{{agreed_price}}'}
    """
    rules = loaded(of_rest(keys)).catalog.destinations["crm"].prices
    accepted = Outcome(kind=Kind.SUCCESS)
    high = priced(accepted, rules, Scope({"loan_amount": "60000"}))
    assert (high.price, high.currency) == (Decimal("40.00"), "USD")
    agreed = priced(accepted, rules, Scope({"agreed_price": "7 EUR"}))
    assert (agreed.price, agreed.currency) == (Decimal(7), "EUR")


@pytest.mark.parametrize(
    ("rule", "problem"),
    [
        ("{currency: USD}", "prices[0]: needs an `amount`: decimal text"),
        ('{amount: "free"}', 'prices[0].amount: `free` is no price; write decimal text such as "12.50"'),
        ('{amount: "-5"}', "prices[0].amount: `-5` is no price"),
        (
            "{amount: 12.5}",
            'prices[0].amount: expected a text, found the number 12.5; write it in quotes: "12.5"',
        ),
        (
            '{amount: "5", currency: USDD}',
            "prices[0].currency: `USDD` is no currency of ISO 4217, such as USD",
        ),
        ('{amount: "{{uper x}}"}', "prices[0].amount: at column"),
        ('{amount: "5", when: "a ="}', "prices[0].when: at column"),
        ("{amount: '5', when: 'crm.code == \"dup\"'}", "prices[0].when: no code is called `dup`"),
    ],
)
def test_says_what_is_wrong_with_a_price(rule: str, problem: str) -> None:
    (found,) = refused(of_rest(f"prices: [{rule}]"))
    assert found.startswith(f"c.yaml:5: destinations[crm].{problem}")


def test_a_price_for_every_lead_leaves_nothing_to_those_behind_it() -> None:
    (warning,) = warned(of_rest('prices: [{amount: "5"}, {amount: "6"}]'))
    assert "prices[0]: is for every lead" in warning
