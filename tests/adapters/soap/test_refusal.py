"""A name that is not there is told with the one that was meant, or with those that are."""

from leadrelay.adapters.soap.refusal import choice


def test_the_nearest_spelling_is_told_else_what_there_is() -> None:
    assert choice("addlead", ["AddLead", "GetLead"]) == "; did you mean `AddLead`?"
    assert choice("zzz", ["b", "a"]) == "; there are: `a`, `b`"
    assert choice("zzz", []) == ""


def test_a_long_list_does_not_hide_the_message() -> None:
    told = choice("zzz", [f"Operation{number:03}" for number in range(100)])
    assert told.endswith("`Operation019` and 80 more")
