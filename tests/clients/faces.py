"""The two clients behind one face, so that one story is told to both of them."""

import asyncio
from collections.abc import Callable
from typing import Any

from leadrelay_client import AsyncClient, Client

Use = Callable[[Any], Any]  # what is done with a client


class Blocking:
    def ask(self, target: str, use: Use, **options: Any) -> Any:
        """What one call answers."""
        with Client(target, **options) as client:
            return use(client)

    def collect(self, target: str, use: Use, **options: Any) -> list[Any]:
        """All that a stream brings."""
        with Client(target, **options) as client:
            return list(use(client))


class Asyncio:
    def ask(self, target: str, use: Use, **options: Any) -> Any:
        async def run() -> Any:
            async with AsyncClient(target, **options) as client:
                return await use(client)

        return asyncio.run(run())

    def collect(self, target: str, use: Use, **options: Any) -> list[Any]:
        async def run() -> list[Any]:
            async with AsyncClient(target, **options) as client:
                return [answer async for answer in use(client)]

        return asyncio.run(run())


Face = Blocking | Asyncio
