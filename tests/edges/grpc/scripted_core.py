"""Core as one call sees it, with its events in the order that a test says.

For the orders of events that the real core shows once in a thousand calls.
"""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, cast

from leadrelay.edges.grpc.bridge import Limits
from leadrelay.edges.grpc.bridge.cython import CoreCall
from leadrelay.edges.grpc.bridge.wire import Flusher, Wire

RECEIVE, CLOSE = "ReceiveMessageOperation", "ReceiveCloseOnServerOperation"
BEGIN, SEND, STATUS = "SendInitialMetadataOperation", "SendMessageOperation", "SendStatusFromServerOperation"


class ScriptedCore:
    def __init__(self) -> None:
        self.batches: list[list[str]] = []
        self.under_way: list[tuple[list[str], Callable[[Any], None]]] = []
        self.refuses = False
        self.cancelled = False

    def start_server_batch(self, operations: tuple[object, ...], tag: Callable[[Any], None]) -> int:
        if self.refuses:
            return 1
        names = [type(operation).__name__ for operation in operations]
        self.batches.append(names)
        self.under_way.append((names, tag))
        return 0

    def cancel(self, code: int, details: str) -> int:
        self.cancelled = True
        return 0

    def complete(self, operation: str, *, success: bool = True, **result: object) -> None:
        """Complete the oldest batch with this operation; `result` is what it brings."""
        batch = next(batch for batch in self.under_way if operation in batch[0])
        self.under_way.remove(batch)
        brought = SimpleNamespace(**{name: lambda value=value: value for name, value in result.items()})
        batch[1](SimpleNamespace(success=success, batch_operations=(brought,)))


def a_wire(
    core: ScriptedCore,
    on_lost: Callable[[], None] = lambda: None,
    on_forgotten: Callable[[], None] = lambda: None,
) -> Wire:
    """An open wire. Its flusher does not run: a test says `flush` itself."""
    wire = Wire(cast(CoreCall, core), Limits(), Flusher(lambda: None))
    wire.open(on_lost, on_forgotten)
    return wire
