"""A small market on loopback that sold some leads and did not sell others, for those who look back at it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from leadrelay.recipients.http_server import Request, Response
from servers import (
    ACCEPTS,
    HANGS_UP,
    REJECTS,
    Recipient,
    a_catalog,
    a_destination,
    a_flow,
    a_server,
    deliver,
    recipients,
)


@dataclass
class Market:
    """`buyer` takes those whose name is Ann, drops the connection on Eve, and wants nobody else."""

    address: str
    buyer: Recipient
    second: Recipient
    leads: dict[str, str] = field(default_factory=dict)  # ids by name

    async def sell(self, name: str, flow: str = "loans", **more: str) -> str:
        settled = await deliver(self.address, flow, {"first_name": name, "ssn": "078-05-1120", **more})
        self.leads[name] = settled.lead_id
        return settled.lead_id


async def _buys(request: Request) -> Response:
    if b"Eve" in request.body:
        return await HANGS_UP(request)
    return await (ACCEPTS if b"Ann" in request.body else REJECTS)(request)


@asynccontextmanager
async def a_market(folder: Path) -> AsyncIterator[Market]:
    """With the flows `loans`, to `buyer`, and `second_chance`, to `second`, who takes everyone."""
    async with recipients(buyer=_buys, second=ACCEPTS) as served:
        catalog = a_catalog(
            folder,
            a_destination("buyer", served["buyer"].port),
            a_destination("second", served["second"].port),
            a_flow("loans", {"deliver": "buyer"}),
            a_flow("second_chance", {"deliver": "second"}),
        )
        async with a_server(folder, catalog) as address:
            yield Market(address, served["buyer"], served["second"])
