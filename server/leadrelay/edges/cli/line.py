"""One event on one line, for people."""

from collections.abc import Callable
from typing import Any

from google.protobuf.json_format import MessageToJson
from google.protobuf.message import Message

from leadrelay.edges.cli.saying import plain
from leadrelay_client.v1.event_pb2 import AttemptEnded, Event
from leadrelay_client.v1.outcome_pb2 import (
    ARRIVED_UNKNOWN,
    OUTCOME_KIND_SKIPPED,
    OUTCOME_KIND_SUCCESS,
    Money,
    Outcome,
    OutcomeKind,
    ReasonCode,
    Result,
)


def line(event: Event) -> str:
    """What happened, in the words of behaviour 1. Always one line, whatever a recipient said."""
    return plain(_told(event))


def _told(event: Event) -> str:
    match event.WhichOneof("kind"):
        case "accepted":
            flow, version = event.accepted.flow, event.accepted.catalog_version
            return f"accepted   {event.lead_id}  flow {flow}, catalog {version}"
        case "attempt_started":
            started = event.attempt_started
            warned = "".join(f"  ! {warning}" for warning in started.warnings)
            return f"sending    {started.delivery}, attempt {started.attempt}{warned}"
        case "attempt_ended":
            return f"answered   {_answered(event.attempt_ended, event.at.ToNanoseconds())}"
        case "delivery_asked":
            asked = event.delivery_asked
            return f"asked      {asked.delivery}: {outcome(asked.outcome)}"
        case "delivery_parked":
            parked = event.delivery_parked
            return f"parked     {parked.delivery} until {parked.due_at.ToJsonString()}"
        case "lead_parked":
            return f"rests      until {event.lead_parked.due_at.ToJsonString()}"
        case "delivery_ended":
            ended = event.delivery_ended
            said = "skipped" if ended.outcome.kind == OUTCOME_KIND_SKIPPED else "ended"
            if ended.ping and ended.outcome.kind == OUTCOME_KIND_SUCCESS:
                said = "bid"
            return f"{said:<10} {ended.delivery}: {outcome(ended.outcome)}"
        case "delivery_resolved":
            resolved = event.delivery_resolved
            return f"resolved   {resolved.delivery}: {outcome(resolved.outcome)}"
        case "lead_settled":
            settled = event.lead_settled
            money = "".join(f"  {amount(price)}" for price in settled.revenue)
            return f"settled    {word(Result.Name, settled.result)}: {settled.reason}{money}"
        case "lead_cancelled":
            return f"cancelled  {event.lead_cancelled.reason}"
        case _:
            return f"event      number {event.number} is of a kind that this version does not know"


def _answered(ended: AttemptEnded, at: int) -> str:
    took = again = ""
    if ended.HasField("response_time"):
        took = f"  {ended.response_time.ToNanoseconds() / 1e6:.0f} ms"
    if ended.outcome.HasField("next_attempt_at"):
        pause = ended.outcome.next_attempt_at.ToNanoseconds() - at
        again = f"  again in {max(0.0, pause / 1e9):.1f} s"
    return f"{ended.delivery}: {outcome(ended.outcome)}{took}{again}"


def outcome(answer: Outcome) -> str:
    """Kind, code, words, price and reference, as far as there are any."""
    parts = [word(OutcomeKind.Name, answer.kind)]
    if answer.code:
        parts.append(f"({word(ReasonCode.Name, answer.code)})")
    if answer.words and answer.kind != OUTCOME_KIND_SUCCESS:
        parts.append(f'"{answer.words}"')
    if answer.HasField("price"):
        parts.append(amount(answer.price))
    if answer.reference:
        parts.append(f"ref {answer.reference}")
    if answer.arrived == ARRIVED_UNKNOWN:
        parts.append("may have arrived")
    return " ".join(parts)


def as_json_line(message: Message) -> str:
    """For programs: protobuf JSON with the names of the protos, as catalogs have them too."""
    return MessageToJson(message, preserving_proto_field_name=True, indent=None)


def amount(money: Money) -> str:
    return f"{money.amount} {money.currency}".strip()


def word(name_of: Callable[[Any], str], number: int) -> str:
    """An enum value's own word: `hard_reject` of OUTCOME_KIND_HARD_REJECT; of a newer server, its number."""
    try:
        name = name_of(number)
    except ValueError:
        return str(number)
    for prefix in ("OUTCOME_KIND_", "REASON_CODE_", "RESULT_", "ARRIVED_", "CHANGE_KIND_"):
        name = name.removeprefix(prefix)
    return name.lower()
