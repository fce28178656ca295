"""What an accepted lead is worth where its reply does not say so (behaviour 6)."""

from decimal import Decimal

import pytest

from leadrelay.core.condition import compile_condition
from leadrelay.core.outcome import Bid, Kind, Outcome
from leadrelay.core.pricing import PriceRule, priced
from leadrelay.core.scope import Scope
from leadrelay.core.template import compile_template

ACCEPTED = Outcome(kind=Kind.SUCCESS)


def a_rule(amount: str, currency: str = "USD", when: str = "") -> PriceRule:
    condition = compile_condition(when) if when else None
    return PriceRule(amount=compile_template(amount), currency=currency, when=condition)


def worth(outcome: Outcome, *rules: PriceRule, bid: Bid | None = None, **fields: str) -> tuple[object, str]:
    result = priced(outcome, rules, Scope(fields, bid=bid))
    return result.price, result.currency


def test_the_recipients_own_price_counts_before_a_bid_and_a_bid_before_the_catalog() -> None:
    bid = Bid(price=Decimal(7), currency="EUR", reference="")
    named = Outcome(kind=Kind.SUCCESS, price=Decimal(0), currency="GBP")
    assert worth(named, a_rule("9"), bid=bid) == (0, "GBP")
    assert worth(ACCEPTED, a_rule("9"), bid=bid) == (7, "EUR")
    assert worth(ACCEPTED, a_rule("9")) == (9, "USD")
    assert worth(ACCEPTED) == (None, "")


def test_an_amount_alone_is_in_the_currency_of_the_bid_and_of_nothing_else() -> None:
    alone = Outcome(kind=Kind.SUCCESS, price=Decimal(18))
    assert worth(alone, a_rule("9"), bid=Bid(price=Decimal(20), currency="USD", reference="")) == (18, "USD")
    assert worth(alone, a_rule("9")) == (18, "")


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind is not Kind.SUCCESS])
def test_only_a_success_is_worth_anything(kind: Kind) -> None:
    assert worth(Outcome(kind=kind), a_rule("9"), bid=Bid(price=Decimal(7), currency="", reference="")) == (
        None,
        "",
    )


def test_the_first_rule_that_applies_and_comes_to_a_price_decides() -> None:
    rules = (
        a_rule("40", when="loan_amount > 100000"),
        a_rule("{{agreed_price}}", "EUR"),
        a_rule('{{math "loan_amount * 0.0005"}}'),
        a_rule("1"),
    )
    assert worth(ACCEPTED, *rules, loan_amount="$200,000") == (40, "USD")
    assert worth(ACCEPTED, *rules, agreed_price="12,50") == (Decimal("12.50"), "EUR")
    assert worth(ACCEPTED, *rules, agreed_price="£12.50") == (Decimal("12.50"), "GBP"), "it names its own"
    assert worth(ACCEPTED, *rules, loan_amount="30000") == (15, "USD")
    assert worth(ACCEPTED, *rules, agreed_price="-5", loan_amount="x") == (1, "USD")
