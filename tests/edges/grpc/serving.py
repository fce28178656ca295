"""A bridge server on a real socket, and grpcio's ordinary client talking to it from a thread."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

import grpc
import trio
from google.protobuf.message import Message
from google.protobuf.wrappers_pb2 import StringValue

from leadrelay.edges.grpc.bridge import Call, Method, Server

T = TypeVar("T")
PATIENCE = 10  # seconds, for the client; far more than anything here takes


@dataclass
class Served:
    server: Server
    port: int
    channel: grpc.Channel
    errors: list[Exception] = field(default_factory=list)

    def stub(self, shape: str, method: str, reply: type[Message] = StringValue) -> Callable[..., Any]:
        """A callable of the client; `shape` is "unary_stream" and so on."""
        make = getattr(self.channel, shape)
        stub: Callable[..., Any] = make(method, _as_bytes, reply.FromString)
        return stub

    async def until(self, condition: Callable[[], bool], seconds: float = 5) -> None:
        """Wait for something that no event announces."""
        with trio.fail_after(seconds):
            while not condition():  # noqa: ASYNC110 (the state of foreign threads)
                await trio.sleep(0.005)


@asynccontextmanager
async def serving(methods: Mapping[str, Method], **settings: Any) -> AsyncIterator[Served]:
    """Serve for the length of the block. Handlers' exceptions gather in `errors`."""
    errors: list[Exception] = []

    def remember(_: Call, error: Exception) -> None:
        errors.append(error)

    server = Server(methods, on_error=remember, **settings)
    port = server.bind("127.0.0.1:0")
    async with trio.open_nursery() as nursery:
        await nursery.start(server.serve)
        with own_channel(port) as channel:
            yield Served(server, port, channel, errors)
        server.stop()


def own_channel(port: int, *options: tuple[str, int]) -> grpc.Channel:
    """A connection of its own: channels of one process otherwise share theirs."""
    return grpc.insecure_channel(
        f"127.0.0.1:{port}", options=[("grpc.use_local_subchannel_pool", 1), *options]
    )


async def ask(call: Callable[..., T], *args: Any, **kwargs: Any) -> T:
    """Run a blocking client call in a thread."""

    def run() -> T:
        return call(*args, timeout=PATIENCE, **kwargs)

    return await trio.to_thread.run_sync(run)


async def ask_all(call: Callable[..., Any], *args: Any, **kwargs: Any) -> list[Any]:
    """The same for an answer that is a stream: all of it."""
    return await trio.to_thread.run_sync(lambda: list(call(*args, timeout=PATIENCE, **kwargs)))


async def refusal(call: Callable[..., Any], *args: Any, **kwargs: Any) -> grpc.RpcError:
    """Make a call that has to fail, and return how it failed."""

    def run() -> grpc.RpcError:
        try:
            answer = call(*args, timeout=PATIENCE, **kwargs)
            if not isinstance(answer, Message):
                list(answer)
        except grpc.RpcError as error:
            return error
        raise AssertionError("the call went through")

    return await trio.to_thread.run_sync(run)


def trailing(error: grpc.RpcError) -> dict[str, str | bytes]:
    return {each.key: each.value for each in error.trailing_metadata()}


def text(value: str) -> StringValue:
    return StringValue(value=value)


def texts(values: list[StringValue]) -> list[str]:
    return [value.value for value in values]


def _as_bytes(message: Message | bytes) -> bytes:
    return message if isinstance(message, bytes) else message.SerializeToString()
