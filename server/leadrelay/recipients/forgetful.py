"""A buyer that pays well and now and then hangs up without a word: it may have the lead, or not.

Which leads those are is decided by the email alone, about one in five, and for half of them it has written
the lead down before. Its ledger knows, and so does whoever asks for the status of a key.
"""

from hashlib import sha256
from urllib.parse import parse_qs

from leadrelay.recipients.bounded import Bounded
from leadrelay.recipients.http_message import HungUpError, Request, Response, as_json
from leadrelay.recipients.recipient import KEYS, Recipient, idempotency_key
from leadrelay.recipients.submission import is_email, json_fields, text

PRICE = "18.00"


class Forgetful(Recipient):
    name = "forgetful"

    def __init__(self) -> None:
        super().__init__()
        self.doors["POST", "/forgetful/leads"] = self._take
        self.doors["GET", "/forgetful/status"] = self._tell
        self._bought: Bounded[str, str] = Bounded(KEYS)  # ids by idempotency key

    async def _take(self, request: Request) -> Response:
        email = text(json_fields(request) or {}, "email")
        if not is_email(email):
            self.tally.reject("email is invalid")
            return as_json(200, {"result": "rejected", "reason": "email is invalid"})
        if loses_it(email):
            raise HungUpError
        lead_id = f"F-{1001 + self.tally.accepted}"
        self._bought.put(idempotency_key(request), lead_id)
        self.accept(request, lead_id)
        if hangs_up(email):
            raise HungUpError
        return as_json(200, {"result": "accepted", "id": lead_id, "price": PRICE, "currency": "USD"})

    async def _tell(self, request: Request) -> Response:
        """What became of a key."""
        lead_id = self._bought.get(parse_qs(request.query).get("key", [""])[0])
        if lead_id is None:
            return as_json(404, {"error": "no such lead"})
        return as_json(200, {"state": "accepted", "id": lead_id, "price": PRICE, "currency": "USD"})


def hangs_up(email: str) -> bool:
    """Whether the sender of this lead hears nothing."""
    return _mark(email) % 5 == 0


def loses_it(email: str) -> bool:
    """Whether it hangs up before it has written the lead down."""
    return _mark(email) % 10 == 0


def _mark(email: str) -> int:
    return sha256(f"forgetful {email.lower()}".encode()).digest()[0]
