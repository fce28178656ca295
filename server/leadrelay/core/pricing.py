"""What an accepted lead is worth where its reply does not say so (behaviour 6).

The recipient's own word counts: the price in its reply, else what it bid. Where it names none, the
catalog's rules say what was agreed with it. A price beside a refusal is what the recipient said, and
nobody's revenue.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal

from leadrelay.core.condition import Condition
from leadrelay.core.outcome import Kind, Outcome
from leadrelay.core.reading.prices import price_of
from leadrelay.core.scope import Scope
from leadrelay.core.template import Template, TemplateFault
from leadrelay.core.values import Value


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceRule:
    """A price, and the leads that it is for."""

    amount: Template
    currency: str = ""
    when: Condition | None = None  # None: every lead


def priced(outcome: Outcome, rules: Iterable[PriceRule], scope: Scope) -> Outcome:
    """The outcome with its price, where it is a success that names none, or an amount alone after a bid.

    A ping is not to be priced: it sells nothing, and a price that the catalog gave it would be a bid.
    """
    if outcome.kind is not Kind.SUCCESS:
        return outcome
    bid = scope.bid
    if outcome.price is not None:
        return outcome if bid is None or outcome.currency else replace(outcome, currency=bid.currency)
    found = by_rule(rules, scope) if bid is None else (bid.price, bid.currency)
    if found is None:
        return outcome
    amount, currency = found
    return replace(outcome, price=amount, currency=currency)


def by_rule(rules: Iterable[PriceRule], scope: Scope) -> tuple[Decimal, str] | None:
    """The first rule that applies and comes to a price; what it names itself counts before its `currency`."""
    for rule in rules:
        if rule.when is not None and not rule.when.holds(scope):
            continue
        found = price_of(_amount(rule.amount, scope))
        if found is not None:
            amount, currency = found
            return amount, currency or rule.currency
    return None


def _amount(template: Template, scope: Scope) -> Value:
    try:
        return template.read(scope)
    except TemplateFault:
        return None
