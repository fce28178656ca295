"""`prices` of a destination: what an accepted lead is worth where the recipient does not say so."""

from collections.abc import Sequence

from leadrelay.core.pricing import PriceRule
from leadrelay.core.reading.currencies import CURRENCIES
from leadrelay.core.reading.prices import price_of
from leadrelay.edges.catalog.context import Context
from leadrelay.edges.catalog.findings import Path
from leadrelay.edges.catalog.knowing import check_words
from leadrelay.edges.catalog.problems import did_you_mean, named
from leadrelay.v1 import destination_pb2 as pb


def compile_prices(context: Context, path: Path, messages: Sequence[pb.PriceRule]) -> tuple[PriceRule, ...]:
    """The rules, after every problem with them has been noted."""
    rules = [_rule(context, (*path, index), message) for index, message in enumerate(messages)]
    for index, message in enumerate(messages[:-1]):
        if not message.when and not context.findings.is_damaged((*path, index)):
            words = "is for every lead, so that the prices behind it are never used; give it a `when`"
            context.findings.warning((*path, index), words)
            break
    return tuple(rule for rule in rules if rule is not None)


def _rule(context: Context, path: Path, message: pb.PriceRule) -> PriceRule | None:
    currency = message.currency.strip().upper()
    if currency and currency not in CURRENCIES:
        hint = did_you_mean(currency, CURRENCIES, otherwise="") if len(currency) == 3 else ""
        words = f"{named(message.currency)} is no currency of ISO 4217, such as USD or EUR{hint}"
        context.findings.problem((*path, "currency"), words)
    if not message.amount:
        context.findings.absence(path, 'needs an `amount`: decimal text such as "12.50", or a template')
        return None
    if "{{" not in message.amount and price_of(message.amount) is None:
        words = f'{named(message.amount)} is no price; write decimal text such as "12.50", or a template'
        context.findings.problem((*path, "amount"), words)
        return None
    when = context.condition((*path, "when"), message.when)
    if when is not None:
        check_words(context, (*path, "when"), when.source)
    amount = context.template((*path, "amount"), message.amount)
    if amount is None or (when is None and message.when):
        return None
    return PriceRule(amount=amount, currency=currency, when=when)
