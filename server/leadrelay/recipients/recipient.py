"""What every sample recipient has: its doors, a tally of what it decided, a ledger of what it bought.

The ledger is the recipient's own word on which leads it accepted, and how often. It is what a test or the
demo holds against our journal: a lead that is there twice was sold twice, whatever we believe.
"""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, ClassVar

from leadrelay.recipients.bounded import Bounded
from leadrelay.recipients.http_message import Handler, Request, Response, as_json

KEYS = 100_000  # how many idempotency keys, people or records a recipient remembers
LONGEST_KEY = 255


def idempotency_key(request: Request) -> str:
    """The sender's name for this delivery, the same on every try of it; blank when it gave none."""
    return request.headers.get("idempotency-key", "")[:LONGEST_KEY]


@dataclass(slots=True)
class Tally:
    """Every lead that came is counted in exactly one place."""

    accepted: int = 0
    rejected: int = 0
    busy: int = 0  # told to come again later
    repeated: int = 0  # answered again as before: same idempotency key
    unauthorized: int = 0
    reasons: Counter[str] = field(default_factory=Counter)  # of the rejected

    @property
    def taken(self) -> int:
        return self.accepted + self.rejected + self.busy + self.repeated + self.unauthorized

    def reject(self, reason: str) -> None:
        self.rejected += 1
        self.reasons[reason] += 1

    def as_dict(self) -> dict[str, Any]:
        return {
            "taken": self.taken,
            "accepted": self.accepted,
            "rejected": self.rejected,
            "busy": self.busy,
            "repeated": self.repeated,
            "unauthorized": self.unauthorized,
            "reasons": dict(self.reasons),
        }


class Ledger:
    """Accepted leads by idempotency key: the first reference given, and how often it was accepted."""

    def __init__(self, size: int = KEYS) -> None:
        self._bought: Bounded[str, tuple[str, int]] = Bounded(size)
        self._without_key = 0

    def note(self, key: str, reference: str) -> None:
        if not key:
            self._without_key += 1
            return
        first, times = self._bought.get(key) or (reference, 0)
        self._bought.put(key, (first, times + 1))

    def as_dict(self) -> dict[str, Any]:
        bought = {key: {"id": first, "times": times} for key, (first, times) in self._bought.items()}
        return {
            "accepted": bought,
            "without_key": self._without_key,
            "forgotten": self._bought.forgotten,
        }


class Recipient:
    """One recipient behind its own path. Subclasses add their doors to `doors`."""

    name: ClassVar[str]

    def __init__(self) -> None:
        self.tally = Tally()
        self.ledger = Ledger()
        self.doors: dict[tuple[str, str], Handler] = {("GET", f"/{self.name}/ledger"): self._show_ledger}

    async def handle(self, request: Request) -> Response:
        """Answer one request whose path begins with this recipient's name."""
        door = self.doors.get((request.method, request.path))
        return await door(request) if door else self._no_such_door(request)

    def accept(self, request: Request, reference: str) -> None:
        self.tally.accepted += 1
        self.ledger.note(idempotency_key(request), reference)

    async def _show_ledger(self, request: Request) -> Response:  # noqa: ARG002 - a door like the others
        return as_json(200, {"recipient": self.name, **self.ledger.as_dict()})

    def _no_such_door(self, request: Request) -> Response:
        methods = sorted(method for method, path in self.doors if path == request.path)
        if methods:
            return as_json(405, {"error": "this path takes another method"}, ("Allow", ", ".join(methods)))
        doors = [" ".join(door) for door in self.doors]
        return as_json(404, {"error": "no such path", "paths": doors})
