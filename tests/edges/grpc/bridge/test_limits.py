"""Limits are numbers that make sense, and core hears of those it has to keep."""

import pytest

from leadrelay.edges.grpc.bridge import Limits


@pytest.mark.parametrize("name", ["max_calls", "outbox_messages", "inbox_bytes", "max_connection_age"])
def test_a_limit_below_one_is_refused_by_name(name: str) -> None:
    with pytest.raises(ValueError, match=name):
        Limits(**{name: 0})


def test_no_grace_at_all_may_be_asked_for() -> None:
    assert Limits(grace=0).grace == 0


def test_core_takes_every_burst_that_we_mean_to_answer_ourselves() -> None:
    """Above its own limit core refuses at random, and clients see CANCELLED."""
    options = Limits(max_calls=50_000).as_options()
    assert options["grpc.server.max_pending_requests"] == 50_000
    assert options["grpc.server.max_pending_requests_hard_limit"] == 50_000
    assert Limits(max_calls=10).as_options()["grpc.server.max_pending_requests"] == 20_000


def test_connections_grow_old_only_if_they_are_told_to() -> None:
    assert "grpc.max_connection_age_ms" not in Limits().as_options()
    options = Limits(max_connection_age=1.5, grace=2).as_options()
    assert options["grpc.max_connection_age_ms"] == 1500
    assert options["grpc.max_connection_age_grace_ms"] == 2000
