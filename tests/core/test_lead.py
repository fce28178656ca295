"""Leads and their ids (behaviour 1)."""

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from leadrelay.core.lead import uuid7
from values import a_lead

MOMENTS = st.integers(0, (1 << 48) - 1)
RANDOM = st.binary(min_size=10, max_size=10)


@given(MOMENTS, RANDOM)
def test_an_id_is_a_uuid_of_version_7(moment: int, randomness: bytes) -> None:
    """RFC 9562, 5.7: 48 bits of Unix milliseconds, version 7, variant 10."""
    made = UUID(uuid7(moment, randomness))
    assert (made.version, made.int >> 80, made.int >> 62 & 0b11) == (7, moment, 0b10)


@given(MOMENTS, MOMENTS, RANDOM)
def test_a_later_lead_has_the_higher_id(one: int, other: int, randomness: bytes) -> None:
    assert (uuid7(one, randomness) < uuid7(other, randomness)) is (one < other)


def test_the_random_number_is_fixed_for_the_lead_and_spreads() -> None:
    """Behaviour 3.1: 1 to 100."""
    ids = [uuid7(5, number.to_bytes(10, "big")) for number in range(2000)]
    numbers = [a_lead(lead_id=lead_id).random for lead_id in ids]
    assert numbers == [a_lead(lead_id=lead_id).random for lead_id in ids]
    assert set(numbers) == set(range(1, 101))
