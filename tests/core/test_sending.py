"""What goes round a payload, what keeps a lead from leaving, and what must not be told of it."""

from dataclasses import replace

import pytest

from leadrelay.core.errors import NotSent
from leadrelay.core.mapping import Rule, compile_mapping
from leadrelay.core.outcome import Arrived, Kind, Outcome, ReasonCode
from leadrelay.core.scope import Scope
from leadrelay.core.sending import envelope_for, hidden_texts, not_sent, unmapped, without
from leadrelay.core.trace import attempt_span_id
from values import LEAD_ID, a_lead


def test_all_attempts_of_a_delivery_have_one_key_and_each_its_own_span() -> None:
    """Behaviour 4.4."""
    first, second = (envelope_for(a_lead(), "crm#2", number) for number in (1, 2))
    assert first.idempotency_key == second.idempotency_key == f"{LEAD_ID}-crm#2"
    for number, envelope in enumerate((first, second), start=1):
        span = attempt_span_id(LEAD_ID, "crm#2", number).hex()
        assert envelope.traceparent == f"00-{a_lead().trace.trace_id}-{span}-01"


def test_the_callers_trace_state_is_carried_along() -> None:
    lead = a_lead()
    lead = replace(lead, trace=replace(lead.trace, state="vendor=1", sampled=False))
    envelope = envelope_for(lead, "crm", 1)
    assert envelope.tracestate == "vendor=1"
    assert envelope.traceparent.endswith("-00")


@pytest.mark.parametrize(
    ("rules", "code", "words"),
    [
        ([Rule("a", "x")], None, ""),
        (
            [Rule("a", "{{x}}", required=True), Rule("b", "{{y}}", required=True)],
            ReasonCode.MAPPING_REQUIRED,
            "required and missing: a, b",
        ),
        ([Rule("a", "{{big}}" * 20)], ReasonCode.MAPPING_INVALID, "a: "),
    ],
)
def test_a_mapping_without_what_is_needed_is_a_system_error_and_nothing_arrived(
    rules: list[Rule], code: ReasonCode | None, words: str
) -> None:
    """Behaviour 3.3."""
    outcome = unmapped(compile_mapping(rules).apply(Scope({"big": "x" * 65536})))
    assert (outcome.code if outcome else None) == code
    if outcome is not None:
        assert (outcome.kind, outcome.arrived) == (Kind.SYSTEM_ERROR, Arrived.NO)
        assert outcome.words.startswith(words)


def test_what_was_not_sent_is_safe_to_send_again() -> None:
    assert not_sent(NotSent(ReasonCode.QUEUE_FULL, "full")).may_resend


def test_sensitive_values_are_hidden_wherever_the_lead_has_them() -> None:
    """Behaviour 9: flat or nested, text or number."""
    lead = replace(
        a_lead(**{"ssn": "078-05-1120", "email": "ada@example.com", "spouse.dob": "1816-11-12"}),
        nested={"card": {"number": 4111111111111111, "name": ["Ada L"]}, "dob": "1815-12-10", "ssn": "other"},
    )
    hidden = hidden_texts(lead, ["ssn", "card", "dob", "iban"])
    for value in ("078-05-1120", "078051120", "4111111111111111", "Ada L", "1815-12-10", "1816-11-12"):
        assert value in hidden
    assert "ada@example.com" not in hidden
    assert "other" in hidden, "the flat field is the lead's, and a recipient may be sent either"


def test_an_outcome_repeats_no_sensitive_value_that_a_recipient_echoed() -> None:
    outcome = Outcome(
        kind=Kind.HARD_REJECT,
        words="duplicate of 078-05-1120",
        reference="078-05-1120",
        appended={"ssn": "078-05-1120", "id": 7},
    )
    told = without(hidden_texts(a_lead(ssn="078-05-1120"), ["ssn"]), outcome)
    assert told == replace(
        outcome, words="duplicate of ***", reference="***", appended={"ssn": "***", "id": 7}
    )
    assert without((), outcome) is outcome
