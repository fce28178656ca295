"""The sample recipients, really listening, and a client that speaks to them over real sockets."""

from collections.abc import AsyncIterator
from functools import partial

import httpx
import pytest
import trio

from leadrelay.recipients import serve_all


@pytest.fixture
async def recipients(nursery: trio.Nursery) -> AsyncIterator[httpx.AsyncClient]:
    port = await nursery.start(partial(serve_all, port=0))
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:
        yield client
