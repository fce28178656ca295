"""A place for events: takes any JSON, answers at once, counts."""

from leadrelay.recipients.http_message import Request, Response, as_json
from leadrelay.recipients.recipient import Recipient
from leadrelay.recipients.submission import json_value


class Analytics(Recipient):
    name = "analytics"

    def __init__(self) -> None:
        super().__init__()
        self.doors["POST", "/analytics/events"] = self._receive

    async def _receive(self, request: Request) -> Response:
        if json_value(request) is None:
            self.tally.reject("not JSON")
            return as_json(400, {"received": False, "error": "the body is not JSON"})
        self.accept(request, f"E-{1001 + self.tally.accepted}")
        return as_json(202, {"received": True})
