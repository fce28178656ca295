"""A call centre's webhook: a form, a key in a header, and a phone number in exactly one notation.

It keeps no idempotency keys: a lead that is posted twice is called twice, which its ledger shows.
"""

import re

from leadrelay.recipients.http_message import Request, Response, as_json
from leadrelay.recipients.recipient import Recipient
from leadrelay.recipients.submission import FORM, form_fields, is_same, text

API_KEY = "demo-dialer-key"
_PHONE = re.compile(r"\([0-9]{3}\) [0-9]{3}-[0-9]{4}")


class Dialer(Recipient):
    name = "dialer"

    def __init__(self) -> None:
        super().__init__()
        self.doors["POST", "/dialer/hook"] = self._queue

    async def _queue(self, request: Request) -> Response:
        if not is_same(request.headers.get("x-api-key", ""), API_KEY):
            self.tally.unauthorized += 1
            return as_json(403, {"status": "error", "message": "unknown api key"})
        form = form_fields(request)
        if form is None:
            return self._reject(415, f"the body must be {FORM}")
        if not _PHONE.fullmatch(form.get("phone", "")):
            return self._reject(422, "invalid phone number")
        if not text(form, "first_name"):
            return self._reject(422, "first_name is missing")
        call_id = f"D-{1001 + self.tally.accepted}"
        self.accept(request, call_id)
        return as_json(200, {"status": "queued", "call_id": call_id})

    def _reject(self, status: int, message: str) -> Response:
        self.tally.reject(message)
        return as_json(status, {"status": "error", "message": message})
