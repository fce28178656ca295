"""What may be done with an outcome (behaviour 4.5, 6)."""

import pytest

from leadrelay.core.outcome import Arrived, Kind, Outcome, ReasonCode, skipped


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("arrived", Arrived)
def test_only_a_failure_of_which_nobody_can_say_is_unresolved(kind: Kind, arrived: Arrived) -> None:
    outcome = Outcome(kind=kind, arrived=arrived)
    is_failure = kind in (Kind.SYSTEM_ERROR, Kind.TIMEOUT)
    assert outcome.is_unresolved is (is_failure and arrived is Arrived.UNKNOWN)


@pytest.mark.parametrize("arrived", Arrived)
def test_only_what_certainly_did_not_arrive_may_be_sent_again(arrived: Arrived) -> None:
    assert Outcome(kind=Kind.SYSTEM_ERROR, arrived=arrived).may_resend is (arrived is Arrived.NO)


def test_only_success_is_accepted() -> None:
    assert [kind for kind in Kind if Outcome(kind=kind).accepted] == [Kind.SUCCESS]


def test_what_was_not_tried_did_not_arrive_and_says_why() -> None:
    outcome = skipped(ReasonCode.ALREADY_SOLD, "sold to a")
    assert (outcome.kind, outcome.code, outcome.words) == (Kind.SKIPPED, ReasonCode.ALREADY_SOLD, "sold to a")
    assert outcome.arrived is Arrived.NO
