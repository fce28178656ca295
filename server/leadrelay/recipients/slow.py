"""A recipient that takes its time, for every lead the same: what one like it must never do to others."""

import trio

from leadrelay.recipients.http_message import Request, Response, as_json
from leadrelay.recipients.recipient import Recipient


class Slow(Recipient):
    name = "slow"

    def __init__(self, *, delay: float = 1.5) -> None:
        super().__init__()
        self.doors["POST", "/slow/leads"] = self._take
        self._delay = delay  # seconds

    async def _take(self, request: Request) -> Response:
        await trio.sleep(self._delay)
        reference = f"W-{1001 + self.tally.accepted}"
        self.accept(request, reference)
        return as_json(200, {"status": "ok", "id": reference})
