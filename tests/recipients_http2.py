"""Recipients that speak HTTP/2, and misbehave frame by frame, for the tests of the wire."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from h2.config import H2Configuration
from h2.connection import ConnectionState, H2Connection
from h2.events import DataReceived, RequestReceived, StreamEnded
from h2.settings import SettingCodes

from recipients_raw import Conduct, Visit

Headers = list[tuple[str, str]]


@dataclass
class Exchange:
    """One request, and the means to answer it."""

    visit: Visit
    h2: H2Connection
    stream: int
    headers: dict[str, str]
    body: bytes = b""

    def head(self, status: int = 200, more: Headers | None = None, *, ends: bool = False) -> None:
        self.h2.send_headers(self.stream, [(":status", str(status)), *(more or [])], end_stream=ends)

    def data(self, body: bytes, *, ends: bool = False) -> None:
        self.h2.send_data(self.stream, body, end_stream=ends)

    async def flush(self) -> None:
        await self.visit.write(self.h2.data_to_send())


Answer = Callable[[Exchange], Awaitable[None]]


async def ok(exchange: Exchange) -> None:
    exchange.head(200, [("content-type", "text/plain")])
    exchange.data(b"ok", ends=True)


@dataclass
class Http2:
    """A conduct that gives each request the next of these answers, and the last one again from then on."""

    answers: tuple[Answer, ...]
    answers_at_head: bool = False  # without waiting for the body
    window: int = 65535  # bytes of a body that may come before more room is made; none is, if it is 0
    seen: list[Exchange] = field(default_factory=list)

    async def __call__(self, visit: Visit) -> None:
        h2 = H2Connection(H2Configuration(client_side=False, header_encoding="utf-8"))
        h2.local_settings.initial_window_size = self.window
        h2.local_settings.acknowledge()
        h2.initiate_connection()
        h2.update_settings({SettingCodes.INITIAL_WINDOW_SIZE: self.window})
        await visit.write(h2.data_to_send())
        while data := await visit.read():
            if h2.state_machine.state is ConnectionState.CLOSED:
                continue  # it said goodbye, and hears nothing any more
            for event in h2.receive_data(data):
                if isinstance(event, RequestReceived):
                    headers = {str(name): str(value) for name, value in event.headers or ()}
                    self.seen.append(Exchange(visit, h2, event.stream_id or 0, headers))
                elif isinstance(event, DataReceived):
                    self.seen[-1].body += event.data or b""
                    if self.window:
                        h2.acknowledge_received_data(event.flow_controlled_length or 0, event.stream_id or 0)
                if isinstance(event, RequestReceived if self.answers_at_head else StreamEnded):
                    await self.answers[min(len(self.seen), len(self.answers)) - 1](self.seen[-1])
            await visit.write(h2.data_to_send())


def http2(*answers: Answer, answers_at_head: bool = False, window: int = 65535) -> Http2:
    return Http2(answers or (ok,), answers_at_head, window)


def then(answer: Answer, conduct: Conduct) -> Answer:
    """Answer, and go on with the connection as somebody who does not speak HTTP/2."""

    async def both(exchange: Exchange) -> None:
        await answer(exchange)
        await exchange.flush()
        await conduct(exchange.visit)

    return both
