"""A buyer that bids: it is shown a lead without its person, names a price, and then buys at it.

A ping is answered with HTTP 200 whether it bids or not. What is bid hangs on the loan, the state and the
score alone, so that a run can be repeated; one in ten pings takes longer than an auction waits. A post
has to name the quote of a ping, which is good for one lead.
"""

from hashlib import sha256

import trio

from leadrelay.recipients.bounded import Bounded
from leadrelay.recipients.http_message import Request, Response, as_json
from leadrelay.recipients.recipient import KEYS, Recipient, idempotency_key
from leadrelay.recipients.submission import Fields, is_email, json_fields, number, text

LATE = 2.5  # seconds that a bid takes where the bidder cannot make up its mind
BEST = 40.0  # of any bid


class Bidder(Recipient):
    """One of several; `share` is what it pays of the best price, `least` the score that it asks for."""

    def __init__(self, *, share: float, least: int) -> None:
        super().__init__()
        self.doors["POST", f"/{self.name}/ping"] = self._ping
        self.doors["POST", f"/{self.name}/post"] = self._post
        self._share, self._least = share, least
        self._quotes: Bounded[str, str] = Bounded(KEYS)  # the price of each, as text
        self._answers: Bounded[str, Response] = Bounded(KEYS)
        self._asked = 0

    async def _ping(self, request: Request) -> Response:
        fields = json_fields(request)
        if fields is None:
            return as_json(400, {"error": "the body is not a JSON object"})
        self._asked += 1
        if is_undecided(self.name, fields):
            await trio.sleep(LATE)
        price = self._price(fields)
        if price is None:
            return as_json(200, {"bid": None, "reason": "No interest in this lead"})
        quote = f"{self.name[0].upper()}Q-{self._asked}"
        self._quotes.put(quote, price)
        return as_json(200, {"bid": price, "currency": "USD", "quote": quote})

    def _price(self, fields: Fields) -> str | None:
        score, amount = number(fields, "credit_score"), number(fields, "loan_amount")
        if score is None or amount is None or score < self._least:
            return None
        return f"{min(BEST, 10 + amount / 2_500) * self._share:.2f}"

    async def _post(self, request: Request) -> Response:
        key = idempotency_key(request)
        before = self._answers.get(key)
        if before is not None:
            self.tally.repeated += 1
            return before
        answer = self._judge(request, json_fields(request) or {})
        if key:
            self._answers.put(key, answer)
        return answer

    def _judge(self, request: Request, fields: Fields) -> Response:
        quote = text(fields, "quote")
        if quote not in self._quotes:
            return self._reject("Unknown quote")
        if not is_email(text(fields, "email")):
            return self._reject("Email is invalid")
        reference = f"{quote}-{1001 + self.tally.accepted}"
        self.accept(request, reference)
        return as_json(200, {"result": "accepted", "id": reference})  # at the price that was bid

    def _reject(self, reason: str) -> Response:
        self.tally.reject(reason)
        return as_json(200, {"result": "rejected", "reason": reason})


class Northstar(Bidder):
    name = "northstar"

    def __init__(self) -> None:
        super().__init__(share=1.0, least=680)


class Meadow(Bidder):
    name = "meadow"

    def __init__(self) -> None:
        super().__init__(share=0.8, least=600)


def is_undecided(name: str, fields: Fields) -> bool:
    """Whether this bidder takes too long over this lead."""
    seen = f"{name}/{text(fields, 'loan_amount')}/{text(fields, 'credit_score')}/{text(fields, 'state')}"
    return sha256(seen.encode()).digest()[0] % 10 == 0
