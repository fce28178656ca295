"""What a peer tells of its lead, event by event, as one reply with a JSON body.

The body is what `core.reading.PeerReading` reads, what the record shows, and `appended` of the destination.
Events of kinds that this version does not know are passed over.
"""

from typing import Any

from leadrelay.core import structs
from leadrelay.core.exchange import Reply
from leadrelay.core.outcome import Arrived, Kind, ReasonCode, Result
from leadrelay.core.values import to_json
from leadrelay.v1 import event_pb2, outcome_pb2

_JSON = ("content-type", "application/json")


class Telling:
    """Gathers the events of one lead of the peer's."""

    def __init__(self) -> None:
        self.lead_id = ""  # empty: nothing has been told yet
        self.last = 0  # the number of the newest event
        self._deliveries: dict[str, dict[str, Any]] = {}
        self._settled: event_pb2.LeadSettled | None = None

    @property
    def is_settled(self) -> bool:
        return self._settled is not None

    def add(self, event: event_pb2.Event) -> None:
        """One more event. What was told before, and is replayed, changes nothing."""
        self.lead_id, self.last = event.lead_id, max(self.last, event.number)
        match event.WhichOneof("kind"):
            case "delivery_ended":
                ended = event.delivery_ended
                self._deliveries[ended.delivery] = _outcome(ended.outcome)
            case "lead_settled":
                self._settled = event.lead_settled

    def reply(self) -> Reply:
        """The reply of a lead that has settled."""
        settled = self._settled or event_pb2.LeadSettled()
        body = {
            "result": RESULTS.get(settled.result, str(settled.result)),
            "reason": settled.reason,
            "lead_id": self.lead_id,
            "accepted": settled.accepted,
            "revenue": [{"amount": money.amount, "currency": money.currency} for money in settled.revenue],
            "deliveries": self._deliveries,
        }
        return Reply(status=200, headers=(_JSON,), body=to_json(body))


def _outcome(outcome: outcome_pb2.Outcome) -> dict[str, Any]:
    said: dict[str, Any] = {"outcome": KINDS.get(outcome.kind, str(outcome.kind))}
    if outcome.code:
        said["code"] = CODES.get(outcome.code, ReasonCode.OTHER)
    if outcome.words:
        said["words"] = outcome.words
    if outcome.arrived == outcome_pb2.ARRIVED_UNKNOWN:
        said["arrived"] = Arrived.UNKNOWN
    if outcome.HasField("price"):
        said |= {"price": outcome.price.amount, "currency": outcome.price.currency}
    if outcome.reference:
        said["reference"] = outcome.reference
    if outcome.HasField("appended"):
        said["appended"] = structs.data(outcome.appended)
    return said


KINDS = {outcome_pb2.OutcomeKind.Value(f"OUTCOME_KIND_{kind.name}"): kind.value for kind in Kind}
CODES = {outcome_pb2.ReasonCode.Value(f"REASON_CODE_{code.name}"): code.value for code in ReasonCode}
RESULTS = {outcome_pb2.Result.Value(f"RESULT_{result.name}"): result.value for result in Result}
