"""A buyer that takes nearly everything at one price, and is now and then too busy on the first try.

Which leads find it busy is decided by the email alone, about one in ten, so that a run can be repeated. It
honours idempotency keys: the second try of a key that found it busy is taken, a third gets the same answer.
"""

from hashlib import sha256

from leadrelay.recipients.bounded import Bounded
from leadrelay.recipients.http_message import Request, Response, as_json
from leadrelay.recipients.recipient import KEYS, Recipient, idempotency_key
from leadrelay.recipients.submission import Fields, is_email, is_same, json_fields, phone_digits, text

API_KEY = "demo-standard-key"
PRICE = 12.5


class Standard(Recipient):
    name = "standard"

    def __init__(self) -> None:
        super().__init__()
        self.doors["POST", "/standard/leads"] = self._take
        self._answers: Bounded[str, Response] = Bounded(KEYS)
        self._put_off: Bounded[str, None] = Bounded(KEYS)

    async def _take(self, request: Request) -> Response:
        if not is_same(request.headers.get("x-api-key", ""), API_KEY):
            self.tally.unauthorized += 1
            return as_json(401, {"status": "failed", "errors": ["unknown api key"]})
        key = idempotency_key(request)
        before = self._answers.get(key)
        if before is not None:
            self.tally.repeated += 1
            return before
        fields = json_fields(request)
        if fields is not None and self._puts_off(key, text(fields, "email")):
            self.tally.busy += 1
            return as_json(503, {"status": "busy"}, ("Retry-After", "1"))
        answer = self._judge(request, fields)
        if key:
            self._answers.put(key, answer)
        return answer

    def _puts_off(self, key: str, email: str) -> bool:
        """A sender without keys is known by the lead's email instead."""
        mark = key or email.lower()
        if not finds_it_busy(email) or mark in self._put_off:
            return False
        self._put_off.put(mark, None)
        return True

    def _judge(self, request: Request, fields: Fields | None) -> Response:
        errors = ["the body is not a JSON object"] if fields is None else _errors(fields)
        if errors:
            self.tally.reject(errors[0])
            return as_json(422, {"status": "failed", "errors": errors})
        lead_id = f"S-{1001 + self.tally.accepted}"
        self.accept(request, lead_id)
        return as_json(200, {"status": "success", "id": lead_id, "price": PRICE, "currency": "USD"})


def finds_it_busy(email: str) -> bool:
    """Whether this lead's first try is answered `busy`."""
    return sha256(email.lower().encode()).digest()[0] % 10 == 0


def _errors(fields: Fields) -> list[str]:
    errors = []
    if not text(fields, "last_name"):
        errors.append("last_name is missing")
    if not is_email(text(fields, "email")):
        errors.append("email is invalid")
    if len(phone_digits(text(fields, "phone"))) < 10:
        errors.append("phone is invalid")
    return errors
