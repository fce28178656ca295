"""What mapping costs: twenty fields, six of them templates, and the payload as JSON. CPU time of one process.

Nothing in it waits, so whatever disturbs a round can only add to it: the best of all rounds is quoted.
"""

import gc
import time
from collections.abc import Callable
from dataclasses import dataclass

from scripts.bench_parts.catalog import FIELDS

from leadrelay.core.encoding import Body, compile_body
from leadrelay.core.fields import SENSITIVE, known_fields, types_of
from leadrelay.core.mapping import Rule, compile_mapping
from leadrelay.core.scope import Known, Scope

MAP_AIM, ENCODE_AIM = 10.0, 2.0  # µs
ROUNDS, CALLS = 15, 2_000

TEMPLATES = {
    "full_name": "{{first_name}} {{last_name}}",
    "email": "{{lowercase email}}",
    "phone": '{{format phone_1 "(###) ###-####"}}',
    "state": '{{if state "CA" then "California" else state}}',
    "priority": '{{if loan_amount > 50000 then "high" else "normal"}}',
    "address": "{{address_1}}, {{city}}",
}
PLAIN = (
    *("first_name", "last_name", "city", "postal_code", "loan_amount", "loan_purpose", "credit_score"),
    *("monthly_income", "own_or_rent", "bankruptcy", "ip_address", "consent", "campaign", "user_agent"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class MappingCost:
    """CPU of one lead, µs."""

    fields: int
    templates: int
    map_first: float  # nothing is known of the lead yet
    map: float  # its fields were read for another destination, or a condition
    encode: float


def mapping_cost(rounds: int = ROUNDS, calls: int = CALLS) -> MappingCost:
    types = types_of(known_fields())
    rules = [Rule(to=to, value=value) for to, value in TEMPLATES.items()]
    rules += [Rule(to=f"{name}_", value=f"{{{{{name}}}}}") for name in PLAIN]
    mapping, body = compile_mapping(rules, sensitive=SENSITIVE, types=types), compile_body(Body(), types)
    known = Known()
    payload = mapping.apply(Scope(FIELDS, known=known)).payload
    if len(payload) != len(rules):
        raise ValueError(f"{len(rules)} rules gave {len(payload)} values")
    return MappingCost(
        fields=len(rules),
        templates=len(TEMPLATES),
        map_first=_each(lambda: mapping.apply(Scope(FIELDS)), rounds, calls),
        map=_each(lambda: mapping.apply(Scope(FIELDS, known=known)), rounds, calls),
        encode=_each(lambda: body.encode(payload), rounds, calls),
    )


def mapping_section(cost: MappingCost) -> str:
    lines = (
        ("map a lead whose fields have been read", f"{cost.map:.1f}", f"≤ {MAP_AIM:g}"),
        ("the same, and read them: once for a lead", f"{cost.map_first:.1f}", ""),
        ("write it as JSON", f"{cost.encode:.2f}", f"≤ {ENCODE_AIM:g}"),
    )
    head = (
        f"| {cost.fields} fields, of which {cost.templates} are templates | µs | aim |\n| --- | --- | --- |\n"
    )
    return f"## Mapping\n\n{head}" + "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _each(call: Callable[[], object], rounds: int, calls: int) -> float:
    call()  # whatever is made once
    gc.collect()
    found = []
    for _ in range(rounds):
        began = time.process_time()
        for _ in range(calls):
            call()
        found.append((time.process_time() - began) / calls * 1e6)
    return min(found)
