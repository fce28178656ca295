"""Helpers for tests that send over a wire."""

from collections.abc import Sequence

from leadrelay.adapters.http import HttpWire
from leadrelay.core.egress import parse_rule
from leadrelay.core.exchange import Request
from recipients_raw import RawRecipient

LOOPBACK = (parse_rule("127.0.0.0/8"),)  # where every recipient of a test is


class Watched:
    """A progress that counts how often the first byte was about to leave, and who has the request."""

    def __init__(self) -> None:
        self.sent = 0
        self.is_out = False
        self.tried: list[str] = []
        self.passed_over: tuple[str, ...] = ()

    def sending(self) -> None:
        self.sent += 1
        self.is_out = True

    def handed_back(self) -> None:
        self.is_out = False

    def trying(self, endpoint: str, passed_over: Sequence[str]) -> None:
        self.is_out = False
        self.tried.append(endpoint)
        self.passed_over = tuple(passed_over)

    def batched(self, key: str, size: int) -> None:
        self.is_out = False


def a_post(url: str, body: bytes = b'{"first_name":"Ada"}') -> Request:
    return Request(method="POST", url=url, headers=(("Content-Type", "application/json"),), body=body)


async def sends_again(wire: HttpWire, recipient: RawRecipient) -> None:
    """What a test of a failure ends with: the wire is as good as new."""
    progress = Watched()
    reply = await wire.send(a_post(recipient.url()), progress)
    assert (reply.status, reply.body, progress.sent) == (200, b"ok", 1)
