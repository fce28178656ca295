"""What statuses mean by themselves, and the reason codes."""

from itertools import groupby

from scripts.reference_parts.markdown import code, table
from scripts.reference_parts.page import BadPage

from leadrelay.core.outcome import ReasonCode
from leadrelay.core.reading.status import by_status

MEANINGS: dict[ReasonCode, str] = {
    ReasonCode.DUPLICATE: "the recipient has the lead already",
    ReasonCode.OUT_OF_AREA: "it does not serve where the lead lives",
    ReasonCode.CAP_EXCEEDED: "it takes no more now: a cap, a quota, a budget, too many requests",
    ReasonCode.INVALID_DATA: "a value is missing or not as it wants it",
    ReasonCode.PRICE: "the price does not suit it",
    ReasonCode.HOURS: "it is closed",
    ReasonCode.CONSENT: "the person may not be contacted: consent, do-not-call, suppression",
    ReasonCode.UNAVAILABLE: "it is busy, down or paused",
    ReasonCode.UNAUTHORIZED: "it does not accept who we are",
    ReasonCode.NOT_ELIGIBLE: "the person does not qualify: credit, income, age",
    ReasonCode.DNS: "the name of its host could not be resolved",
    ReasonCode.CONNECT: "no connection",
    ReasonCode.TLS: "no trusted connection",
    ReasonCode.RESET: "the connection broke before an answer",
    ReasonCode.TIMEOUT_CONNECT: "no connection in time",
    ReasonCode.TIMEOUT_RESPONSE: "no answer in time",
    ReasonCode.TIMEOUT_TOTAL: "all of it took longer than `total`",
    ReasonCode.PROTOCOL: "the reply is no HTTP, or not what the reading understands",
    ReasonCode.RESPONSE_TOO_LARGE: "the reply was too large to read",
    ReasonCode.MAPPING_REQUIRED: "a required rule has nothing to send",
    ReasonCode.MAPPING_INVALID: "the mapping broke a limit, or the body cannot be written",
    ReasonCode.AUTH: "we could not prove who we are: no token, no secret",
    ReasonCode.BREAKER_OPEN: "the recipient has failed too often; it is left alone for a while",
    ReasonCode.CANCELLED: "somebody cancelled the lead",
    ReasonCode.SSRF_BLOCKED: "the address is one that leads may not be sent to",
    ReasonCode.INTERRUPTED: "our process ended between the send and the answer",
    ReasonCode.QUEUE_FULL: "too many leads already wait for this destination",
    ReasonCode.LOOP: "the lead has passed as many servers as `direct.loop_limit` lets it",
    ReasonCode.CONDITION_FALSE: "its condition did not hold",
    ReasonCode.ALREADY_SOLD: "another one took the lead before",
    ReasonCode.FILTERED: "a filter ended the flow",
    ReasonCode.CAP_FULL: "a cap of ours is full",
    ReasonCode.CLOSED: "our schedule says that it is closed",
    ReasonCode.AUCTION_LOST: "others bid more",
    ReasonCode.OTHER: "anything else; the recipient's own words say more",
}


def statuses() -> str:
    """The outcome of every status, in ranges."""
    rows = []
    for (kind, reason), run in groupby(range(200, 600), by_status):
        several = list(run)
        span = f"{several[0]}" if len(several) == 1 else f"{several[0]}-{several[-1]}"
        rows.append([code(span), code(kind), code(reason) if reason else ""])
    return table(["status", "outcome", "code"], rows)


def codes() -> str:
    """Every reason code."""
    if missing := set(ReasonCode) - MEANINGS.keys():
        raise BadPage(f"the codes {sorted(missing)} have no words in MEANINGS")
    return table(["code", "says"], [[code(reason), MEANINGS[reason]] for reason in ReasonCode])
