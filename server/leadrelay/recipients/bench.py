"""Recipients of known speed for the bench: 0, 50 and 500 ms, one that is always too busy, and as little
work as there can be.

The body is not even parsed. The ledger is kept all the same, because a bench that loses or doubles leads has
measured nothing.
"""

import trio

from leadrelay.recipients.http_message import Handler, Request, Response, as_json
from leadrelay.recipients.recipient import Recipient

DELAYS = (0, 50, 500)  # milliseconds


class Bench(Recipient):
    name = "bench"

    def __init__(self) -> None:
        super().__init__()
        self.taken = {str(delay): 0 for delay in DELAYS}
        self.doors["GET", "/bench/count"] = self._count
        self.doors["POST", "/bench/busy"] = self._busy
        for delay in DELAYS:
            self.doors["POST", f"/bench/{delay}"] = self._after(delay)

    def _after(self, delay: int) -> Handler:
        name, seconds = str(delay), delay / 1000

        async def take(request: Request) -> Response:
            self.taken[name] += 1
            if seconds:
                await trio.sleep(seconds)
            reference = f"B-{self.tally.accepted + 1}"
            self.accept(request, reference)
            return Response(200, b'{"status":"ok","id":"%s"}' % reference.encode())

        return take

    async def _busy(self, request: Request) -> Response:  # noqa: ARG002 - whatever is sent
        return Response(429, b"{}", headers=(("Retry-After", "1"),))

    async def _count(self, request: Request) -> Response:  # noqa: ARG002 - a door like the others
        return as_json(200, self.taken)
