"""Which endpoint is tried first (behaviour 4.6)."""

from leadrelay.core.endpoints import REST, Health

ALL_WELL = Health()


def test_the_order_is_the_catalogs_while_all_are_well() -> None:
    assert ALL_WELL.turn(3, now=0) == ((0, 1, 2), ALL_WELL)


def test_one_that_could_not_be_reached_is_last_for_a_while() -> None:
    health = ALL_WELL.failed(0, now=0)
    assert health.turn(3, now=REST - 1)[0] == (1, 2, 0)


def test_of_several_the_one_that_failed_longest_ago_comes_first() -> None:
    health = ALL_WELL.failed(1, now=0).failed(0, now=5)
    assert health.turn(3, now=10)[0] == (2, 1, 0)


def test_after_its_rest_one_lead_finds_out_and_the_next_goes_on_as_before() -> None:
    health = ALL_WELL.failed(0, now=0)
    first, health = health.turn(2, now=REST)
    second, _ = health.turn(2, now=REST + 1)
    assert (first, second) == ((0, 1), (1, 0))


def test_it_is_in_its_old_place_once_it_was_reached_again() -> None:
    health = ALL_WELL.failed(0, now=0).failed(1, now=0)
    assert health.reached(0).turn(2, now=1)[0] == (0, 1)
    assert ALL_WELL.reached(0) is ALL_WELL
