"""In which order a waterfall tries its steps, the same whenever it is asked for a lead (behaviour 5).

Weights draw lots that follow from the lead's id, so that a replay draws the same. Prices are those that
are known before anything is sent. Turns of a round robin are `core.turns`.
"""

import math
from decimal import Decimal
from hashlib import blake2b

from leadrelay.core.flow import Step, Waterfall
from leadrelay.core.lead import Lead
from leadrelay.core.pricing import by_rule
from leadrelay.core.scope import Scope
from leadrelay.core.template import Template, TemplateFault
from leadrelay.core.values import number

_UNKNOWN = Decimal("-Infinity")  # after every price that is known


def by_weight(waterfall: Waterfall, lead: Lead) -> tuple[Step, ...]:
    """At random, each step first as often as its weight is a share of all; the same for every replay."""
    steps = waterfall.steps
    lots = [_lot(lead, waterfall.name, place, step) for place, step in enumerate(steps)]
    return tuple(steps[place] for place in sorted(range(len(steps)), key=lots.__getitem__))


def by_price(waterfall: Waterfall, scope: Scope) -> tuple[Step, ...]:
    """From the highest price down, as listed where prices are equal. `scope`: as the waterfall begins."""
    return tuple(sorted(waterfall.steps, key=lambda step: _price(step, scope), reverse=True))


def _lot(lead: Lead, name: str, place: int, step: Step) -> float:
    """Waiting times at rates that are the weights: the shortest comes first (Efraimidis and Spirakis)."""
    digest = blake2b(f"{lead.id}/{name}/{place}".encode(), digest_size=8).digest()
    return -math.log((int.from_bytes(digest) + 0.5) / 2**64) / step.weight


def _price(step: Step, scope: Scope) -> Decimal:
    """What is known before sending, whatever its currency."""
    price = step.price
    if isinstance(price, tuple):
        agreed = by_rule(price, scope)
        return _UNKNOWN if agreed is None else agreed[0]
    try:
        found = number(price(scope) if isinstance(price, Template) else price)
    except TemplateFault as fault:
        scope.warnings.append(f"a price is not known: {fault}")
        return _UNKNOWN
    return _UNKNOWN if found is None else Decimal(found)
