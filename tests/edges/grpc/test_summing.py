"""Groups of deliveries become one row for each key (behaviour 10)."""

from decimal import Decimal

import pytest

from leadrelay.edges.grpc.summing import summaries
from leadrelay.journal.store import Sums, Times
from leadrelay.v1.outcome_pb2 import (
    OUTCOME_KIND_HARD_REJECT,
    OUTCOME_KIND_SKIPPED,
    REASON_CODE_CAP_FULL,
    REASON_CODE_DUPLICATE,
)


def sold(price: str, number: int, currency: str = "USD") -> Sums:
    return Sums("crm", "success", "", "yes", price, currency, number)


def ended(outcome: str, number: int, *, code: str = "", arrived: str = "yes") -> Sums:
    return Sums("crm", outcome, code, arrived, "", "", number)


def test_each_delivery_is_counted_in_one_place() -> None:
    sums = [
        sold("12.50", 3),
        ended("hard_reject", 2, code="duplicate"),
        ended("soft_reject", 4),
        ended("timeout", 5, arrived="no"),
        ended("timeout", 6, arrived="unknown"),
        ended("system_error", 1, arrived="unknown"),
        ended("skipped", 7, code="cap_full", arrived="no"),
    ]
    (row,) = summaries({"crm": 21}, sums, [])
    assert (row.accepted, row.rejected, row.errors, row.unresolved, row.skipped) == (3, 2, 9, 7, 7)
    assert row.leads == 21
    assert row.success_rate == pytest.approx(3 / 21)


def test_revenue_is_exact_and_by_currency() -> None:
    sums = [sold("0.10", 1_000_003), sold("12.5", 2), sold("7", 1, "EUR"), sold("", 9, "")]
    (row,) = summaries({}, sums, [])
    assert [(money.amount, money.currency) for money in row.revenue] == [
        ("7", "EUR"),
        (str(Decimal("100025.30")), "USD"),
    ]


def test_reasons_are_told_the_most_frequent_first_whether_it_arrived_or_not() -> None:
    sums = [
        ended("skipped", 3, code="cap_full"),
        ended("hard_reject", 2, code="duplicate", arrived="yes"),
        ended("hard_reject", 2, code="duplicate", arrived="no"),
        sold("1", 9),
    ]
    (row,) = summaries({}, sums, [])
    assert [(each.kind, each.code, each.count) for each in row.reasons] == [
        (OUTCOME_KIND_HARD_REJECT, REASON_CODE_DUPLICATE, 4),
        (OUTCOME_KIND_SKIPPED, REASON_CODE_CAP_FULL, 3),
    ]


def test_times_are_there_where_somebody_answered() -> None:
    times = [Times("crm", 5, 4, 2.5e9, 2, 3, 4), Times("silent", 1, 0, 0.0, 0, 0, 0)]
    crm, silent = summaries({}, [], times)
    assert (crm.key, crm.attempts, crm.response_times.average.ToNanoseconds()) == ("crm", 5, 2_500_000_000)
    assert (crm.response_times.p50.nanos, crm.response_times.p99.nanos) == (2, 4)
    assert (silent.key, silent.attempts, silent.HasField("response_times")) == ("silent", 1, False)
    assert silent.success_rate == 0


def test_nothing_ended_nothing_is_summed_up() -> None:
    assert summaries({}, [], []) == []
