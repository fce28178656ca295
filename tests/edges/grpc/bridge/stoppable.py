"""A server process that drains on SIGTERM, as a real one does. Prints its port."""

import signal
import sys

import trio
from google.protobuf.wrappers_pb2 import StringValue

from leadrelay.edges.grpc.bridge import Call, Limits, Server, unary_stream


async def count(request: StringValue, call: Call) -> None:
    """Sends once, waits for the signal, sends once more after a moment."""
    await call.send(request)
    await STOPPED.wait()
    await trio.sleep(0.1)
    await call.send(request)


async def stay(request: StringValue, call: Call) -> None:
    await call.send(request)
    await trio.sleep_forever()


async def main() -> None:
    methods = {
        "/t.T/Count": unary_stream(count, StringValue),
        "/t.T/Stay": unary_stream(stay, StringValue),
    }
    server = Server(methods, on_error=lambda call, error: sys.exit(3), limits=Limits(grace=0.5))
    with trio.open_signal_receiver(signal.SIGTERM, signal.SIGINT) as signals:
        port = server.bind("127.0.0.1:0")
        async with trio.open_nursery() as nursery:
            await nursery.start(server.serve)
            print(port, flush=True)
            async for _ in signals:
                STOPPED.set()
                server.stop()
                break


STOPPED = trio.Event()

if __name__ == "__main__":
    trio.run(main)
