"""In which order a waterfall is tried, and what its steps say about that."""

from collections.abc import Callable
from decimal import Decimal

from leadrelay.core.flow import Order
from leadrelay.core.template import Template, TemplateKind
from leadrelay.core.values import number
from leadrelay.edges.catalog.context import Context
from leadrelay.edges.catalog.findings import Path
from leadrelay.v1 import flow_pb2 as pb

_ORDERS = {
    pb.WATERFALL_ORDER_WEIGHT: Order.WEIGHT,
    pb.WATERFALL_ORDER_ROUND_ROBIN: Order.ROUND_ROBIN,
    pb.WATERFALL_ORDER_PRICE: Order.PRICE,
}
_NEEDS = {"weight": Order.WEIGHT, "price": Order.PRICE}  # what a step's keys are for


def order_of(
    context: Context, path: Path, waterfall: pb.Waterfall, has_price: Callable[[pb.Step], bool]
) -> Order:
    """The order of a waterfall, with a warning where it orders nothing."""
    order = _ORDERS.get(waterfall.order, Order.LISTED)
    if order is not Order.LISTED and len(waterfall.steps) == 1:
        context.findings.warning((*path, "order"), "of one step there is no order")
    if order is Order.WEIGHT and waterfall.steps and not any(step.weight for step in waterfall.steps):
        words = "no step has a `weight`, so that each is first equally often"
        context.findings.warning((*path, "order"), words)
    if order is Order.PRICE and waterfall.steps and not any(map(has_price, waterfall.steps)):
        words = "no step has a `price` and no destination `prices`, so that they are tried as listed"
        context.findings.warning((*path, "order"), words)
    return order


def check_order(context: Context, path: Path, above: pb.Waterfall | pb.Parallel | None) -> None:
    """Refuses what a step says for an order that the waterfall round it does not have."""
    order = _ORDERS.get(above.order) if isinstance(above, pb.Waterfall) else None
    for key, needed in _NEEDS.items():
        if context.findings.is_written((*path, key)) and order is not needed:
            words = f"means something in a waterfall with `order: {needed}` only; remove it"
            context.findings.problem((*path, key), words)


def expected_price(context: Context, path: Path, step: pb.Step) -> Template | Decimal | None:
    """What a step is expected to pay: a number, or a template for one."""
    match step.price.WhichOneof("kind"):
        case "number_value":
            return Decimal(repr(step.price.number_value))
        case "string_value":
            template = context.template(path, step.price.string_value)
            if template is None or template.kind is not TemplateKind.LITERAL:
                return template
            found = number(template.source)
            if found is None:
                words = "is no number; a template such as `{{appended.scoring.price}}` gives one"
                context.findings.problem(path, words)
                return None
            return Decimal(found)
        case None:
            return None
        case _:
            context.findings.problem(path, "expected a number, or a template for one")
            return None
