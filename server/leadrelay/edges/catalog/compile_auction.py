"""An auction: who is asked for a price, how long, and what the least is."""

import re
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Final

from leadrelay.core.flow import Auction, Bidder
from leadrelay.core.outcome import Money
from leadrelay.edges.catalog.context import Context
from leadrelay.edges.catalog.findings import Path
from leadrelay.edges.catalog.problems import named
from leadrelay.v1 import flow_pb2 as pb
from leadrelay.v1 import outcome_pb2

if TYPE_CHECKING:
    from leadrelay.edges.catalog.compile_flow import FlowCompiler

BID_WITHIN: Final = 3.0  # seconds, where the auction does not say
_CURRENCY = re.compile(r"[A-Z]{3}")


def compile_auction(
    compiler: "FlowCompiler", path: Path, message: pb.Auction, before: frozenset[str]
) -> Auction | None:
    """The auction at a path, or None after every problem with it has been noted."""
    if not message.bidders:
        compiler.lacks(path, "has no bidders; write `bidders: [{ping: ..., post: ...}]`")
    within = BID_WITHIN
    if message.HasField("bid_within"):
        within = compiler.context.seconds((*path, "bid_within"), message.bid_within)
    minimum = None
    if message.HasField("minimum_price"):
        minimum = _minimum(compiler.context, (*path, "minimum_price"), message.minimum_price)
    bidders = [
        _bidder(compiler, (*path, "bidders", index), bidder, before, within)
        for index, bidder in enumerate(message.bidders)
    ]
    compiler.check_sales(path, message, len(message.bidders), "bidder")
    return Auction(
        bidders=tuple(bidder for bidder in bidders if bidder is not None),
        minimum=minimum,
        stop_after=message.stop_after or 1,
    )


def _bidder(
    compiler: "FlowCompiler", path: Path, message: pb.Bidder, before: frozenset[str], within: float
) -> Bidder | None:
    when = compiler.condition((*path, "when"), message.when, before)
    for key, name in (("ping", message.ping), ("post", message.post)):
        if not name:
            compiler.lacks(path, f"needs `{key}`, the name of a destination")
    if message.ping and message.ping == message.post:
        words = "is also who is pinged, so that the lead is sent there twice in the same way"
        compiler.findings.warning((*path, "post"), words)
    ping = compiler.deliver((*path, "ping"), message.ping, bid_within=within) if message.ping else None
    post = compiler.deliver((*path, "post"), message.post) if message.post else None
    if ping is None or post is None:
        compiler.is_whole = False
        return None
    return Bidder(ping=ping, post=post, when=when)


def _minimum(context: Context, path: Path, message: outcome_pb2.Money) -> Money | None:
    try:
        amount = Decimal(message.amount)
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite():
        words = f'{named(message.amount)} is no amount; write it as "12.50"'
        context.findings.problem((*path, "amount"), words if message.amount else "is missing")
        return None
    if amount < 0:
        context.findings.problem((*path, "amount"), "is negative; nobody pays for a lead by taking money")
    if message.currency and not _CURRENCY.fullmatch(message.currency):
        words = f"{named(message.currency)} is no currency; write its ISO 4217 code, such as USD"
        context.findings.problem((*path, "currency"), words)
    return Money(amount=amount, currency=message.currency)
