"""What a condition waits for, word for word."""

from leadrelay.core.expecting import expected


def test_texts_that_a_path_is_compared_with_are_found_wherever_they_stand() -> None:
    source = (
        'crm.outcome == "success" or not ("a" != my.buyer.code and state in ["CA", 5, "TX"]) '
        'or loan_amount > 5 or (lowercase city) == "fresno" or email matches "x"'
    )
    assert set(expected(source)) == {
        (("crm", "outcome"), "success"),
        (("my", "buyer", "code"), "a"),
        (("state",), "CA"),
        (("state",), "TX"),
    }


def test_nothing_is_expected_of_what_is_compared_with_nothing() -> None:
    assert list(expected("homeowner and crm.outcome is blank")) == []
