"""`examples` of a destination: kept as they are written, and tried by `leadrelay check` (behaviour 3.6).

Nothing is compiled here. What could never be tried, or would prove nothing, is told when it is applied.
"""

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation

from leadrelay.edges.catalog.context import Context
from leadrelay.edges.catalog.findings import Path
from leadrelay.edges.catalog.problems import named
from leadrelay.v1.example_pb2 import Example


def check_examples(context: Context, path: Path, examples: Sequence[Example]) -> None:
    """Note what is wrong with the examples of the destination at a path."""
    first: dict[str, int] = {}
    for index, example in enumerate(examples):
        below = (*path, "examples", index)
        _check(context, below, example)
        if example.name and first.setdefault(example.name, index) != index:
            where = context.findings.where((*path, "examples", first[example.name]))
            message = f"{named(example.name)} is also the name of the example at {where}"
            context.findings.warning((*below, "name"), message)


def _check(context: Context, path: Path, example: Example) -> None:
    findings = context.findings
    if not example.lead.fields:
        findings.absence(path, "needs a `lead` with at least one field: `lead: {email: ada@example.com}`")
    if not example.HasField("request") and not example.HasField("outcome") and not findings.is_damaged(path):
        findings.warning(
            path, "expects nothing; say what has to leave (`request`) or to come of it (`outcome`)"
        )
    if example.reply.status and not 100 <= example.reply.status <= 599:
        findings.problem((*path, "reply", "status"), "is no status that a reply can have: 100 to 599")
    is_read = not findings.is_damaged((*path, "bid", "price"))
    if example.HasField("bid") and is_read and not _is_amount(example.bid.price.amount):
        findings.absence((*path, "bid"), 'needs a `price: {amount: "12.50"}`')
    if example.outcome.HasField("price") and not _is_amount(example.outcome.price.amount):
        findings.absence((*path, "outcome", "price"), 'needs an `amount` as decimal text, such as "12.50"')


def _is_amount(text: str) -> bool:
    try:
        return Decimal(text).is_finite()
    except InvalidOperation:
        return False
