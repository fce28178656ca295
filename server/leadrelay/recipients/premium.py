"""A choosy buyer that says no with HTTP 200: only the body tells a sale from a rejection.

It buys by loan amount, state and credit score, names its price per lead, and never buys a person twice. It
keeps no idempotency keys: the second post of a lead it bought is answered `Duplicate lead` (behaviour 4.5).
"""

from leadrelay.recipients.bounded import Bounded
from leadrelay.recipients.http_message import Request, Response, as_json
from leadrelay.recipients.recipient import KEYS, Recipient
from leadrelay.recipients.submission import (
    Fields,
    basic_login,
    is_same,
    json_fields,
    marks,
    number,
    text,
)

USER = "leadrelay"
PASSWORD = "demo-premium-password"  # noqa: S105 - a sample's secret, meant to be known

STATES = frozenset("AZ CA CO FL GA IL MA MI MN NC NJ OH OR PA TX UT VA WA".split())  # noqa: SIM905
LEAST_AMOUNT, MOST_AMOUNT = 10_000, 250_000
LEAST_SCORE = 640
# What is paid for a loan below that amount; the last is paid for anything above.
PRICES = ((75_000, "48.50"), (125_000, "62.00"), (MOST_AMOUNT + 1, "85.00"))

_CHALLENGE = ("WWW-Authenticate", 'Basic realm="premium", charset="UTF-8"')


class Premium(Recipient):
    name = "premium"

    def __init__(self) -> None:
        super().__init__()
        self.doors["POST", "/premium/post"] = self._post
        self._people: Bounded[str, None] = Bounded(KEYS)

    async def _post(self, request: Request) -> Response:
        user, password = basic_login(request) or ("", "")
        if not (is_same(user, USER) and is_same(password, PASSWORD)):
            self.tally.unauthorized += 1
            return as_json(401, {"result": "error", "reason": "Unauthorized"}, _CHALLENGE)
        fields = json_fields(request)
        if fields is None:
            return self._reject("Unreadable request")
        people = marks(text(fields, "email"), text(fields, "phone"))
        is_known = any(mark in self._people for mark in people)
        reason = _objection(fields) or ("Duplicate lead" if is_known else "")
        return self._reject(reason) if reason else self._buy(request, fields, people)

    def _buy(self, request: Request, fields: Fields, people: list[str]) -> Response:
        for mark in people:
            self._people.put(mark, None)
        lead_id = f"P-{1001 + self.tally.accepted}"
        self.accept(request, lead_id)
        price = _price(number(fields, "loan_amount") or 0)
        return as_json(200, {"result": "accepted", "lead_id": lead_id, "price": price, "currency": "USD"})

    def _reject(self, reason: str) -> Response:
        self.tally.reject(reason)
        return as_json(200, {"result": "rejected", "reason": reason})


def _objection(fields: Fields) -> str:
    """Why this lead is not wanted, whoever it is; blank when it is."""
    amount, score = number(fields, "loan_amount"), number(fields, "credit_score")
    if amount is None or not LEAST_AMOUNT <= amount <= MOST_AMOUNT:
        return "Loan amount out of range"
    if text(fields, "state").upper() not in STATES:
        return "State not served"
    if score is None or score < LEAST_SCORE:
        return "Credit score too low"
    return ""


def _price(amount: float) -> str:
    return next(price for below, price in PRICES if amount < below)
