"""A call that ended without an answer: what its status says of the lead, and how it looks as a reply."""

import math
from typing import Final

from leadrelay.adapters.direct.call import Status
from leadrelay.core.exchange import Headers, Reply
from leadrelay.core.reading.peer import TAKEN
from leadrelay.core.values import to_json

OURS: Final = "leadrelay"  # the domain of what a leadrelay says by itself, and no proxy or library
NOTHING: Final = "nothing was accepted"
REVOKED: Final = "CALLER_REVOKED"

_HTTP = {
    "INVALID_ARGUMENT": 400,
    "UNAUTHENTICATED": 401,
    "PERMISSION_DENIED": 403,
    "NOT_FOUND": 404,
    "ALREADY_EXISTS": 409,
    "RESOURCE_EXHAUSTED": 429,
    "UNIMPLEMENTED": 501,
    "UNAVAILABLE": 503,
}
# Said of a call before anything of it is done, whoever says it.
_CERTAIN = frozenset(_HTTP) - {"UNAVAILABLE", "ALREADY_EXISTS"}
# Said without a look at whether an earlier call with the same request id was accepted.
_BLIND = frozenset({"UNAUTHENTICATED", "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "UNAVAILABLE"})


def is_refusal(status: Status) -> bool:
    """Whether it proves that this call took nothing."""
    if status.name == "UNAVAILABLE":
        return status.domain == OURS and NOTHING in status.message
    if status.domain == OURS and status.reason == REVOKED:  # which ends a call at any time
        return False
    return status.name in _CERTAIN


def is_blind(status: Status) -> bool:
    """Whether it says nothing of earlier calls with the same request id."""
    return status.name in _BLIND


def holder_of(status: Status) -> str:
    """The peer's lead that has our request id already, with other content; empty where that is not it.

    Nobody but this delivery has its id. So it is our lead, which a mapping gave another face this time,
    with the time of day for example: whoever would send it once more under a new id would sell it twice.
    """
    return status.facts.get("lead_id", "") if status.name == "ALREADY_EXISTS" else ""


def reply_of(status: Status, *, may_be_taken: bool) -> Reply:
    """The refusal as a reply. `may_be_taken`: an earlier call may have brought the lead there."""
    headers: Headers = (("content-type", "application/json"),)
    if status.retry_after:
        headers += (("retry-after", str(math.ceil(status.retry_after))),)
    if may_be_taken:
        headers += ((TAKEN, "maybe"),)
    error = {"status": status.name, "reason": status.reason, "message": status.message}
    return Reply(status=_HTTP.get(status.name, 500), headers=headers, body=to_json({"error": error}))
