"""A client that opens many streams at once, over few connections, and reads each to its end.

Run by a test in a process of its own: `many_streams.py PORT STREAMS`.
"""

import asyncio
import sys

import grpc
import grpc.aio
from google.protobuf.wrappers_pb2 import StringValue

CONNECTIONS = 4


async def count_answers(channel: grpc.aio.Channel) -> int:
    stub = channel.unary_stream("/t.T/Meet", StringValue.SerializeToString, StringValue.FromString)
    return len([answer async for answer in stub(StringValue(value="x"))])


async def main(port: str, streams: int) -> None:
    channels = [
        grpc.aio.insecure_channel(
            f"127.0.0.1:{port}", options=[("grpc.use_local_subchannel_pool", 1), ("connection", number)]
        )
        for number in range(CONNECTIONS)
    ]
    answers = await asyncio.gather(*(count_answers(channels[n % CONNECTIONS]) for n in range(streams)))
    print(answers.count(2), "answered twice")
    for channel in channels:
        await channel.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2])))
